"""`secondseal serve` as an operator starts it: its processes, its log, its end."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_END_S = 60.0


@dataclass(frozen=True)
class Supervised:
    """A running service: its address and its log."""

    base: str
    log: Path

    def said(self) -> str:
        """Everything in the log so far."""
        return self.log.read_text("utf-8", "replace")

    def processes(self, name: str) -> list[int]:
        """Ids of the processes of this name so far, the newest last."""
        return [int(pid) for pid in re.findall(rf"{name} started, process (\d+)", self.said())]


@contextmanager
def supervised(
    home: Path, port: int, *options: str, variables: Mapping[str, str] | None = None
) -> Iterator[Supervised]:
    """The service over this home folder, with these variables too; it may not answer yet. Ended by SIGTERM."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SECONDSEAL_", "SOFTHSM"))}
    running = Supervised(base=f"http://127.0.0.1:{port}", log=home / "serve.log")
    with running.log.open("ab") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "secondseal.command", "serve", "--port", str(port), *options],
            env={**kept, "SECONDSEAL_HOME": str(home), **(variables or {})},
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        yield running
    finally:
        process.terminate()
        try:
            status = process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
    assert status == 0, running.said()[-3000:]
