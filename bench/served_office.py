"""An office served by its two processes on SQLite and SoftHSM, and the clients that carry papers through it.

Real all the way: `secondseal web` and `secondseal worker`, HTTP on loopback, the officer's signatures prepared and
handed back (made here by a key in memory), lists confirmed by the custodian's own fresh authentication.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from api import accounts, clients
from hsm import HsmKey
from secondseal.demo.pki import Pki
from secondseal.demo.service_client import ServiceClient
from stamping import confirmations
from tests.pki import quick_authority
from tests.pki.fixtures import make_key
from tests.ports import free_port
from tests.secondseal.served import give_key, give_settings
from tests.stamping.office_desk import CUSTODIAN, Place, PlaceMaker, make_seal
from tests.tokens.fixtures import TokenFarm, softhsm_module
from verifier import Sandbox

CLIENTS: Final = 8
LIST: Final = 25
"""Documents the custodian waits for before confirming; what is left at the end makes a shorter list."""
_PASSWORD: Final = "mat-khau-do-toc-do"
_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One run: documents approved and sealed, the wall seconds of it, CPU seconds of each process, of the sandboxes of
    both (their parents and the children that ended) and of the clients."""

    count: int
    wall_s: float
    web_s: float
    worker_s: float
    sandbox_s: float
    client_s: float

    @property
    def per_s(self) -> float:
        """Documents per second."""
        return self.count / self.wall_s

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of both processes and their sandboxes per document."""
        return (self.web_s + self.worker_s + self.sandbox_s) / self.count * 1e3


@dataclass(frozen=True, kw_only=True)
class Founding:
    """What offices are made with: a folder of their own, authorities on loopback, the seal's key on SoftHSM."""

    folder: Path
    pki: Pki
    key: HsmKey
    maker: PlaceMaker


@contextmanager
def founding() -> Iterator[Founding]:
    """All of it, until the block ends."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        pki = Pki.create(folder / "pki")
        running.enter_context(quick_authority.process(pki.folder))
        key = running.enter_context(make_seal(TokenFarm(folder / "tokens"), pki))
        sandbox = running.enter_context(Sandbox())
        maker = PlaceMaker(pki, key, sandbox, lambda *kind, **terms: make_key(pki, *kind, **terms), folder)
        yield Founding(folder=folder, pki=pki, key=key, maker=maker)


def configure(place: Place, pki: Pki, key: HsmKey) -> str:
    """Settings, PIN, seal and the custodian's account, as an operator would make them; gives a program's token."""
    give_key(place, key, softhsm_module())
    give_settings(place, pki, level=place.desk.level.label, canary_interval_s=86400)
    now = datetime.now(UTC)
    accounts.create(
        place.desk.engine,
        name="van-thu",
        password=_PASSWORD,
        roles=["custodian"],
        now=now,
        display_name="Lê Thị Mẫu",
        custodian_id=CUSTODIAN,
    )
    _, token = clients.create(place.desk.engine, name="đo tốc độ", scopes=["approvals", "documents:read"], now=now)
    return token


@dataclass(kw_only=True)
class Served:
    """The two processes at work."""

    place: Place
    base: str
    token: str
    web: int
    worker: int

    def carry(self, papers: Sequence[str], *, in_lists_of: int = 1, confirmed_in: int = LIST) -> Carried:
        """Approve all of these by `CLIENTS` clients while one custodian confirms lists, until the last is sealed.

        One by one, as a workflow system asks, or `in_lists_of` many under one ticket, as an officer signs. Each list
        of `confirmed_in` papers costs the custodian's password once.
        """
        custodian = ServiceClient(self.base)
        custodian.sign_in("van-thu", _PASSWORD)
        left, approved = SimpleQueue[Sequence[str]](), SimpleQueue[str]()
        for first in range(0, len(papers), in_lists_of):
            left.put(papers[first : first + in_lists_of])
        approve = self._approve_one if in_lists_of == 1 else self._approve_list
        before, own, began = self._cpu(), time.process_time(), time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            at_work = [pool.submit(self._approve, left, approved, approve) for _ in range(CLIENTS)]
            lists = _confirm_all(
                custodian,
                approved,
                (len(papers), confirmed_in),
                lambda: [one.result() for one in at_work if one.done()],
            )
        for one in lists:
            self._wait_for(one)
        wall, own = time.perf_counter() - began, time.process_time() - own
        time.sleep(1.1)  # a sandbox's parent collects the last of its children once it has nothing else to do
        after = self._cpu()
        web, worker, sandbox = (b - a for a, b in zip(before, after, strict=True))
        return Carried(
            count=len(papers), wall_s=wall, web_s=web, worker_s=worker, sandbox_s=sandbox, client_s=own
        )  # fmt: skip

    def carry_singly(self, papers: Sequence[str]) -> list[float]:
        """Approve, confirm and seal one paper after another; the seconds each took, from asking to sealed."""
        took = []
        for paper in papers:  # each over connections of its own: one that was idle may be closed as it is used
            custodian, program = ServiceClient(self.base), ServiceClient(self.base, token=self.token)
            custodian.sign_in("van-thu", _PASSWORD)
            began = time.perf_counter()
            self._approve_one(program, [paper])
            self._wait_for(_confirm(custodian, [paper]), every_s=0.01)
            took.append(time.perf_counter() - began)
        return took

    def _approve(
        self,
        left: "SimpleQueue[Sequence[str]]",
        approved: "SimpleQueue[str]",
        approve: Callable[[ServiceClient, Sequence[str]], None],
    ) -> None:
        """One client: prepare, sign, hand back, until none is left."""
        program = ServiceClient(self.base, token=self.token)
        while True:
            try:
                papers = left.get_nowait()
            except Empty:
                return
            approve(program, papers)
            for paper in papers:
                approved.put(paper)

    def _approve_one(self, program: ServiceClient, papers: Sequence[str]) -> None:
        (paper,) = papers
        path = f"/api/v1/documents/{paper}/approval"
        opened = program.post(path, {"certificate": self._certificate})
        value = self._signature(opened["documents"][0]["to_sign"]["digest"])
        program.put(path, {"approval_id": opened["approval_id"], "signature": value})

    def _approve_list(self, program: ServiceClient, papers: Sequence[str]) -> None:
        here = program.post("/api/v1/approvals", {"documents": papers})["links"]["self"]
        program.send(f"{here}/certificate", {"certificate": self._certificate})
        made = [
            {"id": one["id"], "signature": self._signature(one["to_sign"]["digest"])}
            for one in program.get(here)["documents"]
        ]
        taken = program.put(f"{here}/documents", {"signatures": made})["documents"]
        if any(one["status"] != 200 for one in taken):
            raise RuntimeError(f"not approved: {taken}")

    @property
    def _certificate(self) -> str:
        return base64.b64encode(self.place.officer_key.certificate.public_bytes(Encoding.DER)).decode()

    def _signature(self, digest: str) -> str:
        key = self.place.officer_key
        return base64.b64encode(key.sign(bytes.fromhex(digest), key.scheme)).decode()

    def _wait_for(self, listed: str, every_s: float = 0.1) -> None:
        """Looks into the database, and rarely: the clients share the service's cores."""
        deadline = time.monotonic() + 300
        while not (seen := confirmations.view(self.place.desk, listed)).finished:
            if time.monotonic() > deadline:
                raise TimeoutError(f"list {listed} is not sealed: {seen}")
            time.sleep(every_s)
        if any(paper.state != "sealed" for paper in seen.documents):
            raise RuntimeError(f"not sealed: {seen}")

    def _cpu(self) -> tuple[float, float, float]:
        """CPU seconds so far of the web process, of the worker, and of the sandboxes of both."""
        sandboxes = [child for parent in (self.web, self.worker) for child in _children(parent)]
        return _spent(self.web), _spent(self.worker), sum(_spent(one, children=True) for one in sandboxes)


@contextmanager
def served(place: Place, token: str, folder: Path, *, stopwatch: bool = False) -> Iterator[Served]:
    """The office's two processes, once they are ready. With `stopwatch` each writes what its parts spent to `folder`
    when it has ended."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSEAL_")}
    environment["SECONDSEAL_HOME"] = str(place.desk.home)
    with ExitStack() as running:
        log = running.enter_context((folder / "serve.log").open("ab"))
        started = {}
        for name, options in {"web": ["--port", str(port)], "worker": []}.items():
            timed = ["bench.stopwatch", str(folder / f"{name}.json")] if stopwatch else ["secondseal.command"]
            child = subprocess.Popen(
                [sys.executable, "-m", *timed, name, *options],
                env=environment,
                cwd=Path(__file__).parents[1],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            running.callback(_end, child)
            started[name] = child.pid
        base = f"http://127.0.0.1:{port}"
        ServiceClient(base).wait_until_ready(90)
        yield Served(place=place, base=base, token=token, web=started["web"], worker=started["worker"])


def begin_anew(running: Served) -> None:
    """What the stopwatches counted so far was warming up."""
    for pid in (running.web, running.worker):
        os.kill(pid, signal.SIGUSR1)


def told(running: Served, folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """What both stopwatches say, by process."""
    found = {}
    for name, pid in {"web": running.web, "worker": running.worker}.items():
        file = folder / f"{name}.json"
        file.unlink(missing_ok=True)
        os.kill(pid, signal.SIGUSR2)
        while not file.exists():
            time.sleep(0.01)
        found[name] = json.loads(file.read_text("utf-8"))
    return found


def _confirm_all(
    custodian: ServiceClient, approved: "SimpleQueue[str]", sizes: tuple[int, int], look: Callable[[], object]
) -> list[str]:
    """Confirm what is approved, list by list; their ids. `sizes`: of all of it, and of one list."""
    count, most = sizes
    ready: list[str] = []
    lists: list[str] = []
    confirmed = 0
    while confirmed < count:
        try:
            ready.append(approved.get(timeout=1))
        except Empty:
            look()  # a client that failed says so here
        if len(ready) >= most or (ready and confirmed + len(ready) == count):
            lists.append(_confirm(custodian, ready))
            confirmed += len(ready)
            ready = []
    return lists


def _confirm(custodian: ServiceClient, papers: Sequence[str]) -> str:
    """The custodian looks at what waits, proves who they are for this list, confirms it; gives its id."""
    pending = {one["id"]: one["approved_sha256"] for one in custodian.get("/api/v1/seals")["documents"]}
    digest = confirmations.list_sha256((one, pending[one]) for one in papers)
    custodian.post("/api/v1/steps", {"list_sha256": digest, "password": _PASSWORD})
    return str(custodian.post("/api/v1/seals", {"documents": list(papers), "list_sha256": digest})["id"])


def _children(pid: int) -> list[int]:
    """Of every thread: a child belongs to the one that started it."""
    return [int(one) for file in Path(f"/proc/{pid}/task").glob("*/children") for one in file.read_text().split()]


def _spent(pid: int, *, children: bool = False) -> float:
    """CPU seconds of a process, with `children` those of the ones it has waited for too."""
    words = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(int(word) for word in words[11 : 15 if children else 13]) * _TICK_S


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(30)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
