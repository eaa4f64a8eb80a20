"""A register of a million entries beside one of a thousand: what a new entry and a look-up cost, and a whole audit."""

import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bench.register_acts import ACTS, Big, Every, in_turns, made, signing, timed
from register import audit, load_public_key, proof_of
from soak.finding import SHORT, Finding, Size
from store import read

MOST: Final = 1.5
LEVELS: Final = 3.0


def findings(size: Size, say: Callable[[str], None]) -> Iterator[Finding]:
    """All of them; `say` hears how far it is."""
    short = size is SHORT
    with tempfile.TemporaryDirectory() as name:
        small = made(Path(name) / "small", 1_000, 20, say)
        big = made(Path(name) / "big", 5_000 if short else 1_000_000, 20 if short else 1_000, say)
        yield from compared(small, big, say)
        yield audited(big, say)
        yield proven(big)
        for one in (small, big):
            one.engine.dispose()


def compared(small: Big, big: Big, say: Callable[[str], None]) -> Iterator[Finding]:
    """Each act on both registers in turns; the ratio of the medians."""
    for name, act in ACTS.items():
        low, high = in_turns(small, big, act)
        say(f"{name}: {low:.3f} and {high:.3f} ms")
        most, why = (LEVELS, "one more level of tiles at each 256-fold") if act is signing else (MOST, "")
        yield Finding(
            name=f"{name}, {big.entries:,} entries beside {small.entries:,}",
            value=f"{high:.3f} ms beside {low:.3f}: {high / low:.2f}",
            asked=f"at most {most}{f': {why}' if why else ''}",
            holds=high / low <= most,
        )


def audited(big: Big, say: Callable[[str], None]) -> Finding:
    """The whole audit: intact, and how fast."""
    said = Every(say, "audit")
    with read(big.engine) as connection:
        report = audit(
            connection,
            big.files,
            load_public_key(big.key_file),
            progress=lambda part, count: said(count, part),
        )
    return Finding(
        name="audit of everything",
        value=f"{report.log_entries:,} entries, {report.files:,} files in {report.seconds:.0f} s: {report.rate:,}/s; "
        f"{'intact' if report.intact else [one.text_en for one in report.findings[:3]]}",
        asked="intact, with progress",
        holds=report.intact and report.log_entries == big.entries and said.words > 1,
    )


def proven(big: Big) -> Finding:
    """A proof for one paper out of all of them."""
    with read(big.engine) as connection:
        spent = timed(lambda: proof_of(connection, random.choice(big.sealed)), 20)
        size = len(proof_of(connection, big.sealed[0]))
    return Finding(name="a paper's proof", value=f"{spent:.1f} ms, {size} bytes", asked="given", holds=True)
