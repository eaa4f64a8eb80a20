"""Signatures per second by several threads at once, in turns with a peer that does the same."""

import statistics
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Slice:
    """What was done in one turn: calls, wall seconds, CPU seconds of the process."""

    count: int
    wall_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        """Calls per second."""
        return self.count / self.wall_s

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds per call."""
        return self.cpu_s / self.count * 1e3


class Candidate(Protocol):
    """Something that does its work for a while when told to."""

    def go(self, seconds: float) -> Slice:
        """One turn."""
        ...


class Gang(AbstractContextManager["Gang"]):
    """Threads that stay, so that a turn costs no start: each calls `call` until the turn is over."""

    def __init__(self, call: Callable[[], object], threads: int) -> None:
        self._call = call
        # Queues and not a barrier: that one costs 4 ms a turn once the first threads are at work.
        self._begin = [SimpleQueue[float | None]() for _ in range(threads)]
        self._end = SimpleQueue[int | BaseException]()
        self._threads = [threading.Thread(target=self._work, args=(begin,)) for begin in self._begin]
        for thread in self._threads:
            thread.start()

    def go(self, seconds: float) -> Slice:
        """One turn. Raises what a thread raised."""
        wall, cpu = time.perf_counter(), time.process_time()
        for begin in self._begin:
            begin.put(wall + seconds)
        counts = [self._end.get() for _ in self._threads]
        wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
        for count in counts:
            if isinstance(count, BaseException):
                raise count
        return Slice(count=sum(count for count in counts if isinstance(count, int)), wall_s=wall_s, cpu_s=cpu_s)

    def __exit__(self, *_: object) -> None:
        for begin in self._begin:
            begin.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self, begin: "SimpleQueue[float | None]") -> None:
        while (until := begin.get()) is not None:
            count = 0
            try:
                while True:
                    self._call()
                    count += 1
                    if time.perf_counter() >= until:
                        break
            except BaseException as error:  # noqa: BLE001  raised by `go`, in the thread that asked
                self._end.put(error)
            else:
                self._end.put(count)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two candidates over the same rounds, in medians over them; 1 = as good as the limit."""

    limit: list[Slice]
    ours: list[Slice]

    @property
    def rate(self) -> float:
        """Our calls per second over the limit's."""
        return statistics.median(o.per_s / c.per_s for o, c in zip(self.ours, self.limit, strict=True))

    @property
    def cpu(self) -> float:
        """CPU of one of the limit's calls over the CPU of one of ours."""
        return statistics.median(c.cpu_ms / o.cpu_ms for o, c in zip(self.ours, self.limit, strict=True))

    def spoken(self) -> str:
        """Both rates, for the table."""
        limit, ours = (statistics.median(s.per_s for s in slices) for slices in (self.limit, self.ours))
        return f"{ours:.0f}/s of {limit:.0f}/s"


def compared(limit: Candidate, ours: Candidate, *, rounds: int = 5, turns: int = 3, turn_s: float = 0.4) -> Comparison:
    """`rounds` slices of each, made of `turns` short turns that alternate: a neighbour who comes and goes within a
    second, or a clock that does, then meets both.
    """
    for candidate in (limit, ours):
        candidate.go(turn_s)
    slices: tuple[list[Slice], list[Slice]] = ([], [])
    for _ in range(rounds):
        taken = [(limit.go(turn_s), ours.go(turn_s)) for _ in range(turns)]
        for found, parts in zip(slices, zip(*taken, strict=True), strict=True):
            found.append(_together(parts))
    return Comparison(limit=slices[0], ours=slices[1])


def _together(parts: Iterable[Slice]) -> Slice:
    parts = tuple(parts)
    return Slice(
        count=sum(part.count for part in parts),
        wall_s=sum(part.wall_s for part in parts),
        cpu_s=sum(part.cpu_s for part in parts),
    )
