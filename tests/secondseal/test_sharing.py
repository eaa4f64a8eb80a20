"""Two seal workers and two web processes on one PostgreSQL, as two machines would run them: whole processes."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from api import clients
from hsm import HsmKey
from register import audit, last_exports, read_notes, seal_log
from register.tables import outgoing
from secondseal.demo.pki import Pki
from secondseal.keeper import Keeper
from secondseal.settings import load_settings
from stamping import documents, key_health
from stamping.tables import confirmation_documents
from store import only_here, open_database, read
from tests.api.test_documents import body
from tests.ports import free_port
from tests.secondseal.served import give_key, give_settings, until
from tests.stamping.office_desk import Place, PlaceMaker, key_of
from tests.store.postgres import postgres_server
from tests.tokens.faults import FaultModule

ROOT = Path(__file__).parents[2]
LEASE_S = 3.0
PAPERS = 21
LIST = 3
"""A worker has no more in hand than one list."""


@dataclass
class Machine:
    """What stands for one machine: its processes have a state folder of their own, and share all else."""

    home: Path
    number: int
    worker: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What its processes say."""
        return self.home / f"machine-{self.number}.log"

    @property
    def name(self) -> str:
        """The worker's name ends in what its state folder holds."""
        return (self.home / f"state-{self.number}" / "worker.id").read_text()

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """One process of the service."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSEAL_")}
        own = {"SECONDSEAL_HOME": str(self.home), "SECONDSEAL_STATE": str(self.home / f"state-{self.number}")}
        with self.log.open("ab") as written:
            return subprocess.Popen(
                [sys.executable, "-m", "secondseal.command", *command],
                env=kept | own,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
            )

    def start_worker(self) -> None:
        """Its seal worker; it may not be ready yet."""
        self.worker = self.start("worker")

    def said(self) -> str:
        """Everything in its log so far."""
        return self.log.read_text("utf-8", "replace")

    def send(self, what: signal.Signals) -> None:
        """A signal to its worker."""
        assert self.worker is not None
        self.worker.send_signal(what)


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End it with the block, also one that stands still."""
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


@pytest.fixture(scope="module")
def fault(tmp_path_factory: pytest.TempPathFactory) -> FaultModule:
    """The seal's driver."""
    return FaultModule(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def place(
    request: pytest.FixtureRequest,
    desk_with: PlaceMaker,
    seal_key: HsmKey,
    pki: Pki,
    fault: FaultModule,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    """An office on PostgreSQL, its checkpoints going to a folder."""
    server = postgres_server(request.config)
    url = server.create_database("sharing")
    engine = open_database(url)
    office = desk_with(engine=engine)
    give_key(office, seal_key, fault.path)
    give_settings(
        office,
        pki,
        database_url=url,
        softhsm2_conf=os.environ["SOFTHSM2_CONF"],
        worker_lease_s=LEASE_S,
        canary_interval_s=86400,
        checkpoint_exports=[tmp_path_factory.mktemp("share").as_uri()],
    )
    yield office
    engine.dispose()
    server.drop_database("sharing")


@pytest.fixture(scope="module")
def machines(place: Place) -> Iterator[tuple[Machine, Machine]]:
    """Two, each with a worker that is ready."""
    both = Machine(place.desk.home, 1), Machine(place.desk.home, 2)
    for one in both:
        one.start_worker()
    try:
        for one in both:
            until(lambda one=one: "; worker " in one.said(), 60, f"ready: {one.said()}")  # type: ignore[misc]
        yield both
    finally:
        with ExitStack() as running:
            for one in both:
                if one.worker is not None:
                    running.enter_context(ended(one.worker))


def in_hand(place: Place) -> dict[str, str]:
    """Documents whose key may be in use at this moment, and the worker that has each."""
    with read(place.desk.engine) as connection:
        reserved = {row.document_id for row in seal_log.open_entries(connection)}
        rows = connection.execute(
            select(confirmation_documents.c.document_id, confirmation_documents.c.owner).where(
                confirmation_documents.c.state == "sealing"
            )
        ).all()
    return {document_id: owner for document_id, owner in rows if document_id in reserved}


def owners(place: Place) -> set[str]:
    """The workers that have sealed something."""
    mine = confirmation_documents.c.state == "sealed"
    with read(place.desk.engine) as connection:
        return set(connection.scalars(select(confirmation_documents.c.owner).where(mine)))


def states(place: Place, papers: list[str]) -> Counter[str]:
    """How many papers stand where."""
    return Counter(documents.view(place.desk, one).state for one in papers)


def events(place: Place, document_id: str) -> list[tuple[str, bool]]:
    """The seal register's lines of a paper: event, and whether the key was or may have been used."""
    with read(place.desk.engine) as connection:
        return [(row.event, row.key_operation) for row in seal_log.entries_of(connection, document_id)]


def assert_intact(place: Place) -> None:
    """The audit finds nothing, nor do the checkpoints that either machine has kept contradict it."""
    kept = [note for file in place.desk.home.glob("state-*/checkpoints.note") for note in read_notes(file)]
    with read(place.desk.engine) as connection:
        report = audit(connection, place.desk.files, key_of(place.desk.home).public_key, kept_notes=kept)
    assert report.intact, report.findings


def test_two_workers_share_a_list_and_one_takes_over_what_the_other_died_over(
    place: Place, machines: tuple[Machine, Machine], fault: FaultModule
) -> None:
    """AC-63: each paper is sealed once; kill -9 in the middle costs the time of a lease and no paper."""
    first, second = machines
    papers = [place.paper().id for _ in range(PAPERS)]
    place.approve(*papers)
    for listed in range(0, PAPERS, LIST):
        place.confirm(*papers[listed : listed + LIST])
    until(lambda: len(owners(place)) == 2, 90, "both at work")
    fault.rules("C_Sign delay=1500 times=6")
    seen: dict[str, str] = {}

    def caught() -> bool:
        seen.update({paper: owner for paper, owner in in_hand(place).items() if owner.endswith(first.name)})
        return bool(seen)

    until(caught, 30, "the first worker uses the key")
    first.send(signal.SIGKILL)
    assert first.worker is not None
    first.worker.wait(10)
    until(lambda: states(place, papers)["sealed"] == PAPERS, 120, "the second does the rest")
    assert {owner.rpartition("/")[2] for owner in owners(place)} == {first.name, second.name}, "both have sealed"
    for paper in papers:
        assert [event for event, _ in events(place, paper)].count("conclude") == 1
    for orphan in seen:
        assert events(place, orphan)[-3:] == [("interrupted", True), ("reserve", False), ("conclude", True)]
    assert_intact(place)
    first.start_worker()  # as systemd would
    until(lambda: first.said().count("ready; 0 interrupted") == 2, 60, "it comes back, and nothing is left for it")


def test_a_worker_frozen_past_its_lease_releases_nothing_when_it_goes_on(
    place: Place, machines: tuple[Machine, Machine], fault: FaultModule
) -> None:
    """It has used the key and says so in the register; the paper is the other's."""
    fault.rules("C_Sign delay=1500")
    signed = fault.succeeded()["C_Sign"]
    paper = place.confirmed()
    until(lambda: bool(in_hand(place)), 30, "one of them uses the key")
    (owner,) = in_hand(place).values()
    (frozen,) = (one for one in machines if owner.endswith(one.name))
    frozen.send(signal.SIGSTOP)
    fault.rules()  # without a count before: a trial signature would have taken the one delay
    until(lambda: states(place, [paper])["sealed"] == 1, 60, "the other one seals it")
    frozen.send(signal.SIGCONT)
    until(lambda: f"not released {paper}: its lease ended" in frozen.said(), 30, "it finds out")
    assert events(place, paper) == [("reserve", False), ("interrupted", True), ("reserve", False), ("conclude", True)]
    assert fault.succeeded()["C_Sign"] >= signed + 2
    assert_intact(place)
    again = place.confirmed()
    until(lambda: states(place, [again])["sealed"] == 1, 60, "both go on")


def test_a_days_checkpoint_is_kept_once_and_each_worker_is_seen(
    place: Place, machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    """Whichever of them came first; the other leaves it to that one, and does what is still due afterwards."""

    def exported() -> bool:
        with read(place.desk.engine) as connection:
            return bool(last_exports(connection))

    until(exported, 60, "exported")
    said = "".join(one.said() for one in machines)
    assert said.count("exported to file://") == 1
    with read(place.desk.engine) as connection:
        seen = key_health.workers(connection)
    assert {one.name.rpartition("/")[2] for one in seen} == {one.name for one in machines}
    assert all(one.is_there(place.clock()) for one in seen)
    share = tmp_path / "another"
    share.mkdir()
    keeper = Keeper(load_settings({"SECONDSEAL_CHECKPOINT_EXPORTS": share.as_uri()}, place.desk.home), place.desk)
    with only_here(open_database(place.desk.engine.url.render_as_string(hide_password=False)), "keeper") as mine:
        assert mine
        keeper.look()
        assert not any(share.iterdir())
    keeper.look()
    assert any(share.iterdir())


def test_one_key_sent_through_two_web_processes_makes_one_paper_and_one_number(place: Place) -> None:
    """The caller's answer got lost, and its retry lands on the other machine; or both arrive at once."""
    _, token = clients.create(
        place.desk.engine, name="một cửa điện tử", scopes=("documents:write",), now=datetime.now(UTC)
    )
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "gửi-lại-1".encode().hex()}
    ports = free_port(), free_port()
    machines = Machine(place.desk.home, 3), Machine(place.desk.home, 4)
    with ExitStack() as running:
        for machine, port in zip(machines, ports, strict=True):
            running.enter_context(ended(machine.start("web", "--port", str(port))))
        callers = [
            running.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60))
            for port in ports
        ]
        for caller in callers:
            until(lambda caller=caller: _answers(caller), 180, "it answers")  # type: ignore[misc]
        with read(place.desk.engine) as connection:
            before = connection.execute(select(func.count()).select_from(outgoing)).scalar_one()
        with ThreadPoolExecutor(4) as pool:
            sent = list(pool.map(lambda n: callers[n % 2].post("/api/v1/documents", json=body(7001)), range(4)))
        sent.append(callers[1].post("/api/v1/documents", json=body(7001)))
    assert {answer.status_code for answer in sent} <= {200, 201}, [answer.text for answer in sent]
    assert len({(answer.json()["id"], answer.json()["number"]) for answer in sent}) == 1
    with read(place.desk.engine) as connection:
        after = connection.execute(select(func.count()).select_from(outgoing)).scalar_one()
    assert after == before + 1


def _answers(caller: httpx.Client) -> bool:
    try:
        return caller.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False
