"""A thousand mutations of twenty published papers: always a contract verdict, never an exception, none genuine."""

import warnings
from collections import Counter

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.corpus import published
from tests.corpus.mutations import Mutation, mutations, only_evidence
from tests.corpus.run import WORDS
from tests.verifier.forgeries import CONTENTS, cms_of, last
from trust import TrustStore
from verifier import verify_file
from verifier.paths import readable

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


@pytest.mark.parametrize("name", ["rsa.pdf", "ecdsa-p-256.pdf", "officer-and-seal-b-lta.pdf"])
def test_no_bit_of_the_newest_signature_can_be_another(store: TrustStore, name: str) -> None:
    """Also of what nobody signs in it: other certificates, versions, the list of digests; and of its timestamp."""
    pdf = (published.FOLDER / name).read_bytes()
    start, _ = last(CONTENTS, pdf)
    size = len(cms_of(pdf).dump())
    for place in range(3, size, size // 40):
        digit = start + 1 + 2 * place
        flipped = bytes([int(pdf[digit : digit + 2], 16) ^ (1 << place % 8)]).hex().upper().encode()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            verdict = verify_file(pdf[:digit] + flipped + pdf[digit + 2 :], store=store, at=published.moment())
        assert verdict.word in ("changed", "invalid", "warning", "untrusted"), place


def test_what_the_soak_found_stays_found(store: TrustStore) -> None:
    """2163: a number doubled in the name by which a timestamp token calls its signer."""
    seeds = [pdf for _, pdf in published.seeds()]
    one = next(mutations(seeds, range(2163, 2164)))
    assert one.how == ("cms",)
    verdict = verify_file(one.pdf, store=store, at=published.moment())
    assert verdict.word == "warning", "a token nobody can be named for proves no time"
    assert "timestamp_not_trusted" in {finding.code for finding in verdict.all_findings}


def test_a_certificate_of_no_known_version_is_not_readable() -> None:
    """What `cryptography` raises for it is no ValueError, and once ended in an answer of 500."""
    certificate = published.store().anchors[0].public_bytes(Encoding.DER)
    version = bytes.fromhex("a003020102")
    assert readable(certificate)
    assert not readable(certificate.replace(version, bytes.fromhex("a003020106"), 1))


def test_mutations_are_the_same_every_time() -> None:
    seeds = [pdf for _, pdf in published.seeds()]
    assert len(seeds) == published.SEEDS

    def some() -> list[Mutation]:
        return list(mutations(seeds, range(500, 560)))

    assert some() == some()
    ways = Counter(way for one in mutations(seeds, range(400)) for way in one.how)
    assert len(ways) == 9, "every way of changing a file is used"
    assert all(one.pdf != seeds[one.seed] for one in some())
