"""Files that a seal worker cannot reach: the operator is told once, then ever less often, and when they are back.

The worker looks again many times a second. A line for each look would bury every other.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from store import StoreAway

log = logging.getLogger("secondseal.passage")

FIRST_PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 3600.0
"""Between two lines about the same trouble; each pause is twice the one before."""


class FilesAway:
    """What one worker said of its files since they were last reached. `clock` in seconds, goes forward only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = 0.0
        self._said: dict[str, tuple[float, float]] = {}
        """Of each trouble: when it is said again, and the pause before that."""

    def found(self, document_id: str, error: StoreAway) -> None:
        """Away, when this document's turn came."""
        now = self._clock()
        if not self._said:
            self._since = now
        again, pause = self._said.get(error.why, (now, FIRST_PAUSE_S / 2))
        if now < again:
            return
        pause = min(2 * pause, LONGEST_PAUSE_S)
        self._said[error.why] = now + pause, pause
        log.warning("not yet sealed %s: %s; files away for %.0f s", document_id, error, now - self._since)

    def back(self) -> None:
        """They were reached."""
        if self._said:
            self._said.clear()
            log.warning("files can be reached again after %.0f s", self._clock() - self._since)
