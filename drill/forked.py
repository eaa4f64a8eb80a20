"""An act in a process of its own, forked from one that never loaded a PKCS#11 module and runs no thread."""

import json
import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drill.outcome import DrillFailed

Say = Callable[[Any], None]
"""What the process lets its parent know, as it goes; anything JSON can carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it ended: `killed` by SIGKILL, `fault` the traceback it ended with; and what it had said by then."""

    killed: bool
    fault: str
    said: list[Any]


def forked(act: Callable[[Say], None]) -> Ended:
    """Run it to its end, whatever that is. Raises `DrillFailed` where a signal that nobody sent ended it."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _play(act, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as heard:
        lines = heard.read().splitlines()
    _, status = os.waitpid(child, 0)
    told = [json.loads(line) for line in lines]
    faults = [one["fault"] for one in told if isinstance(one, dict) and "fault" in one]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGKILL:
        raise DrillFailed(f"a process ended by signal {os.WTERMSIG(status)}")
    return Ended(
        killed=os.WIFSIGNALED(status),
        fault=faults[0] if faults else "" if os.WIFSIGNALED(status) or status == 0 else f"status {status}",
        said=[one for one in told if not (isinstance(one, dict) and "fault" in one)],
    )


def _play(act: Callable[[Say], None], pipe: int) -> None:
    """In the child; never returns. No clean-up of the parent's: its files, connections and children are not ours."""
    status = 0

    def say(word: Any) -> None:
        os.write(pipe, json.dumps(word).encode() + b"\n")

    try:
        act(say)
    except BaseException:  # noqa: BLE001  told to the parent, whatever it was
        status = 1
        say({"fault": traceback.format_exc()})
    os._exit(status)
