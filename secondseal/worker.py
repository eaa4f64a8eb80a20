"""The seal worker: the only process that logs in to the seals' tokens.

It takes nothing but what stands in the database, checks everything itself, and goes on from the database after a
crash. One worker serves an office: a lock file in the state folder keeps a second one out.
"""

import fcntl
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from register import keep_note, sign_checkpoint
from secondseal.keys import SealKeys
from secondseal.pins import Pins
from secondseal.settings import Settings
from secondseal.wiring import build_desk
from stamping import passage
from store import migrate, write
from verifier import Sandbox

log = logging.getLogger("secondseal.worker")

_IDLE_S: Final = 0.05
"""Pause between looks at an empty queue: what a waiting custodian does not notice."""


class WorkerRunning(Exception):
    """Another worker serves this office already."""


def run_worker(settings: Settings) -> None:
    """Serve the queue until SIGTERM or SIGINT; the document in hand is finished first."""
    pins = Pins(settings)  # first: what it takes out of the environment reaches no child
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    settings.state.mkdir(parents=True, exist_ok=True)
    with _only_one(settings.state / "worker.lock"), Sandbox() as sandbox:
        desk = build_desk(settings, sandbox)
        migrate(desk.engine)
        keys = SealKeys(settings, desk, pins)
        try:
            again = passage.recover(desk)
            log.info("ready; %d interrupted documents queued again", again)
            sealed = 1  # what an earlier worker sealed last may not be under a checkpoint yet
            while not stop.is_set():
                if passage.serve_one(desk, keys):
                    sealed += 1
                    continue
                if sealed:
                    # after a batch, never within it: one signed statement covers the whole of it
                    with write(desk.engine) as connection:
                        point = sign_checkpoint(
                            connection, key_file=settings.checkpoint_key, origin=settings.public_url, at=desk.clock()
                        )
                    # outside the database: who cuts the register's end would have to cut this file too
                    keep_note(settings.checkpoint_notes, point)
                    sealed = 0
                stop.wait(_IDLE_S)
        finally:
            keys.close()


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WorkerRunning(f"another seal worker holds {path}") from error
        yield
