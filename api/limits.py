"""No body is read without a bound, no verification starts beyond the number that fits (fail closed, say so).

`BodyLimit` counts bytes as they arrive, before any form is parsed. What is over the limit is thrown away as it
comes, up to a further bound, so that a browser hears the answer instead of a broken connection.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ROOM_FOR_FORM: Final = 64 * 1024
"""Boundaries and small fields around a file, in bytes."""
_DRAIN_FACTOR: Final = 3


class Busy(Exception):
    """As many are running already as fit."""


class Gate:
    """Lets at most `width` pass at once; the next hears `Busy` at once instead of queueing without end.

    `at_work`: how many of them do anything at a time; the others wait for their turn. All of them, where not said.
    `first` is done by each in its place before its turn.
    """

    def __init__(self, width: int, *, at_work: int | None = None, first: Callable[[], None] = lambda: None) -> None:
        self._first = first
        self._free = threading.BoundedSemaphore(width)
        self._turns = threading.BoundedSemaphore(width if at_work is None else at_work)

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Hold one place, and have one's turn. Raises `Busy`."""
        if not self._free.acquire(blocking=False):
            raise Busy
        try:
            self._first()
            with self._turns:
                yield
        finally:
            self._free.release()


class _TooLarge(Exception):
    pass


class BodyLimit:
    """ASGI middleware: answers 413 with `answer(request, limit)` where a body exceeds `limit_of(method, path)`."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit_of: Callable[[str, str], int],
        answer: Callable[[Request, int], Response],
    ) -> None:
        self._app = app
        self._limit_of = limit_of
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["method"], scope["path"])
        body = _Counted(receive, limit + _ROOM_FOR_FORM)
        started = False

        async def forward(message: Message) -> None:
            nonlocal started
            if body.exceeded and not started:
                return  # what was read is not whole: the app's own answer to it means nothing
            started = True
            await send(message)

        if not _declared_over(scope, limit + _ROOM_FOR_FORM):
            with suppress(_TooLarge):
                await self._app(scope, body.receive, forward)
            if not body.exceeded or started:
                return
        await body.drain((limit + _ROOM_FOR_FORM) * _DRAIN_FACTOR)
        await self._answer(Request(scope), limit)(scope, receive, send)


class _Counted:
    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0
        self._over = False
        self.exceeded = False

    async def receive(self) -> Message:
        if self.exceeded:
            raise _TooLarge
        message = await self._next()
        if self._seen > self._limit:
            self.exceeded = True
            raise _TooLarge
        return message

    async def drain(self, bound: int) -> None:
        while not self._over and self._seen <= bound:
            await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._over = not message.get("more_body", False)
        else:
            self._over = True
        return message


def _declared_over(scope: Scope, limit: int) -> bool:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return not value.isdigit() or int(value) > limit
    return False
