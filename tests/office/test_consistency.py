"""An office file whose parts do not fit together is refused, with the place of each misfit."""

from pathlib import Path

import pytest

from office import Office, OfficeInvalid, demo_office_text

TEXT = """
[[organisations]]
code = "A"
name = "ỦY BAN NHÂN DÂN XÃ MẪU"
place = "Mẫu"

[[organisations]]
code = "B"
name = "ỦY BAN NHÂN DÂN XÃ MẪU B"
place = "Mẫu"
from = "2025-07-01"

[[organisations]]
code = "OLD"
name = "ỦY BAN NHÂN DÂN HUYỆN MẪU"
place = "Mẫu"
until = "2025-06-30"
successors = [{ code = "A", from = "2025-07-01" }]

[[seals]]
id = "one"
organisation = "A"
kind = "second"
mark = "2"
diameter_mm = 36
permission = "1/CV"

[[seals]]
id = "two"
organisation = "A"
kind = "second"
mark = "3"
diameter_mm = 36
permission = "2/CV"

[[custodians]]
id = "first"
name = "Lê Thị Mẫu"
organisation = "A"
seals = ["one"]
appointed_by = "1/QĐ"

[[custodians]]
id = "second"
name = "Vũ Thị Mẫu"
organisation = "A"
seals = ["two"]
appointed_by = "2/QĐ"

[[custodians]]
id = "third"
name = "Đỗ Thị Mẫu"
organisation = "A"
seals = ["one"]
appointed_by = "3/QĐ"
from = "2026-01-01"

[[handovers]]
seal = "one"
permission = "3/CV"
minutes = "1/BB"
from = "first"
to = "third"
at = 2026-01-05T08:00:00

[[procedures]]
code = "1"
name = "Thủ tục mẫu"
working_days = 1

[[series]]
organisation = "A"
symbol = "GCN"
kind = "chung"
until = "2026-12-31"
"""

LATER = """
[[handovers]]
seal = "one"
permission = "4/CV"
minutes = "2/BB"
from = "GIVER"
to = "TAKER"
at = 2026-02-05T08:00:00
"""


def refused(text: str) -> dict[str, str]:
    """Places and English texts; every one with its line."""
    with pytest.raises(OfficeInvalid) as invalid:
        Office.read(text, folder=Path("/nowhere"))
    assert all(problem.line and problem.text_vi for problem in invalid.value.problems)
    return {problem.where: problem.text_en for problem in invalid.value.problems}


def test_what_fits_is_read() -> None:
    Office.read(TEXT, folder=Path("/nowhere"))
    Office.read(TEXT + LATER.replace("GIVER", "third").replace("TAKER", "first"), folder=Path("/nowhere"))


@pytest.mark.parametrize(
    ("before", "after", "where", "said"),
    [
        # AC-121: successors and their dates
        ('from = "2025-07-01" }]', 'from = "2025-06-30" }]', "organisations[3].successors", "before OLD ends"),
        ('until = "2025-06-30"\n', "", "organisations[3].successors", "has an end"),
        ('code = "A", from = "2025-07-01"', 'code = "B", from = "2025-07-01"', "", ""),
        ('"A", from = "2025-07-01"', '"A", from = "2025-09-01"', "", ""),
        ('from = "2025-07-01"\n', 'from = "2025-07-02"\n', "", ""),
        (
            'successors = [{ code = "A", from = "2025-07-01" }]',
            'successors = [{ code = "B", from = "2025-07-01" }, { code = "A", from = "2025-07-01", kind = "rename" }]',
            "organisations[3].successors",
            "one successor",
        ),
        ('from = "2025-07-01" }]', 'from = "2025-07-01", kind = "split" }]', "organisations[3].successors", "two or"),
        (
            'from = "2025-07-01" }]',
            'from = "2025-07-01", kind = "sold" }]',
            "organisations[3].successors[1].kind",
            "one of",
        ),
        (', from = "2025-07-01" }]', " }]", "organisations[3].successors[1].from", "required"),
        # AC-102: the mark tells the seals of one body apart
        ('mark = "3"', 'mark = "2"', "seals[2].mark", "same time"),
        ('mark = "3"\n', "", "seals[2].mark", "distinguishing mark"),
        ('id = "two"', 'id = "one"', "seals[2].id", "above already"),
        # AC-101, AC-66: what a seal is for
        ('mark = "3"', 'mark = "3"\nprocedures = ["9"]', "seals[2].procedures", "no '9'"),
        ('mark = "3"', 'mark = "3"\npurposes = ["letter"]', "seals[2].purposes", "among"),
        # AC-60, AC-62: two hold one seal at once, and nothing says who
        ('seals = ["two"]', 'seals = ["two", "one"]', "", ""),
        ('appointed_by = "3/QĐ"', 'appointed_by = "3/QĐ"\nuntil = "2026-01-04"', "handovers[1].to", "not appointed"),
        ('from = "2026-01-01"', 'from = "2026-01-06"', "handovers[1].to", "not appointed"),
        ('to = "third"', 'to = "second"', "handovers[1].to", "not appointed"),
        ('from = "first"\n', 'from = "second"\n', "handovers[1].from", "never given"),
        ('from = "first"\nto = "third"', 'from = "third"\nto = "third"', "handovers[1].to", "one person"),
        ('from = "first"\n', "", "handovers[1].from", "required"),
        ('minutes = "1/BB"\n', "", "handovers[1].minutes", "required"),
        ('permission = "3/CV"\n', "", "handovers[1].permission", "required"),
        # stages
        ("working_days = 1", 'working_days = 1\nstages = ["received", "returned"]', "procedures[1].stages", "one of"),
        (
            "working_days = 1",
            'working_days = 1\nstages = ["returned", "received", "appraised", "approved"]',
            "procedures[1].stages",
            "one of",
        ),
    ],
)
def test_what_does_not_fit_is_refused(before: str, after: str, where: str, said: str) -> None:
    """An empty place: it does fit."""
    assert before in TEXT
    text = TEXT.replace(before, after, 1)
    if not where:
        Office.read(text, folder=Path("/nowhere"))
        return
    found = refused(text)
    assert where in found, found
    assert said in found[where]


def test_a_successor_exists_when_it_takes_over() -> None:
    """AC-121."""
    text = TEXT.replace('code = "A", from', 'code = "B", from').replace(
        'from = "2025-07-01"\n', 'from = "2025-08-01"\n'
    )
    assert refused(text) == {"organisations[3].successors": "B does not exist when it takes over"}


def test_two_with_one_seal_and_no_record_are_refused() -> None:
    """AC-60, AC-62: overlapping appointments without a hand-over; one after the other they are two people's times."""
    without = TEXT[: TEXT.index("[[handovers]]")] + TEXT[TEXT.index("[[procedures]]") :]
    assert list(refused(without)) == ["custodians[3].seals"]
    after = without.replace('appointed_by = "1/QĐ"', 'appointed_by = "1/QĐ"\nuntil = "2025-12-31"')
    Office.read(after, folder=Path("/nowhere"))
    assert list(refused(after.replace("2025-12-31", "2026-01-01"))) == ["custodians[3].seals"]


def test_only_who_has_a_seal_gives_it_on() -> None:
    """AC-62: the chain of records is whole."""
    found = refused(TEXT + LATER.replace("GIVER", "first").replace("TAKER", "third"))
    assert found == {"handovers[2].from": "seal one was held by 'third' then, not by 'first'"}


def test_records_are_in_order_of_time_wherever_they_stand() -> None:
    """AC-62: the file's order is not the time's; the place told is the file's."""
    start, end = TEXT.index("[[handovers]]"), TEXT.index("[[procedures]]")
    first = TEXT[start:end]
    text = TEXT[:start] + LATER.replace("GIVER", "third").replace("TAKER", "first") + first + TEXT[end:]
    office = Office.read(text, folder=Path("/nowhere"))
    assert [one.minutes for one in office.handovers] == ["1/BB", "2/BB"]
    wrong = text.replace('minutes = "1/BB"\nfrom = "first"', 'minutes = "1/BB"\nfrom = "second"')
    assert list(refused(wrong)) == ["handovers[2].from"]


@pytest.mark.parametrize(
    ("since", "fits"), [("2027-01-01", True), ("2026-12-31", False), ("2026-06-01", False), ("", False)]
)
def test_a_symbol_has_one_series_at_a_time(since: str, fits: bool) -> None:
    """AC-8, AC-123."""
    line = f'from = "{since}"\n' if since else ""
    text = f'{TEXT}\n[[series]]\norganisation = "A"\nsymbol = "GCN"\nkind = "GCN"\n{line}'
    if fits:
        Office.read(text, folder=Path("/nowhere"))
    else:
        assert refused(text) == {"series[2]": "symbol GCN has another series at the same time"}


def test_an_office_of_four_stages_says_it_once() -> None:
    """4 tại chỗ for every procedure that names no stages of its own."""
    own = 'working_days = 1\nstages = ["received", "appraised", "approved", "stamped", "returned"]\n'
    text = 'stages = ["received", "appraised", "approved", "returned"]\n' + TEXT
    assert [one.stamped for one in Office.read(text, folder=Path("/nowhere")).procedures] == [False]
    kept = text.replace("working_days = 1\n", own)
    assert [one.stamped for one in Office.read(kept, folder=Path("/nowhere")).procedures] == [True]


def test_a_reading_opens_nothing_and_is_pure() -> None:
    """The same text gives the same office; its paths stand in the folder that was named."""
    text = demo_office_text().replace('id = "x1-2"\n', 'id = "x1-2"\nimage = "images/seal.png"\n')
    office = Office.read(text, folder=Path("/nowhere"))
    assert office == Office.read(text, folder=Path("/nowhere"))
    assert office.seals[1].image == Path("/nowhere/images/seal.png")
    with pytest.raises(OfficeInvalid, match=r"/nowhere/office\.toml"):
        Office.read("[[", folder=Path("/nowhere"))


def test_what_follows_a_district_is_said_with_its_decision() -> None:
    """AC-121: merge, split or rename, by which decision, of which day."""
    office = Office.read(demo_office_text(), folder=Path("/nowhere"))
    (heir,) = office.organisations[1].successors
    assert (heir.kind, heir.decision, str(heir.decided_on), str(heir.since)) == (
        "merge",
        "00/NQ-MẪU",
        "2025-06-16",
        "2025-07-01",
    )
    plain = Office.read(TEXT, folder=Path("/nowhere")).organisations[2].successors[0]
    assert (plain.kind, plain.decision, plain.decided_on) == (None, None, None)
