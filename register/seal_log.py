"""Nhật ký sử dụng con dấu: every use of the seal's key, one hash-chained row per step (rules of AC-50).

Each row is a leaf of the log as well, like the rows of all other tables.

An entry is a `reserve` row and exactly one row that closes it: `conclude`, `interrupted` or `failed`. A document
printed and stamped by hand (Đ.18.5, AC-12) is one `wet` row. The database refuses a second closing row and a second
`conclude` for the issue of one document.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal

from sqlalchemy import Connection, Row, bindparam, insert, select

from store import VIETNAM, now

from . import log, tables
from .canonical import GENESIS, row_hash
from .errors import EntryClosed
from .outgoing import Selection

Purpose = Literal["issue", "appendix", "copy"]
"""Ban hành, phụ lục, bản sao: the only uses the law knows (NĐ 30/2020 Đ.33.2, AC-66)."""

Event = Literal["reserve", "conclude", "interrupted", "failed", "wet"]

# Statements used for every document are built once, not per call.
_LOG: Final = tables.seal_log
_ROW: Final = insert(_LOG)
_HEAD: Final = select(_LOG.c.seq, _LOG.c.row_hash).order_by(_LOG.c.seq.desc()).limit(1)
_OF_ENTRY: Final = select(_LOG).where(_LOG.c.entry_id == bindparam("entry_id")).order_by(_LOG.c.seq)


@dataclass(frozen=True, kw_only=True)
class SealUse:
    """Who is about to use which seal on what.

    `entry_id` is the caller's own id of this attempt. `custodian` is the person's id, `confirmation_id` their recorded
    personal confirmation. `officer` is the signer whose approval was verified. `hash_before` is the SHA-256 of the
    approved file. Certificates by serial (hexadecimal) and SHA-256 of their DER.
    """

    entry_id: str
    document_id: str
    notation: str
    purpose: Purpose
    seal_id: str
    seal_version: int
    certificate_serial: str
    certificate_sha256: str
    custodian: str
    confirmation_id: str
    officer: str
    officer_certificate_sha256: str
    hash_before: str


@dataclass(frozen=True, kw_only=True)
class LogRow:
    """One row of the log, `seq` counted from 1, times in UTC, hashes in hexadecimal.

    `key_operation` says whether the key was used (for `interrupted`: whether it may have been).
    """

    seq: int
    time: datetime
    event: Event
    entry_id: str
    purpose: Purpose
    seal_id: str
    seal_version: int
    certificate_serial: str
    certificate_sha256: str
    custodian: str
    confirmation_id: str
    document_id: str
    notation: str
    officer: str
    officer_certificate_sha256: str
    hash_before: str
    hash_after: str | None
    key_operation: bool
    tsa_serial: str | None
    tsa_time: datetime | None
    detail: str
    previous_hash: str
    row_hash: str


def reserve(connection: Connection, use: SealUse, *, at: datetime | None = None) -> LogRow:
    """Open an entry, before the key is touched. Repeating the same reservation gives the row already there.

    Raises EntryClosed when `entry_id` was used for something else or is closed.
    """
    rows = _rows(connection, use.entry_id)
    if rows:
        if len(rows) > 1 or _use(rows[0]) != use:
            raise _closed(use.entry_id)
        return rows[0]
    return _append(connection, use, "reserve", at=at)


def conclude(
    connection: Connection,
    entry_id: str,
    *,
    hash_after: str,
    tsa_serial: str | None = None,
    tsa_time: datetime | None = None,
    detail: str = "",
    at: datetime | None = None,
) -> LogRow:
    """Close an entry: the sealed file of SHA-256 `hash_after` exists. Repeating it with the same hash changes nothing.

    Raises EntryClosed when the entry is unknown or closed otherwise; sqlalchemy's IntegrityError when the document
    was issued under another entry.
    """
    rows = _rows(connection, entry_id)
    if len(rows) == 2 and rows[1].event == "conclude" and rows[1].hash_after == hash_after:
        return rows[1]
    return _append(
        connection,
        _open(rows, entry_id),
        "conclude",
        at=at,
        hash_after=hash_after,
        key_operation=True,
        tsa_serial=tsa_serial,
        tsa_time=tsa_time,
        detail=detail,
    )


def interrupted(
    connection: Connection, entry_id: str, *, key_operation: bool, detail: str, at: datetime | None = None
) -> LogRow:
    """Close an entry whose process died: `key_operation` when the key may have been used; nothing was released."""
    use = _open(_rows(connection, entry_id), entry_id)
    return _append(connection, use, "interrupted", at=at, key_operation=key_operation, detail=detail)


def failed(
    connection: Connection, entry_id: str, *, key_operation: bool, detail: str, at: datetime | None = None
) -> LogRow:
    """Close an entry that came to a known end without a sealed file; `detail` says why, without secrets."""
    use = _open(_rows(connection, entry_id), entry_id)
    return _append(connection, use, "failed", at=at, key_operation=key_operation, detail=detail)


def wet(connection: Connection, use: SealUse, *, detail: str, at: datetime | None = None) -> LogRow:
    """The document was printed and stamped by hand (AC-12). Raises EntryClosed when `entry_id` was used before."""
    if _rows(connection, use.entry_id):
        raise _closed(use.entry_id)
    return _append(connection, use, "wet", at=at, detail=detail)


def open_entries(connection: Connection) -> tuple[LogRow, ...]:
    """Reservations no row has closed: what a restarted worker must conclude or interrupt. Oldest first."""
    log = tables.seal_log
    closing = log.alias()
    rows = connection.execute(
        select(log)
        .outerjoin(closing, (closing.c.entry_id == log.c.entry_id) & (closing.c.event != "reserve"))
        .where(log.c.event == "reserve", closing.c.seq.is_(None))
        .order_by(log.c.seq)
    )
    return tuple(_row(row) for row in rows)


def entries_of(connection: Connection, document_id: str) -> tuple[LogRow, ...]:
    """All rows about one document, oldest first."""
    log = tables.seal_log
    rows = connection.execute(select(log).where(log.c.document_id == document_id).order_by(log.c.seq))
    return tuple(_row(row) for row in rows)


def page(connection: Connection, selection: Selection, *, after: int = 0, limit: int = 500) -> tuple[LogRow, ...]:
    """At most `limit` rows whose `seq` lies behind `after`, oldest first: about documents of the selection's
    organisation, written in its year and on its days in Viet Nam."""
    log = tables.seal_log
    query = select(log).where(log.c.seq > after).order_by(log.c.seq).limit(limit)
    if selection.organisation is not None:
        registered = tables.outgoing
        query = query.join(registered, registered.c.document_id == log.c.document_id)
        query = query.where(registered.c.organisation == selection.organisation)
    if selection.year is not None:
        query = query.where(
            log.c.time >= _midnight(date(selection.year, 1, 1)), log.c.time < _midnight(date(selection.year + 1, 1, 1))
        )
    if selection.since is not None:
        query = query.where(log.c.time >= _midnight(selection.since))
    if selection.until is not None:
        query = query.where(log.c.time < _midnight(selection.until + timedelta(days=1)))
    return tuple(_row(row) for row in connection.execute(query))


def stream(connection: Connection, selection: Selection) -> Iterator[LogRow]:
    """All rows of a selection, read in parts."""
    after = 0
    while found := page(connection, selection, after=after):
        yield from found
        after = found[-1].seq


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, VIETNAM).astimezone(UTC)


def head(connection: Connection) -> tuple[int, str]:
    """The last row's sequence number (0 while empty) and hash."""
    row = connection.execute(_HEAD).first()
    return (row.seq, row.row_hash) if row else (0, GENESIS)


def _append(
    connection: Connection,
    use: SealUse,
    event: Event,
    *,
    at: datetime | None,
    hash_after: str | None = None,
    key_operation: bool = False,
    tsa_serial: str | None = None,
    tsa_time: datetime | None = None,
    detail: str = "",
) -> LogRow:
    seq, previous_hash = head(connection)
    row: dict[str, object] = {
        **vars(use),
        "seq": seq + 1,
        "time": (at or now()).astimezone(UTC),
        "event": event,
        "hash_after": hash_after,
        "key_operation": key_operation,
        "tsa_serial": tsa_serial,
        "tsa_time": tsa_time,
        "detail": detail,
        "previous_hash": previous_hash,
    }
    row["row_hash"] = row_hash(row)
    connection.execute(_ROW, row)
    log.append(connection, tables.seal_log.name, str(seq + 1), bytes.fromhex(str(row["row_hash"])))
    return LogRow(**row)  # type: ignore[arg-type]


def _rows(connection: Connection, entry_id: str) -> list[LogRow]:
    return [_row(row) for row in connection.execute(_OF_ENTRY, {"entry_id": entry_id})]


def _open(rows: list[LogRow], entry_id: str) -> SealUse:
    if len(rows) != 1 or rows[0].event != "reserve":
        raise _closed(entry_id)
    return _use(rows[0])


def _use(row: LogRow) -> SealUse:
    return SealUse(**{name: getattr(row, name) for name in SealUse.__dataclass_fields__})


def _row(row: Row[tuple[object, ...]]) -> LogRow:
    return LogRow(**row._mapping)


def _closed(entry_id: str) -> EntryClosed:
    return EntryClosed(
        f"Lượt dùng con dấu {entry_id} không có hoặc đã kết thúc.",
        f"The seal entry {entry_id} is unknown, closed, or was made for something else.",
    )
