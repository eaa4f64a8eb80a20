"""Hostile and broken files: always an answer, never an exception, never "genuine" (anchors.md 0.2, house traps)."""

import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.verifier import hostile
from tests.verifier.desk import Desk
from tests.verifier.endless import ENDLESS
from verifier import Limits, Sandbox, verify_facts
from verifier.gather import gather

STRUCTURES = dict(hostile.structures())


@pytest.mark.parametrize("name", STRUCTURES)
def test_broken_structures(desk: Desk, name: str) -> None:
    verdict = desk.judge(STRUCTURES[name])
    assert verdict.word in ("unreadable", "unsigned", "invalid", "changed")
    if name.startswith(("signature", "byte range", "cms", "no contents", "contents", "old")):
        assert len(verdict.signatures) == 1, "a broken signature is a finding, never skipped"
        assert verdict.word in ("invalid", "changed")
    verdict.as_json()


@pytest.mark.parametrize("user", ["", "khóa"], ids=["no user password", "user password"])
def test_encrypted_is_said_so(desk: Desk, user: str) -> None:
    verdict = desk.judge(hostile.encrypted(user))
    assert verdict.word == "unreadable"
    assert [finding.code for finding in verdict.findings] == ["encrypted"]
    assert "mật khẩu" in verdict.as_json()["words"]["vi"]["sentence"]


def test_mutated_papers(desk: Desk) -> None:
    """Random damage to a good file."""
    for number, pdf in enumerate(hostile.mutations(desk.sealed, 60)):
        verdict = desk.judge(pdf)
        assert verdict.word in ("unreadable", "changed", "invalid", "unsigned", "untrusted"), number
        verdict.as_json()


@pytest.mark.parametrize(
    "made",
    [partial(hostile.many_pages, 60), partial(hostile.many_fields, 12), hostile.bomb],
    ids=["pages", "signature fields", "bomb"],
)
def test_counts_over_the_limits(made: Callable[[], bytes]) -> None:
    assert gather(made(), Limits(pages=50, signatures=10)).problem == "over_limits"


def test_too_many_revisions(desk: Desk) -> None:
    assert gather(desk.sealed, Limits(revisions=3)).problem == "over_limits"


def test_too_much_evidence(desk: Desk) -> None:
    assert gather(desk.sealed, Limits(evidence=3)).problem == "over_limits"


def test_a_small_file_is_measured_too() -> None:
    assert gather(b"%PDF-1.7" + bytes(2000), Limits(bytes=1000)).problem == "over_limits"


def test_a_child_out_of_memory_or_time_is_over_limits(desk: Desk) -> None:
    """The limits of the sandbox itself, with a reader that would need more than it gets."""
    pdf = hostile.many_pages(4000)
    with Sandbox(Limits(cpu_seconds=1, wall_seconds=0.05)) as sandbox:
        started = time.monotonic()
        facts = sandbox.gather(pdf)
        assert facts.problem == "over_limits"
        assert time.monotonic() - started < 2
        assert facts.size == len(pdf)
    with Sandbox(Limits(memory_bytes=1 << 20)) as sandbox:
        assert sandbox.gather(pdf).problem == "over_limits"
    with Sandbox(Limits(reply_bytes=2000)) as sandbox:
        assert "facts: " in (sandbox.gather(desk.sealed).problem_detail or "")


UNSIGNED = {"names in a circle", "an attachment packed three times", "a bomb of evidence", "a row without end"}
"""What no verdict rests on may be as bad as it likes: the paper says nothing more than it would without."""


@pytest.fixture(scope="module")
def impatient() -> Iterator[Sandbox]:
    """Limits small enough to be met in a test."""
    with Sandbox(Limits(cpu_seconds=1, wall_seconds=8, memory_bytes=1 << 30), at_once=1) as running:
        yield running


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_ends_in_a_verdict(desk: Desk, impatient: Sandbox, name: str) -> None:
    """Loops, mountains, bombs: an answer within the limits, and the reader after it is as good as the one before."""
    pdf = ENDLESS[name]()
    facts = impatient.gather(pdf)
    assert facts.size == len(pdf)
    verdict = verify_facts(facts, store=desk.store)
    assert verdict.word == ("unsigned" if name in UNSIGNED else "unreadable")
    if name[0].isdigit() or name.startswith("a million"):
        assert [finding.code for finding in verdict.findings] == ["over_limits"]
    sentence = verdict.as_json()["words"]["vi"]["sentence"]
    assert "mật khẩu" not in sentence
    assert impatient.gather(b"%PDF-1.7 broken").problem == "broken"
