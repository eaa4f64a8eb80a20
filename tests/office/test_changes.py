"""What differs between two institutions, and which of it one administrator may not do alone."""

from dataclasses import fields, replace
from datetime import date

import pytest

from office import Change, Office, Organisation, Period, changes, demo_office_text
from tests.office.conftest import OfficeMaker

SEAL = 'id = "x1-2"\n'
CUSTODIAN = """
[[custodians]]
id = "moi"
name = "Hồ Thị Mẫu"
organisation = "M01.X1"
seals = ["x1-2"]
appointed_by = "9/QĐ-MẪU"
"""
NEW_SEAL = """
[[seals]]
id = "moi"
organisation = "M01.X1"
kind = "first"
diameter_mm = 36
"""
NEW_OFFICER = """
[[officers]]
id = "moi"
name = "Hồ Văn Mẫu"
post = "PHÓ CHỦ TỊCH"
organisation = "M01.X1"
procedures = ["*"]
"""
STATE = 'handover = "01/BB-MẪU" }'


def differing(office_of: OfficeMaker, *edits: tuple[str, str]) -> tuple[Change, ...]:
    before, after = demo_office_text(), demo_office_text()
    for old, new in edits:
        assert old in after, old
        after = after.replace(old, new, 1)
    return changes(office_of(before), office_of(after))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("test_office = true", "test_office = false"),
        (SEAL, SEAL + 'key = "pkcs11:token=a"\n'),
        (SEAL, SEAL + 'certificate = "seal.pem"\n'),
        (SEAL, SEAL + 'image = "seal.png"\n'),
        (SEAL, SEAL + "daily_limit = 9\n"),
        (SEAL, SEAL + "version = 2\n"),
        ('valid_to = "2025-06-30"', 'valid_to = "2099-06-30"'),
        ('decision = "03/QĐ-MẪU", date = "2025-07-01"', 'decision = "03/QĐ-MẪU", date = "2025-06-01"'),
        (STATE, f'{STATE}, {{ state = "withdrawn", decision = "9/QĐ", date = "2026-12-01" }}'),
        (
            STATE,
            f'{STATE}, {{ state = "suspended", decision = "9/QĐ", date = "2026-12-01" }}, '
            '{ state = "active", decision = "10/QĐ", date = "2026-12-02" }',
        ),
        ("[[procedures]]", NEW_SEAL + "[[procedures]]"),
        ("[[procedures]]", CUSTODIAN + "[[procedures]]"),
        ('minutes = "03/BB-MẪU"', 'minutes = "04/BB-MẪU"'),
        ("[[procedures]]", NEW_OFFICER + "[[procedures]]"),
        ('appointed_by = "05/QĐ-MẪU"', 'appointed_by = "05/QĐ-MẪU"\nuntil = "2026-12-31"'),
        ('procedures = ["1.001612", "2.000815"]', 'procedures = ["*"]'),
        ('procedures = ["2.000815"]', 'procedures = ["1.001612"]'),
        ('stages = ["received", "appraised", "approved", "returned"]', "# bỏ"),
        ('to = "2099-12-31"', 'to = "2098-12-31"'),
        ('account = "chutich"', f'account = "chutich"\ncertificates = ["{"ab" * 32}"]'),
        ('account = "chutich"', 'account = "khac"'),
        ('post = "CHỦ TỊCH"', 'post = "BÍ THƯ"'),
        ('from = "2025-07-01"\n\n[[organisations]]', 'from = "2025-06-01"\n\n[[organisations]]'),
        ('name = "ỦY BAN NHÂN DÂN XÃ MẪU"', 'name = "ỦY BAN NHÂN DÂN XÃ KHÁC"'),
        ('name = "Đăng ký thành lập hộ kinh doanh"', 'name = "Sao y bản chính"'),
        ('paper = "dang-ky-ho-kinh-doanh"\nworking_days = 3', 'paper = "khac"\nworking_days = 3'),
    ],
)
def test_what_opens_a_way_to_a_seal_or_a_signature_needs_a_second_person(
    office_of: OfficeMaker, old: str, new: str
) -> None:
    found = differing(office_of, (old, new))
    assert found
    assert any(one.second_person for one in found), found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"2027-01-01"]', '"2027-01-01", "2027-02-05"]'),
        ('day_ends = "17:00"', 'day_ends = "16:30"'),
        ("working_days = 3", "working_days = 5"),
        ("test_office = true", 'test_office = true\nworking_saturdays = ["2026-12-05"]'),
        (STATE, f'{STATE}, {{ state = "suspended", decision = "9/QĐ", date = "2026-12-01" }}'),
        ('account = "phochutich"', 'account = "phochutich"\nuntil = "2026-12-31"'),
        ('from = "2025-07-01"\n\n[[organisations]]', 'from = "2025-07-01"\nuntil = "2026-12-31"\n\n[[organisations]]'),
    ],
)
def test_what_only_counts_days_or_stops_something_one_person_may_do(office_of: OfficeMaker, old: str, new: str) -> None:
    """A brake must not wait for a second person: suspending a seal, ending an officer."""
    found = differing(office_of, (old, new))
    assert found
    assert not any(one.second_person for one in found), found


def test_an_end_that_is_put_off_is_no_brake(office_of: OfficeMaker) -> None:
    with_end = demo_office_text().replace('account = "phochutich"', 'account = "phochutich"\nuntil = "2026-12-31"')
    before, later = office_of(with_end), office_of(with_end.replace("2026-12-31", "2027-12-31"))
    assert [one.second_person for one in changes(before, later)] == [True]
    assert [one.second_person for one in changes(later, before)] == [False]
    assert [one.second_person for one in changes(before, office_of(demo_office_text()))] == [True]


def test_a_seal_without_decisions_is_stopped_as_quickly(office_of: OfficeMaker) -> None:
    """It is in use from its permission on; the decision that says so lets nothing through."""
    line = next(line for line in demo_office_text().splitlines() if line.startswith("states = [{") and "03/QĐ" in line)
    bare = demo_office_text().replace(line, "# states")
    stopped = 'states = [{ state = "active", decision = "1/QĐ", date = "2025-07-01" }, '
    stopped += '{ state = "suspended", decision = "9/QĐ", date = "2026-12-01" }]'
    after = office_of(bare.replace("# states", stopped))
    assert [one.second_person for one in changes(office_of(bare), after)] == [False]
    assert [one.second_person for one in changes(after, office_of(bare))] == [True]


def test_whose_powers_a_change_is_about_is_told(office_of: OfficeMaker) -> None:
    (added,) = differing(office_of, ("[[procedures]]", CUSTODIAN + "[[procedures]]"))
    assert [one.id for one in added.benefits] == ["moi"]
    assert "Hồ Thị Mẫu" in added.text_vi
    assert "9/QĐ-MẪU" in added.text_en


def test_a_change_of_name_is_about_the_person_before_and_after(office_of: OfficeMaker) -> None:
    (changed,) = differing(office_of, ('name = "Lê Thị Mẫu"', 'name = "Ai Khác"'))
    assert [one.name for one in changed.benefits] == ["Lê Thị Mẫu", "Ai Khác"]


def test_the_order_of_seals_and_officers_decides_and_is_guarded(demo: Office) -> None:
    """`seal_for` and `officer_for` take the first that fits."""
    for part in ("seals", "officers"):
        turned = replace(demo, **{part: tuple(reversed(getattr(demo, part)))})
        assert [(one.kind, one.second_person) for one in changes(demo, turned)] == [("reordered", True)]
    (first,) = demo.handovers
    back = replace(first, giver=first.taker, taker=first.giver)
    there = replace(demo, handovers=(first, back))
    for handovers in ((back, first), (first, back, first)):
        found = changes(there, replace(demo, handovers=handovers))
        assert [(one.kind, one.second_person) for one in found] == [("reordered", True)]
    turned = replace(demo, organisations=tuple(reversed(demo.organisations)))
    assert [(one.kind, one.second_person) for one in changes(demo, turned)] == [("reordered", False)]


def test_nothing_differs_from_itself_and_no_difference_is_passed_over(demo: Office) -> None:
    """Whatever field of whatever part is another, it is a change, in both languages."""
    assert changes(demo, demo) == ()
    parts = {part.name: getattr(demo, part.name) for part in fields(Office)}
    tried = 0
    for name, entries in parts.items():
        for entry in entries if isinstance(entries, tuple) else ():
            for field in fields(entry):
                if not field.compare:
                    continue
                typed: dict[str, object] = {"period": Period(until=date(2030, 1, 1)), "decisions": ()}
                value = typed.get(field.name, "khác")
                if value == getattr(entry, field.name):
                    continue
                other = replace(entry, **{field.name: value})
                others = tuple(other if one is entry else one for one in entries)
                found = changes(demo, replace(demo, **{name: others}))
                assert found, (name, field.name)
                assert all(one.text_vi and one.text_en for one in found)
                tried += 1
    assert tried > 100


def test_a_field_nobody_has_thought_about_needs_a_second_person(demo: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from office import changes as compare
    from office.changes import _ALONE

    monkeypatch.setitem(_ALONE, "procedures", frozenset({"code", "name", "paper", "symbol"}))  # type: ignore[arg-type]
    procedure, *others = demo.procedures
    slower = replace(demo, procedures=(replace(procedure, working_days=9), *others))
    assert [one.second_person for one in compare(demo, slower)] == [True]
    added = replace(demo, procedures=(procedure, *others, replace(procedure, code="2.000001")))
    assert [one.second_person for one in compare(demo, added)] == [True]


def test_bodies_without_seals_may_be_added_by_one_person(demo: Office) -> None:
    body: Organisation = replace(demo.organisations[0], code="M02", name="ỦY BAN NHÂN DÂN XÃ KHÁC")
    found = changes(demo, replace(demo, organisations=(*demo.organisations, body)))
    assert [(one.kind, one.second_person) for one in found] == [("added", False)]
