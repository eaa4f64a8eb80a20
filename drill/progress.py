"""How far a drill has come, a line now and then on standard output; who started it passes the lines on."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

_EVERY_S: Final = 15.0


def say(words: str) -> None:
    """A line, at once."""
    print(words, flush=True)


class Progress:
    """Of `total` equal pieces of work; tells at most every quarter of a minute, and when this part ends if the rest
    takes as long as what is done."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._began = self._told = time.monotonic()
        if total:
            say(f"{what}: {total} to do")

    def done(self, count: int = 1) -> None:
        """So many more."""
        self._done += count
        at = time.monotonic()
        if not self._done or at - self._told < _EVERY_S:
            return
        self._told = at
        left = timedelta(seconds=(at - self._began) / self._done * max(0, self._total - self._done))
        say(f"{self._what}: {self._done} of {self._total}, done at about {datetime.now(UTC) + left:%H:%M:%S} UTC")
