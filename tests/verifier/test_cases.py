"""Every file of the corpus gets exactly its verdict (house habit 10)."""

import pytest

from tests.verifier.cases import CASES, Case
from tests.verifier.desk import Desk


@pytest.mark.parametrize("chosen", CASES, ids=lambda c: c.name)
def test_corpus(desk: Desk, chosen: Case) -> None:
    """AC-72, AC-73, AC-80, AC-110, AC-111, AC-130 among them: see `proves` in the table."""
    verdict = desk.judge(chosen.make(desk), online=chosen.online)
    found = {finding.code for finding in verdict.all_findings}
    assert (verdict.word, sorted(chosen.codes - found)) == (chosen.verdict, []), sorted(found)
    if chosen.exact:
        assert found == chosen.codes
    assert verdict.as_json()["verdict"] == chosen.verdict
