"""Drills of a standing office, each in a process of its own: papers in flight, and the service ended under them.

steps-sqlite        kill -9 at every step of approving and sealing, on SQLite
steps-postgresql    the same on PostgreSQL
disk-full           an act finds so little room left
database-restarted  PostgreSQL ends at once and starts anew under an act
s3-away             the S3 server with the files is cut off within a request, and gone for a minute
two-workers         two machines' workers race for one queue, and are killed

python -m drill.standing_drills steps-sqlite FOLDER [--papers 8] [--most 2]
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from drill import every_step, s3_away, two_workers
from drill.object_store_site import ObjectStoreSite
from drill.office_room import seal_key_of
from drill.outcome import Outcome
from drill.progress import say
from drill.standing_office import standing
from drill.troubles import full_disk, restarted, small_disk
from secondseal.demo.office import DemoOffice, open_or_build
from tests.cards.namespace import entrance, furnish
from tests.ports import free_port
from tests.store.postgres import started
from tests.tokens.faults import FaultModule

_TOKEN: Final = "con-dau-2"
_LONGEST_S: Final = 5400.0
_AT_ONCE: Final = 2
_LOOK_S: Final = 0.5
_TRIES: Final = 40
_LEFT: Final = 120
"""Pages of 4 KiB: as much as one act of these writes at most."""
_FEWER: Final = 200
"""Papers in flight where each step is not met."""
_APART: Final = frozenset({"disk-full"})
"""Carried out in namespaces of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a drill is carried out on. `device` stands before the seal's token and counts; `folder` is the drill's own,
    not yet made."""

    office: DemoOffice
    folder: Path
    device: FaultModule
    papers: int
    most: int | None
    away_s: float = s3_away.AWAY_S

    @property
    def tries(self) -> int:
        """How often an act meets what takes its time, or is not worth meeting at each step."""
        return self.most or _TRIES


def _steps_sqlite(ground: Ground) -> Outcome:
    return _steps(ground, "steps-sqlite", f"sqlite:///{ground.folder / 'register.db'}")


def _steps_postgresql(ground: Ground) -> Outcome:
    with started() as server:
        return _steps(ground, "steps-postgresql", server.create_database("steps"))


def _steps(ground: Ground, name: str, database: str) -> Outcome:
    with standing(ground.office, ground.folder, database) as office:
        acts = every_step.EveryStep(standing=office, troubles=every_step.kills(ground.most))
        return every_step.drill(name, office, ground.device, acts, ground.papers, "kill -9 at a step")


def _disk_full(ground: Ground) -> Outcome:
    """Inside namespaces of its own."""
    disk = ground.folder
    small_disk(disk, 64_000_000 + 600_000 * ground.papers)
    pages = [count * _LEFT // ground.tries for count in range(ground.tries)]
    register = disk / "office" / "register.db"
    with standing(ground.office, disk / "office", f"sqlite:///{register}") as office:
        acts = every_step.EveryStep(standing=office, troubles=full_disk(disk, register, pages), sure=False)
        return every_step.drill(
            "disk-full", office, ground.device, acts, ground.papers, f"0 to {pages[-1]} pages of the disk left"
        )


def _database_restarted(ground: Ground) -> Outcome:
    with started() as server:
        database = server.create_database("restarted")
        with standing(ground.office, ground.folder, database) as office:
            acts = every_step.EveryStep(standing=office, troubles=restarted(server, ground.tries), sure=False)
            return every_step.drill(
                "database-restarted", office, ground.device, acts, ground.papers, "PostgreSQL restarted at a step"
            )


def _s3_away(ground: Ground) -> Outcome:
    with (
        # before all else: the process it forks holds nothing of the others
        closing(ObjectStoreSite()) as site,
        started() as server,
        standing(ground.office, ground.folder, server.create_database("away"), site.options) as office,
    ):
        return s3_away.drill("s3-away", office, site, ground.device, ground.papers, ground.tries, ground.away_s)


def _two_workers(ground: Ground) -> Outcome:
    with (
        started() as server,
        standing(ground.office, ground.folder, server.create_database("workers")) as office,
    ):
        return two_workers.drill("two-workers", office, ground.papers, ground.tries)


DRILLS: Final[dict[str, Callable[[Ground], Outcome]]] = {
    "steps-sqlite": _steps_sqlite,
    "steps-postgresql": _steps_postgresql,
    "disk-full": _disk_full,
    "database-restarted": _database_restarted,
    "s3-away": _s3_away,
    "two-workers": _two_workers,
}


def apart(names: Sequence[str], options: Sequence[str] = ()) -> Iterator[Outcome]:
    """Each of these in a process of its own, with these options, two side by side; outcomes as they end. Meanwhile
    their progress is said."""
    waiting = list(names)
    with ExitStack() as running:
        begun: list[_Begun] = []
        while waiting or begun:
            while waiting and len(begun) < _AT_ONCE:
                name = waiting.pop(0)
                # to files: nobody reads a pipe while it waits for another
                folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="secondseal-drill-")))
                begun.append(running.enter_context(_begun(name, folder, options)))
                say(f"{name} begins; {len(waiting)} more wait")
            for one in list(begun):
                one.pass_on()
                if one.process.poll() is not None or one.seconds > _LONGEST_S:
                    begun.remove(one)
                    yield one.outcome()
            time.sleep(_LOOK_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A drill that runs; what it says goes to files in `folder`."""

    name: str
    process: "subprocess.Popen[bytes]"
    folder: Path
    began: float
    passed_on: list[int]

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def pass_on(self) -> None:
        """Say what it said since the last look, but for its outcome."""
        said = (self.folder / "stdout").read_bytes()
        new, (begin,) = said[: said.rfind(b"\n") + 1], self.passed_on
        self.passed_on[:] = [len(new)]
        for line in new[begin:].decode(errors="replace").splitlines():
            if not line.startswith("{"):
                say(f"    {self.name}: {line}")

    def outcome(self) -> Outcome:
        """Also of one that was not carried out to its end."""
        if self.process.poll() == 0:
            told = json.loads((self.folder / "stdout").read_text().splitlines()[-1])
            return Outcome(**{**told, "wrong": tuple(told["wrong"])})
        if self.process.poll() is None:
            self.process.terminate()
            why = f"not over after {_LONGEST_S:.0f} s"
        else:
            why = (self.folder / "stderr").read_text(errors="replace")[-4000:]
        return Outcome(name=self.name, did="not carried out", seconds=self.seconds, lost=0, doubled=0, wrong=(why,))


def _command(name: str, folder: Path) -> list[str]:
    command = [sys.executable, "-m", "drill.standing_drills", name, str(folder)]
    if name not in _APART:
        return command
    before = entrance()
    if isinstance(before, str):  # a reason, for its outcome
        return [sys.executable, "-c", f"raise SystemExit({before!r})"]
    return [*before, *command, "--apart"]


@contextmanager
def _begun(name: str, folder: Path, options: Sequence[str]) -> Iterator[_Begun]:
    with (folder / "stdout").open("wb") as said, (folder / "stderr").open("wb") as erred:
        command = [*_command(name, folder), *options]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=said, stderr=erred)
    try:
        yield _Begun(name=name, process=process, folder=folder, began=time.monotonic(), passed_on=[0])
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def main() -> None:
    """One drill; its outcome as JSON on the last line."""
    parser = argparse.ArgumentParser(prog="drill.standing_drills")
    parser.add_argument("name", choices=DRILLS)
    parser.add_argument("folder", type=Path, help="where a demo office is, or is made")
    parser.add_argument("--papers", type=int)
    parser.add_argument("--most", type=int, help="so many steps of an act at most")
    parser.add_argument("--away", type=float, default=s3_away.AWAY_S, help="how long the S3 server is gone, seconds")
    parser.add_argument("--apart", action="store_true", help="it is in namespaces of its own")
    given = parser.parse_args()
    if given.name in _APART and not given.apart:
        parser.error(f"{given.name} goes by `python -m drill {given.name}`: it needs namespaces of its own")
    steps = given.name.startswith("steps-")
    papers = given.papers or (every_step.PAPERS if steps else _FEWER)
    if steps and given.most and given.most > papers // 2:
        # a paper ended over again and again is past some of the steps, which would be told as never come to
        parser.error(f"{papers} papers meet {papers // 2} steps of an act at most, not {given.most}")
    # what was started here ends with it: a database, the authorities, the officer's computer
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))
    if given.apart:
        furnish()
    office = open_or_build(given.folder / "demo-office", port=free_port())
    device = FaultModule(given.folder / "device")
    seal_key_of(office, f"pkcs11:token={_TOKEN}?module-path={device.path}")
    ground = Ground(
        office=office,
        folder=given.folder / given.name,
        device=device,
        papers=papers,
        most=given.most,
        away_s=given.away,
    )
    print(json.dumps(asdict(DRILLS[given.name](ground))), flush=True)


if __name__ == "__main__":
    main()
