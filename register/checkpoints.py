"""Signed checkpoints: how far the log had come, and the root over all of it (C2SP tlog-checkpoint).

Kept outside this machine - in a folder of the archive, in a mail, printed - a checkpoint shows any later rewriting,
reordering or cutting of what it covers, whoever did it.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, insert, select

from store import now

from . import log, tables
from .checkpoint_key import CheckpointKey
from .note import NoteInvalid, open_note
from .tree import HASH_BYTES

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_TABLE: Final = tables.checkpoints


class CheckpointInvalid(ValueError):
    """The text is no checkpoint, or its signature is not of this key. `text_vi` and `text_en` are for a person."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


class LogRewritten(Exception):
    """What was signed before no longer stands in the log as it was signed: nothing more is signed over it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.text_vi = (
            f"Nhật ký của sổ không còn khớp với điểm chốt đã ký ở {size} dòng: sổ đã bị cắt hoặc viết lại. "
            "Không ký điểm chốt mới; hãy chạy secondseal register audit."
        )
        self.text_en = (
            f"the register's log no longer fits the checkpoint signed at {size} entries: it was cut or rewritten. "
            "No new checkpoint is signed; run secondseal register audit."
        )
        super().__init__(self.text_en)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The log's size in leaves and its root (hexadecimal) as signed in `note`.

    `time` is this machine's clock when it was signed, None for one read from its text alone: a note holds no time;
    what proves one is a time stamp over the note.
    """

    origin: str
    size: int
    root: str
    note: str
    id: int | None = None
    time: datetime | None = None


def sign_checkpoint(connection: Connection, *, key_file: Path, origin: str, at: datetime | None = None) -> Checkpoint:
    """Sign where the log stands and keep it; the key is made at the first call (`CheckpointKey.load_or_create`).

    Where nothing was added since the last one, that is given again. Call it in a `store.write` transaction, and send
    the note elsewhere: what stands only beside the rows it covers can be removed with them. Raises LogRewritten where
    the last checkpoint is not ours or no longer fits the log, LogTorn where the log lacks leaves.
    """
    key = CheckpointKey.load_or_create(key_file, origin=origin)
    size = log.size(connection)
    last = last_checkpoint(connection)
    if last is not None:
        if not _signed(last, key) or last.size > size or log.hash_of(connection, 0, last.size).hex() != last.root:
            raise LogRewritten(last.size)
        if (last.size, last.origin) == (size, origin):
            return last
    root = log.hash_of(connection, 0, size)
    note = key.sign(f"{origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n")
    values: dict[str, Any] = {
        "origin": origin,
        "size": size,
        "root": root.hex(),
        "time": (at or now()).astimezone(UTC),
        "note": note,
    }
    identity = connection.execute(insert(_TABLE).returning(_TABLE.c.id), values).scalar_one()
    return Checkpoint(id=identity, **values)


def kept_checkpoints(connection: Connection) -> tuple[Checkpoint, ...]:
    """All checkpoints kept, oldest first, as the table has them: `open_checkpoint` says whether a note is genuine."""
    return tuple(_from(row) for row in connection.execute(select(_TABLE).order_by(_TABLE.c.id)))


def last_checkpoint(connection: Connection) -> Checkpoint | None:
    """The newest checkpoint."""
    row = connection.execute(select(_TABLE).order_by(_TABLE.c.id.desc()).limit(1)).first()
    return None if row is None else _from(row)


def open_checkpoint(note: str, public_key: Ed25519PublicKey) -> Checkpoint:
    """Check a note's signature and read it. Raises CheckpointInvalid."""
    try:
        opened = open_note(note, public_key)
    except NoteInvalid as error:
        raise CheckpointInvalid(error.text_vi, error.text_en) from error
    origin, *rest = opened.text[:-1].split("\n")
    if len(rest) != 2 or not _SIZE.fullmatch(rest[0]):
        raise CheckpointInvalid("Văn bản này không phải điểm chốt của sổ.", "this text is no checkpoint")
    if origin != opened.name:
        raise CheckpointInvalid("Điểm chốt của sổ khác.", "the checkpoint names another register")
    try:
        root = base64.b64decode(rest[1], validate=True)
    except binascii.Error:
        root = b""
    if len(root) != HASH_BYTES:
        raise CheckpointInvalid("Văn bản này không phải điểm chốt của sổ.", "this text is no checkpoint")
    return Checkpoint(origin=origin, size=int(rest[0]), root=root.hex(), note=note)


def _signed(point: Checkpoint, key: CheckpointKey) -> bool:
    """Whether the row says what our key signed: nothing is signed on top of a row that someone else put there."""
    try:
        opened = open_checkpoint(point.note, key.public_key)
    except CheckpointInvalid:
        return False
    return (opened.origin, opened.size, opened.root) == (point.origin, point.size, point.root)


def _from(row: Row[tuple[object, ...]]) -> Checkpoint:
    return Checkpoint(**row._mapping)
