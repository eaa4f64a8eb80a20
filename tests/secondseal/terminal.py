"""A program at a terminal of its own, with somebody who reads and types."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Terminal:
    """The other end of a program's terminal."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self.shown = ""
        self._read = 0

    def until(self, words: str, limit_s: float = 60.0) -> None:
        """Wait for these words, and forget what stands before their end."""
        ends = time.monotonic() + limit_s
        while words not in self._new:
            assert time.monotonic() < ends, self.shown
            if select.select([self._handle], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self._handle, 4096).decode("utf-8", "replace")
                except OSError:
                    raise AssertionError(self.shown) from None
        self._read = self.shown.index(words, self._read) + len(words)

    @property
    def _new(self) -> str:
        return self.shown[self._read :]

    def type(self, words: str) -> None:
        """As a person does, a moment after the question."""
        time.sleep(0.2)
        os.write(self._handle, words.encode() + b"\n")


@contextmanager
def at_a_terminal(
    folder: Path, *words: str, home: Path | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], Terminal]]:
    """`secondseal WORDS` with a terminal of its own, started in `folder`; its home is below it unless given."""
    ours, theirs = os.openpty()
    # Ctrl-C as at a terminal, also where whoever runs the tests ignores it (a shell's background jobs do)
    front = ["setsid", "--ctty", "--wait", "env", "--default-signal=INT"]
    process = subprocess.Popen(
        [*front, sys.executable, "-m", "secondseal.command", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=os.environ | {"SECONDSEAL_HOME": str(home or folder / "home")},
    )
    os.close(theirs)
    try:
        yield process, Terminal(ours)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(ours)
