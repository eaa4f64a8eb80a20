"""Files read a moment ago: the same facts without reading, nothing judged kept, nothing readable without the file."""

import gc
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.verifier.desk import Desk
from trust import TrustStore
from verifier import DocumentFacts, KnownFiles, Policy, verify_facts
from verifier.gather import gather


class Reader:
    """`gather`, counted."""

    def __init__(self) -> None:
        self.files: list[bytes] = []

    def __call__(self, pdf: bytes) -> DocumentFacts:
        self.files.append(pdf)
        return gather(pdf)


def test_the_same_bytes_are_read_once(desk: Desk) -> None:
    """Equal facts, from memory; one byte more is another file."""
    known, reader = KnownFiles(), Reader()
    first, second = known.facts(desk.sealed, reader), known.facts(desk.sealed, reader)
    assert first == second == gather(desk.sealed)
    assert len(reader.files) == 1
    longer = desk.sealed + b"\n"
    assert known.facts(longer, reader) == gather(longer)
    assert reader.files == [desk.sealed, longer]


def test_files_are_never_mixed(desk: Desk) -> None:
    """Many threads, several files, each asked often: everybody gets the facts of their own."""
    files = [desk.paper, desk.approved, desk.sealed, desk.sealed[:-3], b"no paper"]
    expected = [gather(pdf) for pdf in files]
    found = dict(zip(files, expected, strict=True))  # PDFium reads in one thread of a process only: the sandbox's child
    known, wrong = KnownFiles(), []

    def ask(start: int) -> None:
        for turn in range(40):
            place = (start + turn) % len(files)
            if known.facts(files[place], found.__getitem__) != expected[place]:
                wrong.append(place)

    threads = [threading.Thread(target=ask, args=(start,)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_facts_of_another_file_are_not_believed(desk: Desk) -> None:
    """Even where a reader answered about another file, the next caller does not get its answer."""
    known, reader = KnownFiles(), Reader()
    known.facts(desk.paper, lambda pdf: gather(desk.sealed))
    assert known.facts(desk.paper, reader) == gather(desk.paper)
    assert len(reader.files) == 1


def test_minutes_later_it_is_read_anew(desk: Desk) -> None:
    """What was kept is gone, not only unused."""
    now = [0.0]
    known, reader = KnownFiles(life_s=600, clock=lambda: now[0]), Reader()
    known.facts(desk.sealed, reader)
    now[0] = 599.0
    known.facts(desk.sealed, reader)
    assert len(reader.files) == 1
    now[0] = 600.0
    known.facts(b"another", reader)
    assert len(known._kept) == 1
    known.facts(desk.sealed, reader)
    assert len(reader.files) == 3


def test_memory_is_bounded(desk: Desk) -> None:
    """The oldest goes first; facts that are too large are not kept at all."""
    known, reader = KnownFiles(room=5_000), Reader()
    for number in range(100):
        known.facts(b"no paper %d" % number, reader)
        assert known._size == sum(len(kept.sealed) for kept in known._kept.values()) <= 5_000
    assert 3 < len(known._kept) < 100
    known.facts(b"no paper 99", reader)
    assert len(reader.files) == 100
    known.facts(b"no paper 0", reader)
    known.facts(desk.sealed, reader)
    known.facts(desk.sealed, reader)
    assert len(reader.files) == 103


def test_nothing_can_be_read_without_the_file(desk: Desk) -> None:
    """No file, no hash of one, no name in it: only ciphertext whose key comes from the file (docs/threats.md)."""
    known = KnownFiles()
    facts = known.facts(desk.sealed, gather)
    signer = next(s.name for s in facts.signatures if s.name)
    del facts
    gc.collect()
    held = b"".join(place + kept.sealed for place, kept in known._kept.items())
    assert len(held) > 10_000
    for secret in (signer.encode(), gather(desk.sealed).sha256.encode(), b"OfficerSignature", b"01/GCN-UBND", b"%PDF"):
        assert secret not in held
    assert desk.sealed not in gc.get_referents(*known._kept.values())


def test_what_limits_cut_short_is_read_again() -> None:
    """A machine that was busy a moment ago need not be now."""
    known, answers = KnownFiles(), []

    def read(pdf: bytes) -> DocumentFacts:
        facts = gather(pdf)
        answers.append(facts)
        return replace(facts, problem="over_limits") if len(answers) == 1 else facts

    assert known.facts(b"paper", read).problem == "over_limits"
    assert known.facts(b"paper", read).problem == "not_pdf"
    assert len(answers) == 2


def test_policy_and_anchors_are_asked_anew(desk: Desk) -> None:
    """Nothing judged is kept: another policy, other anchors, another verdict on the same kept facts."""
    known, reader = KnownFiles(), Reader()

    def judged(policy: Policy, store: TrustStore) -> tuple[str, str]:
        verdict = verify_facts(known.facts(desk.sealed, reader), store=store, policy=policy, at=datetime.now(UTC))
        return verdict.word, verdict.policy_version

    assert judged(Policy(), desk.store) == ("genuine", "1")
    strict = Policy(version="2", digests=frozenset({"sha512"}))
    assert judged(strict, desk.store) == ("invalid", "2")
    assert judged(Policy(), TrustStore(anchors=(desk.officer.certificate,)))[0] == "untrusted"
    assert len(reader.files) == 1


@pytest.mark.parametrize("life_s", [0.0, -1.0])
def test_a_life_of_nothing_keeps_nothing(desk: Desk, life_s: float) -> None:
    """An office may do without."""
    known, reader = KnownFiles(life_s=life_s), Reader()
    known.facts(desk.paper, reader)
    known.facts(desk.paper, reader)
    assert len(reader.files) == 2
