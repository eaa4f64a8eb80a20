"""A real server that misbehaves on purpose: what it sends is exactly the bytes a test returns."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

Respond = Callable[[str, bytes], bytes | Iterator[bytes | float] | None]


def ok(body: bytes, *, content_type: str = "application/octet-stream") -> bytes:
    """A plain HTTP answer."""
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


class RawServer:
    """Answers each request on 127.0.0.1 with `respond(path, body)`: bytes; or an iterator of bytes and pauses in
    seconds; or None to close the connection. `asked` lists the paths, `connections` counts."""

    def __init__(self, respond: Respond, *, port: int = 0) -> None:
        self._respond = respond
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.asked: list[str] = []
        self.connections = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(2)

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as file:
            while line := file.readline():
                path = line.split()[1].decode()
                length = 0
                while (header := file.readline()).strip():
                    name, _, value = header.decode().partition(":")
                    length = int(value) if name.lower() == "content-length" else length
                self.asked.append(path)
                answer = self._respond(path, file.read(length))
                if answer is None:
                    return
                for piece in [answer] if isinstance(answer, bytes) else answer:
                    if isinstance(piece, float):
                        if self._ending.wait(piece):
                            return
                    else:
                        connection.sendall(piece)
                if not isinstance(answer, bytes) or b"Connection: close" in answer:
                    return


def until(condition: Callable[[], bool], *, timeout_s: float = 2.0) -> None:
    """Wait for something another thread does."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
