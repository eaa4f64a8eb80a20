"""What grows is seen, and what only wavers is not."""

import gc
import os
from itertools import count

from soak.flat import BOUNDS, Looks

LOOKS = 15
CALLS = 100


def watched(work) -> dict[str, bool]:
    """Whether each thing held still while `work` was done again and again."""
    gc.collect()  # what earlier tests left behind goes before the looks, not between them
    looks = Looks()
    for look in range(1, LOOKS + 1):
        for _ in range(CALLS):
            work()
        looks.take(look * CALLS)
    return {finding.name.partition(" (")[0]: finding.holds for finding in looks.findings()}


def test_work_that_leaves_nothing_is_flat() -> None:
    assert watched(lambda: [object() for _ in range(10)]) == dict.fromkeys(BOUNDS, True)


def test_one_object_kept_at_each_call_is_seen() -> None:
    kept: list[object] = []
    found = watched(lambda: kept.append(object()))
    assert not found["Python allocations"]
    assert found["open files"]


def test_memory_kept_outside_python_objects_is_seen() -> None:
    kept: list[bytes] = []
    found = watched(lambda: kept.append(os.urandom(8192)))
    assert not found["resident memory"]


def test_one_file_left_open_at_each_three_hundredth_call_is_seen() -> None:
    calls, left = count(1), list[int]()

    def work() -> None:
        if next(calls) % 300 == 0:
            left.append(os.open(os.devnull, os.O_RDONLY))

    try:
        found = watched(work)
        assert not found["open files"]
        assert found["threads"]
    finally:
        for number in left:
            os.close(number)
