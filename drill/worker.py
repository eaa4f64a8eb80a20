"""Drills of the seal worker, with a confirmed list in flight, under the real supervisor.

    worker-hsm-away     the HSM is killed and comes back after longer than the key's own recovery lasts
    worker-starts-away  the worker is killed while the HSM is away and started without it
    worker-crash        the driver crashes the worker in a C_Sign (SIGSEGV)
    worker-hang         the driver never comes back from a C_Sign
    worker-token-gone   CKR_DEVICE_REMOVED from every call for a while, no token in any slot
    wrong-signature     one signature is wrong by a bit
    no-session          the session is lost, and the device has no other: CKR_SESSION_COUNT for a while

Each needs an office: `python -m drill` makes one and lends it to all of them.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drill.office_room import OfficeRoom, seal_key_of, served
from drill.outcome import DrillFailed, Outcome
from drill.remote_hsm import RemoteHsm, client_module
from secondseal.demo.office import open_or_build
from tests.ports import free_port
from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import softhsm_module

PAPERS = 8
_TOKEN = "con-dau-2"
AWAY_S = 12.0
RETURN_LIMIT_S = 10.0
"""From the HSM's return to the next sealed paper: asked every three seconds at most; a paper takes its time."""


@dataclass(kw_only=True)
class WorkerRoom(OfficeRoom):
    """An office whose seal's key is reached by a driver that fails as told, or over a wire."""

    fault: FaultModule
    hsm: RemoteHsm

    def reach_key_by(self, module: Path) -> None:
        """The seal's key by this driver from now on."""
        seal_key_of(self.office, f"pkcs11:token={_TOKEN}?module-path={module}")


@contextmanager
def open_room(folder: Path) -> Iterator[WorkerRoom]:
    """A new demo office in `folder`, served."""
    port = free_port()
    office = open_or_build(folder / "demo-office", port=port)
    fault = FaultModule(folder / "faults")
    tokens = {"SOFTHSM2_CONF": str(office.home / "tokens" / "seal" / "softhsm2.conf")}
    hsm = RemoteHsm(folder / "p11", softhsm_module(), {**os.environ, **tokens})
    seal_key_of(office, f"pkcs11:token={_TOKEN}?module-path={fault.path}")
    with served(office, port, folder, hsm.environment) as room:
        try:
            yield WorkerRoom(**vars(room), fault=fault, hsm=hsm)
        finally:
            hsm.kill()


def worker_hsm_away(room: WorkerRoom, count: int = PAPERS, away_s: float = AWAY_S) -> Outcome:
    """Killed with papers in flight, back later."""
    began = time.monotonic()
    wrong: list[str] = []
    with room.hsm:
        room.reach_key_by(client_module())
        papers = room.papers(count)
        gone = time.monotonic()
        lists = _killed_in_flight(room, papers, room.hsm.kill)
        told_s = room.until(lambda: room.look(lists[-1])["waits"] is not None, away_s + 10, "the list says it waits")
        before = sum(room.sealed(one) for one in lists)
        time.sleep(max(0.0, away_s - (time.monotonic() - gone)))
        if any(one["state"] == "failed" for listed in lists for one in room.look(listed)["documents"]):
            wrong.append("papers were given back while the HSM was away")
        workers = len(room.workers())
        room.hsm.start()
        back_s = _goes_on(room, lists, before, wrong)
        if len(room.workers()) != workers:
            wrong.append("the worker was started again")
        made = room.outcome(
            "worker-hsm-away",
            f"HSM killed for {away_s:.0f} s after {before} of {count} papers; told after {told_s:.1f} s, next paper "
            f"sealed {back_s:.1f} s after its return, same process",
            papers,
            began,
            wrong,
        )
        room.reach_key_by(room.fault.path)
    return made


def worker_starts_away(room: WorkerRoom, count: int = PAPERS, away_s: float = 5.0) -> Outcome:
    """The HSM and the worker are killed; the next worker finds no HSM, waits, and goes on when it is back."""
    began = time.monotonic()
    wrong: list[str] = []
    with room.hsm:
        room.reach_key_by(client_module())
        papers = room.papers(count)
        workers = room.workers()

        def both() -> None:
            room.hsm.kill()
            os.kill(workers[-1], signal.SIGKILL)

        lists = _killed_in_flight(room, papers, both)
        room.until(lambda: len(room.workers()) > len(workers), 60, "the worker is started again")
        room.until(lambda: room.look(lists[-1])["waits"] is not None, 60, "the list says that it waits")
        time.sleep(away_s)
        before = sum(room.sealed(one) for one in lists)
        room.hsm.start()
        back_s = _goes_on(room, lists, before, wrong)
        did = (
            f"HSM and worker killed after {before} of {count} papers; next paper sealed {back_s:.1f} s after its return"
        )
        made = room.outcome("worker-starts-away", did, papers, began, wrong)
        room.reach_key_by(room.fault.path)
    return made


def _killed_in_flight(room: WorkerRoom, papers: Sequence[str], kill: Callable[[], None]) -> tuple[str, ...]:
    """One paper is sealed; what is killed is killed as a list begins, and another list is confirmed behind it, which
    waits whatever became of that one. Gives the three lists."""
    first = room.confirm(papers[:1])
    room.until(lambda: room.sealed(first) == 1, 60, "the first paper is sealed")
    half = 1 + len(papers) // 2
    in_flight = room.confirm(papers[1:half])
    kill()
    return first, in_flight, room.confirm(papers[half:])


def _goes_on(room: WorkerRoom, lists: Sequence[str], before: int, wrong: list[str]) -> float:
    """The HSM is back: seconds to the next sealed paper; waits for the end of all lists."""
    back_s = room.until(
        lambda: sum(room.sealed(one) for one in lists) > before, 60, "a paper is sealed after the HSM's return"
    )
    for one in lists:
        room.finished(one)
    if back_s > RETURN_LIMIT_S:
        wrong.append(f"{back_s:.1f} s from the HSM's return to the next sealed paper")
    return back_s


def worker_crash(room: WorkerRoom, count: int = PAPERS) -> Outcome:
    """SIGSEGV in a C_Sign chosen at random."""
    after = random.randrange(count)
    return _with_rules(
        room,
        "worker-crash",
        f"driver crashed in C_Sign {after + 1}",
        count,
        [f"C_Sign crash after={after} times=1"],
        restarts=1,
    )


def worker_hang(room: WorkerRoom, count: int = PAPERS) -> Outcome:
    """A C_Sign chosen at random does not end."""
    after = random.randrange(count)
    return _with_rules(
        room,
        "worker-hang",
        f"driver hung in C_Sign {after + 1}",
        count,
        [f"C_Sign hang after={after} times=1"],
        restarts=1,
    )


def worker_token_gone(room: WorkerRoom, count: int = PAPERS, away_s: float = 8.0) -> Outcome:
    """The token leaves during a C_Sign chosen at random, and every slot is empty until it comes back."""
    after = random.randrange(1, count)

    def removed_and_back(listed: str) -> None:
        room.until(lambda: room.fault.ruled()["C_Sign"] > 0, 60, "the token is removed")
        room.fault.rules(*_REMOVED)
        room.until(lambda: room.look(listed)["waits"] is not None, 60, "the list says that it waits")
        time.sleep(away_s)
        if not room.fault.ruled()["C_GetTokenInfo"]:
            raise DrillFailed("nobody looked for the token")

    return _with_rules(
        room,
        "worker-token-gone",
        f"token removed in C_Sign {after + 1}, back {away_s:.0f} s after the list was said to wait",
        count,
        [f"C_Sign ckr=CKR_DEVICE_REMOVED after={after}"],
        meanwhile=removed_and_back,
    )


_REMOVED = (
    *(f"{call} ckr=CKR_TOKEN_NOT_PRESENT" for call in ("C_GetTokenInfo", "C_OpenSession")),
    *(f"{call} ckr=CKR_DEVICE_REMOVED" for call in ("C_GetSessionInfo", "C_Login", "C_Find*", "C_Sign*")),
)


def wrong_signature(room: WorkerRoom, count: int = PAPERS) -> Outcome:
    """One signature leaves the device with a bit turned; it must not leave the worker."""
    after = random.randrange(count)
    return _with_rules(
        room,
        "wrong-signature",
        f"C_Sign {after + 1} answered a wrong signature",
        count,
        [f"C_Sign corrupt after={after} times=1"],
    )


def no_session(room: WorkerRoom, count: int = PAPERS, away_s: float = 8.0) -> Outcome:
    """The session is lost in a C_Sign chosen at random, and others hold all the device has room for, for a while."""
    after = random.randrange(count)

    def taken_and_free(listed: str) -> None:
        room.until(lambda: room.look(listed)["waits"] is not None, 60, "the list says that it waits")
        time.sleep(away_s)

    rules = [f"C_Sign ckr=CKR_SESSION_HANDLE_INVALID after={after} times=1", "C_OpenSession sessions=0"]
    did = f"the session was lost in C_Sign {after + 1}, and no other to be had for {away_s:.0f} s after the list waited"
    return _with_rules(room, "no-session", did, count, rules, needed="C_OpenSession", meanwhile=taken_and_free)


DRILLS: dict[str, Callable[[WorkerRoom], Outcome]] = {
    "worker-hsm-away": worker_hsm_away,
    "worker-starts-away": worker_starts_away,
    "worker-crash": worker_crash,
    "worker-hang": worker_hang,
    "worker-token-gone": worker_token_gone,
    "wrong-signature": wrong_signature,
    "no-session": no_session,
}


def _with_rules(
    room: WorkerRoom,
    name: str,
    did: str,
    count: int,
    rules: Sequence[str],
    *,
    restarts: int = 0,
    needed: str = "C_Sign",
    meanwhile: Callable[[str], None] | None = None,
) -> Outcome:
    """Papers confirmed while these rules hold; `restarts`: how often the worker must have been started again; `needed`:
    the call a rule must have had a hand in."""
    began = time.monotonic()
    papers = room.papers(count)
    workers, calls = len(room.workers()), room.fault.calls()["C_Sign"]
    ruled = room.fault.ruled()[needed]
    room.fault.rules(*rules)
    try:
        listed = room.confirm(papers)
        if meanwhile is not None:
            meanwhile(listed)
            room.fault.rules()
        room.finished(listed)
    finally:
        room.fault.rules()
    # a call that ends the process is counted by what it did
    happened = restarts or room.fault.ruled()[needed] > ruled
    wrong = [] if happened else ["the fault did not happen"]
    again = len(room.workers()) - workers
    if again != restarts:
        wrong.append(f"the worker was started again {again} times, not {restarts}")
    made = room.fault.calls()["C_Sign"] - calls
    return room.outcome(name, did, papers, began, wrong, uses=made)
