"""What is a step and what is none."""

from functools import cache

from drill.kill_points import KillPoint, watched
from register import tables
from register.journal import _inserting, row_key


def test_what_runs_once_a_process_is_no_step() -> None:
    """A statement that is kept is built in the first process that asks: a later one never comes to those lines."""
    assert isinstance(_inserting, type(cache(len)))
    _inserting.cache_clear()
    steps: list[KillPoint] = []
    with watched(steps.append):
        _inserting(tables.outgoing, numbered=False)
        key = row_key(tables.issues, {"document_id": "a" * 32})
    assert key == "a" * 32
    assert {step.function for step in steps} == {"row_key"}
    assert [step.leaves for step in steps] == [False, False, True]
