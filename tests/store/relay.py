"""A way to a server on loopback that can be cut and mended, as a network is."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.ports import free_port


class Relay:
    """Passes on what comes to `port`, while it is not cut. A server that is not there refuses, as without a relay."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.passed = 0
        """Bytes, both ways, since they were last counted anew."""
        self.cuts = 0
        """How often it was cut by `cut_after`."""
        self._target = target
        self._open: list[socket.socket] = []
        self._lock = threading.RLock()
        self._limit: int | None = None
        self._blip = False
        self.mend()

    def mend(self) -> None:
        """Listen (again)."""
        with self._lock:
            self._limit = None
            if self._open:
                return
            listener = socket.create_server(("127.0.0.1", self.port))
            self._open = [listener]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Nothing answers any more, and what was under way ends."""
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._open = []

    def cut_after(self, count: int, *, blip: bool) -> None:
        """Cut as soon as so many more bytes have passed, in the middle of whatever they belong to. `blip`: and mended
        at once."""
        with self._lock:
            self.passed, self._limit, self._blip = 0, count, blip

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    near.close()
                    continue
                with self._lock:
                    if listener not in self._open:  # cut in between
                        near.close()
                        far.close()
                        return
                    self._open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                allowed = self._allowed(len(piece))
                sink.sendall(piece[:allowed])
                if allowed < len(piece):
                    self._cut_now()
                    return
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _allowed(self, count: int) -> int:
        """How many of so many bytes still pass."""
        with self._lock:
            self.passed += count
            return count if self._limit is None else max(0, min(count, self._limit - self.passed + count))

    def _cut_now(self) -> None:
        with self._lock:
            if self._limit is None:
                return
            self._limit = None
            self.cuts += 1
            self.cut()
            if self._blip:
                self.mend()


@contextlib.contextmanager
def relay_to(target: int) -> Iterator[Relay]:
    """A relay to this port, cut in the end."""
    relay = Relay(target)
    try:
        yield relay
    finally:
        relay.cut()
