"""Headers of every answer: what a page may load (look: nothing but its own), and what may be kept."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CSP: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src {connect}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PUBLIC_CSP: Final = _CSP.format(connect="'self'")


def desk_csp(agent_origins: tuple[str, ...]) -> str:
    """The policy of desk pages: they may also reach the signing program on the officer's own computer."""
    return _CSP.format(connect=" ".join(("'self'", *agent_origins)))


class Headers:
    """ASGI middleware that sets them; an answer that already says `cache-control` keeps its own."""

    def __init__(self, app: ASGIApp, *, agent_origins: tuple[str, ...], secure: bool) -> None:
        self._app = app
        self._desk_csp = desk_csp(agent_origins)
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                desk = path == "/desk" or path.startswith("/desk/")
                if headers.get("content-type") == "application/pdf":
                    # Browsers draw a PDF with parts of their own that the pages' policy would forbid.
                    headers["content-security-policy"] = "frame-ancestors 'none'"
                else:
                    headers["content-security-policy"] = self._desk_csp if desk else PUBLIC_CSP
                headers["referrer-policy"] = "no-referrer"
                headers["x-content-type-options"] = "nosniff"
                headers["cross-origin-opener-policy"] = "same-origin"
                headers["cross-origin-resource-policy"] = "same-origin"
                headers["permissions-policy"] = "camera=(), geolocation=(), microphone=()"
                headers.setdefault("cache-control", "no-store")
                if self._secure:
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, complete)
