"""Nhật ký sử dụng con dấu: every use of the seal's key, one hash-chained row per step (rules of AC-50).

Each row is a leaf of the log as well, like the rows of all other tables.

An entry is a `reserve` row and exactly one row that closes it: `conclude`, `interrupted` or `failed`. A document
printed and stamped by hand (Đ.18.5, AC-12) is one `wet` row. The database refuses a second closing row and a second
`conclude` for the issue of one document.
"""

from collections.abc import Iterator, Sequence
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
_OF_ENTRIES: Final = (
    select(_LOG).where(_LOG.c.entry_id.in_(bindparam("entry_ids", expanding=True))).order_by(_LOG.c.seq)
)


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


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """How an entry ends well: the sealed file's SHA-256, and what its time stamp says, if it has one."""

    entry_id: str
    hash_after: str
    tsa_serial: str | None = None
    tsa_time: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A row to be: everything but its place in the chain."""

    use: SealUse
    event: Event
    hash_after: str | None = None
    key_operation: bool = False
    tsa_serial: str | None = None
    tsa_time: datetime | None = None
    detail: str = ""


def reserve(connection: Connection, use: SealUse, *, at: datetime | None = None) -> LogRow:
    """Open an entry, before the key is touched. Repeating the same reservation gives the row already there.

    Raises EntryClosed when `entry_id` was used for something else or is closed.
    """
    (row,) = reserve_all(connection, [use], at=at)
    return row


def reserve_all(connection: Connection, uses: Sequence[SealUse], *, at: datetime | None = None) -> Sequence[LogRow]:
    """`reserve` for several entries, in this order."""
    known = _rows_of(connection, [use.entry_id for use in uses])
    for use in uses:
        rows = known.get(use.entry_id, [])
        if rows and (len(rows) > 1 or _use(rows[0]) != use):
            raise _closed(use.entry_id)
    new = [use for use in uses if use.entry_id not in known]
    made = {row.entry_id: row for row in _append_all(connection, [_Line(use=use, event="reserve") for use in new], at)}
    return [made[use.entry_id] if use.entry_id in made else known[use.entry_id][0] for use in uses]


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
    end = Conclusion(entry_id=entry_id, hash_after=hash_after, tsa_serial=tsa_serial, tsa_time=tsa_time, detail=detail)
    (row,) = conclude_all(connection, [end], at=at)
    return row


def conclude_all(connection: Connection, ends: Sequence[Conclusion], *, at: datetime | None = None) -> Sequence[LogRow]:
    """`conclude` for several entries, in this order."""
    known = _rows_of(connection, [end.entry_id for end in ends])
    done, lines = {}, []
    for end in ends:
        rows = known.get(end.entry_id, [])
        if len(rows) == 2 and rows[1].event == "conclude" and rows[1].hash_after == end.hash_after:
            done[end.entry_id] = rows[1]
            continue
        lines.append(
            _Line(
                use=_open(rows, end.entry_id),
                event="conclude",
                hash_after=end.hash_after,
                key_operation=True,
                tsa_serial=end.tsa_serial,
                tsa_time=end.tsa_time,
                detail=end.detail,
            )
        )
    done |= {row.entry_id: row for row in _append_all(connection, lines, at)}
    return [done[end.entry_id] for end in ends]


def interrupted(
    connection: Connection, entry_id: str, *, key_operation: bool, detail: str, at: datetime | None = None
) -> LogRow:
    """Close an entry whose process died: `key_operation` when the key may have been used; nothing was released."""
    use = _open(_rows(connection, entry_id), entry_id)
    return _append(connection, _Line(use=use, event="interrupted", key_operation=key_operation, detail=detail), at)


def failed(
    connection: Connection, entry_id: str, *, key_operation: bool, detail: str, at: datetime | None = None
) -> LogRow:
    """Close an entry that came to a known end without a sealed file; `detail` says why, without secrets."""
    use = _open(_rows(connection, entry_id), entry_id)
    return _append(connection, _Line(use=use, event="failed", key_operation=key_operation, detail=detail), at)


def wet(connection: Connection, use: SealUse, *, detail: str, at: datetime | None = None) -> LogRow:
    """The document was printed and stamped by hand (AC-12). Raises EntryClosed when `entry_id` was used before."""
    if _rows(connection, use.entry_id):
        raise _closed(use.entry_id)
    return _append(connection, _Line(use=use, event="wet", detail=detail), at)


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


def _append(connection: Connection, line: _Line, at: datetime | None) -> LogRow:
    (row,) = _append_all(connection, [line], at)
    return row


def _append_all(connection: Connection, lines: Sequence[_Line], at: datetime | None) -> Sequence[LogRow]:
    if not lines:
        return ()
    seq, previous_hash = head(connection)
    when = (at or now()).astimezone(UTC)
    rows: list[dict[str, object]] = []
    for line in lines:
        seq += 1
        row: dict[str, object] = {**vars(line.use), **vars(line), "seq": seq, "time": when}
        del row["use"]
        row["previous_hash"] = previous_hash
        row["row_hash"] = previous_hash = row_hash(row)
        rows.append(row)
    connection.execute(_ROW, rows)
    leaves = [(str(row["seq"]), bytes.fromhex(str(row["row_hash"]))) for row in rows]
    log.append_all(connection, tables.seal_log.name, leaves)
    return [LogRow(**row) for row in rows]  # type: ignore[arg-type]


def _rows(connection: Connection, entry_id: str) -> list[LogRow]:
    return _rows_of(connection, [entry_id]).get(entry_id, [])


def _rows_of(connection: Connection, entry_ids: Sequence[str]) -> dict[str, list[LogRow]]:
    found: dict[str, list[LogRow]] = {}
    if entry_ids:
        for row in connection.execute(_OF_ENTRIES, {"entry_ids": entry_ids}):
            found.setdefault(row.entry_id, []).append(_row(row))
    return found


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
