"""Signed checkpoints: how far both chains had come at an instant, under a key of the register's own (Ed25519).

A checkpoint is a short signed text (the note format of C2SP signed-note, so that other tools can check it). Kept
outside this machine - printed, published, sent to the archive - it shows any later rewriting of what it covers.
"""

import base64
import binascii
import hashlib
import os
import re
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, insert, select

from store import now

from . import journal, seal_log, tables

_ORIGIN: Final = re.compile(r"[^\s+\u2014]{1,160}")
_TIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


class CheckpointInvalid(ValueError):
    """The text is no checkpoint, or its signature is not of this key. `text_vi` and `text_en` are for a person."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


class CheckpointKeyUnsafe(Exception):
    """The key file cannot be trusted with its secret: readable by others, or not an Ed25519 key."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Both chains at `time` (UTC): the last row's number (0 while empty) and hash. `note` is the signed text."""

    origin: str
    time: datetime
    seal_log_seq: int
    seal_log_head: str
    journal_seq: int
    journal_head: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckpointKey:
    """The register's signing key and the name it signs under."""

    origin: str
    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def load_or_create(cls, path: Path, *, origin: str) -> "CheckpointKey":
        """Read the key, or make it once with mode 0600. `origin` names the register (no spaces, no plus sign).

        Raises CheckpointKeyUnsafe when others may read the file or it holds no Ed25519 key; never replaces a file.
        """
        if not _ORIGIN.fullmatch(origin):
            raise ValueError("an origin has 1 to 160 characters, no spaces, no plus sign")
        if not path.exists():
            _create(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise CheckpointKeyUnsafe(path, "others can read this key; its mode must be 0600")
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError) as error:
            raise CheckpointKeyUnsafe(path, "holds no readable private key") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise CheckpointKeyUnsafe(path, "holds a key that is not Ed25519")
        return cls(origin=origin, _private=private)

    @property
    def public_key(self) -> Ed25519PublicKey:
        """What others check the checkpoints with."""
        return self._private.public_key()

    def public_pem(self) -> str:
        """The public key as PEM, to be kept where the database is not."""
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self.public_key.public_bytes(encoding, form).decode("ascii")

    def sign(self, body: str) -> str:
        """The body with its signature line."""
        value = _key_id(self.origin, self.public_key) + self._private.sign(body.encode())
        return f"{body}\n\u2014 {self.origin} {base64.b64encode(value).decode('ascii')}\n"


def sign_checkpoint(connection: Connection, *, key_file: Path, origin: str, at: datetime | None = None) -> Checkpoint:
    """Sign where both chains stand and keep it; the key is made at the first call (`CheckpointKey.load_or_create`).

    Call it in a `store.write` transaction, and send the note elsewhere: what stands only beside the rows it covers
    can be removed with them.
    """
    key = CheckpointKey.load_or_create(key_file, origin=origin)
    seal_seq, seal_head = seal_log.head(connection)
    journal_seq, journal_head = journal.head(connection)
    point = Checkpoint(
        origin=key.origin,
        time=(at or now()).astimezone(UTC),
        seal_log_seq=seal_seq,
        seal_log_head=seal_head,
        journal_seq=journal_seq,
        journal_head=journal_head,
    )
    values = {**vars(point), "note": key.sign(_body(point))}
    connection.execute(insert(tables.checkpoints), values)
    return Checkpoint(**values)


def kept_checkpoints(connection: Connection) -> tuple[Checkpoint, ...]:
    """All checkpoints kept, oldest first, as the table has them: `open_checkpoint` says whether a note is genuine."""
    rows = connection.execute(select(tables.checkpoints).order_by(tables.checkpoints.c.id))
    return tuple(Checkpoint(**{name: value for name, value in row._mapping.items() if name != "id"}) for row in rows)


def open_checkpoint(note: str, public_key: Ed25519PublicKey) -> Checkpoint:
    """Check a note's signature and read it. Raises CheckpointInvalid."""
    body, _, signature = note.rpartition("\n\n")
    body += "\n"
    lines = body.splitlines()
    match = re.fullmatch(r"\u2014 (\S+) ([A-Za-z0-9+/=]+)\n?", signature)
    if match is None or len(lines) != 4:
        raise CheckpointInvalid("Văn bản này không phải điểm chốt của sổ.", "this text is no checkpoint")
    try:
        value = base64.b64decode(match[2], validate=True)
        if value[:4] != _key_id(match[1], public_key):
            raise CheckpointInvalid("Điểm chốt do khoá khác ký.", "the checkpoint was signed by another key")
        public_key.verify(value[4:], body.encode())
        point = _read_body(lines, note)
    except (binascii.Error, InvalidSignature, ValueError) as error:
        if isinstance(error, CheckpointInvalid):
            raise
        raise CheckpointInvalid("Chữ ký của điểm chốt không đúng.", "the checkpoint's signature is wrong") from error
    if point.origin != match[1]:
        raise CheckpointInvalid("Điểm chốt của sổ khác.", "the checkpoint names another register")
    return point


def load_public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file: the one others were given, or the key file itself. Raises CheckpointKeyUnsafe;
    FileNotFoundError where no checkpoint was ever signed."""
    pem = path.read_bytes()
    try:
        if b"PRIVATE KEY" in pem:
            key: object = serialization.load_pem_private_key(pem, password=None)
            key = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
        else:
            key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError) as error:
        raise CheckpointKeyUnsafe(path, "holds no readable key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise CheckpointKeyUnsafe(path, "holds a key that is not Ed25519")
    return key


def _body(point: Checkpoint) -> str:
    return (
        f"{point.origin}\n"
        f"seal-log {point.seal_log_seq} {point.seal_log_head}\n"
        f"journal {point.journal_seq} {point.journal_head}\n"
        f"time {point.time.strftime(_TIME)}\n"
    )


def _read_body(lines: list[str], note: str) -> Checkpoint:
    seal = re.fullmatch(r"seal-log (\d+) ([0-9a-f]{64})", lines[1])
    rows = re.fullmatch(r"journal (\d+) ([0-9a-f]{64})", lines[2])
    if seal is None or rows is None or not lines[3].startswith("time "):
        raise ValueError("not the lines of a checkpoint")
    return Checkpoint(
        origin=lines[0],
        time=datetime.strptime(lines[3][5:], _TIME).replace(tzinfo=UTC),
        seal_log_seq=int(seal[1]),
        seal_log_head=seal[2],
        journal_seq=int(rows[1]),
        journal_head=rows[2],
        note=note,
    )


def _key_id(name: str, public_key: Ed25519PublicKey) -> bytes:
    # C2SP signed-note: the first four bytes of SHA-256 over name, newline, algorithm 1 (Ed25519) and the raw key.
    return hashlib.sha256(name.encode() + b"\n\x01" + public_key.public_bytes_raw()).digest()[:4]


def _create(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: never half a key, never over another's.
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return  # another process was first; its key is the key
    finally:
        aside.unlink()
