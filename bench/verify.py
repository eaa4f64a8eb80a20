"""A whole judgement (gather, collect, judge) of B-LT papers, against pyHanko's AdES validation of the same file.

Nothing is remembered from one call to the next, as if every paper were the first: what the program keeps by bytes is
forgotten before each. Only the authorities' answers stay, as the service asks for them once a quarter of an hour.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import verifier.sandbox
from bench.figure import Figure
from bench.turns import Slices, in_turns, ratio
from bench.verify_known import known_again
from bench.verify_papers import make_papers
from bench.verify_peer import pyhanko_judge
from secondseal.demo.pki import Pki
from tests.verifier.desk import Desk
from verifier import Sandbox, Verdict, verify_file

_SANDBOXED: Final = 40
"""Files judged for one figure of the sandbox: the system counts its processes' time in hundredths of a second."""
_COUNTED_START: Final = """
import os, signal
def counted_fork(fork=os.fork):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
    return fork()
os.fork = counted_fork
"""


class NotJudged(Exception):
    """A verdict other than the one these papers deserve: then its time would mean nothing."""


def figures() -> Iterator[Figure]:
    """CPU per judgement in this process, beside pyHanko, and through the sandbox."""
    with tempfile.TemporaryDirectory() as name, Pki.create(Path(name) / "pki") as pki:
        papers = make_papers(pki)
        for count, pdf, limit in ((2, papers.two, 60), (6, papers.six, 250)):
            measured = in_turns(
                {
                    "first": partial(_judged, papers.desk, pdf, forgetting=True),
                    "again": partial(_judged, papers.desk, pdf, forgetting=False),
                    "pyhanko": pyhanko_judge(pdf, papers.desk.store),
                },
                rounds=7,
                slice_s=0.4,
            )
            paper = f"{count} B-LT signatures, {len(pdf) // 1000} kB"
            yield from _figures(f"verify_{count}sig", paper, measured, limit)
            yield _through_sandbox(f"verify_{count}sig_sandbox_cpu_ms", papers.desk, pdf)
        yield from known_again(pki, Path(name), papers.six)


def _figures(name: str, paper: str, measured: dict[str, Slices], limit: int) -> Iterator[Figure]:
    first, again, peer = measured["first"], measured["again"], measured["pyhanko"]
    against = f"goal {limit}; {paper}, nothing remembered"
    yield Figure(name=f"{name}_cpu_ms", value=first.median_cpu_ms, unit="ms", against=against)
    yield Figure(name=f"{name}_again_cpu_ms", value=again.median_cpu_ms, unit="ms", against="the same, all remembered")
    yield Figure(
        name="verify_vs_pyhanko" if name == "verify_2sig" else f"{name}_vs_pyhanko", value=ratio(peer, first),
        unit="times", against=f"goal 2; CPU, nothing remembered; pyHanko 0.38, AdES: {peer.median_cpu_ms:.0f} ms",
    )  # fmt: skip


def _judged(desk: Desk, pdf: bytes, *, forgetting: bool, sandbox: Sandbox | None = None) -> Verdict:
    if forgetting:
        forget()
    verdict = verify_file(pdf, store=desk.store, client=desk.client, sandbox=sandbox)
    if verdict.word != "genuine":
        raise NotJudged(f"{verdict.word}: {[f.code for s in verdict.signatures for f in s.findings]}")
    return verdict


def forget() -> None:
    """Empty every bounded memory of `trust` and `verifier`; those without a bound hold readers by type."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("trust", "verifier"):
            for value in vars(module).values():
                if hasattr(value, "cache_clear") and value.cache_parameters()["maxsize"] is not None:
                    value.cache_clear()


def _through_sandbox(name: str, desk: Desk, pdf: bytes) -> Figure:
    """Our own CPU and that of the clean parent and its children, which are then waited for so that they count."""
    plain = verifier.sandbox._START
    verifier.sandbox._START = plain.replace("import sys;", f"exec({_COUNTED_START!r}); import sys;", 1)
    try:
        with Sandbox() as sandbox:
            own, theirs = _measured(lambda: _judged(desk, pdf, forgetting=True, sandbox=sandbox), sandbox)
    finally:
        verifier.sandbox._START = plain
    against = f"service {own:.1f} and sandbox's child {theirs:.1f}"
    return Figure(name=name, value=own + theirs, unit="ms", against=against)


def _measured(call: Callable[[], object], sandbox: Sandbox) -> tuple[float, float]:
    for _ in range(3):
        call()
    pid, ended = sandbox.parent_pid, b"not a paper: what came before it is waited for"
    assert pid is not None
    sandbox.gather(ended)
    theirs, own = _spent(pid), time.process_time()
    for _ in range(_SANDBOXED):
        call()
    own = time.process_time() - own
    sandbox.gather(ended)
    return own / _SANDBOXED * 1e3, (_spent(pid) - theirs) / _SANDBOXED * 1e3


def _spent(pid: int) -> float:
    """CPU seconds of a process and of its children that ended (proc(5): utime, stime, cutime, cstime)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")
