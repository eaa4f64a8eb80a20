"""Every step of an act, taken from the code as it runs, and the end of the process at one of them.

A step is a line about to be executed, or a function about to be left, in a room that keeps state; the same line counts
anew up to the second time. A function whose answer is kept (functools.cache) runs once a process, which a later one may
have behind it: its lines are no steps. The first run of an act only takes them down; each later one ends at one of them
by SIGKILL, as if the machine had been switched off there.
"""

import gc
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import _lru_cache_wrapper
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, Final

_ROOT: Final = Path(__file__).parents[1]
ROOMS: Final = ("stamping", "register", "store", "secondseal")
"""Where an act reads or writes what outlives its process. The others compute: an end within them is the same as one in
the line that called them."""
_INSIDE: Final = tuple(f"{_ROOT / room}{os.sep}" for room in ROOMS)
TIMES: Final = 2
"""How often the same line is a step of its own: a `with` is executed again as it closes, a loop's body for the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KillPoint:
    """Before `line` of `function` in `file` is executed (`leaves`: before the function is left from it) for the
    `time`-th time since the act began, counted from 1."""

    file: str
    function: str
    line: int
    leaves: bool
    time: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.function}{' (end)' if self.leaves else ''}, {self.time}."


Passed = Callable[[KillPoint], None]
"""Told of each step just before it is taken."""


@contextmanager
def watched(passed: Passed, times: int = TIMES) -> Iterator[None]:
    """Within the block `passed` is told of every step this thread takes."""
    counts: Counter[tuple[CodeType, int, bool]] = Counter()
    kept = {code for one in gc.get_objects() if isinstance(one, _lru_cache_wrapper) for code in _codes(one.__wrapped__)}

    def step(frame: FrameType, event: str, _argument: Any) -> Any:
        if event in {"line", "return"}:
            code, leaves = frame.f_code, event == "return"
            place = (code, frame.f_lineno, leaves)
            counts[place] += 1
            if counts[place] <= times:
                passed(
                    KillPoint(
                        file=str(Path(code.co_filename).relative_to(_ROOT)),
                        function=code.co_qualname,
                        line=frame.f_lineno,
                        leaves=leaves,
                        time=counts[place],
                    )
                )
        return step

    def entered(frame: FrameType, _event: str, _argument: Any) -> Any:
        return step if frame.f_code.co_filename.startswith(_INSIDE) and frame.f_code not in kept else None

    sys.settrace(entered)
    try:
        yield
    finally:
        sys.settrace(None)


def _codes(function: Callable[..., Any]) -> Iterator[CodeType]:
    """Of a function and of what is written within it."""
    left = [function.__code__] if isinstance(function, FunctionType) else []
    while left:
        code = left.pop()
        yield code
        left += [one for one in code.co_consts if isinstance(one, CodeType)]


def ends_at(point: KillPoint) -> Passed:
    """The process ends there, with nothing tidied up."""

    def passed(step: KillPoint) -> None:
        if step == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return passed


def thinned(points: Sequence[KillPoint], most: int | None) -> Sequence[KillPoint]:
    """At most this many of them, evenly spread; None: all."""
    if most is None or len(points) <= most:
        return points
    return [points[index * len(points) // most] for index in range(most)]
