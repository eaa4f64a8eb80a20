"""Drills of a standing office, each in a process of its own: papers in flight, and the service ended under them.

steps-sqlite        kill -9 at every step of approving and sealing, on SQLite
steps-postgresql    the same on PostgreSQL

python -m drill.standing_drills steps-sqlite FOLDER [--papers 8] [--most 2]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from drill import every_step
from drill.office_room import seal_key_of
from drill.outcome import Outcome
from secondseal.demo.office import DemoOffice, open_or_build
from tests.ports import free_port
from tests.store.postgres import started
from tests.tokens.faults import FaultModule

_TOKEN: Final = "con-dau-2"
_LONGEST_S: Final = 1500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a drill is carried out on. `device` stands before the seal's token and counts; `folder` is the drill's own,
    not yet made."""

    office: DemoOffice
    folder: Path
    device: FaultModule
    papers: int
    most: int | None


def _steps_sqlite(ground: Ground) -> Outcome:
    return _steps(ground, f"sqlite:///{ground.folder / 'register.db'}")


def _steps_postgresql(ground: Ground) -> Outcome:
    with started() as server:
        return _steps(ground, server.create_database("steps"))


def _steps(ground: Ground, database: str) -> Outcome:
    return every_step.drill(
        ground.office, ground.folder, database, ground.device, papers=ground.papers, most=ground.most
    )


DRILLS: Final[dict[str, Callable[[Ground], Outcome]]] = {
    "steps-sqlite": _steps_sqlite,
    "steps-postgresql": _steps_postgresql,
}


def apart(names: Sequence[str]) -> Iterator[Outcome]:
    """Each of these in a process of its own, side by side; outcomes in their order."""
    with ExitStack() as running:
        # to files: nobody reads a pipe while it waits for another
        folders = [Path(running.enter_context(tempfile.TemporaryDirectory(prefix="secondseal-drill-"))) for _ in names]
        begun = [(one, running.enter_context(_begun(one, to)), to) for one, to in zip(names, folders, strict=True)]
        for name, process, folder in begun:
            yield _outcome_of(name, process, folder)


def _outcome_of(name: str, process: "subprocess.Popen[bytes]", folder: Path) -> Outcome:
    """Also of one that was not carried out to its end."""
    began = time.monotonic()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_LONGEST_S)
    if process.returncode == 0:
        told = json.loads((folder / "stdout").read_text().splitlines()[-1])
        return Outcome(**{**told, "wrong": tuple(told["wrong"])})
    why = (folder / "stderr").read_text()[-4000:] if process.returncode else f"not over after {_LONGEST_S:.0f} s"
    seconds = time.monotonic() - began
    return Outcome(name=name, did="not carried out", seconds=seconds, lost=0, doubled=0, wrong=(why,))


@contextmanager
def _begun(name: str, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / "stdout").open("wb") as said, (folder / "stderr").open("wb") as erred:
        command = [sys.executable, "-m", "drill.standing_drills", name, str(folder)]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=said, stderr=erred)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def main() -> None:
    """One drill; its outcome as JSON on the last line."""
    parser = argparse.ArgumentParser(prog="drill.standing_drills")
    parser.add_argument("name", choices=DRILLS)
    parser.add_argument("folder", type=Path, help="where a demo office is, or is made")
    parser.add_argument("--papers", type=int, default=every_step.PAPERS)
    parser.add_argument("--most", type=int, help="so many steps of an act at most")
    given = parser.parse_args()
    office = open_or_build(given.folder / "demo-office", port=free_port())
    device = FaultModule(given.folder / "device")
    seal_key_of(office, f"pkcs11:token={_TOKEN}?module-path={device.path}")
    ground = Ground(
        office=office, folder=given.folder / given.name, device=device, papers=given.papers, most=given.most
    )
    print(json.dumps(asdict(DRILLS[given.name](ground))), flush=True)


if __name__ == "__main__":
    main()
