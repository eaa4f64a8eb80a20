"""Who may approve which paper on which day."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from office import (
    Delegation,
    Office,
    OfficeInvalid,
    Officer,
    Period,
    authority_lines,
    demo_office_text,
    may_approve,
    officer_for,
    which_officer,
)
from tests.office.conftest import OfficeMaker

HEAD, DEPUTY = "aa" * 32, "bb" * 32
TODAY = date(2026, 11, 22)


@pytest.fixture
def office(demo: Office) -> Office:
    head, deputy, *_ = demo.officers
    return replace(demo, officers=(replace(head, certificates=(HEAD,)), replace(deputy, certificates=(DEPUTY,))))


def with_deputy(office: Office, **changes: object) -> Office:
    return replace(office, officers=(office.officers[0], replace(office.officers[1], **changes)))  # type: ignore[arg-type]


def ask(office: Office, certificate: str = DEPUTY, **changes: object) -> str:
    question: dict[str, object] = {"organisation": "M01.X1", "procedure": "1.001612", "on": TODAY}
    ruling = may_approve(office, certificate_sha256=certificate, **(question | changes))  # type: ignore[arg-type]
    assert ruling.allowed == (ruling.code == "allowed") == (ruling.reason == "allowed")
    if not ruling.allowed:
        assert ruling.code == "officer-not-authorised"
        assert ruling.text_vi
        assert ruling.text_en
        assert ruling.article in ruling.told_vi
        assert ruling.article.startswith(("NĐ 30/2020/NĐ-CP Đ.13", "NQ 190/2025", "TT 15/2025"))
    return ruling.reason


def test_the_right_officer_may_approve(office: Office) -> None:
    assert ask(office) == "allowed"
    assert ask(office, HEAD, procedure="2.000000") == "allowed"
    ruling = may_approve(
        office, certificate_sha256=DEPUTY.upper(), organisation="M01.X1", procedure="1.001612", on=TODAY
    )
    assert ruling.officer is office.officers[1]


def test_an_unknown_certificate_is_nobodys(office: Office) -> None:
    """AC-64: wrong person."""
    assert ask(office, "cc" * 32) == "certificate-unknown"


def test_an_officer_signs_only_their_procedures(office: Office) -> None:
    """AC-5, AC-64."""
    assert ask(office, procedure="2.000000") == "procedure-not-theirs"


def test_an_officer_signs_only_for_their_organisation(office: Office) -> None:
    assert ask(office, organisation="M01") == "other-organisation"


def test_an_organisation_that_ended_issues_nothing(office: Office) -> None:
    """AC-123: the day is data."""
    for day, reason in ((date(2025, 6, 30), "organisation-inactive"), (date(2025, 7, 1), "allowed")):
        assert ask(office, HEAD, on=day) == reason
    assert ask(office, organisation="nowhere") == "organisation-inactive"


def test_the_day_is_counted_in_viet_nam(office: Office) -> None:
    assert ask(office, HEAD, on=datetime.fromisoformat("2025-06-30T17:00:00+00:00")) == "allowed"
    assert ask(office, HEAD, on=datetime.fromisoformat("2025-06-30T16:59:59+00:00")) == "organisation-inactive"


def test_an_officer_out_of_post_signs_nothing(office: Office) -> None:
    changed = with_deputy(office, period=Period(since=None, until=date(2026, 11, 21)))
    assert ask(changed) == "officer-not-in-post"
    assert ask(changed, on=date(2026, 11, 21)) == "allowed"


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2025, 12, 31), "delegation-outside-dates"),
        (date(2026, 1, 1), "allowed"),
        (date(2026, 12, 31), "allowed"),
        (date(2027, 1, 1), "delegation-outside-dates"),
    ],
)
def test_a_delegation_holds_within_its_dates(office: Office, day: date, reason: str) -> None:
    """AC-5: both end days included."""
    changed = with_deputy(office, delegations=(delegation(),))
    assert ask(changed, on=day) == reason


def test_a_delegation_holds_within_its_scope(office: Office) -> None:
    """AC-5."""
    changed = with_deputy(office, procedures=("*",), delegations=(delegation(procedures=("1.001612",)),))
    assert ask(changed) == "allowed"
    assert ask(changed, procedure="2.000000") == "delegation-outside-scope"


def test_a_delegate_signs_for_the_delegating_organisation(office: Office) -> None:
    """AC-6: and so the delegating organisation's seal is used."""
    changed = with_deputy(
        office, organisation="M01.X1.HCC", capacity="TUQ.", delegations=(delegation(organisation="M01.X1"),)
    )
    assert ask(changed) == "allowed"
    assert ask(changed, organisation="M01.X1.HCC") == "other-organisation"
    assert changed.officers[1].organisations == ("M01.X1",)


def test_a_delegate_cannot_delegate(office_of: OfficeMaker) -> None:
    """AC-5."""
    text = demo_office_text().replace('capacity = "KT."', 'capacity = "TUQ."')
    text += """
[[officers]]
id = "third"
name = "Hoàng Mẫu"
post = "TRƯỞNG PHÒNG"
organisation = "M01.X1"
capacity = "TUQ."
procedures = ["1.001612"]
delegation = { number = "9/MẪU", from = "2026-01-01", to = "2026-12-31", by = "pho-chu-tich" }
"""
    with pytest.raises(OfficeInvalid, match="cannot delegate"):
        office_of(text)
    office_of(text.replace('by = "pho-chu-tich"', 'by = "chu-tich"'))


def test_the_paper_goes_to_whom_the_procedure_is_named_for(office: Office) -> None:
    on = {"organisation": "M01.X1", "on": TODAY}
    assert _id(officer_for(office, procedure="1.001612", **on)) == "pho-chu-tich"  # type: ignore[arg-type]
    assert _id(officer_for(office, procedure="2.000000", **on)) == "chu-tich"  # type: ignore[arg-type]
    assert _id(officer_for(office, procedure="1.001612", officer_id="chu-tich", **on)) == "chu-tich"  # type: ignore[arg-type]
    assert officer_for(office, procedure="2.000000", officer_id="pho-chu-tich", **on) is None  # type: ignore[arg-type]
    assert officer_for(office, procedure="1.001612", organisation="M01", on=TODAY) is None


def test_why_nobody_signs_is_said(office: Office) -> None:
    """AC-5: of the one who was named, why not; else that there is nobody."""
    for organisation, who, reason in (
        ("M01", None, "no-officer"),
        ("M01", "chu-tich", "other-organisation"),
        ("M01.X1", "nobody", "no-officer"),
        ("M01.X1", "pho-chu-tich", "procedure-not-theirs"),
    ):
        ruling = which_officer(office, organisation=organisation, procedure="2.000000", on=TODAY, officer_id=who)
        assert (ruling.reason, ruling.article) == (reason, "NĐ 30/2020/NĐ-CP Đ.13")


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")),
        ({"capacity": None}, ("PHÓ CHỦ TỊCH",)),
        ({"capacity": "Q.", "post": "Chủ tịch"}, ("Q. CHỦ TỊCH",)),
        ({"capacity": "TM."}, ("TM. ỦY BAN NHÂN DÂN", "PHÓ CHỦ TỊCH")),
        ({"capacity": "TL.", "post": "Chánh Văn phòng"}, ("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG")),
        ({"capacity": "TUQ.", "post": "Trưởng phòng"}, ("TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG")),
        ({"acting_for": "Giám đốc"}, ("KT. GIÁM ĐỐC", "PHÓ CHỦ TỊCH")),
    ],
)
def test_authority_lines(office: Office, changes: dict[str, object], lines: tuple[str, ...]) -> None:
    """NĐ 30/2020 Đ.13, AC-33: the prefix is one of the known ones, or none."""
    changed = with_deputy(office, **changes)
    assert authority_lines(changed, changed.officers[1]) == lines


def delegation(
    *, procedures: tuple[str, ...] = (), organisation: str | None = None, by: str | None = None
) -> Delegation:
    return Delegation(
        number="9/MẪU",
        period=Period(since=date(2026, 1, 1), until=date(2026, 12, 31)),
        procedures=procedures,
        organisation=organisation,
        by=by,
    )


def _id(officer: Officer | None) -> str | None:
    return officer.id if officer else None
