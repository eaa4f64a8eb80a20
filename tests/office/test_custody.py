"""Which seal, in whose hands, on which day."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from office import (
    Handover,
    Office,
    OfficeInvalid,
    Paper,
    Period,
    SealDecision,
    custodian_of,
    demo_office_text,
    issues_papers,
    issuing,
    may_stamp,
    may_use,
    seal_for,
    which_seal,
)
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


def test_each_state_has_its_decision_and_its_record(office_of: OfficeMaker) -> None:
    """AC-120: decision number, day and hand-over record are kept; an older file's "withdrawn" is retired."""
    old, _ = office_of(demo_office_text()).seals
    assert [(one.state, one.decision, one.date, one.handover) for one in old.decisions] == [
        ("active", "01/QĐ-MẪU-CŨ", date(2022, 1, 1), "01/BB-MẪU-CŨ"),
        ("retired", "02/QĐ-MẪU-CŨ", date(2025, 7, 1), "02/BB-MẪU-CŨ"),
    ]
    older = office_of(demo_office_text().replace('state = "retired"', 'state = "withdrawn"'))
    assert older.seals[0].decisions == old.decisions
    assert older.seals[0].state(date(2025, 7, 1)) == "retired"


@pytest.mark.parametrize(
    ("seal", "question", "reason"),
    [
        ({}, {}, "allowed"),
        ({"procedures": ("1.001612",)}, {}, "allowed"),
        ({"procedures": ("9.999999",)}, {}, "seal-not-for-procedure"),
        ({"procedures": ("*",)}, {}, "allowed"),
        ({}, {"purpose": "copy"}, "allowed"),
        ({}, {"purpose": "appendix"}, "allowed"),
        ({"purposes": ("issue",)}, {"purpose": "copy"}, "seal-not-for-purpose"),
        ({"purposes": ("copy",)}, {"purpose": "copy"}, "allowed"),
        ({"purposes": ("copy",)}, {}, "seal-not-for-purpose"),
        ({}, {"purpose": "letter"}, "seal-not-for-purpose"),
        ({}, {"procedure": "2.000815"}, "no-stamping-stage"),
        ({}, {"procedure": "8.888888"}, "allowed"),
    ],
)
def test_what_a_seal_is_for(demo: Office, seal: dict[str, object], question: dict[str, object], reason: str) -> None:
    """AC-66: issued papers, appendices and copies, nothing else; AC-101: a seal has its purpose. 4 tại chỗ: no seal."""
    assert ask(with_seal(demo, **seal), **question) == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "allowed"),
        ({"registration": None}, "seal-not-registered"),
        ({"permission": None}, "seal-permission-incomplete"),
        ({"permission": Paper(number="1", date=None, authority="UBND")}, "seal-permission-incomplete"),
        ({"permission": Paper(number="1", date=TODAY, authority=None)}, "seal-permission-incomplete"),
        ({"permission": None, "kind": "first"}, "allowed"),
    ],
)
def test_outside_a_test_office_a_seals_papers_are_whole(demo: Office, changes: dict[str, object], reason: str) -> None:
    """AC-101: permission with number, day and authority, certificate of registration; empty, it is not used."""
    assert ask(with_seal(replace(demo, test_office=False), **changes)) == reason


def test_who_holds_a_seal_is_known_for_every_moment(demo: Office) -> None:
    """AC-60, AC-62: by the decision and the record, to the instant; nobody, where nobody was appointed."""

    def holder(at: str) -> str | None:
        found = custodian_of(demo, "x1-2", datetime.fromisoformat(at))
        return found.id if found else None

    assert holder("2025-06-30T23:59:59+07:00") is None
    assert holder("2025-07-01T00:00:00+07:00") == "van-thu-truoc"
    assert holder("2025-07-31T15:59:59+07:00") == "van-thu-truoc"
    assert holder("2025-07-31T09:00:00+00:00") == "van-thu"
    assert holder("2026-11-22T09:00:00+07:00") == "van-thu"
    assert custodian_of(demo, "h1-2", TODAY) is None
    assert custodian_of(demo, "nothing", TODAY) is None


@pytest.mark.parametrize(
    ("custodian", "at", "reason"),
    [
        ("van-thu", "2025-07-31T15:59:59+07:00", "seal-held-by-another"),
        ("van-thu-truoc", "2025-07-31T15:59:59+07:00", "allowed"),
        ("van-thu-truoc", "2025-07-31T16:00:00+07:00", "seal-handed-over"),
        ("van-thu", "2025-07-31T16:00:00+07:00", "allowed"),
        ("van-thu-truoc", "2025-08-01T08:00:00+07:00", "custodian-outside-dates"),
    ],
)
def test_one_person_alone_stamps(demo: Office, custodian: str, at: str, reason: str) -> None:
    """AC-62, AC-63: two are appointed on the same days; the record says which of them has it."""
    assert ask(demo, custodian_id=custodian, on=datetime.fromisoformat(at)) == reason


def test_why_an_organisation_has_no_seal_is_said(demo: Office) -> None:
    stopped = with_seal(demo, decisions=decisions(("suspended", "2026-01-01")))
    for office, organisation, reason in (
        (demo, "M01", "no-active-seal"),
        (demo, "M01.H1", "organisation-inactive"),
        (stopped, "M01.X1", "seal-suspended"),
        (demo, "M01.X1", "allowed"),
    ):
        ruling = which_seal(office, organisation=organisation, procedure="1.001612", on=TODAY)
        assert ruling.reason == reason
        assert ruling.allowed == (ruling.article == "")


def test_who_issues_papers_here(demo: Office) -> None:
    """A body with a seal; one without, where its people sign papers of four stages."""
    assert [body.code for body in issuing(demo, TODAY)] == ["M01.X1"]
    sealless = replace(demo, seals=())
    assert issues_papers(sealless, "M01.X1", TODAY)
    five = tuple(procedure for procedure in demo.procedures if procedure.stamped)
    assert not issues_papers(replace(sealless, procedures=five), "M01.X1", TODAY)
    assert not issues_papers(demo, "nowhere", TODAY)
