"""From when until when something holds: whole days in Viet Nam, both ends included, or to an instant that is given.

Questions come with a day or a moment. A day asks whether a thing holds at some time of it; a moment is exact.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from store import VIETNAM

Moment = date | datetime
"""When a rule is asked: a day in Viet Nam, or an aware datetime."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days from `since` to `until`, both included; None leaves that end open.

    A switch inside a day has its instant beside the day (AC-123): it holds from `starts_at` on, and no more from
    `ends_at` on, so that what follows may begin at that very instant.
    """

    since: date | None = None
    until: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def begins(self) -> datetime | None:
        """Its first instant."""
        return self.starts_at or (day_begins(self.since) if self.since else None)

    @property
    def ends(self) -> datetime | None:
        """The first instant after it."""
        return self.ends_at or (day_ends(self.until) if self.until else None)

    def holds(self, on: Moment) -> bool:
        """Whether the moment lies inside, or some of the day. ValueError for a time without its zone."""
        first, last = instants(on)
        return (self.begins is None or self.begins <= last) and (self.ends is None or first < self.ends)

    def meets(self, other: "Period") -> bool:
        """Whether both hold at some instant."""
        return _before(self.begins, other.ends) and _before(other.begins, self.ends)

    def within(self, other: "Period") -> bool:
        """Whether the other one holds all the time this one does."""
        begun = other.begins is None or (self.begins is not None and other.begins <= self.begins)
        return begun and (other.ends is None or (self.ends is not None and self.ends <= other.ends))


def instants(on: Moment) -> tuple[datetime, datetime]:
    """The first and the last instant of what was asked: a moment is both. ValueError for a time without its zone."""
    if isinstance(on, datetime):
        if on.tzinfo is None:
            raise ValueError("a time without its zone falls on no particular day")
        return on, on
    end = day_ends(on)
    return day_begins(on), end - timedelta(microseconds=1) if end else datetime.max.replace(tzinfo=VIETNAM)


def last_instant(on: Moment) -> datetime:
    """The instant asked, or the last one of the day: what happened on a day has happened by then."""
    return instants(on)[1]


def day_begins(day: date) -> datetime:
    """Midnight in Viet Nam."""
    return datetime.combine(day, time.min, VIETNAM)


def day_ends(day: date) -> datetime | None:
    """The midnight after it; None after the calendar's last day, which people write for "no end"."""
    return None if day == date.max else day_begins(day + timedelta(days=1))


def _before(begins: datetime | None, ends: datetime | None) -> bool:
    return begins is None or ends is None or begins < ends
