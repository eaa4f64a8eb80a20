"""Working days in Viet Nam: Monday to Friday without holidays, and Saturdays worked in exchange; and working time."""

from datetime import date, datetime, time, timedelta
from typing import Final

from store import VIETNAM, vietnam_date

from .institution import Office
from .procedure import Procedure


def is_working_day(office: Office, day: date) -> bool:
    """Whether the office works on this day."""
    if day in office.working_saturdays:
        return True
    return day.weekday() < 5 and day not in office.holidays


def working_days_after(office: Office, start: date, count: int) -> date:
    """The `count`-th working day after `start` (which is not counted itself)."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(office, day)
    return day


def working_days_between(office: Office, start: date, end: date) -> int:
    """How many working days lie after `start` up to `end`, which is counted; 0 where `end` is not later."""
    days = range(start.toordinal() + 1, end.toordinal() + 1)
    return sum(is_working_day(office, date.fromordinal(day)) for day in days)


def due_at(office: Office, procedure: Procedure, received_at: datetime) -> datetime:
    """When the result of a dossier received then is due: the end of the last of its working days (Viet Nam time)."""
    return end_of_day_after(office, received_at, procedure.working_days)


def end_of_day_after(office: Office, moment: datetime, count: int) -> datetime:
    """The end of the `count`-th working day after `moment`'s day (Viet Nam time)."""
    return datetime.combine(working_days_after(office, vietnam_date(moment), count), office.day_ends, VIETNAM)


def due_after_wait(office: Office, due: datetime, since: datetime, until: datetime) -> datetime:
    """A deadline whose clock stood still from `since` to `until`: later by the working days between them. One that had
    passed by `since` stays: its clock had run out, and it is missed once."""
    if due < since:
        return due
    waited = working_days_between(office, vietnam_date(since), vietnam_date(until))
    return end_of_day_after(office, due, waited) if waited else due


def end_of_next_working_day(office: Office, moment: datetime) -> datetime:
    """Until when a document approved then must be issued: midnight after the next working day (NĐ 30/2020 Đ.4.2.c,
    AC-3), in Viet Nam time."""
    day = working_days_after(office, vietnam_date(moment), 1)
    return datetime.combine(day + timedelta(days=1), time.min, VIETNAM)


_DAY_S: Final = 86_400
_OFFSET_S: Final = int(VIETNAM.utcoffset(None).total_seconds())
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


class WorkingTime:
    """Counts the seconds an office works between two moments: its working days from `day_begins` to `day_ends`.

    The midday break is not taken off: no rule says when an office eats. The calendar is laid out once, so that a
    hundred thousand papers can be counted; moments outside `first` to `last` (Viet Nam days, both included) are
    brought to the nearer end.
    """

    def __init__(self, office: Office, first: date, last: date) -> None:
        self._begins = _seconds(office.day_begins)
        self.day_s: Final = _seconds(office.day_ends) - self._begins
        """Working seconds of one working day."""
        self._first = first.toordinal() - _EPOCH_DAY
        self._before = [0]
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            worked = self.day_s if is_working_day(office, date.fromordinal(ordinal)) else 0
            self._before.append(self._before[-1] + worked)

    def between(self, start: datetime, end: datetime) -> int:
        """Working seconds from `start` to `end` (aware); 0 where `end` is not later."""
        return max(0, self.at(int(end.timestamp())) - self.at(int(start.timestamp())))

    def at(self, second: int) -> int:
        """Working seconds from the calendar's beginning to a second of Unix time: for whoever counts many."""
        day, second = divmod(second + _OFFSET_S, _DAY_S)
        index = day - self._first
        if index < 0:
            return 0
        if index >= len(self._before) - 1:
            return self._before[-1]
        before, after = self._before[index], self._before[index + 1]
        worked = second - self._begins
        if worked <= 0 or before == after:
            return before
        return before + worked if worked < self.day_s else after


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second
