"""[patterns]: the office's own codes, and expressions that would hang another engine."""

import time
from pathlib import Path

import pytest

from office import Office, OfficeInvalid, demo_office_text
from office.patterns import LONGEST, USUAL, Pattern, PatternInvalid


def office(folder: Path, patterns: str) -> Office:
    """The demo office with these patterns."""
    file = folder / "office.toml"
    file.write_text(f"{demo_office_text()}\n[patterns]\n{patterns}\n", encoding="utf-8")
    return Office.load(file)


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("000.00.16.H05-250612-0001", True),
        ("H05.16.00-261118-00012", True),
        ("000.00.16.H05-250612-001", False),
        ("000.00.16.H05-250612-0001\n", False),
        (" 000.00.16.H05-250612-0001", False),
        ("", False),
    ],
)
def test_dossier_codes_are_as_usual_where_the_file_says_nothing(code: str, fits: bool) -> None:
    """AC-95."""
    assert USUAL.dossier_fits(code) is fits


def test_an_office_writes_its_codes_as_it_likes(tmp_path: Path) -> None:
    """AC-93, AC-95: patterns are settings."""
    patterns = office(
        tmp_path,
        "dossier = ['HS[0-9]{6}', 'XX-.+']\nresult = '{dossier}/KQ-{n}'\norganisation = 'M[0-9]{2}(\\.[A-Z0-9]+)*'\n"
        "notation = '[0-9]+/[A-Z]+-UBND'",
    ).patterns
    assert patterns.dossier_fits("HS000001")
    assert not patterns.dossier_fits("000.00.16.H05-250612-0001")
    assert patterns.result.format(dossier="HS000001", n=2) == "HS000001/KQ-2"


@pytest.mark.parametrize(
    ("patterns", "where"),
    [
        ("dossier = ['(']", "patterns.dossier"),
        ("dossier = ['(?=a)a']", "patterns.dossier"),
        (r"dossier = ['(a)\1']", "patterns.dossier"),
        ("dossier = ['a)|(b']", "patterns.dossier"),
        ("dossier = ['((a{1,1000}){1,1000}){1,1000}']", "patterns.dossier"),
        (f"dossier = ['{'a' * 301}']", "patterns.dossier"),
        ("result = '{dossier}'", "patterns.result"),
        ("result = '{dossier}-{n}-{n}'", "patterns.result"),
        ("result = '{dossier!r}-{n}'", "patterns.result"),
        ("result = '{dossier.__class__}-{n}'", "patterns.result"),
        ("result = '{dossier:>900}-{n}'", "patterns.result"),
        ("result = '{dossier'", "patterns.result"),
        ("organisation = 'H05'", "organisations[1].code"),
        ("notation = '[0-9]+/QĐ-UBND'", "procedures[1].symbol"),
        ("dosier = ['a']", "patterns.dosier"),
    ],
)
def test_what_cannot_be_a_pattern_is_refused_at_load(tmp_path: Path, patterns: str, where: str) -> None:
    """Every problem with its place; nothing is found out at the counter."""
    with pytest.raises(OfficeInvalid) as refused:
        office(tmp_path, patterns)
    assert where in {problem.where for problem in refused.value.problems}


@pytest.mark.parametrize("hostile", ["(a+)+b", "(a|a)*b", "(x+x+)+y", "(.*)*(.*)*(.*)*!", "([a-z]+)*1"])
def test_an_expression_that_hangs_other_engines_takes_no_time(hostile: str) -> None:
    """Matching is linear whatever the pattern, and texts are bounded."""
    pattern, began = Pattern(hostile), time.perf_counter()
    assert not pattern.fits("a" * LONGEST)
    assert not pattern.fits("x" * 10_000_000)
    assert time.perf_counter() - began < 1


def test_a_pattern_that_is_none_says_why() -> None:
    with pytest.raises(PatternInvalid, match="backreferences"):
        Pattern(r"(a)\1")
