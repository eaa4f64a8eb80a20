"""Days and instants: Viet Nam's midnight, both ends of a period, and switches at a configured instant (AC-123)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from office import (
    Moment,
    Office,
    OfficeInvalid,
    Period,
    issuing_body,
    may_approve,
    may_stamp,
    may_use,
    number_series,
    officer_may_approve,
    successors_of,
)

CERTIFICATE = "ab" * 32
TICK = timedelta(microseconds=1)

TEXT = """
test_office = true

[[organisations]]
code = "OLD"
name = "ỦY BAN NHÂN DÂN HUYỆN MẪU"
place = "Mẫu"
until = OLD_ENDS
successors = [{ code = "NEW", from = NEW_BEGINS, kind = "rename", decision = "1/NQ", date = "2025-06-16" }]

[[organisations]]
code = "NEW"
name = "ỦY BAN NHÂN DÂN XÃ MẪU"
place = "Mẫu"
from = NEW_BEGINS

[[seals]]
id = "old"
organisation = "OLD"
kind = "first"
diameter_mm = 36
valid_to = OLD_ENDS

[[seals]]
id = "new"
organisation = "NEW"
kind = "first"
diameter_mm = 36
valid_from = NEW_BEGINS

[[officers]]
id = "old"
name = "Nguyễn Văn Mẫu"
post = "Chủ tịch"
organisation = "OLD"
procedures = ["1"]
until = OLD_ENDS
certificates = [{ sha256 = "CERTIFICATE", until = OLD_ENDS }]

[[officers]]
id = "new"
name = "Trần Thị Mẫu"
post = "Chủ tịch"
organisation = "NEW"
procedures = ["1"]
from = NEW_BEGINS

[[officers]]
id = "delegate"
name = "Hoàng Thị Mẫu"
post = "Giám đốc"
organisation = "NEW"
capacity = "TUQ."
procedures = ["1"]
delegation = { number = "2/GUQ", from = NEW_BEGINS, to = "2026-12-31", by = "new" }

[[custodians]]
id = "new"
name = "Lê Thị Mẫu"
organisation = "NEW"
seals = ["new"]
appointed_by = "3/QĐ"
from = NEW_BEGINS

[[procedures]]
code = "1"
name = "Thủ tục mẫu"
working_days = 1
symbol = "GCN"

[[series]]
organisation = "NEW"
symbol = "GCN"
kind = "old"
until = OLD_ENDS

[[series]]
organisation = "NEW"
symbol = "GCN"
kind = "new"
from = NEW_BEGINS
""".replace("CERTIFICATE", CERTIFICATE)

MIDNIGHT = datetime(2025, 6, 30, 17, 0, tzinfo=UTC)
"""The first moment of 1 July 2025 in Viet Nam, as UTC sees it."""
HALF_PAST_SEVEN = datetime(2025, 7, 1, 0, 30, tzinfo=UTC)


def office_switching(ends: str, begins: str) -> Office:
    return Office.read(TEXT.replace("OLD_ENDS", ends).replace("NEW_BEGINS", begins), folder=Path("/nowhere"))


def _approves(office: Office, who: str, body: str, on: Moment) -> bool:
    officer = office.officer(who)
    assert officer is not None
    return officer_may_approve(office, officer, organisation=body, procedure="1", on=on).allowed


def _series(office: Office, on: Moment) -> str:
    found = number_series(office, organisation="NEW", symbol="GCN", on=on)
    assert found is not None
    return found.kind


OLD: dict[str, Callable[[Office, Moment], bool]] = {
    "its organisation": lambda office, on: not successors_of(office, "OLD", on),
    "its page": lambda office, on: "kế thừa" not in getattr(issuing_body(office, "OLD", on), "line_vi", ""),
    "its seal": lambda office, on: may_use(office, seal_id="old", organisation="OLD", procedure="1", on=on).allowed,
    "its officer": lambda office, on: _approves(office, "old", "OLD", on),
    "its officer's certificate": lambda office, on: (
        may_approve(office, certificate_sha256=CERTIFICATE, organisation="OLD", procedure="1", on=on).allowed
    ),
    "its number series": lambda office, on: _series(office, on) == "old",
}
NEW: dict[str, Callable[[Office, Moment], bool]] = {
    "its organisation": lambda office, on: [one.code for one in successors_of(office, "OLD", on)] == ["NEW"],
    "its seal": lambda office, on: may_use(office, seal_id="new", organisation="NEW", procedure="1", on=on).allowed,
    "its officer": lambda office, on: _approves(office, "new", "NEW", on),
    "its delegate": lambda office, on: _approves(office, "delegate", "NEW", on),
    "its custodian": lambda office, on: (
        may_stamp(office, custodian_id="new", seal_id="new", organisation="NEW", procedure="1", on=on).allowed
    ),
    "its number series": lambda office, on: _series(office, on) == "new",
}


@pytest.mark.parametrize(
    ("ends", "begins", "switch"),
    [
        ('"2025-06-30"', '"2025-07-01"', MIDNIGHT),
        ("2025-07-01T00:00:00+07:00", "2025-07-01T00:00:00+07:00", MIDNIGHT),
        ('"2025-06-30T17:00:00Z"', "2025-07-01", MIDNIGHT),
        ("2025-07-01T07:30:00", '"2025-07-01T07:30"', HALF_PAST_SEVEN),
    ],
)
def test_everything_changes_at_the_configured_instant(ends: str, begins: str, switch: datetime) -> None:
    """AC-123: organisation code, seal, officer, delegation, custody, number series; no instant has both or neither."""
    office = office_switching(ends, begins)
    for moment, old in ((switch - TICK, True), (switch, False)):
        assert {what: holds(office, moment) for what, holds in OLD.items()} == dict.fromkeys(OLD, old), moment
        assert {what: holds(office, moment) for what, holds in NEW.items()} == dict.fromkeys(NEW, not old), moment


def test_both_days_of_a_period_are_in_it() -> None:
    """Asked by the day: the last and the first are whole days."""
    office = office_switching('"2025-06-30"', '"2025-07-01"')
    assert all(holds(office, date(2025, 6, 30)) for holds in OLD.values())
    assert not any(holds(office, date(2025, 6, 30)) for holds in NEW.values())
    assert all(holds(office, date(2025, 7, 1)) for holds in NEW.values())
    assert not any(holds(office, date(2025, 7, 1)) for holds in OLD.values())


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        ("2026-01-31T16:59:59.999999+00:00", False),  # 31 January in Viet Nam
        ("2026-01-31T17:00:00+00:00", True),
        ("2026-02-01T00:00:00+07:00", True),
        ("2026-01-31T12:00:00-05:00", True),
        ("2026-02-28T16:59:59.999999+00:00", True),
        ("2026-02-28T17:00:00+00:00", False),
        ("2026-02-28T23:59:59.999999+07:00", True),
        ("2026-03-01T00:00:00+07:00", False),
    ],
)
def test_midnight_is_viet_nams(at: str, holds: bool) -> None:
    period = Period(since=date(2026, 2, 1), until=date(2026, 2, 28))
    assert period.holds(datetime.fromisoformat(at)) is holds


def test_a_day_asks_for_some_time_of_it() -> None:
    noon = datetime(2026, 2, 1, 5, 0, tzinfo=UTC)
    before, after = Period(until=date(2026, 2, 1), ends_at=noon), Period(since=date(2026, 2, 1), starts_at=noon)
    assert before.holds(date(2026, 2, 1))
    assert after.holds(date(2026, 2, 1))
    assert not before.holds(date(2026, 2, 2))
    assert not after.holds(date(2026, 1, 31))
    assert not before.meets(after)
    assert Period(until=date(2026, 2, 1)).meets(after)


@pytest.mark.parametrize(
    ("inner", "outer", "within"),
    [
        (Period(), Period(), True),
        (Period(since=date(2026, 1, 1)), Period(), True),
        (Period(), Period(since=date(2026, 1, 1)), False),
        (Period(), Period(until=date(2026, 1, 1)), False),
        (Period(since=date(2026, 1, 1), until=date(2026, 1, 2)), Period(since=date(2026, 1, 1)), True),
        (Period(since=date(2025, 12, 31)), Period(since=date(2026, 1, 1)), False),
        (Period(until=date(2026, 1, 2)), Period(until=date(2026, 1, 1)), False),
        (Period(until=date(2026, 1, 1)), Period(until=date(2026, 1, 1)), True),
    ],
)
def test_one_period_inside_another(inner: Period, outer: Period, within: bool) -> None:
    assert inner.within(outer) is within


def test_no_end_may_be_written_as_the_last_day_there_is() -> None:
    period = Period(since=date.min, until=date.max)
    assert period.holds(date.max)
    assert period.holds(date.min)
    assert period.holds(datetime.now(UTC))


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Period(since=date(2026, 1, 1)).holds(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("ends", "begins"),
    [
        ("2025-07-01T07:30:00", "2025-07-01T07:29:59"),  # both would act
        ('"2025-06-30"', '"2025-06-30"'),
        ('"soon"', '"2025-07-01"'),
        ('"2025-06-30"', "7"),
        ('"2025-06-30"', '"0001-01-01T00:00:00"'),
    ],
)
def test_a_switch_that_does_not_fit_is_refused(ends: str, begins: str) -> None:
    """AC-121, AC-123."""
    with pytest.raises(OfficeInvalid):
        office_switching(ends, begins)
