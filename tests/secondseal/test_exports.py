"""Checkpoints out of the database administrator's reach: a folder, a mailbox, an object store. Real servers each."""

import os
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import obstore
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from register import Checkpoint, CheckpointKey, open_checkpoint
from secondseal.checkpoint_bundle import Bundle
from secondseal.exports import ExportFailed, destinations
from secondseal.settings import Settings, SettingsError
from tests.ports import free_port
from tests.store.object_store import ObjectStore

TEXT = "mau.example/log\n12\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


@pytest.fixture
def key(tmp_path: Path) -> CheckpointKey:
    return CheckpointKey.load_or_create(tmp_path / "checkpoint.key", origin="mau.example/log")


@pytest.fixture
def bundle(key: CheckpointKey) -> Bundle:
    note = key.sign(TEXT)
    point = open_checkpoint(note, key.public_key)
    return bundle_of(point, key, token=b"a time stamp")


def bundle_of(point: Checkpoint, key: CheckpointKey, **values: Any) -> Bundle:
    proven = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
    return Bundle(checkpoint=point, day=date(2026, 11, 29), verifier=key.verifier, proven_at=proven, **values)


def settings(home: Path, *exports: str, **values: Any) -> Settings:
    return Settings(home=home, checkpoint_exports=exports, **values)


def names(folder: Path) -> Sequence[str]:
    return sorted(one.name for one in folder.iterdir())


NAME = "2026-11-29-0000000012"


def test_a_folder_keeps_each_checkpoint_once(tmp_path: Path, bundle: Bundle) -> None:
    share = tmp_path / "share với dấu cách"
    share.mkdir()
    (place,) = destinations(settings(tmp_path, f"file://{share}".replace(" ", "%20")))
    for _ in range(2):
        place.put(bundle)
    assert names(share) == [f"{NAME}.note", f"{NAME}.tst", "log.key"]
    assert (share / f"{NAME}.note").read_bytes() == bundle.checkpoint.note.encode()
    (share / f"{NAME}.note").write_bytes(b"something else")
    with pytest.raises(ExportFailed, match="exists with other content"):
        place.put(bundle)
    assert (share / f"{NAME}.note").read_bytes() == b"something else", "nothing there is written over"


def test_a_share_that_is_not_mounted_is_not_made(tmp_path: Path, bundle: Bundle) -> None:
    (place,) = destinations(settings(tmp_path, f"file://{tmp_path / 'gone'}"))
    with pytest.raises(ExportFailed, match="mounted"):
        place.put(bundle)
    assert not (tmp_path / "gone").exists()


class Post:
    """What a mail server received."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(bytes(envelope.content or b""), policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


# The server is on loopback; what it warns of is the next test but two's subject.
AUTH_WITHOUT_TLS = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    received = Post()

    def only_so(_server: object, _session: object, _envelope: object, _kind: str, given: object) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"so", b"mat khau thu")
        return AuthResult(success=right, handled=False)

    port = free_port()
    server = Controller(
        received,
        hostname="127.0.0.1",
        port=port,
        authenticator=only_so,
        auth_require_tls=False,
        auth_required=True,
    )
    server.start()
    yield received, port
    server.stop()


def mailbox(home: Path, port: int, password: str) -> Settings:
    file = home / "mail.password"
    file.write_text(password, encoding="utf-8")
    file.chmod(0o600)
    return settings(
        home,
        "mailto:luu-tru@tinh.example",
        mail_server=f"smtp://so@127.0.0.1:{port}",
        mail_from="so@mau.example",
        mail_password_file=file,
        office_name="UBND XÃ MẪU",
    )


@AUTH_WITHOUT_TLS
def test_a_mail_carries_the_note_as_text_and_as_files(
    tmp_path: Path, bundle: Bundle, post: tuple[Post, int], key: CheckpointKey
) -> None:
    received, port = post
    (place,) = destinations(mailbox(tmp_path, port, "mat khau thu\n"))
    place.put(bundle)
    (mail,) = received.mails
    assert (mail["to"], mail["from"]) == ("luu-tru@tinh.example", "so@mau.example")
    assert NAME in str(mail["subject"])
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "UBND XÃ MẪU" in text
    assert "2026-11-29 03:00:00 UTC" in text
    assert (
        open_checkpoint(text[text.index(TEXT) :].replace("\r\n", "\n").rstrip("\n") + "\n", key.public_key).size == 12
    )
    files = {one.get_filename(): one.get_content() for one in mail.iter_attachments()}
    assert files == bundle.files()


@AUTH_WITHOUT_TLS
def test_a_mail_server_that_refuses_is_said_without_the_password(
    tmp_path: Path, bundle: Bundle, post: tuple[Post, int]
) -> None:
    received, port = post
    (place,) = destinations(mailbox(tmp_path, port, "sai mat khau"))
    with pytest.raises(ExportFailed) as refused:
        place.put(bundle)
    assert str(refused.value) == "mail through 127.0.0.1: SMTPAuthenticationError"
    assert "sai mat khau" not in str(refused.value)
    assert received.mails == []


def test_a_mail_server_that_is_away_is_said(tmp_path: Path, bundle: Bundle) -> None:
    (place,) = destinations(mailbox(tmp_path, 9, "x"))
    with pytest.raises(ExportFailed, match="ConnectionRefusedError"):
        place.put(bundle)


def test_a_mail_server_nobody_vouches_for_gets_neither_password_nor_mail(tmp_path: Path, bundle: Bundle) -> None:
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(tmp_path / "tls.key"), "-out", str(tmp_path / "tls.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, *files]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.pem", tmp_path / "tls.key")
    received, port = Post(), free_port()
    server = Controller(received, hostname="127.0.0.1", port=port, tls_context=context)
    server.start()
    try:
        given = mailbox(tmp_path, port, "mat khau thu")
        (place,) = destinations(given.model_copy(update={"mail_server": f"smtp+starttls://so@127.0.0.1:{port}"}))
        with pytest.raises(ExportFailed, match="SSLCertVerificationError"):
            place.put(bundle)
    finally:
        server.stop()
    assert received.mails == []


def store_settings(home: Path, url: str, options: dict[str, str]) -> Settings:
    file = home / "store.toml"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.writelines(f'{name} = "{value}"\n' for name, value in options.items())
    return settings(home, url, export_options=file)


def test_an_object_store_keeps_each_checkpoint_once(tmp_path: Path, bundle: Bundle, object_store: ObjectStore) -> None:
    url = f"s3://{object_store.bucket()}/xa-mau/so"
    (place,) = destinations(store_settings(tmp_path, url, object_store.options))
    for _ in range(2):
        place.put(bundle)
    store = object_store.opened(url)
    assert {one["path"] for page in obstore.list(store) for one in page} == {f"{NAME}.note", f"{NAME}.tst", "log.key"}
    assert bytes(obstore.get(store, f"{NAME}.note").bytes()) == bundle.checkpoint.note.encode()
    obstore.put(store, f"{NAME}.note", b"something else")
    with pytest.raises(ExportFailed, match="exists with other content"):
        place.put(bundle)
    assert bytes(obstore.get(store, f"{NAME}.note").bytes()) == b"something else"


def test_an_object_store_that_refuses_or_is_away_is_said_without_secrets(
    tmp_path: Path, bundle: Bundle, object_store: ObjectStore
) -> None:
    url = f"s3://{object_store.bucket()}"
    for wrong in ({"aws_secret_access_key": "khong phai khoa nay"}, {"aws_endpoint": "http://127.0.0.1:9"}):
        (place,) = destinations(store_settings(tmp_path, url, object_store.options | wrong))
        with pytest.raises(ExportFailed) as refused:
            place.put(bundle)
        assert str(refused.value).startswith(f"{url}: ")
        assert "khong phai khoa nay" not in str(refused.value) + repr(place)
        assert object_store.secret_key not in str(refused.value) + repr(place)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("/mnt/so", "is none of"),
        ("file://server/so", "is none of"),
        ("https://archive.example/so", "is none of"),
        ("s3://", "is none of"),
        ("s3://user:secret@bucket", "must not hold"),
        ("mailto:nobody", "is none of"),
        ("mailto:so@mau.example", "needs mail_server"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(tmp_path: Path, url: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        destinations(settings(tmp_path, url))


def test_options_others_can_read_are_refused(tmp_path: Path) -> None:
    given = store_settings(tmp_path, "s3://so", {"aws_access_key_id": "x"})
    assert given.export_options is not None
    given.export_options.chmod(0o644)
    with pytest.raises(SettingsError, match="0600"):
        destinations(given)
    given.export_options.chmod(0o600)
    given.export_options.write_text("not = [toml", encoding="utf-8")
    with pytest.raises(SettingsError, match="cannot be read"):
        destinations(given)
