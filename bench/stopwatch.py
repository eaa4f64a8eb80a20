"""One process of the service with a stopwatch on its parts: `python -m bench.stopwatch FILE web --port 8000`.

What a part spends counts for itself, not for the part that called it: rules that read the database leave that time to
the database. SIGUSR1 begins anew, SIGUSR2 writes {part: {calls, cpu_s, wall_s}} to FILE; `process` is all of it.
"""

import importlib
import json
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "rules": (
        "office:may_approve",
        "office:may_stamp",
        "stamping.judgement:authorise",
        "stamping.checks:Clearing.clear",
        "stamping.confirmations:check_custody",
        "stamping.office_in_force:OfficeInForce.__call__",
    ),
    "judging": ("stamping.judgement:judge_approval",),
    "revocation": ("stamping.certificates:establish", "trust:RevocationClient.collect"),
    "reading": ("verifier:Sandbox.gather", "stamping.reading:ReadAhead.facts"),
    "preparing": ("signer:prepare", "signer:prepare_seen", "signer:preflight"),
    "completing": ("signer:complete", "signer:PreparedSignature.from_bytes"),
    "time_stamp": ("trust:TimestampClient.timestamp",),
    "signing": ("secondseal.keys:SealKey.sign", "secondseal.keys:SealKey.reach"),
    "storage": ("store:FolderFiles.put", "store:FolderFiles.get"),
    "database": (
        "sqlalchemy:Engine.connect",
        "sqlalchemy:Connection.execute",
        "sqlalchemy:Connection.exec_driver_sql",
        "sqlalchemy:Connection._begin_impl",
        "sqlalchemy:Connection._commit_impl",
        "sqlalchemy:Connection._rollback_impl",
        "sqlalchemy:Connection.close",
    ),
    "idle": ("threading:Event.wait",),
}
"""Part -> functions and methods, as `module:name`."""


class Stopwatch:
    """Seconds by part: of the main thread alone, or over all threads."""

    def __init__(self, *, main_thread_alone: bool) -> None:
        self._alone = threading.main_thread() if main_thread_alone else None
        self._spent: defaultdict[str, list[float]]
        self.reset()
        self._lock = threading.Lock()
        self._inside = threading.local()

    def on(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, timed for this part."""

        @wraps(call)
        def timed(*args: Any, **kwargs: Any) -> Any:
            if self._alone is not None and threading.current_thread() is not self._alone:
                return call(*args, **kwargs)
            stack: list[list[float]] = self._inside.__dict__.setdefault("stack", [])
            below = [0.0, 0.0]
            stack.append(below)
            spent, cpu, wall = self._spent, time.thread_time(), time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
                stack.pop()
                if stack:
                    stack[-1][0] += cpu
                    stack[-1][1] += wall
                with self._lock:
                    one = spent[part]  # of the count it began in: what began before the present one is no part of it
                    one[0] += 1
                    one[1] += cpu - below[0]
                    one[2] += wall - below[1]

        return timed

    def reset(self, *_: object) -> None:
        """Begin anew: what came before was warming up. Called by a signal, so it takes no lock."""
        self._spent = defaultdict(lambda: [0.0, 0.0, 0.0])
        self._began = time.process_time(), time.perf_counter()

    def write(self, file: Path) -> None:
        """All of it as JSON, there at once or not at all."""
        cpu, wall = self._began
        whole = {"calls": 1.0, "cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
        parts = {
            part: dict(zip(("calls", "cpu_s", "wall_s"), spent, strict=True))
            for part, spent in list(self._spent.items())
        }
        file.with_suffix(".new").write_text(json.dumps({**parts, "process": whole}), "utf-8")
        file.with_suffix(".new").rename(file)


def put_on(watch: Stopwatch) -> None:
    """Every reference to a timed function is replaced, wherever it was imported to."""
    for part, names in PARTS.items():
        for name in names:
            module, _, path = name.partition(":")
            owner: Any = importlib.import_module(module)
            *outer, last = path.split(".")
            for step in outer:
                owner = getattr(owner, step)
            if outer:
                # a class method is bound anew by the wrapper
                found = vars(owner)[last]
                plain = found.__func__ if isinstance(found, classmethod) else found
                timed = watch.on(part, plain)
                setattr(owner, last, classmethod(timed) if isinstance(found, classmethod) else timed)
            else:
                _replace(getattr(owner, last), watch.on(part, getattr(owner, last)))


def _replace(old: object, new: object) -> None:
    for module in list(sys.modules.values()):
        for name, value in list(vars(module).items()) if hasattr(module, "__dict__") else ():
            if value is old:
                setattr(module, name, new)


def main() -> int:
    """As `secondseal`, with the stopwatch on."""
    from secondseal.command import main as command

    file, *words = sys.argv[1:]
    importlib.import_module(f"secondseal.commands.{words[0]}")
    watch = Stopwatch(main_thread_alone=words[0] == "worker")  # its other threads look after other things
    put_on(watch)
    signal.signal(signal.SIGUSR1, watch.reset)
    signal.signal(signal.SIGUSR2, lambda *_: watch.write(Path(file)))
    return command(words)


if __name__ == "__main__":
    sys.exit(main())
