"""A real S3 server and the line to it, in a process of its own: ended and started, cut and mended on demand.

In a process of its own because the line is threads, and asking the server starts some: who forks may have none.
"""

import json
import os
import socket
import traceback
from typing import Any

from drill.outcome import DrillFailed
from tests.store.object_store import ObjectServer, served
from tests.store.relay import Relay, relay_to


class ObjectStoreSite:
    """Every process of the drill may give it orders, one at a time. `options`: as a client takes them that reaches the
    server by the line."""

    def __init__(self) -> None:
        self._asks, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = os.fork()
        if self._process == 0:
            self._asks.close()
            _obey(theirs)
        theirs.close()
        self.options: dict[str, str] = self._heard()

    def kill(self) -> None:
        """The server ends by SIGKILL."""
        self._order("kill")

    def start(self) -> None:
        """The server starts over what it kept; returns when it answers."""
        self._order("start")

    def measure(self) -> None:
        """Until `mend`: so many bytes are the whole of which `cut_after` names a share."""
        self._order("measure")

    def cut_after(self, share: float, *, blip: bool) -> None:
        """Cut the line when this share has passed; `blip`: and mend it at once."""
        self._order("cut", share, blip)

    def mend(self) -> None:
        """The line is whole, and will not be cut."""
        self._order("mend")

    def cuts(self) -> int:
        """How often the line was cut."""
        return int(self._order("cuts"))

    def close(self) -> None:
        """End the server and the line."""
        self._asks.close()
        os.waitpid(self._process, 0)

    def _order(self, *words: object) -> Any:
        self._asks.sendall(json.dumps(words).encode())
        return self._heard()

    def _heard(self) -> Any:
        answer = self._asks.recv(1 << 16)
        if not answer:
            raise DrillFailed("the object store's process is gone")
        return json.loads(answer)


def _obey(orders: socket.socket) -> None:
    """In the site's process, until nobody can give orders any more; never returns."""
    try:
        with served() as server, relay_to(int(server.store.endpoint.rpartition(":")[2])) as line:
            orders.sendall(
                json.dumps({**server.store.options, "aws_endpoint": f"http://127.0.0.1:{line.port}"}).encode()
            )
            whole = 0
            while order := orders.recv(4096):
                name, *values = json.loads(order)
                answer, whole = _carried_out(server, line, whole, name, values)
                orders.sendall(json.dumps(answer).encode())
    except BaseException:  # noqa: BLE001  said, and the drill finds nobody there
        traceback.print_exc()
    os._exit(0)


def _carried_out(server: ObjectServer, line: Relay, whole: int, name: str, values: list[Any]) -> tuple[int | None, int]:
    """What to answer, and how many bytes are the whole."""
    answer = None
    match name:
        case "kill":
            server.kill()
        case "start":
            server.start()
        case "measure":
            line.passed, whole = 0, -1
        case "cut":
            share, blip = values
            line.cut_after(int(share * whole), blip=blip)
        case "mend":
            line.mend()
            whole = line.passed if whole < 0 else whole
        case "cuts":
            answer = line.cuts
    return answer, whole
