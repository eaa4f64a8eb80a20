"""Working days, due dates and the deadline for issuing."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from office import (
    Office,
    OfficeInvalid,
    WorkingTime,
    due_after_wait,
    due_at,
    end_of_next_working_day,
    is_working_day,
    working_days_after,
)
from tests.office.conftest import OfficeMaker


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def test_weekends_and_holidays_are_off_and_exchanged_saturdays_worked(demo: Office) -> None:
    office = replace(demo, working_saturdays=frozenset({date(2026, 11, 28)}))
    off = [day for day in range(16, 31) if not is_working_day(office, date(2026, 11, day))]
    assert off == [21, 22, 29]
    assert not is_working_day(office, date(2026, 9, 2))


def test_the_day_it_came_is_not_counted(demo: Office) -> None:
    assert working_days_after(demo, date(2026, 11, 18), 3) == date(2026, 11, 23)
    assert working_days_after(demo, date(2026, 9, 1), 1) == date(2026, 9, 3)


def test_a_result_is_due_at_the_end_of_its_last_working_day(demo: Office) -> None:
    procedure = demo.procedures[0]
    assert due_at(demo, procedure, moment("2026-11-19T14:40:00")) == moment("2026-11-24T17:00:00")
    # 23:30 UTC on the 18th is the 19th in Viet Nam.
    assert due_at(demo, procedure, datetime.fromisoformat("2026-11-18T23:30:00+00:00")) == moment("2026-11-24T17:00:00")


@pytest.mark.parametrize(
    ("approved", "until"),
    [
        ("2026-11-18T08:00:00", "2026-11-20T00:00:00"),
        ("2026-11-20T16:59:00", "2026-11-24T00:00:00"),  # Friday: until the end of Monday
        ("2026-11-21T10:00:00", "2026-11-24T00:00:00"),
        ("2026-09-01T10:00:00", "2026-09-04T00:00:00"),  # the holiday between
    ],
)
def test_a_document_is_issued_by_the_end_of_the_next_working_day(demo: Office, approved: str, until: str) -> None:
    """AC-3."""
    assert end_of_next_working_day(demo, moment(approved)) == moment(until)


def test_a_time_without_its_zone_is_refused(demo: Office) -> None:
    with pytest.raises(ValueError, match="zone"):
        end_of_next_working_day(demo, datetime(2026, 11, 18))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-02 08:00", "2026-03-02 17:00", 9),
        ("2026-03-02 06:00", "2026-03-02 20:00", 9),
        ("2026-03-02 16:30", "2026-03-03 08:30", 1),
        ("2026-03-06 16:00", "2026-03-09 09:00", 2),
        ("2026-03-07 09:00", "2026-03-08 15:00", 0),
        ("2026-04-29 16:00", "2026-05-04 09:00", 2),
        ("2026-08-22 09:00", "2026-08-22 12:30", 3.5),
        ("2026-03-02 12:00", "2026-03-02 11:00", 0),
        ("2026-02-27 16:00", "2026-03-02 09:00", 1),
        ("2026-12-31 16:00", "2027-02-01 09:00", 1),
    ],
    ids=[
        "a whole day",
        "hours before and after do not count",
        "over night",
        "over a week-end",
        "a week-end alone",
        "over two days off",
        "a Saturday worked in exchange",
        "backwards",
        "before the calendar that was laid out",
        "behind it",
    ],
)
def test_working_time(office_of: OfficeMaker, start: str, end: str, hours: float) -> None:
    """In Viet Nam, from `day_begins` to `day_ends`."""
    office = office_of('holidays = ["2026-04-30", "2026-05-01"]\nworking_saturdays = ["2026-08-22"]\n')
    clock = WorkingTime(office, date(2026, 3, 1), date(2026, 12, 31))
    first, last = (datetime.fromisoformat(f"{moment}:00+07:00").astimezone(UTC) for moment in (start, end))
    assert clock.between(first, last) == hours * 3600
    assert clock.day_s == 9 * 3600


def test_a_day_that_ends_before_it_begins_is_refused(office_of: OfficeMaker) -> None:
    with pytest.raises(OfficeInvalid) as caught:
        office_of('day_begins = "17:30"\n')
    assert [problem.where for problem in caught.value.problems] == ["day_begins"]


@pytest.mark.parametrize(
    ("since", "until", "due"),
    [
        ("2026-11-19T10:00:00", "2026-11-19T16:00:00", "2026-11-24T17:00:00"),  # the same day
        ("2026-11-19T10:00:00", "2026-11-23T08:00:00", "2026-11-26T17:00:00"),  # over a weekend: Friday and Monday
        ("2026-11-20T18:00:00", "2026-11-22T09:00:00", "2026-11-24T17:00:00"),  # a weekend alone
        ("2026-11-19T10:00:00", "2026-11-20T08:00:00", "2026-11-25T17:00:00"),
        ("2026-11-20T10:00:00", "2026-11-26T10:00:00", "2026-11-30T17:00:00"),  # over a weekend of the deadline's own
        ("2026-11-24T17:00:00", "2026-11-25T10:00:00", "2026-11-25T17:00:00"),  # at its last moment
        ("2026-11-24T17:01:00", "2026-11-27T10:00:00", "2026-11-24T17:00:00"),  # too late to stop it
    ],
)
def test_a_clock_that_stood_moves_the_deadline_by_working_days(demo: Office, since: str, until: str, due: str) -> None:
    assert due_after_wait(demo, moment("2026-11-24T17:00:00"), moment(since), moment(until)) == moment(due)
