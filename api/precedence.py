"""The office before the crowd: a citizen's file is not begun on while an approval or a sealing is under way.

A check takes the machine's cores and, in this process, Python's one lock; an officer's or a custodian's act needs both
for a moment (a password's Argon2id alone takes all cores there are). So whoever only asks waits until the office is
quiet, but never longer than `PATIENCE_S`: no office is so busy that citizens are not served (decision 0054).
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

PATIENCE_S: Final = 0.5
_LINGER_S: Final = 0.1
"""An act is several requests (open, prepare, hand back; look, prove who one is, confirm): between two it goes on."""
_LOOK_S: Final = 0.02
_ASKED_S: Final = 0.1
"""For how long the database's answer holds, for all who wait together."""
_OFFICE: Final = ("/api/v1/", "/desk", "/sign-in")
_CITIZENS: Final = ("/api/v1/verifications", "/api/v1/openapi.json")


class Precedence:
    """Knows whether the office is at work. Thread-safe.

    `sealing` asks whether the seal worker has something in hand. `clock` (seconds, never goes back) and `sleep` are
    those of `time`.
    """

    def __init__(
        self,
        sealing: Callable[[], bool],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sealing = sealing
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._acts = 0
        self._last = float("-inf")
        self._said = (False, float("-inf"))

    @contextmanager
    def act(self) -> Iterator[None]:
        """One request of the office."""
        with self._lock:
            self._acts += 1
        try:
            yield
        finally:
            with self._lock:
                self._acts -= 1
                self._last = self._clock()

    @property
    def office_at_work(self) -> bool:
        """Whether a request of the office is under way or was a moment ago, or the worker has a paper to seal."""
        with self._lock:
            if self._acts or self._clock() - self._last < _LINGER_S:
                return True
        said, at = self._said
        if self._clock() - at >= _ASKED_S:
            self._said = said, _ = self._sealing(), self._clock()
        return said

    def give_way(self) -> None:
        """Return once the office is quiet, or one has waited long enough."""
        until = self._clock() + PATIENCE_S
        while (left := until - self._clock()) > 0 and self.office_at_work:
            self._sleep(min(_LOOK_S, left))


class OfficeFirst:
    """ASGI middleware: tells `precedence` of the office's requests.

    One that waits for something to be done (`Prefer: wait`) does nothing meanwhile and is not counted.
    """

    def __init__(self, app: ASGIApp, *, precedence: Precedence) -> None:
        self._app = app
        self._precedence = precedence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or not _of_the_office(scope):
            await self._app(scope, receive, send)
            return
        with self._precedence.act():
            await self._app(scope, receive, send)


def _of_the_office(scope: Scope) -> bool:
    path: str = scope["path"]
    if not path.startswith(_OFFICE) or path.startswith(_CITIZENS):
        return False
    return all(name != b"prefer" for name, _ in scope["headers"])
