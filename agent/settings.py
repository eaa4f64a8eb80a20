"""The agent's settings: a TOML file, overridden on the command line. Unknown keys are refused.

service = "https://motcua.example.gov.vn"    # the one service this program works with
module = "/usr/lib/bit4id/libbit4xpki.so"    # the token's driver
token = "Nguyễn Văn Mẫu"                     # label, where several tokens are plugged in
certificate = "9f86d081..."                  # SHA-256, where a token holds several
language = "vi"
port = 9471
key_call_limit_s = 60                        # a driver that takes longer over one call ends the program, in words
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hsm import KeyUri

from .batch import TokenChoice
from .service import ServiceAddressInvalid, base_url
from .words import Language

HOME = Path("~/.secondseal-agent")
PORT = 9471


class SettingsInvalid(ValueError):
    """A setting is unknown, missing or not of its kind; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Checked settings. `service` is canonical (scheme, host, port)."""

    service: str | None = None
    module: Path | None = None
    token: str | None = None
    serial: str | None = None
    certificate: bytes | None = None
    language: Language = "vi"
    port: int = PORT
    key_call_limit_s: int = 60
    state: Path = field(default_factory=lambda: HOME.expanduser() / "logins")

    @property
    def pinned_service(self) -> str:
        """The service. Raises `SettingsInvalid` where none is set."""
        if self.service is None:
            raise SettingsInvalid("service: the base URL of the service is not set")
        return self.service

    @property
    def choice(self) -> TokenChoice:
        """The token to use. Raises `SettingsInvalid` where no driver is set."""
        if self.module is None:
            raise SettingsInvalid("module: the path of the token's driver is not set (see: secondseal-agent tokens)")
        return TokenChoice(
            module=self.module,
            token=KeyUri(token=self.token, serial=self.serial),
            state=self.state,
            certificate=self.certificate,
        )


def load(path: Path | None, overrides: Mapping[str, Any]) -> Settings:
    """From the file (the default one may be absent) and what the command line said; None there means: not said."""
    given: dict[str, Any] = {}
    chosen = path or HOME.expanduser() / "agent.toml"
    if path is not None or chosen.exists():
        try:
            given = tomllib.loads(chosen.read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsInvalid(f"{chosen}: {error}") from error
    given |= {name: value for name, value in overrides.items() if value is not None}
    return _checked(given)


def _checked(given: Mapping[str, Any]) -> Settings:
    values: dict[str, Any] = {}
    for name, value in given.items():
        kind = int if name in {"port", "key_call_limit_s"} else str
        if name not in Settings.__dataclass_fields__ or not isinstance(value, kind):
            raise SettingsInvalid(f"{name}: unknown, or not a {kind.__name__}")
        values[name] = value
    try:
        if "service" in values:
            values["service"] = base_url(values["service"])
        if "certificate" in values:
            values["certificate"] = bytes.fromhex(values["certificate"])
    except (ServiceAddressInvalid, ValueError) as error:
        raise SettingsInvalid(str(error)) from error
    if len(values.get("certificate", bytes(32))) != 32:
        raise SettingsInvalid("certificate: a SHA-256 in hexadecimal was expected")
    for name in ("module", "state"):
        if name in values:
            values[name] = Path(values[name]).expanduser()
    if values.get("language", "vi") not in {"vi", "en"} or not 1024 <= values.get("port", PORT) <= 65535:
        raise SettingsInvalid("language is vi or en, port from 1024 to 65535")
    if not 5 <= values.get("key_call_limit_s", 60) <= 600:
        raise SettingsInvalid("key_call_limit_s: seconds from 5 to 600")
    return Settings(**values)
