"""Our own comparison of revisions against pyHanko's: what pyHanko suspects, ours never allows."""

from typing import Any

import pytest

from tests.pki.fixtures import MakeKey
from tests.verifier.oracle import ALLOWED, assert_as_strict
from tests.verifier.papers import make_paper, sign
from tests.verifier.strikes import STRIKES, Strike
from verifier import OFFICER_FIELD
from verifier.gather import gather
from verifier.pdf.mentions import mentioned


@pytest.fixture(scope="module")
def paper() -> bytes:
    return make_paper()


@pytest.fixture(scope="module")
def key(software_key: MakeKey) -> Any:
    return software_key("person")


@pytest.fixture(scope="module")
def signed(paper: bytes, key: Any) -> bytes:
    return sign(paper, key, OFFICER_FIELD)


@pytest.mark.parametrize("chosen", STRIKES, ids=lambda s: s.name)
def test_strikes(paper: bytes, signed: bytes, key: Any, chosen: Strike) -> None:
    """What follows the signature is found by the comparison, whatever else the verifier would have found."""
    victim = sign(chosen.prepare(paper), key, OFFICER_FIELD) if chosen.prepare else signed
    pdf = chosen.strike(victim)
    assert pdf.startswith(victim)
    facts = gather(pdf)
    assert facts.problem is None, facts.problem_detail
    last = facts.revisions[-1]
    assert last.number > facts.signatures[0].revision
    if chosen.says:
        assert last.change not in ALLOWED
        assert chosen.says in (last.detail or "")
    else:
        assert (last.change, last.detail) == ("dss", None)
    assert_as_strict(pdf)


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        (b"12 0 R", {12}),
        (b"[12 0 R 13 0 R]", {12, 13}),
        (b"/A 12\n0\tR/B", {12}),
        (b"12 0R", {12}),
        (b"12 % 7 7\n0 % 8 8\rR", {12}),
        (b"12 0 %\n%\n \nR", {12}),
        (b"0000012 0 R", {12}),
        (b"12 0 RG /R 0 0 1 rg", set()),
    ],
)
def test_what_the_bytes_mention(content: bytes, numbers: set[int]) -> None:
    found = {number for number, _ in mentioned(content)}
    assert numbers <= found <= numbers | {7, 8}


@pytest.mark.parametrize(
    "content", [b"+12 0 R", b"12.0 0 R", b"1" * 30 + b" 0 R", b"12" + b" " * 99 + b"0 R", b"12 0" + b"\n" * 80 + b"R"]
)
def test_an_odd_mention_counts_as_one_of_what_is_not_there(content: bytes) -> None:
    assert max(number for number, _ in mentioned(content)) > 1 << 60
