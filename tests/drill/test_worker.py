"""The small form of the worker's drills: three papers in flight under the real supervisor (`make drill` has them all)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drill import worker
from drill.worker import WorkerRoom


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerRoom]:
    """One served office for all of them."""
    with worker.open_room(tmp_path_factory.mktemp("drill")) as opened:
        yield opened


def test_an_hsm_that_is_away_for_longer_than_the_keys_patience(room: WorkerRoom) -> None:
    """The list waits, says so, and goes on in the same worker: each paper sealed once, none given back."""
    outcome = worker.worker_hsm_away(room, 3, away_s=7.0)
    assert outcome.held, str(outcome)


def test_a_driver_that_crashes_the_worker(room: WorkerRoom) -> None:
    """Started again, the open entry concluded as interrupted, each paper sealed once."""
    outcome = worker.worker_crash(room, 3)
    assert outcome.held, str(outcome)
