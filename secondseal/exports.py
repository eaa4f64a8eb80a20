"""Places out of the database administrator's reach: a folder of another machine, a mailbox, an object store.

Each destination is a URL in the setting `checkpoint_exports`. What is there already is never written over.

- `file:///mnt/luu-tru/so`: a folder that exists (a share that is not mounted is an error, not a new folder)
- `mailto:luu-tru@tinh.example`: through the mail server of the setting `mail_server`
- `s3://bucket/folder`, `gs://...`, `az://...`: an object store, with the options in `export_options`
"""

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError

from secondseal.checkpoint_bundle import Bundle
from secondseal.new_file import write_new
from secondseal.settings import STORES, Settings, SettingsError
from secondseal.store_options import store_options
from store import now, open_object_store

_TIMEOUT_S: Final = 30.0


class ExportFailed(Exception):
    """A checkpoint could not be put there; the text says why and holds no secret."""


class Destination(Protocol):
    """One place. `url` names it in the register and in logs."""

    @property
    def url(self) -> str: ...

    def put(self, bundle: Bundle) -> None:
        """Raises ExportFailed."""


def destinations(settings: Settings) -> tuple[Destination, ...]:
    """The places of the settings. Raises `SettingsError` for one that cannot be meant."""
    return tuple(_destination(url, settings) for url in settings.checkpoint_exports)


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder, such as a mounted share of the archive."""

    url: str
    path: Path

    def put(self, bundle: Bundle) -> None:
        """Each file once; the same bytes again are no change."""
        if not self.path.is_dir():
            raise ExportFailed(f"{self.path} is no folder: is it mounted?")
        for name, content in bundle.files().items():
            try:
                write_new(self.path / name, content)
            except FileExistsError as error:
                if (self.path / name).read_bytes() != content:
                    raise ExportFailed(f"{self.path / name} exists with other content") from error
            except OSError as error:
                raise ExportFailed(f"{self.path / name}: {error.strerror}") from error


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A mailbox. The note is the mail's text, so that it can be read and kept without any program."""

    url: str
    to: str
    server: str
    sender: str
    password_file: Path | None
    office: str

    def put(self, bundle: Bundle) -> None:
        """One mail."""
        address = urlsplit(self.server)
        host, user = address.hostname or "", unquote(address.username or "")
        try:
            with self._connected(address.scheme, host, address.port) as server:
                if user and self.password_file is not None:
                    server.login(user, self.password_file.read_text(encoding="utf-8").strip())
                server.send_message(self._mail(bundle))
        except (OSError, smtplib.SMTPException) as error:
            # An SMTP error may repeat what was sent to it; its kind is enough here.
            raise ExportFailed(f"mail through {host}: {type(error).__name__}") from error

    def _connected(self, scheme: str, host: str, port: int | None) -> smtplib.SMTP:
        trusted = ssl.create_default_context()
        if scheme == "smtps":
            return smtplib.SMTP_SSL(host, port or 465, timeout=_TIMEOUT_S, context=trusted)
        server = smtplib.SMTP(host, port or 25, timeout=_TIMEOUT_S)
        if scheme == "smtp+starttls":
            server.starttls(context=trusted)
        return server

    def _mail(self, bundle: Bundle) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = f"Điểm chốt sổ · Register checkpoint {bundle.name}"
        mail["From"], mail["To"] = self.sender, self.to
        mail["Date"], mail["Message-ID"] = format_datetime(now()), make_msgid(domain="second-seal.invalid")
        proven = f"{bundle.proven_at:%Y-%m-%d %H:%M:%S} UTC" if bundle.proven_at else "-"
        mail.set_content(
            f"{self.office}\n\n"
            "Thư tự động. Hãy giữ thư này: nó cho thấy nếu sổ bị sửa, cắt hoặc viết lại về sau.\n"
            "Sent by itself. Keep this mail: it shows if the register is altered, cut or rewritten later.\n\n"
            f"Dấu thời gian · time stamp: {proven}\n"
            f"Khoá kiểm tra · key: {bundle.verifier}\n\n"
            f"{bundle.checkpoint.note}"
        )
        for name, content in bundle.files().items():
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        return mail


@dataclass(frozen=True, kw_only=True)
class Store:
    """An object store. Object lock, where the bucket has it, keeps even its owner from removing what is there."""

    url: str
    options: Mapping[str, str] = field(repr=False)

    def put(self, bundle: Bundle) -> None:
        """Each object once; the same bytes again are no change."""
        try:
            store = open_object_store(self.url, self.options, timeout_s=_TIMEOUT_S)
            for name, content in bundle.files().items():
                try:
                    obstore.put(store, name, content, mode="create")
                except AlreadyExistsError as error:
                    if bytes(obstore.get(store, name).bytes()) != content:
                        raise ExportFailed(f"{self.url}/{name} exists with other content") from error
        except (BaseError, OSError) as error:
            # The library's texts may hold the request with its signature.
            raise ExportFailed(f"{self.url}: {type(error).__name__}") from error


def _destination(url: str, settings: Settings) -> Destination:
    address = urlsplit(url)
    if address.username or address.password:
        raise SettingsError("checkpoint_exports: an address must not hold a name or password")
    if address.scheme == "file" and not address.netloc and address.path.startswith("/"):
        return Folder(url=url, path=Path(unquote(address.path)))
    if address.scheme == "mailto" and "@" in address.path:
        if urlsplit(settings.mail_server).scheme not in ("smtp", "smtps", "smtp+starttls") or not settings.mail_from:
            raise SettingsError(f"checkpoint_exports: {url} needs mail_server (smtp://host:25) and mail_from")
        return Mailbox(
            url=url,
            to=unquote(address.path),
            server=settings.mail_server,
            sender=settings.mail_from,
            password_file=settings.mail_password_file,
            office=settings.office_name or settings.system,
        )
    if address.scheme in STORES and address.netloc:
        return Store(url=url.rstrip("/"), options=store_options(settings.export_options, "export_options"))
    raise SettingsError(f"checkpoint_exports: {url} is none of file:///folder, mailto:address, s3://bucket/folder")
