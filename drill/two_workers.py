"""Two workers on one PostgreSQL, as on two machines, race for the same papers.

The first half of the queue is raced for turn by turn: each takes whatever it can claim. The rest by `run_worker`
itself, each started again whenever it ends, and killed at random moments in between (decision 0078).
"""

import os
import time
import traceback
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from drill.ended_acts import confirm
from drill.every_step import EveryStep
from drill.machines import Machines
from drill.outcome import DrillFailed, Outcome
from drill.sealed_once import counted
from drill.standing_office import StandingOffice
from stamping import Worker, passage
from stamping.tables import documents
from store import read


def drill(name: str, standing: StandingOffice, papers: int, kills: int) -> Outcome:
    """Carry papers to the queue without trouble, then race. Raises `DrillFailed`."""
    began = time.monotonic()
    made = EveryStep(standing=standing, troubles=lambda _steps: []).to_the_worker(papers)
    shares = _raced(standing, papers // 2)
    machines = Machines(standing=standing, kills=kills)
    machines.serve()
    back = _given_back(standing)
    again = [one for one in made if one in back]
    for paper in again:  # killed three times over it: rightly the custodian's again
        confirm(standing, [paper], None)
    if again:
        machines.serve()
    found = counted(standing, made)
    wrong = [f"there was no race: {shares} papers"] if min(shares) == 0 else []
    did = (
        f"{papers} papers in flight; two workers raced for {sum(shares)}, {shares[0]} and {shares[1]} each; for the "
        f"rest as on two machines, killed {machines.killed} times ({dict(machines.ends)}), {len(again)} given back"
        f" and confirmed anew; {found.sealed} papers sealed once, {found.entries} entries"
    )
    return found.outcome(name, did, began=began, papers=len(made), wrong=wrong)


def _raced(standing: StandingOffice, turns: int) -> list[int]:
    """Two processes claim papers side by side until so many are taken; how many each sealed."""
    running = []
    for number in range(2):
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ours)
            _race(standing, number, -(-turns // 2), theirs)
        os.close(theirs)
        running.append((pid, ours))
    sealed = []
    for pid, ours in running:
        with os.fdopen(ours, "rb") as heard:
            sealed.append(len(heard.read()))
        if os.waitpid(pid, 0)[1]:
            raise DrillFailed("a racing worker ended by a fault")
    return sealed


def _race(standing: StandingOffice, number: int, turns: int, pipe: int) -> None:
    """In the child; never returns."""
    try:
        here = Worker(name=f"racer-{number}", lease=timedelta(minutes=1))
        desk = replace(standing.desk(), worker=here)
        keys = standing.seal_keys(desk)
        for _ in range(turns):
            if passage.serve_one(desk, keys):
                os.write(pipe, b".")
        keys.close()
        os._exit(0)
    except BaseException:  # noqa: BLE001  said, and counted by the parent
        traceback.print_exc()
        os._exit(1)


def _given_back(standing: StandingOffice) -> set[str]:
    with standing.looking() as engine, read(engine) as connection:
        return set(connection.scalars(select(documents.c.id).where(documents.c.state == "approved")))
