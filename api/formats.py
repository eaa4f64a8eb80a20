"""How times, sizes and hashes are written for people. All times are shown in Viet Nam time (UTC+7)."""

from datetime import date, datetime, timedelta, timezone
from typing import Final

from store import vietnam_date
from verifier import in_zone
from web import Language

VIETNAM: Final = timezone(timedelta(hours=7))
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def local(moment: datetime) -> datetime:
    """The moment in Viet Nam."""
    return in_zone(moment, VIETNAM)


def full_date(day: date, language: Language) -> str:
    """23/11/2026 or 23 November 2026; a moment's day is its day in Viet Nam."""
    day = vietnam_date(day)
    return f"{day:%d/%m/%Y}" if language == "vi" else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date, language: Language) -> str:
    """23/11 or 23 Nov."""
    day = vietnam_date(day)
    return f"{day:%d/%m}" if language == "vi" else f"{day.day} {_MONTHS[day.month - 1][:3]}"


def clock(moment: datetime) -> str:
    """09:15."""
    return f"{local(moment):%H:%M}"


def clock_seconds(moment: datetime) -> str:
    """09:15:30."""
    return f"{local(moment):%H:%M:%S}"


def size(count: int, language: Language) -> str:
    """182 kB, 1,4 MB (1.4 MB): thousands of bytes, as file managers show them; limits of whole MiB as MB."""
    mib = 1024 * 1024
    if count >= mib and count % mib == 0:
        return f"{count // mib} MB"
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{round(count / 1000)} kB"
    text = f"{count / 1_000_000:.1f}"
    return f"{text.replace('.', ',') if language == 'vi' else text} MB"


def grouped_hash(sha256: str) -> str:
    """A hash in groups of four, so that people can compare it."""
    return " ".join(sha256[start : start + 4] for start in range(0, len(sha256), 4))
