"""How long a thread has been inside a driver, and an end to it where the driver does not answer.

A call into a driver cannot be broken off from Python, and a thread cannot be ended. So the process that owns the
`Watch` decides: it says what happened and ends itself, and whoever started it starts it again.

    Watch(60.0, leave).start()         # leave(Overdue) says what there is to say, then os._exit(HUNG)

What is timed is one call, not a stay: each call made here, each return from one, restarts the clock. A person is not a
driver: while a PIN is being typed nothing is timed, and a login on the token's own keypad may take `PERSON_S`.
"""

import faulthandler
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

HUNG: Final = 70
"""Exit status of a process whose driver did not answer (EX_SOFTWARE of sysexits.h)."""
PERSON_S: Final = 300.0
"""How long a person may take at the token's own keypad (CKF_PROTECTED_AUTHENTICATION_PATH), seconds."""
_TICK_S: Final = 1.0
_SLACK_S: Final = 3.0
_STDERR: Final = 2


class Place:
    """Where one thread is. `since` is 0.0 outside every driver, else a monotonic moment."""

    __slots__ = ("call", "path", "patience", "since")

    def __init__(self) -> None:
        self.path = ""
        self.call = ""
        self.since = 0.0
        self.patience = 0.0
        """Seconds this call may take whatever the limit; 0.0: the limit."""


class _Here(threading.local):
    """`here.place` is the calling thread's."""

    def __init__(self) -> None:
        # A thread's number is used again after its end, so this holds as many places as there were threads at once.
        self.place = _places[threading.get_ident()] = Place()


_places: dict[int, Place] = {}
here = _Here()


@contextmanager
def inside(path: str, call: str = "") -> Iterator[None]:
    """Around calls into the driver `path`. May be nested; leaving an inner one is a sign of life of the outer."""
    mine = here.place
    before, timed = mine.path, mine.since
    mine.path, mine.call, mine.since = path, call, time.monotonic()
    try:
        yield
    finally:
        mine.path, mine.call = before, ""
        mine.since = time.monotonic() if timed else 0.0


@contextmanager
def away() -> Iterator[None]:
    """Not in the driver for a while: a person is asked, or another thread's turn is waited for."""
    mine = here.place
    timed, mine.since = mine.since, 0.0
    try:
        yield
    finally:
        mine.since = time.monotonic() if timed else 0.0


@contextmanager
def person() -> Iterator[None]:
    """The calls inside wait for a person at the token's keypad."""
    mine = here.place
    mine.patience = PERSON_S
    try:
        yield
    finally:
        mine.patience = 0.0


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """A call into a driver that has lasted `seconds`. `call` is its PKCS#11 name, where it is one made by name."""

    module_path: str
    call: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.module_path} has not answered {self.call or 'a call'} for {self.seconds:.0f} s"


def overdue(limit_s: float) -> Overdue | None:
    """The call that has lasted longest beyond its limit, if there is one."""
    now = time.monotonic()
    worst: Overdue | None = None
    for found in list(_places.values()):
        since = found.since
        lasted = now - since
        if since and lasted > max(limit_s, found.patience) and (worst is None or lasted > worst.seconds):
            worst = Overdue(module_path=found.path, call=found.call, seconds=lasted)
    return worst


class Watch:
    """Tells `on_overdue` once, from a thread of its own, when a call into a driver has lasted longer than `limit_s`.

    `on_overdue` is expected to end the process. Should a driver hang while it holds Python's lock, no thread of ours
    runs any more: then the interpreter's own timer ends the process with status 1 and every thread's stack on the
    standard error (`faulthandler`). `beat` is called about once a second while a call is under way within its limit.
    """

    def __init__(
        self, limit_s: float, on_overdue: Callable[[Overdue], None], *, beat: Callable[[], None] = lambda: None
    ) -> None:
        if limit_s <= 0:
            raise ValueError("a limit is longer than nothing")
        self.limit_s = limit_s
        self._on_overdue = on_overdue
        self._beat = beat
        self._tick_s = min(_TICK_S, limit_s / 4)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> "Watch":
        """From now until `stop`, or until a call was overdue."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Nothing is timed any more."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def __enter__(self) -> "Watch":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            while not self._stop.wait(self._tick_s):
                late = overdue(self.limit_s)
                if late is not None:
                    self._on_overdue(late)
                    return
                faulthandler.dump_traceback_later(self.limit_s + _SLACK_S, exit=True, file=_STDERR)
                if any(place.since for place in list(_places.values())):
                    self._beat()
        finally:
            faulthandler.cancel_dump_traceback_later()
