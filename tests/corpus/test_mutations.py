"""A thousand mutations of twenty published papers: always a contract verdict, never an exception, none genuine."""

import warnings
from collections import Counter

import pytest

from tests.corpus import published
from tests.corpus.mutations import Mutation, mutations, only_evidence
from tests.corpus.run import WORDS
from trust import TrustStore
from verifier import verify_file

COUNT = 1000
STEP = 250


@pytest.fixture(scope="module")
def store() -> TrustStore:
    return published.store()


@pytest.mark.parametrize("first", range(0, COUNT, STEP))
def test_no_mutation_is_genuine(store: TrustStore, first: int) -> None:
    """But those that changed only the evidence behind the newest signature, which anybody may append (0038)."""
    names, seeds = zip(*published.seeds(), strict=True)
    said: Counter[str] = Counter()
    for one in mutations(seeds, range(first, first + STEP)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what cryptography says of odd names
            verdict = verify_file(one.pdf, store=store, at=published.moment())
        assert verdict.word in WORDS
        assert verdict.as_json()["verdict"] == verdict.word
        told = (one.number, names[one.seed], one.how)
        assert verdict.word != "genuine" or only_evidence(seeds[one.seed], one.pdf), told
        said[verdict.word] += 1
    assert said.total() > STEP * 0.9
    assert {"changed", "invalid", "unreadable"} <= set(said)


def test_mutations_are_the_same_every_time() -> None:
    seeds = [pdf for _, pdf in published.seeds()]
    assert len(seeds) == published.SEEDS

    def some() -> list[Mutation]:
        return list(mutations(seeds, range(500, 560)))

    assert some() == some()
    ways = Counter(way for one in mutations(seeds, range(400)) for way in one.how)
    assert len(ways) == 9, "every way of changing a file is used"
    assert all(one.pdf != seeds[one.seed] for one in some())
