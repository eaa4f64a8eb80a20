"""Candidates measured in turns: one slice each, round after round, so that a busy neighbour disturbs all alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Slices:
    """What one candidate did: CPU and wall milliseconds per call, one pair per round."""

    cpu_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)

    @property
    def median_cpu_ms(self) -> float:
        """Median over the rounds."""
        return statistics.median(self.cpu_ms)

    @property
    def median_wall_ms(self) -> float:
        """Median over the rounds."""
        return statistics.median(self.wall_ms)


def in_turns(
    candidates: Mapping[str, Callable[[], object]], *, rounds: int = 9, slice_s: float = 0.15
) -> dict[str, Slices]:
    """Measure each candidate for `slice_s` seconds in each of `rounds` rounds, after one warm-up call."""
    for call in candidates.values():
        call()
    measured = {name: Slices() for name in candidates}
    for _ in range(rounds):
        for name, call in candidates.items():
            count = 0
            wall, cpu = time.perf_counter(), time.process_time()
            while time.perf_counter() - wall < slice_s:
                call()
                count += 1
            measured[name].cpu_ms.append((time.process_time() - cpu) / count * 1e3)
            measured[name].wall_ms.append((time.perf_counter() - wall) / count * 1e3)
    return measured


def ratio(limit: Slices, candidate: Slices) -> float:
    """Median over the rounds of limit/candidate in CPU: 1 = as fast as the limit, above 1 = faster than the peer."""
    return statistics.median(a / b for a, b in zip(limit.cpu_ms, candidate.cpu_ms, strict=True))
