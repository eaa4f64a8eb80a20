"""Two machines on one PostgreSQL: the real seal worker twice, started again whenever it ends, as systemd does it."""

import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import func, select

from drill.outcome import DrillFailed
from drill.progress import Progress
from drill.standing_office import StandingOffice
from secondseal import worker
from stamping.tables import confirmation_documents
from store import read

_REFUSED: Final = 3
"""How a worker ends whose predecessor's session is not over yet."""
_PAUSE_S: Final = (0.5, 2.5)
"""Between two kills: a worker starts in less than a second, and seals some papers in the rest."""
_LONGEST_S: Final = 900.0


@dataclass(kw_only=True)
class Machines:
    """Each with a state folder of its own. `kills`: so many times one of them is ended by SIGKILL."""

    standing: StandingOffice
    kills: int = 0
    killed: int = 0
    starts: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    _running: list[int] = field(default_factory=list)
    _asked: set[int] = field(default_factory=set)

    def serve(self, more: Callable[[], bool] = lambda: False) -> None:
        """Until nothing is queued and no more comes, which `more` is asked at each look. Raises `DrillFailed`."""
        self._running = [self._start(0), self._start(1)]
        began = time.monotonic()
        next_kill = began + random.uniform(*_PAUSE_S)
        queued = self._queued()
        progress = Progress("papers in the machines' queue", queued)
        try:
            # whether more comes is asked first: what came last is then in the queue
            while more() | bool(left := self._queued()):
                progress.done(max(0, queued - left))
                queued = left
                if time.monotonic() - began > _LONGEST_S:
                    raise DrillFailed(f"papers still wait after {_LONGEST_S:.0f} s")
                if self.killed < self.kills and time.monotonic() > next_kill:
                    os.kill(random.choice(self._running), signal.SIGKILL)
                    self.killed += 1
                    next_kill = time.monotonic() + random.uniform(*_PAUSE_S)
                time.sleep(0.1)
                self._started_again()
        finally:
            for number in range(len(self._running)):
                self.ask_to_end(number)
            for pid in self._running:
                self._ended(pid, os.waitpid(pid, 0)[1])

    def ask_to_end(self, number: int) -> None:
        """By SIGTERM, as for an update: it finishes what it has in hand."""
        self._asked.add(self._running[number])
        os.kill(self._running[number], signal.SIGTERM)

    def _started_again(self) -> None:
        for number, pid in enumerate(self._running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._ended(pid, status)
                self._running[number] = self._start(number)

    def _ended(self, pid: int, status: int) -> None:
        if os.WIFSIGNALED(status):
            how = "killed" if os.WTERMSIG(status) == signal.SIGKILL else "asked before it was up"
        else:
            how = {0: "asked", _REFUSED: "refused"}.get(os.WEXITSTATUS(status), "fault")
        if how == "fault" or (how.startswith("asked") and pid not in self._asked):
            raise DrillFailed(f"a worker ended with status {status} ({how})")
        self.ends[how] += 1

    def _start(self, number: int) -> int:
        self.starts += 1
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

    def _queued(self) -> int:
        with self.standing.looking() as engine, read(engine) as connection:
            waiting = confirmation_documents.c.state.in_(["queued", "sealing"])
            return connection.scalar(select(func.count()).select_from(confirmation_documents).where(waiting)) or 0
