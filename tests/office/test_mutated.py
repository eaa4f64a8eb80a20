"""Whatever an operator types, the reader answers with an office or with problems, and the rules with rulings."""

import random
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pytest

from office import (
    Moment,
    Office,
    OfficeInvalid,
    authority_lines,
    custodian_of,
    demo_office_text,
    issues_papers,
    issuing_body,
    may_stamp,
    officer_may_approve,
)

MOMENTS: Final[tuple[Moment, ...]] = (date(2026, 5, 1), datetime(2026, 5, 1, tzinfo=UTC), date.min, date.max)
VALUES: Final = (
    *("1", "-1", "1e400", "nan", "true", '""', '"x"', '"*"', '["*"]', '"TUQ."', "[]", "[1]", "[[]]", "{}", "[{}]"),
    *('"2026-01-01"', "2026-01-01", "0001-01-01", "9999-12-31", "2026-01-01T10:00:00", "10:00:00"),
    *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "{ from = 1 }", "9" * 20),
)


def mutated(seed: int) -> str:
    """The demo office with one to four slips of the pen."""
    chance = random.Random(seed)
    lines = demo_office_text().splitlines()
    for _ in range(chance.randint(1, 4)):
        at, what = chance.randrange(len(lines)), chance.random()
        if what < 0.2:
            del lines[at]
        elif what < 0.3:
            lines.insert(at, chance.choice(lines))
        elif what < 0.8 and (pair := re.match(r"(\w+) = ", lines[at])):
            lines[at] = f"{pair[1]} = {chance.choice(VALUES)}"
        elif inside := list(re.finditer(r'"[^"]*"|\d{4}-\d\d-\d\d', lines[at])):
            part = chance.choice(inside)
            lines[at] = lines[at][: part.start()] + chance.choice(VALUES) + lines[at][part.end() :]
    return "\n".join(lines)


@pytest.mark.parametrize("seeds", [range(start, start + 100) for start in range(0, 300, 100)])
def test_slips_of_the_pen_are_problems_and_never_faults(seeds: range) -> None:
    read = 0
    for seed in seeds:
        try:
            office = Office.read(mutated(seed), folder=Path("/nowhere"))
        except OfficeInvalid:
            continue
        read += 1
        for on in MOMENTS:
            _ask_everything(office, on)
    assert 0 < read < len(seeds), "some slips are harmless, most are not"


def _ask_everything(office: Office, on: Moment) -> None:
    for organisation in office.organisations:
        issues_papers(office, organisation.code, on)
        shown = issuing_body(office, organisation.code, on)
        assert shown is not None
        assert organisation.name in shown.line_vi
        for officer in office.officers:
            ruling = officer_may_approve(office, officer, organisation=organisation.code, procedure="1.001612", on=on)
            assert ruling.allowed == (ruling.article == "")
            assert authority_lines(office, officer, ruling.delegation)
    for seal in office.seals:
        holder = custodian_of(office, seal.id, on)
        able = {
            custodian.id
            for custodian in office.custodians
            if may_stamp(
                office,
                custodian_id=custodian.id,
                seal_id=seal.id,
                organisation=seal.organisation,
                procedure="1.001612",
                on=on,
            ).allowed
        }
        assert able <= {holder.id if holder else None}, "nobody stamps but who holds the seal"
