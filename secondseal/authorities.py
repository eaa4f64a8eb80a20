"""The authorities relied on now: the list of `secondseal trust` may change while a process runs (decision 0052)."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from secondseal.settings import Settings
from secondseal.wiring import configured_store, required
from trust import AnchorsUnreadable, TrustList, TrustStore

if TYPE_CHECKING:
    from stamping import Desk

log = logging.getLogger("secondseal.trust")
LOOK_S: Final = 2.0


class AuthoritiesInForce:
    """Reads the list again where its file has changed, looking every two seconds at most. Thread-safe.

    The file is replaced in one step, so what is read is whole. A list that cannot be read, that is gone, or that lacks
    an act which counted already, changes nothing: what counted goes on counting, `problem` says why, and so does one
    line in the log. Raises AnchorsUnreadable and SettingsError when it is made, as a start does. The files named in the
    settings are read once.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = settings.trust_list
        self._configured = configured_store(settings)
        self._clock = clock
        self._lock = threading.Lock()
        self._state = self._seen()
        self._list = TrustList.load(self._file)
        self._store = required(self._list.store(self._configured))
        self._looked = clock()
        self._made: dict[int, tuple[Desk, Desk]] = {}
        self.problem: str | None = None

    def store(self) -> TrustStore:
        """The authorities that count at this moment; the same object until they change."""
        if self._clock() - self._looked >= LOOK_S and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._store

    def desk(self, desk: "Desk") -> "Desk":
        """`desk` with these authorities; one and the same until they change."""
        store = self.store()
        if desk.store is store:
            return desk
        known = self._made.get(id(desk))
        if known is None or known[0] is not desk or known[1].store is not store:
            known = desk, replace(desk, store=store, sources=replace(desk.sources, store=store))
            self._made[id(desk)] = known
        return known[1]

    def _look(self) -> None:
        self._looked = self._clock()
        state = self._seen()  # before reading: what is written meanwhile is seen the next time
        if state == self._state:
            return
        self._state = state
        try:
            found = self._continued()
        except AnchorsUnreadable as error:
            self.problem = str(error)
            log.error("the list of authorities is not taken up, what counted before goes on counting: %s", error)  # noqa: TRY400
            return
        self.problem = None
        if found != self._list:
            self._list, self._store = found, found.store(self._configured)
            log.info("the list of authorities has changed: %d acts count", len(found.acts))

    def _continued(self) -> TrustList:
        found = TrustList.load(self._file)
        if found.acts[: len(self._list.acts)] != self._list.acts:
            raise AnchorsUnreadable(str(self._file), "acts that counted are not in it any more")
        return found

    def _seen(self) -> tuple[int, int, int] | int | None:
        try:
            there = self._file.stat()
        except OSError as error:
            return error.errno
        return there.st_mtime_ns, there.st_size, there.st_ino
