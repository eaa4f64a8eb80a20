"""Word to systemd that the service is ready and alive (sd_notify(3)), where systemd asked for it."""

import logging
import os
import socket
import time
from typing import Final

log = logging.getLogger("secondseal.notify")

_EVERY_S: Final = 5.0


class ServiceManager:
    """Whoever started this process. Without `NOTIFY_SOCKET` in the environment nothing is sent."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._last = 0.0

    def ready(self) -> None:
        """The service serves."""
        self._send("READY=1")

    def alive(self) -> None:
        """It moves on; at most every few seconds, so it may be called as often as one likes."""
        now = time.monotonic()
        if now - self._last >= _EVERY_S:
            self._last = now
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """It ends as it was asked to."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.connect(name)
                channel.send(text.encode())
        except OSError as error:
            log.warning("systemd was not told %s: %s", text, error.strerror)
