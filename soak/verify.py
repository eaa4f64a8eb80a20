"""Mutations of twenty published papers by the ten thousand, each read in the sandbox: always a verdict, none genuine.

`SOAK_SECONDS` ends a run before all 50,000 are judged; the page says how many were.
"""

import os
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from soak.finding import SHORT, Finding, Size
from tests.corpus import published
from tests.corpus.mutations import Mutation, mutations, only_evidence
from tests.corpus.run import WORDS
from trust import TrustStore
from verifier import Sandbox, verify_facts

WHOLE = 50_000
FEW = 60
AT_ONCE = 2


@dataclass
class Seen:
    """What came of them. `wrong` and `genuine`: number, file and ways of those that must not be."""

    words: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    genuine: list[str] = field(default_factory=list)
    evidence: int = 0
    stopped: int = 0


def findings(size: Size, say: Callable[[str], None]) -> Iterator[Finding]:
    """All of them; `say` hears how far it is."""
    count, seconds = FEW if size is SHORT else WHOLE, float(os.environ.get("SOAK_SECONDS", "inf"))
    papers, store = published.seeds(), published.store()
    seeds = [pdf for _, pdf in papers]
    seen, began, reached = Seen(), time.monotonic(), 0
    warnings.simplefilter("ignore")  # what cryptography says of odd names
    with Sandbox(at_once=AT_ONCE) as sandbox, ThreadPoolExecutor(AT_ONCE) as threads:
        for some in _parts(mutations(seeds, range(count))):
            for one, (word, detail) in zip(
                some, threads.map(partial(_judged, sandbox=sandbox, store=store), some), strict=True
            ):
                _note(seen, one, word, detail, papers[one.seed])
            reached = some[-1].number + 1
            if reached % 1000 < len(some):
                say(f"{reached:,} of {count:,}: {dict(seen.words)}")
            if time.monotonic() - began > seconds:
                break
        isolation = sandbox.isolation
    rate = seen.words.total() / (time.monotonic() - began)
    yield Finding(
        name=f"mutations of {len(seeds)} papers in the sandbox ({isolation})",
        value=f"{reached:,} of {count:,} made, {seen.words.total():,} unlike their seed judged, {rate:.0f}/s: "
        + ", ".join(f"{word} {number:,}" for word, number in seen.words.most_common()),
        asked="each a verdict of the contract; those that came out as their seed are not counted",
        holds=not seen.wrong and seen.words.total() > reached * 0.9,
    )
    yield Finding(
        name="errors, and words that are none",
        value=str(len(seen.wrong)) if not seen.wrong else f"{len(seen.wrong)}: {seen.wrong[:5]}",
        asked="none",
        holds=not seen.wrong,
    )
    yield Finding(
        name="genuine though something signed, or a signature, was changed",
        value=str(len(seen.genuine)) if not seen.genuine else f"{len(seen.genuine)}: {seen.genuine[:5]}",
        asked="none",
        holds=not seen.genuine,
    )
    yield Finding(
        name="genuine with only the evidence behind the newest signature changed",
        value=str(seen.evidence),
        asked="told: anybody may append evidence, and nobody signs it (decision 0038)",
        holds=True,
    )
    yield Finding(
        name="readers stopped by their limits",
        value=str(seen.stopped),
        asked="at most one in a thousand: a mutation may make a file large, not the reader slow",
        holds=seen.stopped <= count / 1000,
    )


def _parts(all_of_them: Iterable[Mutation]) -> Iterator[tuple[Mutation, ...]]:
    left = iter(all_of_them)
    while some := tuple(islice(left, 50)):
        yield some


def _judged(one: Mutation, sandbox: Sandbox, store: TrustStore) -> tuple[str, str]:
    """The verdict's word, or an exception's; and why the file could not be read, if it could not."""
    try:
        facts = sandbox.gather(one.pdf)
        word = verify_facts(facts, store=store, at=published.moment()).as_json()["verdict"]
    except Exception as error:  # noqa: BLE001 - an exception is what is looked for
        return f"{type(error).__name__}: {error}"[:200], ""
    return word, facts.problem_detail or ""


def _note(seen: Seen, one: Mutation, word: str, detail: str, seed: tuple[str, bytes]) -> None:
    told = f"{one.number} ({seed[0]}: {', '.join(one.how)})"
    seen.stopped += detail.startswith("the reader was stopped")
    if word not in WORDS:
        seen.wrong.append(f"{told}: {word}")
        return
    seen.words[word] += 1
    if word == "genuine" and only_evidence(seed[1], one.pdf):
        seen.evidence += 1
    elif word == "genuine":
        seen.genuine.append(told)
