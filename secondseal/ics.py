"""Days as an iCalendar file that any calendar program imports (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

_LONGEST: Final = 75
"""Octets of a line without its end (3.1)."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """A whole day with something to remember. `uid` stays the same each time it is written: programs update by it."""

    uid: str
    day: date
    summary: str
    description: str
    remind_days: int = 0


def calendar(days: Iterable[Day], *, name: str, at: datetime) -> bytes:
    """The file; `at` is when it was written."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Second Seal//certificates//VI", f"X-WR-CALNAME:{_text(name)}"]
    for one in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.uid}",
            f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(one.summary)}",
            f"DESCRIPTION:{_text(one.description)}",
            "TRANSP:TRANSPARENT",
        ]
        if one.remind_days:
            lines += [
                "BEGIN:VALARM",
                "ACTION:DISPLAY",
                f"TRIGGER:-P{one.remind_days}D",
                f"DESCRIPTION:{_text(one.summary)}",
                "END:VALARM",
            ]
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return b"".join(folded + b"\r\n" for line in lines for folded in _folded(line))


def _text(value: str) -> str:
    """3.3.11."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(plain, written)
    return "".join(letter for letter in value if letter >= " ")


def _folded(line: str) -> Iterable[bytes]:
    """Lines of at most 75 octets, never cut inside a character; each further one begins with a blank."""
    part = b""
    for letter in line:
        raw = letter.encode("utf-8")
        if len(part) + len(raw) > _LONGEST:
            yield part
            part = b" "
        part += raw
    yield part
