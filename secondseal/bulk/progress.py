"""How far a long piece of work is: a bar on a terminal, now and then a line elsewhere."""

import sys
import time
from typing import Final, TextIO

_WIDTH: Final = 30
_BETWEEN_S: Final = 0.1
_LINES: Final = 20


class Progress:
    """Counts up to `total`; what it shows goes to standard error."""

    def __init__(self, total: int, what: str, shown: TextIO | None = None) -> None:
        self._total, self._what = total, what
        self._shown = shown or sys.stderr
        self._terminal = self._shown.isatty()
        self._begun = self._told = time.monotonic()
        self._done = 0

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        now, last = time.monotonic(), self._done == self._total
        if self._terminal and (last or now - self._told >= _BETWEEN_S):
            self._told = now
            filled = _WIDTH * self._done // self._total
            left = (now - self._begun) / self._done * (self._total - self._done)
            bar = "█" * filled + "·" * (_WIDTH - filled)
            line = (
                f"\r{self._what} {bar} {self._done}/{self._total}, còn · left {int(left) // 60}:{int(left) % 60:02d} "
            )
            self._shown.write(line)
            self._shown.flush()
        elif not self._terminal and (last or self._done % max(1, self._total // _LINES) == 0):
            print(f"{self._what} {self._done}/{self._total}", file=self._shown, flush=True)

    def end(self) -> None:
        """Nothing more is shown."""
        if self._terminal and self._done:
            print(file=self._shown, flush=True)
