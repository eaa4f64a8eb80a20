"""The small form of the drills with a whole office: three papers in flight under the real supervisor, and the service
ended at some steps of approving and sealing (all: `make drill`)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from drill import standing_drills, worker
from tests.store.postgres import installed

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo office is made, once."""
    return tmp_path_factory.mktemp("drill")


def test_ended_at_a_step_of_approving_or_sealing_each_paper_is_sealed_once(folder: Path) -> None:
    """AC-63: kill -9 at two steps of each act, on SQLite; the next process goes on, and the register is intact."""
    outcome = carried_out(folder, "steps-sqlite", "--papers", "8", "--most", "2")
    assert "kill -9 at a step 10 times, which ended 10 processes" in outcome["did"]
    assert "8 papers sealed once" in outcome["did"]


def test_more_steps_than_its_papers_can_meet_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They would be told as steps that no act came to."""
    command = ["standing_drills", "steps-postgresql", str(folder), "--papers", "26", "--most", "14"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit):
        standing_drills.main()
    assert "26 papers meet 13 steps" in capsys.readouterr().err


@pytest.mark.skipif(not installed(), reason="PostgreSQL")
def test_an_s3_server_that_is_cut_off_and_then_gone_loses_nothing(folder: Path) -> None:
    """AC-63: the line cut within requests, then the server killed for seconds under two machines and the people."""
    outcome = carried_out(folder, "s3-away", "--papers", "10", "--most", "2", "--away", "2")
    assert "no entry meanwhile" in outcome["did"]
    assert "11 papers sealed once" in outcome["did"]


def carried_out(folder: Path, *command: str) -> dict[str, Any]:
    """A standing drill's outcome, which lost and doubled nothing; in a process of its own: it forks, which one that has
    loaded a PKCS#11 module must not."""
    name, *options = command
    done = subprocess.run(
        [sys.executable, "-m", "drill.standing_drills", name, str(folder), *options],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert (outcome["lost"], outcome["doubled"], outcome["wrong"]) == (0, 0, []), outcome
    return outcome


def test_an_hsm_that_is_away_and_a_driver_that_crashes(folder: Path) -> None:
    """The list waits, says so and goes on in the same worker; after a crash in the next one. Each paper sealed once."""
    with worker.open_room(folder) as room:
        away = worker.worker_hsm_away(room, 3, away_s=6.0)
        assert away.held, str(away)
        crash = worker.worker_crash(room, 3)
        assert crash.held, str(crash)
