"""Supervises the processes of the service: each attacker's prize in a process of its own (docs/threats.md).

The parent holds no key, no database and no port; it starts the others, restarts the one that died and ends them all.
"""

import contextlib
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

log = logging.getLogger("secondseal.serve")

_LONGEST_PAUSE_S: Final = 30.0
_STEADY_S: Final = 60.0
"""A process that has run this long starts again without a pause when it dies."""
_GRACE_S: Final = 15.0
DRIVER_SILENT: Final = 70
"""`hsm.HUNG`, said again here: this process loads no PKCS#11."""
AFRESH: Final = 75
"""A worker that ends so that its driver gets a fresh process (EX_TEMPFAIL of sysexits.h)."""
_CRASHES: Final = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE})


@dataclass(slots=True)
class Child:
    """One supervised process: how it is started, and how often it has died lately."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    not_before: float = field(default=0.0)

    def start(self) -> None:
        """Start it; nothing is inherited but the standard streams."""
        self.process = subprocess.Popen(self.command, env=dict(self.environment), stdin=subprocess.DEVNULL)
        self.started = time.monotonic()
        log.info("%s started, process %d", self.name, self.process.pid)

    def look(self) -> None:
        """Restart it if it died, waiting longer each time it dies young."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.not_before:
                self.start()
            return
        status = self.process.poll()
        if status is None:
            return
        self.pause = 0.0 if now - self.started > _STEADY_S else min(max(0.5, self.pause * 2), _LONGEST_PAUSE_S)
        log.error("%s ended: %s; starting again in %.1f s", self.name, reason(status), self.pause)
        self.process = None
        self.not_before = now + self.pause


def reason(status: int) -> str:
    """Why a process ended, in words; `status` as `subprocess` gives it."""
    if status == DRIVER_SILENT:
        return f"a token's driver did not answer (status {status})"
    if status == AFRESH:
        return f"to start afresh: a key stays away (status {status})"
    if status >= 0:
        return f"status {status}"
    name = str(-status)
    with contextlib.suppress(ValueError):
        name = signal.Signals(-status).name
    if -status in _CRASHES:
        return f"crashed ({name}), as a token's driver may make it"
    return f"killed ({name})"


def supervise(children: Sequence[Child]) -> int:
    """Run until SIGTERM or SIGINT; then end the children in reverse order."""
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    try:
        while not stop.is_set():
            for child in children:
                child.look()
            stop.wait(0.2)
    finally:
        for child in reversed(children):
            end(child.process)
    return 0


def end(process: subprocess.Popen[bytes] | None) -> None:
    """Ask a process of ours to end; insist when it does not within its grace."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def own_command(*words: str) -> list[str]:
    """This program again, with other words, in this interpreter."""
    return [sys.executable, "-m", "secondseal.command", *words]
