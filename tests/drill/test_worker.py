"""The small form of the worker's drills: three papers in flight under the real supervisor (all: `make drill`)."""

from pathlib import Path

from drill import worker


def test_an_hsm_that_is_away_and_a_driver_that_crashes(tmp_path: Path) -> None:
    """The list waits, says so and goes on in the same worker; after a crash in the next one. Each paper sealed once."""
    with worker.open_room(tmp_path) as room:
        away = worker.worker_hsm_away(room, 3, away_s=6.0)
        assert away.held, str(away)
        crash = worker.worker_crash(room, 3)
        assert crash.held, str(crash)
