"""Two workers on one PostgreSQL, as on two machines, race for the same papers.

The first half of the queue is raced for past the lock that lets one of them work at a time: each takes whatever it can
claim. The rest by `run_worker` itself, each started again whenever it ends, and killed at random moments in between.
"""

import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select

from drill.ended_acts import confirm
from drill.every_step import EveryStep
from drill.outcome import DrillFailed, Outcome
from drill.sealed_once import counted
from drill.standing_office import StandingOffice
from secondseal import worker
from stamping import passage
from stamping.tables import confirmation_documents, documents
from store import read

_REFUSED: Final = 3
"""How a worker ends where another one serves the office."""
_PAUSE_S: Final = (0.5, 2.5)
"""Between two kills: a worker starts in less than a second, and seals some papers in the rest."""
_LONGEST_S: Final = 900.0


def drill(name: str, standing: StandingOffice, papers: int, kills: int) -> Outcome:
    """Carry papers to the queue without trouble, then race. Raises `DrillFailed`."""
    began = time.monotonic()
    made = EveryStep(standing=standing, troubles=lambda _steps: []).to_the_worker(papers)
    shares = _raced(standing, papers // 2)
    machines = _Machines(standing=standing, kills=kills)
    machines.serve()
    back = _given_back(standing)
    again = [one for one in made if one in back]
    for paper in again:  # killed three times over it: rightly the custodian's again
        confirm(standing, [paper], None)
    if again:
        machines.serve()
    found = counted(standing, made)
    wrong = list(found.wrong)
    if found.sealed != len(made):
        wrong.append(f"{len(made) - found.sealed} papers are not sealed, and nothing stands in their way any more")
    if min(shares) == 0:
        wrong.append(f"there was no race: {shares} papers")
    did = (
        f"{papers} papers in flight; two workers raced for {sum(shares)}, {shares[0]} and {shares[1]} each; for the "
        f"rest as on two machines, killed {machines.killed} times ({dict(machines.ends)}), {len(again)} given back"
        f" and confirmed anew; {found.sealed} papers sealed once, {found.entries} entries"
    )
    return Outcome(
        name=name,
        did=did,
        seconds=time.monotonic() - began,
        lost=found.lost,
        doubled=found.doubled,
        wrong=tuple(wrong),
    )


def _raced(standing: StandingOffice, turns: int) -> list[int]:
    """Two processes claim papers side by side until so many are taken; how many each sealed."""
    running = []
    for _ in range(2):
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ours)
            _race(standing, -(-turns // 2), theirs)
        os.close(theirs)
        running.append((pid, ours))
    sealed = []
    for pid, ours in running:
        with os.fdopen(ours, "rb") as heard:
            sealed.append(len(heard.read()))
        if os.waitpid(pid, 0)[1]:
            raise DrillFailed("a racing worker ended by a fault")
    return sealed


def _race(standing: StandingOffice, turns: int, pipe: int) -> None:
    """In the child; never returns."""
    try:
        desk = standing.desk()
        keys = standing.seal_keys(desk)
        for _ in range(turns):
            if passage.serve_one(desk, keys):
                os.write(pipe, b".")
        keys.close()
        os._exit(0)
    except BaseException:  # noqa: BLE001  said, and counted by the parent
        traceback.print_exc()
        os._exit(1)


@dataclass(kw_only=True)
class _Machines:
    """The real worker twice, each with a state folder of its own, kept running as systemd does. `kills`: so many times
    one of them is ended by SIGKILL."""

    standing: StandingOffice
    kills: int
    killed: int = 0
    ends: Counter[str] = field(default_factory=Counter)

    def serve(self) -> None:
        """Until nothing is queued. Raises `DrillFailed`."""
        running = [self._start(0), self._start(1)]
        began = time.monotonic()
        next_kill = began + random.uniform(*_PAUSE_S)
        while self._queued():
            if time.monotonic() - began > _LONGEST_S:
                raise DrillFailed(f"papers still wait after {_LONGEST_S:.0f} s")
            if self.killed < self.kills and time.monotonic() > next_kill:
                os.kill(random.choice(running), signal.SIGKILL)
                self.killed += 1
                next_kill = time.monotonic() + random.uniform(*_PAUSE_S)
            time.sleep(0.1)
            for number, pid in enumerate(running):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    self._ended(status)
                    running[number] = self._start(number)
        for pid in running:
            os.kill(pid, signal.SIGTERM)
        for pid in running:
            self._ended(os.waitpid(pid, 0)[1], asked=True)

    def _ended(self, status: int, *, asked: bool = False) -> None:
        if os.WIFSIGNALED(status):
            how = "killed" if os.WTERMSIG(status) == signal.SIGKILL else "asked before it was up"
        else:
            how = {0: "asked", _REFUSED: "refused beside the other"}.get(os.WEXITSTATUS(status), "fault")
        if how == "fault" or (how.startswith("asked") and not asked):
            raise DrillFailed(f"a worker ended with status {status} ({how})")
        if not asked:
            self.ends[how] += 1

    def _start(self, number: int) -> int:
        pid = os.fork()
        if pid:
            return pid
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            settings = self.standing.settings
            state = settings.state.with_name(f"machine-{number}")
            setattr(worker, "Sandbox", lambda: self.standing.lent.sandbox)  # noqa: B010  the parent's
            worker.run_worker(settings.model_copy(update={"state": state, "canary_interval_s": 86400.0}))
        except worker.WorkerRunning:
            time.sleep(0.2)  # systemd's RestartSec, shorter
            os._exit(_REFUSED)
        except BaseException:  # noqa: BLE001  said, and counted by the parent
            traceback.print_exc(file=sys.stderr)
            os._exit(1)
        os._exit(0)

    def _queued(self) -> bool:
        with self.standing.looking() as engine, read(engine) as connection:
            waiting = confirmation_documents.c.state.in_(["queued", "sealing"])
            return (
                connection.execute(select(documents.c.id).join(confirmation_documents).where(waiting)).first()
                is not None
            )


def _given_back(standing: StandingOffice) -> set[str]:
    with standing.looking() as engine, read(engine) as connection:
        return set(connection.scalars(select(documents.c.id).where(documents.c.state == "approved")))
