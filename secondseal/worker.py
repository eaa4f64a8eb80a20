"""The seal worker: the only process that logs in to the seals' tokens.

It takes nothing but what stands in the database, checks everything itself, and goes on from the database after a
crash. Several may share a PostgreSQL database, each under a name of its own and with a state folder of its own, where a
lock file keeps a second one out (decision 0078); a SQLite database has one. A driver that does not answer cannot be
stopped from here: the worker says so and ends itself, and is started again (decision 0073).
"""

import faulthandler
import fcntl
import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final

from hsm import HUNG, Overdue, PinSource, Watch
from secondseal.authorities import AuthoritiesInForce
from secondseal.canary import Canary
from secondseal.institution import make_ready
from secondseal.keeper import Keeper
from secondseal.keys import SealKeys
from secondseal.notify import ServiceManager
from secondseal.papers import papers_at_start
from secondseal.pins import Pins
from secondseal.settings import Settings, SettingsError
from secondseal.wiring import build_desk
from stamping import Desk, Worker, key_health, passage
from store import WorkerElsewhere, only_worker, write
from verifier import Sandbox

log = logging.getLogger("secondseal.worker")

_IDLE_S: Final = 0.05
"""Pause between looks at an empty queue: what a waiting custodian does not notice."""
_SEEN_S: Final = 15.0
"""Between two lines that say the worker is there."""
_WORDS_S: Final = 2.0
"""How long a worker about to end waits for the database to take down why."""


class WorkerRunning(Exception):
    """Another worker runs on this state folder, or under this name."""


def run_worker(settings: Settings, asked: PinSource | None = None) -> bool:
    """Serve the queue until SIGTERM or SIGINT; the document in hand is finished first.

    True where it ends by itself to be started afresh: a driver may need that to find its device again. A worker whose
    PIN a person typed (`asked`) never does: nobody would type it again.
    """
    pins = Pins(settings, asked)  # first: what it takes out of the environment reaches no child
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    papers = papers_at_start(settings)
    settings.state.mkdir(parents=True, exist_ok=True)
    with _only_one(settings.state / "worker.lock"), Sandbox() as sandbox, ExitStack() as holds:
        relied = AuthoritiesInForce(settings)
        desk = build_desk(settings, sandbox, relied.store, papers)
        if desk.sign_office is None:
            raise SettingsError(f"The seal worker needs the register's key, and cannot read {settings.checkpoint_key}.")
        here = Worker(name=_name(settings.state), lease=timedelta(seconds=settings.worker_lease_s))
        desk = replace(desk, worker=here)
        still_alone = holds.enter_context(_only_one_anywhere(desk))
        make_ready(desk, settings)
        keys = SealKeys(settings, desk, pins)
        canary = Canary(settings, desk, keys)
        keeper = Keeper(settings, desk)
        pulse = _Pulse(desk)
        # a driver that crashes: the last Python lines before it, for whoever made the driver
        faulthandler.enable()
        with Watch(settings.key_call_limit_s, lambda late: _leave(canary, late), beat=pulse.manager.alive):
            try:
                again = passage.recover(desk)
                canary.begin()
                keeper.begin()
                log.info("ready; %d interrupted documents queued again; worker %s", again, here.name)
                pulse.manager.ready()
                now = partial(relied.desk, desk)
                return _serve(settings, now, canary, keeper, pulse, stop, still_alone, may_restart=asked is None)
            finally:
                pulse.manager.stopping()
                keeper.end()
                keys.close()


def _serve(
    settings: Settings,
    desk: Callable[[], Desk],
    canary: Canary,
    keeper: Keeper,
    pulse: "_Pulse",
    stop: threading.Event,
    still_alone: Callable[[], None],
    *,
    may_restart: bool,
) -> bool:
    """Until asked to stop; True where the worker is to be started afresh."""
    sealed = 1  # what an earlier worker sealed last may not be under a checkpoint yet
    while not stop.is_set():
        still_alone()
        pulse.beat()
        canary.look()
        if canary.restart_due and may_restart:
            log.warning("token fault: restart: a key that worked stays away; the worker starts afresh for its driver")
            return True
        if passage.serve(desk(), canary, key_wait=timedelta(seconds=settings.key_wait_s)):
            sealed += 1
            continue
        if sealed:
            # after a batch, never within it: one signed statement covers the whole of it
            keeper.sign()
            sealed = 0
        stop.wait(_IDLE_S)
    return False


class _Pulse:
    """Says that the worker's loop moves on: to systemd, and in the database for the web process."""

    def __init__(self, desk: Desk) -> None:
        self.manager = ServiceManager()
        self._desk = desk
        self._said = time.monotonic()

    def beat(self) -> None:
        """Once around the loop."""
        self.manager.alive()
        now = time.monotonic()
        if now - self._said >= _SEEN_S:
            self._said = now
            with write(self._desk.engine) as connection:
                key_health.worker_seen(connection, self._desk.clock(), self._desk.worker.name)


def _leave(canary: Canary, late: Overdue) -> None:
    """The driver does not answer, so the thread inside it is lost: say so, and end this process now."""
    log.critical("%s; the worker ends, to be started again and go on from the database", late)
    words = threading.Thread(target=canary.driver_silent, args=(late,), name="last words", daemon=True)
    words.start()
    words.join(_WORDS_S)
    if words.is_alive():
        log.error("why it ends could not be written to the database within %.0f s", _WORDS_S)
    # no clean-up: closing a session would call the driver again
    os._exit(HUNG)


def _name(state: Path) -> str:
    """This machine's name and the state folder's own: it stays through restarts, and is no other worker's."""
    file = state / "worker.id"
    if not file.exists():
        # aside and renamed: a start that is cut off leaves none, never an empty one
        new = file.with_suffix(".new")
        new.write_text(secrets.token_hex(4), encoding="ascii")
        new.replace(file)
    return f"{socket.gethostname()[:64]}/{file.read_text('ascii').strip()[:32]}"


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WorkerRunning(f"another seal worker holds {path}") from error
        yield


@contextmanager
def _only_one_anywhere(desk: Desk) -> Iterator[Callable[[], None]]:
    with ExitStack() as held:
        try:
            check = held.enter_context(only_worker(desk.engine, desk.worker.name))
        except WorkerElsewhere as error:
            raise WorkerRunning(f"{error.text_vi} {error.text_en}") from error
        yield check
