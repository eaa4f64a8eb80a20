"""Signed checkpoints: made with a key of our own, checked by anyone with its public half."""

import base64
import hashlib
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import Engine

from register import (
    Checkpoint,
    CheckpointInvalid,
    CheckpointKey,
    CheckpointKeyUnsafe,
    LogRewritten,
    kept_checkpoints,
    last_checkpoint,
    load_public_key,
    log,
    numbers,
    open_checkpoint,
    sign_checkpoint,
    tables,
)
from store import FolderFiles, read, write
from tests.register.papers import NOON, SERIES, issue_paper

ORIGIN = "mau.example/log"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "checkpoint.pem"


def key_of(key_file: Path, origin: str = ORIGIN) -> CheckpointKey:
    return CheckpointKey.load_or_create(key_file, origin=origin)


def test_a_checkpoint_states_size_and_root(database: Engine, tmp_path: Path, key_file: Path) -> None:
    issue_paper(database, FolderFiles(tmp_path / "files"))
    with write(database) as connection:
        point = sign_checkpoint(connection, key_file=key_file, origin=ORIGIN, at=NOON)
    with read(database) as connection:
        assert (point.size, bytes.fromhex(point.root)) == (log.size(connection), log.hash_of(connection, 0, point.size))
        assert kept_checkpoints(connection) == (point,)
        assert last_checkpoint(connection) == point
    assert point.size == 9
    read_again = open_checkpoint(point.note, load_public_key(key_file))
    assert (read_again.origin, read_again.size, read_again.root) == (ORIGIN, point.size, point.root)


def test_where_nothing_was_added_the_last_checkpoint_is_given_again(database: Engine, key_file: Path) -> None:
    def sign(origin: str = ORIGIN) -> Checkpoint:
        with write(database) as connection:
            return sign_checkpoint(connection, key_file=key_file, origin=origin)

    first = sign()
    assert sign() == first
    assert sign("other.example/log").id != first.id
    with write(database) as connection:
        numbers.reserve(connection, **SERIES)  # type: ignore[arg-type]
    assert sign().size == first.size + 1


def test_nothing_is_signed_over_a_log_that_was_rewritten(database: Engine, tmp_path: Path, key_file: Path) -> None:
    """A log never signs two histories (tlog-checkpoint)."""
    issue_paper(database, FolderFiles(tmp_path / "files"))
    with write(database) as connection:
        sign_checkpoint(connection, key_file=key_file, origin=ORIGIN)
    for edit in ("UPDATE register_log SET commitment = salt WHERE leaf = 4", "DELETE FROM register_log WHERE leaf = 8"):
        with closing(sqlite3.connect(tmp_path / "test.db")) as raw:
            raw.execute("DROP TRIGGER IF EXISTS register_log_no_update")
            raw.execute("DROP TRIGGER IF EXISTS register_log_no_delete")
            raw.execute(edit)
            raw.commit()
        with pytest.raises(LogRewritten, match="9 entries"), write(database) as connection:
            sign_checkpoint(connection, key_file=key_file, origin=ORIGIN)


def test_nothing_is_signed_on_top_of_a_checkpoint_that_is_not_ours(
    database: Engine, tmp_path: Path, key_file: Path
) -> None:
    """Else whoever writes rows puts one at the log's end, and that unsigned text is what goes to the archive."""
    with write(database) as connection:
        point = sign_checkpoint(connection, key_file=key_file, origin=ORIGIN)
    stranger = CheckpointKey.load_or_create(tmp_path / "other.pem", origin=ORIGIN)
    for note in ("ghi chú", stranger.sign(point.note.rpartition("\n\n")[0] + "\n")):
        with write(database) as connection:
            row = {"origin": ORIGIN, "size": 0, "root": point.root, "time": point.time, "note": note}
            connection.execute(tables.checkpoints.insert(), row)
        with pytest.raises(LogRewritten), write(database) as connection:
            sign_checkpoint(connection, key_file=key_file, origin=ORIGIN)


def test_an_empty_register_can_be_signed_too(database: Engine, key_file: Path) -> None:
    with write(database) as connection:
        point = sign_checkpoint(connection, key_file=key_file, origin=ORIGIN)
    assert open_checkpoint(point.note, load_public_key(key_file)).size == 0
    assert point.root == hashlib.sha256().hexdigest()


def test_a_note_is_a_signed_note_for_other_tools(database: Engine, tmp_path: Path, key_file: Path) -> None:
    """C2SP signed-note; the signature itself checked by OpenSSL."""
    with write(database) as connection:
        note = sign_checkpoint(connection, key_file=key_file, origin=ORIGIN).note
    body, _, line = note.rpartition("\n\n")
    dash, name, value = line.rstrip("\n").split(" ")
    decoded = base64.b64decode(value)
    key = CheckpointKey.load_or_create(key_file, origin=ORIGIN)
    named = ORIGIN.encode() + b"\n\x01" + key.public_key.public_bytes_raw()
    assert (dash, name) == ("—", ORIGIN)
    assert decoded[:4] == hashlib.sha256(named).digest()[:4]
    (tmp_path / "body").write_text(body + "\n", encoding="utf-8")
    (tmp_path / "signature").write_bytes(decoded[4:])
    (tmp_path / "public.pem").write_text(pem(key))
    command = "openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in body -sigfile signature"
    checked = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in checked.stdout


def test_a_changed_or_foreign_note_is_refused(database: Engine, tmp_path: Path, key_file: Path) -> None:
    with write(database) as connection:
        note = sign_checkpoint(connection, key_file=key_file, origin=ORIGIN).note
    key = load_public_key(key_file)
    other = CheckpointKey.load_or_create(tmp_path / "other.pem", origin=ORIGIN)
    assert open_checkpoint(note, key)
    for changed in (
        note.replace("\n0\n", "\n1\n"),
        note.replace("\n0\n", "\n00\n"),
        note.replace(ORIGIN, "other.example/log", 1),
        key_of(key_file).sign(note.rpartition("\n\n")[0] + "\nmore\n"),
        key_of(key_file).sign(f"{ORIGIN}\n01\n" + note.split("\n")[2] + "\n"),
        key_of(key_file).sign(f"{ORIGIN}\n0\nAAAA\n"),
        key_of(key_file, "other.example/log").sign(note.rpartition("\n\n")[0] + "\n"),
        note.replace("\n\n", "\nmore 1\n\n"),
        note[:-6] + "AAAA=\n",
        note.replace("— ", "- "),
        "",
        "nothing\n\n— x y\n",
        other.sign(note.rpartition("\n\n")[0] + "\n"),
    ):
        with pytest.raises(CheckpointInvalid):
            open_checkpoint(changed, key)


def pem(key: CheckpointKey) -> str:
    return key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def test_the_key_is_made_once_for_its_owner_alone(key_file: Path) -> None:
    first = CheckpointKey.load_or_create(key_file, origin=ORIGIN)
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert list(key_file.parent.iterdir()) == [key_file]
    again = CheckpointKey.load_or_create(key_file, origin=ORIGIN)
    assert first.verifier == again.verifier
    assert "private" not in repr(first).lower()


def test_a_key_others_can_read_is_not_used(key_file: Path) -> None:
    CheckpointKey.load_or_create(key_file, origin=ORIGIN)
    key_file.chmod(0o640)
    with pytest.raises(CheckpointKeyUnsafe, match="0600"):
        CheckpointKey.load_or_create(key_file, origin=ORIGIN)


def test_only_an_ed25519_key_is_used_and_nothing_is_overwritten(tmp_path: Path) -> None:
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (pem, b"no key at all"):
        path = tmp_path / "key.pem"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(CheckpointKeyUnsafe):
            CheckpointKey.load_or_create(path, origin=ORIGIN)
        with pytest.raises(CheckpointKeyUnsafe):
            load_public_key(path)
        assert path.read_bytes() == content


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "x" * 161])
def test_an_origin_is_one_plain_word(key_file: Path, origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        CheckpointKey.load_or_create(key_file, origin=origin)


def test_the_public_half_can_be_kept_elsewhere(key_file: Path, tmp_path: Path) -> None:
    key = CheckpointKey.load_or_create(key_file, origin=ORIGIN)
    kept = tmp_path / "public.pem"
    for text in (pem(key), key.verifier + "\n"):
        kept.write_text(text)
        assert load_public_key(kept).public_bytes_raw() == key.public_key.public_bytes_raw()
    for broken in (key.verifier[:-4], key.verifier.replace("+", "-"), key.verifier.replace(ORIGIN, "other"), "\xff"):
        kept.write_text(broken)
        with pytest.raises(CheckpointKeyUnsafe):
            load_public_key(kept)
