"""A way to a server on loopback that can be cut and mended, as a network is."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.ports import free_port


class Relay:
    """Passes on what comes to `port`, while it is not cut."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._open: list[socket.socket] = []
        self.mend()

    def mend(self) -> None:
        """Listen (again)."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self._open = [listener]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Nothing answers any more, and what was under way ends."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open = []

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=pair, daemon=True).start()


@contextlib.contextmanager
def relay_to(target: int) -> Iterator[Relay]:
    """A relay to this port, cut in the end."""
    relay = Relay(target)
    try:
        yield relay
    finally:
        relay.cut()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
