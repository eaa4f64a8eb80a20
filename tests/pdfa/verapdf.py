"""The real veraPDF for tests: `validate(pdf, "3b")`.

One helper process per test worker, started at the first use (2 to 4 s with its first file, then 0.1 to 0.5 s a file).
"""

import atexit
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]


class VeraPdfError(RuntimeError):
    """veraPDF could not judge: not a PDF, no such flavour, or Java is not there."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One rule that is broken, with its first place."""

    clause: str
    """Clause of the standard, such as 6.2.11.4.1."""
    test: int
    """veraPDF's number of the test within the clause."""
    count: int
    """How many places break it (veraPDF stops counting at 100)."""
    message: str
    where: str

    def __str__(self) -> str:
        return f"{self.clause}-{self.test} x{self.count}: {self.message} [{self.where}]"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What veraPDF said of one file and one flavour."""

    compliant: bool
    failures: tuple[Failure, ...]

    def __str__(self) -> str:
        return "compliant" if self.compliant else "\n".join(map(str, self.failures))


class _Judge:
    """The running helper and the pipe to it."""

    def __init__(self) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the helper
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.pdfa.judge"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        atexit.register(self.close)

    def ask(self, pdf: bytes, flavour: str) -> dict[str, object]:
        requests, replies = self._process.stdin, self._process.stdout
        assert requests is not None
        assert replies is not None
        try:
            requests.write(json.dumps({"flavour": flavour, "length": len(pdf)}).encode() + b"\n" + pdf)
            requests.flush()
            line = replies.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise VeraPdfError(f"veraPDF's process ended: {self._said()}")
        reply: dict[str, object] = json.loads(line)
        return reply

    def _said(self) -> str:
        self._process.wait(timeout=10)
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()
        self._log.close()


_running: list[_Judge] = []


def validate(pdf: bytes, flavour: str = "3b") -> Report:
    """Judge `pdf` by one flavour: "3b", "3a", "2b", "ua1" and so on, in veraPDF's own short names.

    Raises VeraPdfError where there is no verdict.
    """
    if not _running:
        _running.append(_Judge())
    reply = _running[0].ask(pdf, flavour)
    if "error" in reply:
        raise VeraPdfError(str(reply["error"]))
    failures = reply["failures"]
    assert isinstance(failures, list)
    return Report(compliant=bool(reply["compliant"]), failures=tuple(Failure(**failure) for failure in failures))
