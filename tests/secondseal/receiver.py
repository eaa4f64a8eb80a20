"""A workflow system that listens: a real HTTP server on loopback, which answers as it is told."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One request: its path, headers in lower case, and the body as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The event's."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        """The body, read."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def state(self) -> tuple[str, str]:
        """Which document came into which state."""
        data = self.event["data"]
        return data["document_id"], data["state"]


class Receiver:
    """`heard` keeps every request in the order they came; `answer(heard)` gives the status, 200 unless set."""

    def __init__(self, port: int = 0) -> None:
        self.heard: list[Heard] = []
        self.answer: Callable[[Heard], int] = lambda _heard: 200
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._take(self)

            def do_GET(self) -> None:
                outer._take(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Tests ask `heard`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/su-kien"

    def states(self, document_id: str) -> list[str]:
        """What it heard of this document, in order."""
        return [state for one, state in (heard.state for heard in list(self.heard)) if one == document_id]

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", "0")))
        heard = Heard(
            path=handler.path, headers={name.lower(): value for name, value in handler.headers.items()}, body=body
        )
        with self._lock:
            self.heard.append(heard)
        status = self.answer(heard)
        handler.send_response(status)
        if 300 <= status < 400:
            handler.send_header("location", f"http://127.0.0.1:{self.port}/elsewhere")
        handler.send_header("content-length", "0")
        handler.end_headers()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
