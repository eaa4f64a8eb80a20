"""Scenes are played apart; what was seen comes back and is judged by the test that asked.

The stage is one process in a namespace of its own with the card stack in it, which is also the program under test (it
holds the driver and the keys). A scene is a function of a `scenes_*` module: it takes the stack and returns what it saw
as plain JSON.

    python -m tests.cards.stage     inside the namespace; a line on standard input plays a scene: MODULE NAME
"""

import faulthandler
import importlib
import json
import selectors
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.cards.namespace import entrance, furnish
from tests.cards.stack import Stack

_ROOT = Path(__file__).parents[2]
LONGEST_S = 30.0
"""One scene."""


class SceneFailed(AssertionError):
    """The scene ended with an exception; the text is its traceback."""


class Stage:
    """From `with` to its end."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._log: IO[str] | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end(patience_s=15.0)

    def play(self, scene: Callable[[Stack], dict[str, Any]]) -> dict[str, Any]:
        """What the scene saw. Raises `SceneFailed`."""
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{scene.__module__} {scene.__name__}\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            line = process.stdout.readline() if selector.select(LONGEST_S) else ""
        if not line:
            log = self._log_end()
            self._end(patience_s=0.0)
            raise SceneFailed(f"no answer within {LONGEST_S} s; the stage's log:\n{log}")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise SceneFailed(f"{answer['failed']}\nthe stage's log:\n{self._log_end()}")
        print(scene.__name__, json.dumps(answer))
        seen: dict[str, Any] = answer["seen"]
        return seen

    def _start(self) -> "subprocess.Popen[str]":
        before = entrance()
        assert not isinstance(before, str), before
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed in _end
        self._process = subprocess.Popen(
            [*before, sys.executable, "-m", "tests.cards.stage"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        return self._process

    def _end(self, patience_s: float) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None or process.stdout is None or self._log is None:
            return
        process.stdin.close()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            # With unshare its child ends, with that the namespace and all that is in it.
            process.kill()
            process.wait()
        process.stdout.close()
        self._log.close()

    def _log_end(self) -> str:
        assert self._log is not None
        self._log.seek(0)
        return self._log.read()[-6000:]


def main() -> None:
    """Play what is asked for until standard input ends."""
    furnish()
    # What the program under test says belongs into the log.
    answers, sys.stdout = sys.stdout, sys.stderr
    with tempfile.TemporaryDirectory(prefix="secondseal-cards-") as folder, Stack(Path(folder)) as stack:
        for line in sys.stdin:
            began = time.monotonic()
            faulthandler.dump_traceback_later(LONGEST_S - 5)
            module, name = line.split()
            try:
                seen = getattr(importlib.import_module(module), name)(stack)
                answer = {"seen": seen, "seconds": round(time.monotonic() - began, 2)}
            except Exception:  # noqa: BLE001  told to the test, which fails with it
                answer = {"failed": traceback.format_exc()}
            faulthandler.cancel_dump_traceback_later()
            stack.empty()
            print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
