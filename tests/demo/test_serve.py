"""`make serve` as a service: supervised, restarted, remembered."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from secondseal.demo.office import DemoOffice, open_or_build
from secondseal.demo.people import approve, confirm, hand_in
from secondseal.demo.service_client import ServiceClient, ServiceError
from stamping import confirmations
from tests.ports import free_port
from tests.supervised import Supervised, supervised


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `make serve` keeps its demo office; made by the first who starts it."""
    return tmp_path_factory.mktemp("home")


@contextmanager
def served(home: Path, port: int) -> Iterator[Supervised]:
    """The demo office, ready."""
    with supervised(home, port, "--demo") as running:
        ServiceClient(running.base).wait_until_ready(90)
        yield running


def alive(pid: int) -> bool:
    """Is there such a process?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def verdict_of(base: str, pdf: bytes) -> str:
    """What a citizen is told."""
    return str(ServiceClient(base).post_file("/api/v1/verifications", pdf)["verdict"])


def test_a_killed_worker_is_restarted_and_everything_is_remembered(home: Path) -> None:
    """kill -9 of the worker ends neither the service nor the work; a restarted service knows what was sealed before."""
    port = free_port()
    with served(home, port) as first:
        assert first.said().count("the office is founded from") == 1, "though web and worker start together"
        office: DemoOffice = open_or_build(home / "demo-office", port=port)
        documents = [hand_in(office, first.base, ordinal=n)["id"] for n in (1, 2, 3)]
        approve(office, first.base, documents)
        (worker,) = first.processes("worker")
        os.kill(worker, signal.SIGKILL)
        confirm(office, first.base, documents)
        assert first.processes("worker")[-1] != worker
        program = ServiceClient(first.base, token=office.program_token)
        sealed = [program.get_file(f"/api/v1/documents/{one}/file?revision=sealed") for one in documents]
        assert {verdict_of(first.base, pdf) for pdf in sealed} == {"genuine"}
        processes = [first.processes(name)[-1] for name in ("pki", "web", "worker")]
        code = program.get(f"/api/v1/documents/{documents[0]}")["code"]
    for _ in range(50):
        if not any(alive(pid) for pid in processes):
            break
        time.sleep(0.1)
    assert not any(alive(pid) for pid in processes), "a service that ended leaves no process"

    with served(home, port) as second:
        assert {verdict_of(second.base, pdf) for pdf in sealed} == {"genuine"}
        page = ServiceClient(second.base).get_file(f"/v/{code.lower()}").decode()
        assert "01/GCN-UBND" in page
    audit = subprocess.run(
        [sys.executable, "-m", "secondseal.command", "register", "audit"],
        env={**os.environ, "SECONDSEAL_HOME": str(home / "demo-office")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_the_running_service_obeys_what_administrators_bring_into_force(home: Path, tmp_path: Path) -> None:
    """AC-120: a file edited after the first start does nothing; a seal suspended by command is refused at the very
    next paper, by pages and worker, without a key operation; two people bring it back."""
    port = free_port()
    with served(home, port) as running:
        office = open_or_build(home / "demo-office", port=port)
        passwords = {}
        for role in ("administrator", "administrator-2"):
            name, password = office.people[role]
            passwords[name] = tmp_path / f"{name}.txt"
            passwords[name].write_text(password + "\n", encoding="utf-8")

        def said(*words: str, by: str = "") -> str:
            person = ("--as", by, "--password-file", str(passwords[by])) if by else ()
            done = subprocess.run(
                [sys.executable, "-m", "secondseal.command", "office", *words, *person],
                env={**os.environ, "SECONDSEAL_HOME": str(office.home)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout + done.stderr

        queued, late = (hand_in(office, running.base, ordinal=n)["id"] for n in (11, 12))
        approve(office, running.base, [queued, late])
        entries = seal_entries(office)
        file = office.home / "office.toml"
        text = file.read_text("utf-8")
        file.write_text(text.replace("[[custodians]]", "# sửa\n[[custodians]]"), encoding="utf-8")
        assert "khác với phiên bản đang có hiệu lực" in said("check")
        worker = running.processes("worker")[-1]
        os.kill(worker, signal.SIGSTOP)
        try:
            identity = confirm_without_waiting(office, running.base, [queued])
            decided = ("--decision", "9/QĐ-MẪU", "--on", "2026-01-01")
            told = said("seal", "suspend", "x1-2", *decided, "--why", "mất token", by="quantri")
            assert "Phiên bản 2 có hiệu lực" in told, "a brake needs one person"
        finally:
            os.kill(worker, signal.SIGCONT)
        name, password = office.people["custodian"]
        custodian = ServiceClient(running.base)
        custodian.sign_in(name, password)
        for _ in range(200):
            (told_of,) = custodian.get(f"/api/v1/seals/{identity}")["documents"]
            if told_of["state"] == "failed":
                break
            time.sleep(0.1)
        assert told_of["problem"]["type"].endswith(":seal-not-active"), told_of
        with pytest.raises(ServiceError, match="409"):
            confirm_without_waiting(office, running.base, [late])
        assert seal_entries(office) == entries

        again = said("seal", "activate", "x1-2", *decided, "--why", "đã có token mới", by="quantri")
        assert "secondseal office confirm 3" in again, "two people bring it back"
        assert "Phiên bản 3 có hiệu lực" in said("confirm", "3", by="quantri2")
        confirm(office, running.base, [queued, late])
        assert "mất token" in said("history")


def seal_entries(office: DemoOffice) -> int:
    """Rows of the seal register."""
    with closing(sqlite3.connect(office.home / "secondseal.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM register_seal_log").fetchone()
    return int(count)


def confirm_without_waiting(office: DemoOffice, base: str, papers: list[str]) -> str:
    """The custodian confirms; the list's id."""
    name, password = office.people["custodian"]
    custodian = ServiceClient(base)
    custodian.sign_in(name, password)
    pending = {one["id"]: one["approved_sha256"] for one in custodian.get("/api/v1/seals")["documents"]}
    digest = confirmations.list_sha256((one, pending[one]) for one in papers)
    custodian.post("/api/v1/steps", {"list_sha256": digest, "password": password})
    return str(custodian.post("/api/v1/seals", {"documents": papers, "list_sha256": digest})["id"])


def test_a_second_worker_of_the_same_office_is_refused(home: Path) -> None:
    """One worker serves an office's seals at a time."""
    office = open_or_build(home / "demo-office", port=free_port())
    environment = {**os.environ, "SECONDSEAL_HOME": str(office.home)}
    command = [sys.executable, "-m", "secondseal.command", "worker"]
    first = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert first.stderr is not None
        while "ready" not in first.stderr.readline():
            assert first.poll() is None
        second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == 1
        assert "another seal worker" in second.stderr
    finally:
        first.terminate()
        assert first.wait(20) == 0
        if first.stderr is not None:
            first.stderr.close()
