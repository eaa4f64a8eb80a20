"""How often a seal's key was used: what the seal register says of a day. For the daily limit and for reports.

An entry counts on the day it was reserved, unless its closing row says that the key was not used. One that was
interrupted, or is still open, counts: its key may have been used.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from store import VIETNAM, vietnam_date

from . import tables

_LOG: Final = tables.seal_log
_CLOSING: Final = _LOG.alias()
_SKEW: Final = timedelta(hours=6)
"""How far the clock may have been set back between two rows: a day's rows are looked for this much around it."""


@dataclass(frozen=True, kw_only=True)
class SealDay:
    """One seal on one day in Viet Nam: key operations, and how their entries ended."""

    seal_id: str
    day: date
    uses: int
    concluded: int
    failed: int
    interrupted: int
    open: int


def uses_on(connection: Connection, seal_id: str, day: date) -> int:
    """Key operations of a seal on a day in Viet Nam. The cost grows with the day's entries, not with the register."""
    since, until = _bounds(day)
    asked = {"seal": seal_id, "since": since, "until": until, **_span(connection, since, until)}
    reserved = int(connection.execute(_RESERVED, asked).scalar_one())
    unused = connection.execute(_UNUSED, {"seal": seal_id, "first": asked["first"]}).scalars().all()
    if not unused:
        return reserved
    # closed maybe days later: what counts is the day each was reserved on
    return reserved - int(connection.execute(_RESERVED.where(_LOG.c.entry_id.in_(unused)), asked).scalar_one())


def days(connection: Connection, *, since: date, until: date) -> tuple[SealDay, ...]:
    """Each seal and day with an entry, both days included; by day, then by seal."""
    begin, end = _bounds(since)[0], _bounds(until)[1]
    counted: dict[tuple[date, str], Counter[str]] = {}
    rows = connection.execute(_ENTRIES, {"since": begin, "until": end, **_span(connection, begin, end)})
    for seal_id, at, event, used in rows:
        counts = counted.setdefault((vietnam_date(at), seal_id), Counter())
        counts[event or "open"] += 1
        counts["uses"] += used is not False
    return tuple(
        SealDay(
            seal_id=seal_id,
            day=day,
            uses=counts["uses"],
            concluded=counts["conclude"],
            failed=counts["failed"],
            interrupted=counts["interrupted"],
            open=counts["open"],
        )
        for (day, seal_id), counts in sorted(counted.items())
    )


_ON_THE_DAY: Final = (
    _LOG.c.event == "reserve",
    _LOG.c.seq >= bindparam("first"),
    _LOG.c.seq < bindparam("behind"),
    _LOG.c.time >= bindparam("since", type_=_LOG.c.time.type),
    _LOG.c.time < bindparam("until", type_=_LOG.c.time.type),
)
_CLOSED: Final = (_CLOSING.c.entry_id == _LOG.c.entry_id) & (_CLOSING.c.event != "reserve")
_RESERVED: Final = select(func.count()).select_from(_LOG).where(*_ON_THE_DAY, _LOG.c.seal_id == bindparam("seal"))
_UNUSED: Final = select(_LOG.c.entry_id).where(
    _LOG.c.seq > bindparam("first"),
    _LOG.c.event.in_(("failed", "interrupted")),
    _LOG.c.seal_id == bindparam("seal"),
    ~_LOG.c.key_operation,
)
_ENTRIES: Final = (
    select(_LOG.c.seal_id, _LOG.c.time, _CLOSING.c.event, _CLOSING.c.key_operation)
    .select_from(_LOG.outerjoin(_CLOSING, _CLOSED))
    .where(*_ON_THE_DAY)
)
_TIME_AT: Final = select(_LOG.c.time).where(_LOG.c.seq == bindparam("seq"))


def _bounds(day: date) -> tuple[datetime, datetime]:
    begin = datetime.combine(day, time.min, VIETNAM).astimezone(UTC)
    return begin, begin + timedelta(days=1)


def _span(connection: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """Row numbers around what was reserved in that time: rows are numbered as they were written, without gaps."""
    end = int(connection.execute(select(func.coalesce(func.max(_LOG.c.seq), 0))).scalar_one()) + 1
    return {
        "first": _first_from(connection, since - _SKEW, 1, end),
        "behind": _first_from(connection, until + _SKEW, 1, end),
    }


def _first_from(connection: Connection, moment: datetime, low: int, high: int) -> int:
    """The first row written at a moment or later; `high` where there is none."""
    while low < high:
        middle = (low + high) // 2
        at = connection.execute(_TIME_AT, {"seq": middle}).scalar_one_or_none()
        if at is not None and at < moment:
            low = middle + 1
        else:
            high = middle
    return low
