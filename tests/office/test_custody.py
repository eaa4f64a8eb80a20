"""Which seal, in whose hands, on which day."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from office import Handover, Office, OfficeInvalid, Period, SealDecision, demo_office_text, may_stamp, may_use, seal_for
from tests.office.conftest import OfficeMaker

TODAY = date(2026, 11, 22)
SEAL = {"seal_id": "x1-2", "organisation": "M01.X1", "procedure": "1.001612"}


def ask(office: Office, **changes: object) -> str:
    question = {"custodian_id": "van-thu", **SEAL, "on": TODAY} | changes
    ruling = may_stamp(office, **question)  # type: ignore[arg-type]
    assert ruling.allowed == (ruling.reason == "allowed")
    assert ruling.code in {"allowed", "seal-not-active", "forbidden"}
    assert ruling.text_vi
    assert ruling.text_en
    assert ruling.allowed == (not ruling.article)
    return ruling.reason


def with_seal(office: Office, **changes: object) -> Office:
    old, seal = office.seals
    return replace(office, seals=(old, replace(seal, **changes)))  # type: ignore[arg-type]


def decisions(*steps: tuple[str, str]) -> tuple[SealDecision, ...]:
    return tuple(
        SealDecision(state=state, decision="1/MẪU", date=date.fromisoformat(day), handover=None)  # type: ignore[arg-type]
        for state, day in steps
    )


def test_the_appointed_custodian_may_stamp(demo: Office) -> None:
    """AC-60."""
    assert ask(demo) == "allowed"


def test_nobody_else_may(demo: Office) -> None:
    """AC-60, AC-63."""
    assert ask(demo, custodian_id="chu-tich") == "no-such-custodian"
    custodian = demo.custodians[-1]
    assert ask(replace(demo, custodians=(replace(custodian, seals=("h1-2",)),))) == "custodian-not-in-charge"


def test_custody_ends_with_its_decision(demo: Office) -> None:
    custodian = demo.custodians[-1]
    ended = replace(demo, custodians=(replace(custodian, period=Period(until=date(2026, 11, 21))),), handovers=())
    assert ask(ended) == "custodian-outside-dates"
    assert ask(ended, on=date(2026, 11, 21)) == "allowed"


def test_a_seal_handed_over_is_stamped_by_the_taker_alone(demo: Office) -> None:
    """AC-62: a change of custodian is a record with permission, minutes, from, to and time."""
    first = demo.custodians[-1]
    handover = Handover(
        seal="x1-2",
        permission="6/MẪU",
        minutes="2/BB-MẪU",
        giver="van-thu",
        taker="second",
        at=datetime.fromisoformat("2026-11-22T10:00:00+07:00"),
    )
    office = replace(demo, custodians=(first, replace(first, id="second", name="Vũ Thị Mẫu")), handovers=(handover,))
    before, after = (datetime.fromisoformat(f"2026-11-22T{hour}:00+07:00") for hour in ("09:59", "10:00"))
    assert ask(office, on=before) == "allowed"
    assert ask(office, on=after) == "seal-handed-over"
    assert ask(office, on=after, custodian_id="second") == "allowed"
    assert ask(office, on=TODAY, custodian_id="second") == "allowed"
    assert ask(office, on=TODAY) == "seal-handed-over"
    assert ask(office, on=date(2026, 11, 21)) == "allowed"


def test_only_the_issuing_organisations_seal(demo: Office) -> None:
    """AC-6."""
    assert ask(demo, organisation="M01") == "seal-of-other-organisation"
    assert ask(demo, seal_id="nothing") == "no-such-seal"


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-01-31", "seal-draft"),
        ("2026-02-01", "allowed"),
        ("2026-03-01", "seal-suspended"),
        ("2026-04-01", "allowed"),
        ("2026-05-01", "seal-retired"),
    ],
)
def test_no_stamping_outside_the_state_active(demo: Office, day: str, reason: str) -> None:
    """AC-120: draft, active, suspended, active again, retired."""
    steps = (
        ("active", "2026-02-01"),
        ("suspended", "2026-03-01"),
        ("active", "2026-04-01"),
        ("retired", "2026-05-01"),
    )
    assert ask(with_seal(demo, decisions=decisions(*steps)), on=date.fromisoformat(day)) == reason


def test_no_stamping_outside_the_dates(demo: Office) -> None:
    """AC-120."""
    office = with_seal(demo, period=Period(since=date(2026, 1, 1), until=date(2026, 6, 30)))
    for day, reason in (
        ("2025-12-31", "seal-outside-dates"),
        ("2026-01-01", "allowed"),
        ("2026-06-30", "allowed"),
        ("2026-07-01", "seal-outside-dates"),
    ):
        assert ask(office, on=date.fromisoformat(day)) == reason


def test_a_district_seal_lives_only_until_the_district_ended(demo: Office) -> None:
    """Rules 0: only for papers of 30/6/2025 and before."""
    old = {"seal_id": "h1-2", "organisation": "M01.H1", "procedure": "1.001612"}
    assert may_use(demo, on=date(2025, 6, 30), **old).allowed
    assert may_use(demo, on=date(2025, 7, 1), **old).reason == "organisation-inactive"


def test_outside_a_test_office_the_specimen_must_be_registered(demo: Office) -> None:
    """AC-101: cannot be activated while empty."""
    real = replace(demo, test_office=False)
    assert may_use(real, on=TODAY, **SEAL).allowed
    assert may_use(with_seal(real, registration=None), on=TODAY, **SEAL).reason == "seal-not-registered"
    assert may_use(with_seal(demo, registration=None), on=TODAY, **SEAL).allowed


def test_states_follow_in_a_lawful_order(office_of: OfficeMaker) -> None:
    """AC-120: a retired seal never comes back; "withdrawn" is its older word."""
    states = 'states = [{ state = "active", decision = "03/QĐ-MẪU", date = "2025-07-01", handover = "01/BB-MẪU" }]'
    assert states in demo_office_text()
    active = '{ state = "active", decision = "1", date = "2025-07-01" }'
    for bad in (
        '{ state = "suspended", decision = "1", date = "2025-07-01" }',
        active + ', { state = "suspended", decision = "2", date = "2025-06-01" }',
        active + ', { state = "withdrawn", decision = "2", date = "2026-06-01" }, ' + active.replace("2025", "2027"),
        '{ state = "active", date = "2025-07-01" }',
    ):
        with pytest.raises(OfficeInvalid):
            office_of(demo_office_text().replace(states, f"states = [{bad}]"))


def test_the_stage_uses_the_second_seal_then_the_first(demo: Office) -> None:
    second = demo.seals[1]
    first = replace(second, id="first", kind="first")
    office = replace(demo, seals=(first, second))
    assert _id(seal_for(office, organisation="M01.X1", on=TODAY)) == "x1-2"
    stopped = replace(office, seals=(first, replace(second, decisions=decisions(("suspended", "2026-01-01")))))
    assert _id(seal_for(stopped, organisation="M01.X1", on=TODAY)) == "first"
    assert seal_for(office, organisation="M01", on=TODAY) is None


def _id(seal: object) -> str | None:
    return getattr(seal, "id", None)
