"""An HSM on the other side of a wire: `p11-kit server` before a PKCS#11 module, to be killed and started again."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from drill.outcome import DrillFailed
from hsm import installed

_START_S: Final = 20.0


def client_module() -> Path:
    """The module that programs load in place of the HSM's driver. Raises `DrillFailed` where it is not installed."""
    for driver in installed():
        if driver.path.name == "p11-kit-client.so":
            return driver.path
    raise DrillFailed("p11-kit-client.so is not installed (package p11-kit-modules)")


class RemoteHsm:
    """The server of one module on one socket. Programs find it by `environment`."""

    def __init__(self, socket: Path, provider: Path, environment: Mapping[str, str]) -> None:
        """`environment` is the server's own: where its module finds its tokens."""
        self.socket = socket
        self._provider = provider
        self._environment = dict(environment)
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Variables for programs that use it."""
        return {"P11_KIT_SERVER_ADDRESS": f"unix:path={self.socket}"}

    def start(self) -> None:
        """Start it; when this returns it takes callers."""
        self._server = subprocess.Popen(
            ["p11-kit", "server", "-f", "-n", str(self.socket), "--provider", str(self._provider), "pkcs11:"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # it serves each caller in a child of its own; all die as one group
        )
        end = time.monotonic() + _START_S
        while not self.socket.exists():
            if self._server.poll() is not None or time.monotonic() > end:
                raise DrillFailed("p11-kit server did not start")
            time.sleep(0.005)

    def kill(self) -> None:
        """SIGKILL the server and all its children at once, as a power cut would; the socket's file goes too."""
        if self._server is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait()
        self._server = None
        self.socket.unlink(missing_ok=True)

    def __enter__(self) -> "RemoteHsm":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
