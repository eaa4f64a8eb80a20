"""A bounded pool of sessions for one key: one operation per session at a time (PKCS #11 v2.40, 2.6.7)."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, ClassVar, Final
from weakref import WeakSet

import pkcs11

from .errors import DeviceFault, TokenError
from .faults import name_of_exception
from .module import Module
from .objects import FoundKey

logger = logging.getLogger("hsm")

_FORGOTTEN: Final = frozenset({
    "CKR_CRYPTOKI_NOT_INITIALIZED", "CKR_DEVICE_REMOVED", "CKR_SESSION_CLOSED", "CKR_SESSION_HANDLE_INVALID",
    "CKR_TOKEN_NOT_PRESENT",
})  # fmt: skip
"""The session is gone already, and its place free."""
_GROW_S: Final = 30.0
"""After a token had no room for another session, it is asked again this much later."""


@dataclass(eq=False, kw_only=True)
class KeySession(AbstractContextManager["KeySession"]):
    """An open session with the key found in it. Void once the module's generation has moved on.

    Lent by a pool, it goes back there at the end of a `with`.
    """

    module: Module
    generation: int
    session: Any
    key: FoundKey
    pool: "SessionPool | None" = None
    epoch: int = 0
    """The pool's when this was opened: `SessionPool.clear` moves it on."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.pool is not None:
            self.pool._give_back(self, error)

    @cached_property
    def handle(self) -> int:
        """The session's number."""
        return int(self.session.handle)

    def close(self) -> None:
        """Close it, unless its handle may by now be somebody else's. The token may already have forgotten it."""
        with self.module.use() as generation:
            if generation == self.generation:
                end(self.session)


def end(session: Any) -> None:
    """Close python-pkcs11's `session`, whatever the driver says; once more where it failed. Use inside `Module.use()`.

    One that stays open costs the token's room and keeps the login alive, until the module is initialised again.
    """
    for last in (False, True):
        try:
            session.close()
        except pkcs11.PKCS11Error as error:
            ckr = name_of_exception(error)
            if ckr in _FORGOTTEN:
                return
            if last:
                logger.warning("a session could not be closed: %s", ckr)
        else:
            return


class SessionPool:
    """Up to `capacity` sessions, opened when first needed and kept: the login ends with the last of them.

    Where the token has room for fewer, the pool lives with those there are, and asks again after a while. A pool that
    has none at all is given room by the other pools on its module.
    """

    _all: ClassVar["WeakSet[SessionPool]"] = WeakSet()
    _all_lock = threading.Lock()

    def __init__(
        self, capacity: int, open_one: Callable[[], KeySession], *, module: Module | None = None, wait_s: float = 60.0
    ) -> None:
        if capacity < 1:
            raise ValueError("a pool needs at least one session")
        self._open_one = open_one
        self._module = module
        self._wanted = self._capacity = capacity
        self._grow_at = 0.0
        self._wait_s = wait_s
        self._idle: list[KeySession] = []
        self._out = 0
        self._epoch = 0
        self._closed = False
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._waiting = 0
        with self._all_lock:
            self._all.add(self)

    @property
    def size(self) -> int:
        """Sessions open now."""
        with self._changed:
            return self._out + len(self._idle)

    def lend(self) -> KeySession:
        """A session for one operation, in a `with`. After a `TokenError` inside it is closed and not lent again.

        Raises `DeviceFault("CKR_SESSION_COUNT")` when none is free within the waiting time.
        """
        return self._take()

    def clear(self, *, lent: bool = True) -> None:
        """Close the idle sessions now and, with `lent`, the lent ones as they come back."""
        with self._changed:
            idle, self._idle = self._idle, []
            self._epoch += int(lent)
            self._changed.notify_all()
        for session in idle:
            session.close()

    def close(self) -> None:
        """As `clear`, and nothing is lent any more."""
        with self._changed:
            self._closed = True
        self.clear()

    def _take(self, *, may_ask: bool = True) -> KeySession:
        deadline = 0.0
        with self._lock:
            while True:
                if self._closed:
                    raise DeviceFault("CKR_SESSION_CLOSED", "pool", "the key was closed")
                if self._idle:
                    self._out += 1
                    return self._idle.pop()
                if self._capacity < self._wanted and self._out >= self._capacity and time.monotonic() >= self._grow_at:
                    self._capacity += 1
                if self._out < self._capacity:
                    self._out += 1
                    epoch = self._epoch
                    break
                deadline = deadline or time.monotonic() + self._wait_s
                if not self._wait(deadline - time.monotonic()):
                    raise DeviceFault("CKR_SESSION_COUNT", "pool", f"no session free within {self._wait_s:.0f} s")
        try:
            session = self._open_one()
        except DeviceFault as fault:
            if fault.ckr != "CKR_SESSION_COUNT":
                self._withdraw()
                raise
        except BaseException:
            self._withdraw()
            raise
        else:
            session.pool, session.epoch = self, epoch
            return session
        # The token has no room for another session: live with those there are.
        with self._changed:
            self._out -= 1
            held = self._out + len(self._idle)
            self._capacity, self._grow_at = max(held, 1), time.monotonic() + _GROW_S
            self._changed.notify_all()
        if not held and not (may_ask and self._ask_for_room()):
            raise DeviceFault("CKR_SESSION_COUNT", "C_OpenSession")
        return self._take(may_ask=bool(held))

    def _ask_for_room(self) -> bool:
        """Have another pool on the same module close an idle session, the one with the most first."""
        with self._all_lock:
            others = [pool for pool in self._all if pool is not self and pool._module is self._module is not None]
        for pool in sorted(others, key=lambda pool: -pool.size):
            with pool._lock:
                given = pool._idle.pop() if pool._idle else None
            if given is not None:
                given.close()
                return True
        return False

    def _wait(self, seconds: float) -> bool:
        """With the lock held: until something has changed."""
        self._waiting += 1
        try:
            return self._changed.wait(seconds)
        finally:
            self._waiting -= 1

    def _withdraw(self) -> None:
        with self._changed:
            self._out -= 1
            self._changed.notify_all()

    def _give_back(self, session: KeySession, error: BaseException | None) -> None:
        with self._lock:
            self._out -= 1
            # After a token's error an operation may have been left half done; any other is the caller's, and none is.
            keep = session.epoch == self._epoch and not self._closed and not isinstance(error, TokenError)
            if keep:
                self._idle.append(session)
            if self._waiting:
                self._changed.notify_all()
        if not keep:
            session.close()
