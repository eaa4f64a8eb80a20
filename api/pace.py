"""How documents moved on since this process started, for the operator's metrics: counted as the history grows."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import Final

from sqlalchemy import Engine

from api.metric_text import Sample, number
from stamping import feed, pace
from store import read

BUCKETS_S: Final = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 86400, 3 * 86400, 7 * 86400, 14 * 86400, 30 * 86400)
_AT_ONCE: Final = 2_000


class Pace:
    """Counts of the whole office, whichever process did the work; each scrape reads what happened since the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._after: int | None = None
        self.states: Counter[str] = Counter()
        self.problems: Counter[str] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._sums: Counter[str] = Counter()

    def look(self, engine: Engine) -> None:
        """Count what happened since; at the first look, nothing."""
        with self._lock, read(engine) as connection:
            if self._after is None:
                self._after = feed.newest(connection)
                return
            while steps := pace.steps_after(connection, self._after, limit=_AT_ONCE):
                for step in steps:
                    self._count(step)
                self._after = steps[-1].number

    def stage_samples(self) -> Iterator[Sample]:
        """The time each stage took, as a histogram."""
        with self._lock:
            for stage, counts in sorted(self._buckets.items()):
                below = 0
                for bound, count in zip((*map(number, BUCKETS_S), "+Inf"), counts, strict=True):
                    below += count
                    yield {"stage": stage, "le": bound}, below
                yield {"stage": stage, "part": "sum"}, self._sums[stage]
                yield {"stage": stage, "part": "count"}, below

    def _count(self, step: pace.Step) -> None:
        self.states[step.state] += 0 if step.problem else 1
        if step.problem:
            self.problems[step.problem] += 1
        if step.stage is not None:
            counts = self._buckets.setdefault(step.stage, [0] * (len(BUCKETS_S) + 1))
            counts[bisect_left(BUCKETS_S, step.seconds)] += 1
            self._sums[step.stage] += step.seconds  # type: ignore[assignment]
