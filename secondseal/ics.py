"""Days as an iCalendar file that any calendar program imports (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Event


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
    written = Calendar()
    written.add("version", "2.0")
    written.add("prodid", "-//Second Seal//certificates//VI")
    written.add("x-wr-calname", name)
    for one in days:
        if one.day == date.max:
            continue  # a certificate without an end (RFC 5280, 4.1.2.5); the calendar has no day after it
        event = Event()
        event.add("uid", one.uid)
        event.add("dtstamp", at.astimezone(UTC))
        event.add("dtstart", one.day)
        event.add("dtend", one.day + timedelta(days=1))
        event.add("summary", one.summary)
        event.add("description", one.description)
        event.add("transp", "TRANSPARENT")
        if one.remind_days:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("trigger", timedelta(days=-one.remind_days))
            alarm.add("description", one.summary)
            event.add_component(alarm)
        written.add_component(event)
    return bytes(written.to_ical())
