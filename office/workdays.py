"""Working days in Viet Nam: Monday to Friday without holidays, and Saturdays worked in exchange."""

from datetime import date, datetime, time, timedelta

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


def due_at(office: Office, procedure: Procedure, received_at: datetime) -> datetime:
    """When the result of a dossier received then is due: the end of the last of its working days (Viet Nam time)."""
    last = working_days_after(office, vietnam_date(received_at), procedure.working_days)
    return datetime.combine(last, office.day_ends, VIETNAM)


def end_of_next_working_day(office: Office, moment: datetime) -> datetime:
    """Until when a document approved then must be issued: midnight after the next working day (NĐ 30/2020 Đ.4.2.c,
    AC-3), in Viet Nam time."""
    day = working_days_after(office, vietnam_date(moment), 1)
    return datetime.combine(day + timedelta(days=1), time.min, VIETNAM)
