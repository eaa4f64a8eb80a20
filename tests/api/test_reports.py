"""How reports and results are kept: small, bounded, gone in time."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from api.reports import LARGEST, packed, unpacked
from api.results import Results
from trust import TrustStore
from verifier import Report, judge, report
from verifier.evidence import EMPTY, Evidence
from verifier.facts import DocumentFacts

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def a_report() -> Report:
    facts = DocumentFacts(size=1, sha256="00" * 32, problem="not_pdf")
    store, evidence = TrustStore(anchors=()), Evidence(embedded=EMPTY, fetched=EMPTY)
    return report(facts, evidence, judge(facts, evidence, store=store, at=NOW), store=store)


def test_a_report_comes_back_as_it_was() -> None:
    kept = packed(a_report())
    assert kept is not None
    assert unpacked(kept) == a_report()


def test_half_a_character_in_a_name_does_no_harm() -> None:
    kept = packed(replace(a_report(), problem_detail="x\ud800"))
    assert kept is not None
    assert unpacked(kept).problem_detail == "x?"


def test_one_out_of_all_proportion_is_not_kept() -> None:
    noise = random.Random(1).randbytes(2 * LARGEST).hex()
    assert packed(replace(a_report(), problem_detail=noise)) is None


def test_results_weigh_no_more_than_they_may() -> None:
    """The oldest goes first; what weighs nothing counts by number alone."""
    results: Results[str] = Results(timedelta(minutes=15), most=5, most_bytes=100)
    first, second = results.keep("first", NOW, 60), results.keep("second", NOW, 40)
    assert (results.get(first, NOW), results.get(second, NOW)) == ("first", "second")
    third = results.keep("third", NOW, 10)
    assert (results.get(first, NOW), results.get(second, NOW), results.get(third, NOW)) == (None, "second", "third")
    assert [results.keep("light", NOW) for _ in range(3)]
    assert results.get(second, NOW) == "second"
    large = results.keep("large", NOW, 100)
    assert (results.get(large, NOW), results.get(third, NOW)) == ("large", None)
    assert results.get(large, NOW + timedelta(minutes=15)) is None
