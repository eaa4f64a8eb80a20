"""One line a request, and what every line written during it carries: the request's id, who calls, what was refused.

A request keeps the X-Request-Id it came with, else it is given one; the answer says which. A caller is named by a short
id: a program's own, of a person the hash of the account's name, which is a person's name. Addresses are written as
their routes: in a path stand codes, and whatever a caller typed.
"""

import hashlib
import logging
import re
import secrets
import time
from contextvars import ContextVar
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("secondseal.web.request")

_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_DOCUMENT_ID: Final = re.compile(r"[0-9a-f]{32}")
_SILENT: Final = ("/static", "/healthz", "/readyz", "/metrics")

_now: ContextVar[tuple[str, Scope] | None] = ContextVar("request", default=None)


class InRequest(logging.Filter):
    """Gives lines written during a request its id and its caller."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every line passes."""
        current = _now.get()
        if current is not None:
            request, scope = current
            record.request = request
            record.caller = _caller(scope)
            record.document = getattr(record, "document", None) or _document(scope)
        return True


class RequestLog:
    """ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; write its line when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request = given if _ID.fullmatch(given) else secrets.token_hex(8)
        began, status = time.perf_counter(), 0

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request
            await send(message)

        token = _now.set((request, scope))
        try:
            await self._app(scope, receive, tell)
        finally:
            if not scope["path"].startswith(_SILENT):
                self._write(scope, status, time.perf_counter() - began)
            _now.reset(token)

    @staticmethod
    def _write(scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "-")
        log.info(
            "%s %s %d",
            scope["method"] if scope["method"].isalpha() else "-",
            route,
            status,
            extra={
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "problem": scope.get("state", {}).get("problem"),
            },
        )


def _caller(scope: Scope) -> str | None:
    """A short id, the same for the same caller."""
    state: dict[str, Any] = scope.get("state", {})
    if state.get("client") is not None:
        return f"program:{state['client'].id[:8]}"
    if state.get("session") is not None:
        return f"person:{hashlib.sha256(state['session'].account.name.encode()).hexdigest()[:8]}"
    return None


def _document(scope: Scope) -> str | None:
    given = scope.get("path_params", {}).get("document_id", "")
    return given if isinstance(given, str) and _DOCUMENT_ID.fullmatch(given) else None
