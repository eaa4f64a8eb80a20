"""Every file of the corpus gets exactly its verdict (house habit 10), and no revision a better word than pyHanko's."""

import pytest

from tests.verifier.cases import CASES, Case
from tests.verifier.desk import Desk
from tests.verifier.oracle import assert_as_strict
from verifier import Verdict, tone, words


@pytest.mark.parametrize("chosen", CASES, ids=lambda c: c.name)
def test_corpus(desk: Desk, chosen: Case) -> None:
    """AC-72, AC-73, AC-80, AC-110, AC-111, AC-130 among them: see `proves` in the table."""
    pdf = chosen.make(desk)
    verdict = desk.judge(pdf, online=chosen.online)
    found = {finding.code for finding in verdict.all_findings}
    assert (verdict.word, sorted(chosen.codes - found)) == (chosen.verdict, []), sorted(found)
    if chosen.exact:
        assert found == chosen.codes
    assert verdict.as_json()["verdict"] == chosen.verdict
    if chosen.verdict != "genuine":
        check_words(verdict)
    assert_as_strict(pdf)


def check_words(verdict: Verdict) -> None:
    """A bad file has a headline, a sentence, advice and a conclusion in both languages, and never a tick."""
    assert not tone(verdict).ticks
    assert tone(verdict).tone in ("care", "stop", "none")
    for said in (words(verdict, "vi"), words(verdict, "en")):
        assert all((said.headline, said.sentence, said.advice))
        assert "{" not in said.headline + said.sentence + said.advice
    conclusion = verdict.as_json()["conclusion"]["vi"]
    assert conclusion.startswith(("KHÔNG HỢP LỆ: ", "CẢNH BÁO: ", "CHƯA ĐỦ: ", "Không có kết luận: "))
