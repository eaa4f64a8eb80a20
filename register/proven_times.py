"""Times that this machine could not choose: RFC 3161 time stamps over the notes of checkpoints, and where they went."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from trust import TimestampToken, digest_for, read_token, verify_token

from . import tables
from .checkpoints import Checkpoint


@dataclass(frozen=True, kw_only=True)
class ProvenTime:
    """A time stamp over a checkpoint's note: the token (DER) and its time (UTC)."""

    checkpoint_id: int
    gen_time: datetime
    token: bytes


def note_digest(note: str) -> bytes:
    """What a time authority is asked to stamp: SHA-256 of the note."""
    return hashlib.sha256(note.encode()).digest()


def keep_time(connection: Connection, checkpoint: Checkpoint, token: TimestampToken) -> None:
    """Keep a token over a checkpoint's note. Raises `trust.TimestampInvalid` where it is over anything else."""
    verify_token(token, digest_for(token, checkpoint.note.encode()))
    values = {"checkpoint_id": checkpoint.id, "gen_time": token.gen_time, "token": token.der}
    connection.execute(insert(tables.checkpoint_times), values)


def times_of(connection: Connection, checkpoint_id: int) -> tuple[ProvenTime, ...]:
    """The time stamps of a checkpoint, oldest first."""
    table = tables.checkpoint_times
    columns = (table.c.checkpoint_id, table.c.gen_time, table.c.token)
    rows = connection.execute(select(*columns).where(table.c.checkpoint_id == checkpoint_id).order_by(table.c.id))
    return tuple(ProvenTime(**row._mapping) for row in rows)


def last_time(connection: Connection) -> datetime | None:
    """When a checkpoint was last stamped, by the authority's clock (UTC)."""
    table = tables.checkpoint_times
    return connection.execute(select(table.c.gen_time).order_by(table.c.id.desc()).limit(1)).scalar_one_or_none()


def check_time(token: bytes, note: str) -> datetime:
    """When a note was stamped, by the authority's clock. Whether the authority is to be trusted is the caller's
    question (`trust.check_path`). Raises `trust.TimestampInvalid`."""
    read = read_token(token)
    verify_token(read, digest_for(read, note.encode()))
    return read.gen_time


def keep_export(connection: Connection, checkpoint: Checkpoint, destination: str, *, at: datetime) -> None:
    """Note that a checkpoint was put out of this machine's reach. `destination` holds no secret."""
    values = {"checkpoint_id": checkpoint.id, "destination": destination[:300], "exported_at": at}
    connection.execute(insert(tables.exports), values)


def last_exports(connection: Connection) -> dict[str, datetime]:
    """Destination -> when something was last put there (UTC)."""
    table = tables.exports
    query = select(table.c.destination, func.max(table.c.exported_at)).group_by(table.c.destination)
    return {row[0]: row[1] for row in connection.execute(query)}
