"""Instants are kept in UTC; days are counted in Viet Nam, which has had one offset and no summer time since 1975."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7), "+07:00")


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def vietnam_date(moment: datetime | date) -> date:
    """The day in Viet Nam of an aware `moment`; a date is itself. ValueError for a time without its zone."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError("a time without its zone falls on no particular day")
    try:
        return moment.astimezone(VIETNAM).date()
    except OverflowError:
        # "No end" in a certificate is the last second of the year 9999 in UTC (RFC 5280, 4.1.2.5).
        return moment.date()
