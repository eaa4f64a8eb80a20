"""Settings: the only reader of the environment.

`secondseal.toml` in SECONDSEAL_HOME (default `./var`), each key overridden by the variable SECONDSEAL_<KEY>; unknown
keys and variables are refused, so that a misspelt setting never silently does nothing.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

FILE_NAME: Final = "secondseal.toml"
_PREFIX: Final = "SECONDSEAL_"
STORES: Final = ("s3", "gs", "az")
"""Schemes of object stores' addresses."""


class SettingsError(Exception):
    """The settings cannot be used; the text names each key and what is wrong with it."""


def _no_trailing_slash(url: str) -> str:
    return url.rstrip("/")


class Settings(BaseModel):
    """Every setting of the service. Paths are absolute; a relative one in the file stands in SECONDSEAL_HOME."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path
    database_url: str = Field(default="", description="SQLAlchemy URL; default: SQLite in the home folder")
    files: Path = Field(
        default=Path("files"), description="folder files are kept in; with files_store, of copies near by"
    )
    files_store: Annotated[str, AfterValidator(_no_trailing_slash)] = Field(
        default="", description="s3://bucket/folder: the object store files are kept in, for several machines"
    )
    files_options: Path | None = Field(default=None, description="TOML file (mode 0600) with the options of that store")
    office: Path = Path("office.toml")
    papers: Path | None = Field(
        default=None, description="folder of the office's own papers; default: papers in the home folder, where it is"
    )
    public_url: Annotated[str, AfterValidator(_no_trailing_slash)] = "http://127.0.0.1:8000"
    system: str = "Second Seal"
    office_name: str = Field(default="", description="as pages name the office; default: the organisation's own name")
    office_name_en: str = Field(default="", description="the same for readers of English; default: office_name")
    trust_anchors: Path | None = None
    intermediates: Path | None = None
    trust_list: Path = Field(
        default=Path("trust-list.jsonl"), description="authorities added and ended by `secondseal trust`"
    )
    tsa_urls: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = Field(
        default=(), description="OCSP, CRL and time-stamping hosts; empty: those of Viet Nam's CAs"
    )
    authority_timeout_s: float = Field(
        default=20.0, gt=0, le=300, description="for one answer of such a service, seconds"
    )
    allow_loopback: bool = Field(default=False, description="may those services be on this machine (demo and tests)")
    level: Literal["B-B", "B-T", "B-LT", "B-LTA"] = "B-LT"
    pin_file: Path | None = Field(default=None, description="file (mode 0600) with the PIN of the seal's token")
    pin_credential: str = Field(default="", description="systemd credential with that PIN")
    pin_variable: str = Field(default="", description="environment variable with that PIN (test offices only)")
    rsa_scheme: Literal["pkcs1v15", "pss"] = Field(
        default="pkcs1v15", description="padding of the seal's signature by an RSA key"
    )
    expiry_warning_days: int = Field(
        default=30, ge=1, le=1000, description="days before a certificate's end when it is pointed out"
    )
    softhsm2_conf: Path | None = Field(default=None, description="SoftHSM's own settings (test offices only)")
    sessions: int = Field(default=2, ge=1, le=64, description="PKCS#11 sessions per seal key")
    key_call_limit_s: float = Field(
        default=60.0, ge=5, le=600, description="for one call into a token's driver; then the worker ends"
    )
    key_wait_s: int = Field(
        default=900, ge=0, le=86400, description="how long a confirmed list waits for a seal's key that is away"
    )
    worker_lease_s: float = Field(
        default=60.0, ge=1, le=3600, description="how long another worker leaves a document to one that stands still"
    )
    canary_interval_s: float = Field(
        default=300.0, ge=10, le=86400, description="between two trial signatures with each key"
    )
    checkpoint_key: Path = Path("checkpoint.key")
    checkpoint_exports: tuple[str, ...] = Field(
        default=(), description="where checkpoints go each day: file:///folder, mailto:address, s3://bucket/folder"
    )
    export_options: Path | None = Field(
        default=None, description="TOML file (mode 0600) with the object store's options"
    )
    mail_server: str = Field(default="", description="smtp://host:25, smtp+starttls://user@host:587, smtps://user@host")
    mail_from: str = Field(default="", description="sender of the mails")
    mail_password_file: Path | None = Field(
        default=None, description="file (mode 0600) with the mail account's password"
    )
    state: Path = Path("state")
    max_upload_mb: int = Field(default=50, ge=1, le=500)
    verifications_at_once: int = Field(default=4, ge=1, le=64)
    public_statistics: bool = Field(default=False, description="may anyone see the office's figures at /statistics")
    second_factor_roles: tuple[Literal["officer", "custodian", "clerk", "auditor", "administrator"], ...] = Field(
        default=(), description="roles that must have a second factor before they do anything"
    )
    agent_port: int = Field(default=9471, ge=1024, le=65535)
    log: Literal["auto", "text", "json"] = Field(
        default="auto", description="form of log lines; auto: json in systemd's journal, else text"
    )
    webhook_key: Path = Field(default=Path("webhook.key"), description="key that webhooks' secrets are made of")
    second_factor_key: Path = Field(
        default=Path("second-factor.key"), description="key that second factors' secrets are encrypted with"
    )
    receipt_key: Path = Field(
        default=Path("receipt.key"), description="key that receipts of verifications are signed with"
    )
    webhook_hosts: tuple[str, ...] = Field(
        default=(), description="hosts with private addresses that events may be sent to"
    )

    @model_validator(mode="after")
    def _one_place_for_the_pin(self) -> "Settings":
        given = [name for name in ("pin_file", "pin_credential", "pin_variable") if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are set; a PIN comes from one place")
        if self.pin_variable.upper().startswith(_PREFIX):
            raise ValueError(f"pin_variable: a name beginning with {_PREFIX} is a setting's")
        return self

    @model_validator(mode="after")
    def _one_place_for_files(self) -> "Settings":
        if ":/" in str(self.files):
            raise ValueError("files names a folder; the address of an object store is given in files_store")
        address = urlsplit(self.files_store)
        if self.files_store and (address.scheme not in STORES or not address.netloc or "@" in address.netloc):
            raise ValueError("files_store: an address such as s3://bucket/folder, without a name or password in it")
        return self

    @property
    def own_papers(self) -> Path:
        """Where the office's own papers are, or would be."""
        return self.papers or self.home / "papers"

    @property
    def checkpoint_notes(self) -> Path:
        """Where the signed checkpoints are kept beside the database; copy it to another machine."""
        return self.state / "checkpoints.note"

    @property
    def log_origin(self) -> str:
        """The name the register's log signs under: where it is served, without the scheme (C2SP tlog-tiles)."""
        return f"{self.public_url.partition('://')[2] or self.public_url}/log"

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.home / 'secondseal.db'}"


_PATHS: Final = (
    "files",
    "files_options",
    "office",
    "papers",
    "trust_anchors",
    "intermediates",
    "trust_list",
    "pin_file",
    "softhsm2_conf",
    "checkpoint_key",
    "export_options",
    "mail_password_file",
    "state",
    "webhook_key",
    "second_factor_key",
    "receipt_key",
)
_LISTS: Final = ("tsa_urls", "allowed_hosts", "checkpoint_exports", "webhook_hosts")


def load_settings(environment: Mapping[str, str] | None = None, home: Path | None = None) -> Settings:
    """Read the file and the environment. `home` overrides SECONDSEAL_HOME. Raises `SettingsError`."""
    variables = dict(os.environ if environment is None else environment)
    folder = (home or Path(variables.get("SECONDSEAL_HOME", "var"))).resolve()
    values: dict[str, object] = {}
    file = folder / FILE_NAME
    if file.is_file():
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{file}: {error}") from error
    from_file = frozenset(values)
    for name, value in variables.items():
        if name.startswith(_PREFIX) and name != "SECONDSEAL_HOME":
            key = name.removeprefix(_PREFIX).lower()
            values[key] = [part.strip() for part in value.split(",") if part.strip()] if key in _LISTS else value
    for key in _PATHS:
        given = values.get(key)
        if isinstance(given, str):
            # a variable is given by someone standing in a folder; the file stands in the home folder
            base = folder if key in from_file and f"{_PREFIX}{key.upper()}" not in variables else Path.cwd()
            values[key] = base / given
    try:
        settings = Settings(home=folder, **values)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = "\n".join(
            f"  {'.'.join(map(str, e['loc'])) or 'together'}: {e['msg']}" for e in error.errors(include_input=False)
        )
        raise SettingsError(f"Settings in {file} and SECONDSEAL_* variables:\n{lines}") from None
    relative = {
        key: folder / path
        for key in _PATHS
        if isinstance(path := getattr(settings, key), Path) and not path.is_absolute()
    }
    return settings.model_copy(update=relative)


def log_form(settings: Settings, environment: Mapping[str, str] | None = None) -> Literal["text", "json"]:
    """The form of this process's log lines. In the journal: systemd says so of the standard error it gave us."""
    if settings.log != "auto":
        return settings.log
    stream = (os.environ if environment is None else environment).get("JOURNAL_STREAM", "")
    try:
        error = os.fstat(2)
    except OSError:
        return "text"
    return "json" if stream == f"{error.st_dev}:{error.st_ino}" else "text"


def write_settings(home: Path, values: Mapping[str, object]) -> Path:
    """Write `secondseal.toml` with these values (strings, numbers, booleans, lists of strings)."""
    lines = ["# Settings of Second Seal. Every key may be overridden by SECONDSEAL_<KEY>.\n"]
    for key, value in values.items():
        lines.append(f"{key} = {_toml(value)}\n")
    file = home / FILE_NAME
    file.write_text("".join(lines), encoding="utf-8")
    return file


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case list() | tuple():
            return "[" + ", ".join(_toml(item) for item in value) + "]"
        case _:
            text = str(value).replace("\\", "\\\\").replace('"', '\\"')
            return f'"{text}"'
