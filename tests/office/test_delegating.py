"""Delegations (Đ.13): in writing, limited in time and content, never passed on; and the capacities people sign in."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from office import Delegation, Office, OfficeInvalid, Officer, Period, authority_lines, officer_for, officer_may_approve

COMMUNE, CENTRE, LICENCE, COPY = "M01.X1", "M01.X1.HCC", "1.1", "2.2"

TEXT = """
[[organisations]]
code = "M01.X1"
name = "ỦY BAN NHÂN DÂN XÃ MẪU"
place = "Mẫu"

[[organisations]]
code = "M01.X1.HCC"
name = "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG XÃ MẪU"
place = "Mẫu"
parent = "M01.X1"

[[officers]]
id = "head"
name = "Nguyễn Văn Mẫu"
post = "Chủ tịch"
organisation = "M01.X1"
capacity = "TM."
procedures = ["*"]
until = "2026-12-31"

[[officers]]
id = "director"
name = "Hoàng Thị Mẫu"
post = "Giám đốc"
organisation = "M01.X1.HCC"
procedures = ["2.2"]

[[officers.delegations]]
number = "1/GUQ"
from = "2026-01-01"
to = "2026-06-30"
by = "head"
organisation = "M01.X1"
procedures = ["1.1"]

[[officers.delegations]]
number = "2/GUQ"
from = "2026-04-01"
to = "2026-12-31"
by = "head"
organisation = "M01.X1"
procedures = ["2.2"]

[[procedures]]
code = "1.1"
name = "Cấp phép"
working_days = 1

[[procedures]]
code = "2.2"
name = "Bản sao"
working_days = 1
"""


@pytest.fixture
def office() -> Office:
    return Office.read(TEXT, folder=Path("/nowhere"))


def ask(
    office: Office, organisation: str = COMMUNE, procedure: str = LICENCE, on: str = "2026-05-01", who: str = "director"
) -> tuple[str, str | None, str | None]:
    """Reason, number of the paper they sign by, capacity."""
    officer = office.officer(who)
    assert officer is not None
    ruling = officer_may_approve(
        office, officer, organisation=organisation, procedure=procedure, on=date.fromisoformat(on)
    )
    assert ruling.allowed == (ruling.article == "")
    assert ruling.allowed or ruling.article.startswith(("NĐ 30/2020/NĐ-CP Đ.13", "NQ 190/2025/QH15"))
    paper = ruling.delegation.number if ruling.delegation else None
    return ruling.reason, paper, ruling.capacity


def with_officer(office: Office, who: str, **changes: object) -> Office:
    officers = tuple(replace(one, **changes) if one.id == who else one for one in office.officers)  # type: ignore[arg-type]
    return replace(office, officers=officers)


def delegated(by: str | None, number: str = "9/GUQ", **changes: object) -> Delegation:
    period = Period(since=date(2026, 1, 1), until=date(2026, 12, 31))
    made = Delegation(number=number, period=period, procedures=(LICENCE,), organisation=COMMUNE, by=by)
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("organisation", "procedure", "on", "expected"),
    [
        # in their own post, for their own body
        (CENTRE, COPY, "2026-05-01", ("allowed", None, None)),
        (CENTRE, LICENCE, "2026-05-01", ("procedure-not-theirs", None, None)),
        # by the first paper: its first and its last day
        (COMMUNE, LICENCE, "2025-12-31", ("delegation-outside-dates", "1/GUQ", None)),
        (COMMUNE, LICENCE, "2026-01-01", ("allowed", "1/GUQ", "TUQ.")),
        (COMMUNE, LICENCE, "2026-06-30", ("allowed", "1/GUQ", "TUQ.")),
        (COMMUNE, LICENCE, "2026-07-01", ("delegation-outside-scope", "2/GUQ", None)),
        # by the second
        (COMMUNE, COPY, "2026-03-31", ("delegation-outside-scope", "1/GUQ", None)),
        (COMMUNE, COPY, "2026-04-01", ("allowed", "2/GUQ", "TUQ.")),
        (COMMUNE, COPY, "2026-12-31", ("allowed", "2/GUQ", "TUQ.")),
        (COMMUNE, COPY, "2027-01-01", ("delegation-outside-dates", "1/GUQ", None)),
        # of no paper's content, for no paper's body
        (COMMUNE, "3.3", "2026-05-01", ("delegation-outside-scope", "1/GUQ", None)),
        ("nowhere", COPY, "2026-05-01", ("organisation-inactive", None, None)),
    ],
)
def test_each_paper_holds_in_its_time_and_for_its_content(
    office: Office, organisation: str, procedure: str, on: str, expected: tuple[str, str | None, str | None]
) -> None:
    """AC-5, AC-6: several delegations to one person; the one that holds is named."""
    assert ask(office, organisation, procedure, on) == expected


def test_a_paper_is_never_passed_on_at_any_depth(office: Office) -> None:
    """AC-5: whoever signs by a delegation gives none, however long the chain, and also where code built the office."""
    third = replace(_officer(office, "director"), id="third", delegations=(delegated("director"),), capacity="TUQ.")
    fourth = replace(third, id="fourth", delegations=(delegated("third"),))
    longer = replace(office, officers=(*office.officers, third, fourth))
    assert ask(longer)[0] == "allowed"
    assert ask(longer, who="third") == ("delegation-passed-on", "9/GUQ", None)
    assert ask(longer, who="fourth") == ("delegation-passed-on", "9/GUQ", None)
    own = with_officer(longer, "fourth", delegations=(delegated("fourth"),))
    assert ask(own, who="fourth")[0] == "delegation-passed-on"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "allowed"),
        ({"period": Period(until=date(2026, 4, 30))}, "delegation-beyond-powers"),
        ({"period": Period(until=date(2026, 5, 1))}, "allowed"),
        ({"procedures": (COPY,)}, "delegation-beyond-powers"),
        ({"organisation": CENTRE}, "delegation-beyond-powers"),
        ({"capacity": "TUQ."}, "delegation-passed-on"),
        ({"delegations": (delegated(None),)}, "delegation-passed-on"),
    ],
)
def test_who_gives_it_has_it_that_day(office: Office, changes: dict[str, object], reason: str) -> None:
    """AC-5: nobody gives what they do not have, then."""
    assert ask(with_officer(office, "head", **changes))[0] == reason


@pytest.mark.parametrize(
    ("changes", "organisation", "expected"),
    [
        ({"capacity": "TM."}, COMMUNE, ("allowed", None, "TM.")),
        ({"capacity": "Q."}, COMMUNE, ("allowed", None, "Q.")),
        ({"capacity": "KT."}, COMMUNE, ("allowed", None, "KT.")),
        ({"capacity": "TL."}, COMMUNE, ("allowed", None, "TL.")),
        ({"capacity": None}, COMMUNE, ("allowed", None, None)),
        ({"capacity": "TUQ."}, COMMUNE, ("delegation-missing", None, None)),
        ({"capacity": "TUQ.", "delegations": (delegated(None),)}, COMMUNE, ("allowed", "9/GUQ", "TUQ.")),
        # a centre has one head: there is no collective to sign for
        ({"capacity": "TM.", "organisation": CENTRE}, CENTRE, ("capacity-not-fitting", None, None)),
        ({"capacity": "TM.", "organisation": CENTRE, "acting_for": "Hội đồng"}, CENTRE, ("allowed", None, "TM.")),
        # own post, own body: never another's
        ({"capacity": "KT."}, CENTRE, ("other-organisation", None, None)),
        ({"capacity": None}, CENTRE, ("other-organisation", None, None)),
        # for another body it is TUQ. whatever stands at the officer
        (
            {"capacity": "KT.", "organisation": CENTRE, "delegations": (delegated(None),)},
            COMMUNE,
            ("allowed", "9/GUQ", "TUQ."),
        ),
    ],
)
def test_the_capacity_rules(
    office: Office, changes: dict[str, object], organisation: str, expected: tuple[str, str | None, str | None]
) -> None:
    """AC-33, AC-5: TM., Q., KT., TL., TUQ., none."""
    assert ask(with_officer(office, "head", **changes), organisation, who="head") == expected


def test_the_paper_says_in_whose_name(office: Office) -> None:
    """AC-6, AC-33: in their own post for the centre, TUQ. for the commune, in the words of who delegated."""
    director = _officer(office, "director")
    assert authority_lines(office, director) == ("GIÁM ĐỐC",)
    assert authority_lines(office, director, director.delegations[0]) == ("TUQ. CHỦ TỊCH", "GIÁM ĐỐC")


def test_a_paper_goes_to_whom_it_is_delegated(office: Office) -> None:
    """AC-5: by name before those who may sign everything."""
    on = date(2026, 5, 1)
    found = officer_for(office, organisation=COMMUNE, procedure=LICENCE, on=on)
    assert found is not None
    assert found.id == "director"
    later = officer_for(office, organisation=COMMUNE, procedure=LICENCE, on=date(2026, 7, 1))
    assert later is not None
    assert later.id == "head"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('by = "head"\norganisation = "M01.X1"\nprocedures = ["1.1"]', 'by = "head"\nprocedures = ["1.1"]', "another"),
        ('capacity = "TM."\nprocedures = ["*"]', 'capacity = "TM."\nprocedures = ["2.2"]', "every procedure delegated"),
        ('to = "2026-12-31"', 'to = "2027-01-01"', "beyond the time"),
        ('from = "2026-01-01"', 'from = "2025-01-01"', None),
        ('until = "2026-12-31"', 'from = "2026-02-01"\nuntil = "2026-12-31"', "beyond the time"),
        ('by = "head"', 'by = "director"', "to themselves"),
        ('by = "head"\n', "", "who delegated"),
        ('procedures = ["1.1"]', 'procedures = ["*"]', "limited in content"),
        ('capacity = "TM."', 'capacity = "TUQ."', "limited in content"),
        ('to = "2026-06-30"\n', "", "is required"),
        ('number = "1/GUQ"\n', "", "is required"),
    ],
)
def test_what_cannot_be_given_is_refused_in_the_file(before: str, after: str, said: str | None) -> None:
    """AC-5: in writing, limited in time and content, by somebody who has it, for the body named."""
    assert before in TEXT
    text = TEXT.replace(before, after, 1)
    if 'capacity = "TUQ."' in after:
        text = text.replace(
            'until = "2026-12-31"\n', 'delegation = { number = "0", from = 2026-01-01, to = 2026-12-31 }\n'
        )
    if said is None:
        Office.read(text, folder=Path("/nowhere"))
        return
    with pytest.raises(OfficeInvalid) as caught:
        Office.read(text, folder=Path("/nowhere"))
    assert said in caught.value.text_en, caught.value.text_en
    assert all(problem.line for problem in caught.value.problems)


def test_a_paper_of_ones_own_body_narrows_and_never_adds() -> None:
    """AC-5: a deputy's paper may not name what the post is not charged with."""
    deputy = """
[[officers]]
name = "Trần Thị Mẫu"
post = "Phó Chủ tịch"
organisation = "M01.X1"
capacity = "KT."
procedures = ["1.1"]
delegation = { number = "3", from = "2026-01-01", to = "2026-12-31", by = "head", procedures = ["1.1", "2.2"] }
"""
    with pytest.raises(OfficeInvalid, match="not charged with every procedure named here"):
        Office.read(TEXT + deputy, folder=Path("/nowhere"))
    Office.read(TEXT + deputy.replace('["1.1", "2.2"]', '["1.1"]'), folder=Path("/nowhere"))


def test_the_problem_is_told_at_the_paper_it_is_in() -> None:
    text = TEXT.replace('number = "2/GUQ"', 'number = "2/GUQ"\ncolour = "red"')
    with pytest.raises(OfficeInvalid) as caught:
        Office.read(text, folder=Path("/nowhere"))
    (problem,) = caught.value.problems
    assert problem.where == "officers[2].delegations[2].colour"
    assert problem.line is not None
    assert text.splitlines()[problem.line - 1] == 'colour = "red"'


def _officer(office: Office, who: str) -> Officer:
    officer = office.officer(who)
    assert officer is not None
    return officer
