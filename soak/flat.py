"""Whether something grows: looked at while at rest, judged by the slope of the last four fifths.

The slope is the median of the slopes between all pairs of looks (Theil-Sen): one that stands out, as after a driver was
initialised again, does not move it, and neither does where the stretch happens to begin or end. What is judged is the
growth it amounts to over the stretch.
"""

import ctypes
import gc
import os
import statistics
import sys
from array import array
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from soak.finding import Finding

_PAGE = os.sysconf("SC_PAGE_SIZE")
_C = ctypes.CDLL(None)
_M_ARENA_MAX = -8  # malloc.h
SETTLING = 0.2
"""The first part, which is not judged: caches fill, the allocators find their size."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """How much something may grow over the stretch that is judged."""

    unit: str
    most: float
    why: str


BOUNDS = {
    "resident memory": Bound(
        unit="KiB",
        most=1024,
        why="over 80,000 signatures 13 bytes each, less than the smallest object; pages half in use stay below",
    ),
    "Python allocations": Bound(
        unit="blocks",
        most=400,
        why="one object kept at each 200th signature would show; the interpreter's caches stay below",
    ),
    "open files": Bound(unit="descriptors", most=0.5, why="not one more"),
    "threads": Bound(unit="of the process", most=0.5, why="not one more"),
}


def one_store() -> None:
    """Before any thread is made: the C library then keeps one store for all threads, and `Looks.take` can empty it.

    What it keeps for later otherwise (4 MiB for each thread that logs in: scrypt) comes in steps that hide a leak.
    """
    _C.mallopt(_M_ARENA_MAX, 1)


class Looks:
    """What this process held after so many operations, look by look. Kept in arrays: objects would count themselves."""

    def __init__(self) -> None:
        self._done = array("d")
        self._seen = {name: array("d") for name in BOUNDS}

    def take(self, done: int) -> None:
        """Now."""
        gc.collect()
        _C.malloc_trim(0)
        blocks = sys.getallocatedblocks()
        resident = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE / 1024
        files, threads = len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))  # noqa: PTH208
        self._done.append(done)
        for seen, value in zip(self._seen.values(), (resident, blocks, files, threads), strict=True):
            seen.append(value)

    def last(self, name: str) -> float:
        """At the latest look."""
        return self._seen[name][-1]

    def growth(self, name: str) -> float:
        """What it grows by over the judged stretch, by its slope."""
        begin = int(len(self._done) * SETTLING)
        judged = list(zip(self._done[begin:], self._seen[name][begin:], strict=True))
        slopes = [(to - since) / (later - earlier) for (earlier, since), (later, to) in combinations(judged, 2)]
        return statistics.median(slopes) * (judged[-1][0] - judged[0][0])

    def findings(self) -> list[Finding]:
        """One for each thing watched."""
        found = []
        for name, bound in BOUNDS.items():
            grown, begin = self.growth(name), int(len(self._done) * SETTLING)
            judged = self._seen[name][begin:]
            found.append(
                Finding(
                    name=f"{name} ({bound.unit})",
                    value=f"{grown:+.1f} ({judged[0]:.0f} to {judged[-1]:.0f}, highest {max(judged):.0f})",
                    asked=f"at most +{bound.most:g}: {bound.why}",
                    holds=grown <= bound.most,
                )
            )
        return found
