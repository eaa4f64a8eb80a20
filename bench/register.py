"""The register: what a new entry and a look-up cost among a million entries, beside the same among a thousand."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure
from bench.register_acts import ACTS, in_turns, made


def figures() -> Iterator[Figure]:
    """`register_1m_vs_1k`: the worst ratio of all acts; 1 = no dearer. Filling the large one takes some minutes."""
    with tempfile.TemporaryDirectory() as name:
        small, big = (made(Path(name) / size, int(size), 100, _say) for size in ("1000", "1000000"))
        ratios: dict[str, float] = {}
        for act, work in ACTS.items():
            low, high = in_turns(small, big, work)
            ratios[act] = high / low
        for one in (small, big):
            one.engine.dispose()
    told = ", ".join(f"{act} {ratio:.2f}" for act, ratio in ratios.items())
    yield Figure(name="register_1m_vs_1k", value=max(ratios.values()), unit="ratio", against=f"1,000 entries: {told}")


def _say(line: str) -> None:
    print(f"    {line}", file=sys.stderr, flush=True)
