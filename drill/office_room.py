"""A demo office as a service under its real supervisor, and a drill's hands on it."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from drill.outcome import DrillFailed, Outcome
from register import seal_log
from secondseal.demo.office import DemoOffice
from secondseal.demo.people import approve, hand_in
from secondseal.demo.service_client import ServiceClient
from secondseal.institution import version_in_force
from secondseal.settings import load_settings
from secondseal.wiring import open_existing
from stamping import confirmations
from store import read
from tests.supervised import Supervised, supervised

CALL_LIMIT_S: Final = 5
"""`key_call_limit_s` of the office: the shortest there is, so that a drill of a hanging driver is short."""
_READY_S: Final = 90.0
_STEP_S: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of confirmed papers. `lost`: neither sealed nor cleanly back with the custodian. `used`:
    uses of the key in their entries; `sure`: those that were, and not only may have been."""

    sealed: int
    lost: int
    doubled: int
    entries: int
    used: int
    sure: int
    wrong: tuple[str, ...]


@dataclass(kw_only=True)
class OfficeRoom:
    """The running service: papers through its pages, what became of them from its database."""

    office: DemoOffice
    service: Supervised
    custodian: ServiceClient
    handed_in: int = field(default=0)

    def papers(self, count: int) -> list[str]:
        """Fresh papers, each with the officer's verified signature."""
        first, self.handed_in = self.handed_in + 1, self.handed_in + count
        made = [str(hand_in(self.office, self.base, ordinal=first + one)["id"]) for one in range(count)]
        approve(self.office, self.base, made)
        return made

    def confirm(self, papers: Sequence[str]) -> str:
        """The custodian confirms exactly these, in person, and does not wait; the list's id."""
        _, password = self.office.people["custodian"]
        pending = {one["id"]: one["approved_sha256"] for one in self.custodian.get("/api/v1/seals")["documents"]}
        digest = confirmations.list_sha256((one, pending[one]) for one in papers)
        self.custodian.post("/api/v1/steps", {"list_sha256": digest, "password": password})
        return str(self.custodian.post("/api/v1/seals", {"documents": list(papers), "list_sha256": digest})["id"])

    def look(self, confirmation: str) -> dict[str, Any]:
        """The list as the service tells it now."""
        told: dict[str, Any] = self.custodian.get(f"/api/v1/seals/{confirmation}")
        return told

    def sealed(self, confirmation: str) -> int:
        """How many of the list are sealed."""
        return [one["state"] for one in self.look(confirmation)["documents"]].count("sealed")

    def until(self, happened: Callable[[], bool], limit_s: float, what: str) -> float:
        """Wait for it; the seconds it took. Raises `DrillFailed`."""
        began = time.monotonic()
        while not happened():
            if time.monotonic() - began > limit_s:
                raise DrillFailed(f"not within {limit_s:.0f} s: {what}\n{self.service.said()[-3000:]}")
            time.sleep(_STEP_S)
        return time.monotonic() - began

    def finished(self, confirmation: str, limit_s: float = 120) -> float:
        """Wait until each paper of the list is sealed or given back."""
        return self.until(lambda: bool(self.look(confirmation)["finished"]), limit_s, "the list is finished")

    @property
    def base(self) -> str:
        """Where the service answers."""
        return self.service.base

    def workers(self) -> list[int]:
        """Process ids of the workers so far, the newest last."""
        return self.service.processes("worker")

    def tally(self, papers: Sequence[str]) -> Tally:
        """Count from the database, the seal register and the register's own audit; judge one sealed paper."""
        program = ServiceClient(self.base, token=self.office.program_token)
        wrong: list[str] = []
        sealed = lost = doubled = entries = used = sure = 0
        engine = open_existing(f"sqlite:///{self.office.home / 'secondseal.db'}")
        try:
            for paper in papers:
                told = program.get(f"/api/v1/documents/{paper}")
                with read(engine) as connection:
                    rows = seal_log.entries_of(connection, paper)
                events = [row.event for row in rows]
                concluded = events.count("conclude")
                entries += events.count("reserve")
                used += sum(uses(row) for row in rows)
                # of what a worker had in hand together when it died the key may have been used for none or one
                sure += sum(uses(row) for row in rows if row.event != "interrupted")
                sealed += told["state"] == "sealed"
                lost += not (told["state"] == "sealed" or (told["state"] == "approved" and told["problem"]))
                doubled += max(concluded - 1, 0)
                if (told["state"] == "sealed") != (concluded == 1):
                    wrong.append(f"{paper} is {told['state']} with {concluded} concluded entries")
                if events.count("reserve") * 2 != len(events):
                    wrong.append(f"{paper}: an entry without an outcome: {', '.join(events)}")
        finally:
            engine.dispose()
        pdf = program.get_file(f"/api/v1/documents/{papers[-1]}/file")
        verdict = program.post_file("/api/v1/verifications", pdf)["verdict"]
        if sealed == len(papers) and verdict != "genuine":
            wrong.append(f"the last paper is judged {verdict}")
        wrong += self._audit()
        return Tally(
            sealed=sealed, lost=lost, doubled=doubled, entries=entries, used=used, sure=sure, wrong=tuple(wrong)
        )

    def outcome(
        self, name: str, did: str, papers: Sequence[str], began: float, wrong: Sequence[str], *, uses: int | None = None
    ) -> Outcome:
        """All of these papers were to be sealed; `uses`: signatures the device was asked for meanwhile, at least."""
        seconds = time.monotonic() - began
        found, tally = list(wrong), self.tally(papers)
        found += tally.wrong
        if tally.sealed != len(papers):
            found.append(
                f"{len(papers) - tally.sealed} papers are not sealed, and nothing stands in their way any more"
            )
        counted = f"{tally.sealed} papers sealed once, {tally.entries} entries, {tally.used} uses of the key in them"
        if uses is not None:
            counted += f", {uses} C_Sign (trial signatures included)"
            if uses < tally.sure:
                found.append(f"the register names {tally.sure} uses of the key for sure, the device saw {uses}")
        return Outcome(
            name=name,
            did=f"{did}; {counted}",
            seconds=seconds,
            lost=tally.lost,
            doubled=tally.doubled,
            wrong=tuple(found),
        )

    def _audit(self) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-m", "secondseal.command", "register", "audit"],
            env={**os.environ, "SECONDSEAL_HOME": str(self.office.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        return [] if done.returncode == 0 else [f"the register's audit: {done.stdout}{done.stderr}"]


def uses(row: seal_log.LogRow) -> int:
    """How often the key was used, as the row says."""
    if not row.key_operation:
        return 0
    said = re.search(r"key used (\d+) times", row.detail)
    return int(said.group(1)) if said else 1


@contextmanager
def served(office: DemoOffice, port: int, folder: Path, variables: Mapping[str, str]) -> Iterator[OfficeRoom]:
    """`secondseal serve` over the demo office of `folder`, with these variables too; ended by SIGTERM."""
    ours = {
        "SECONDSEAL_KEY_CALL_LIMIT_S": str(CALL_LIMIT_S),
        # a trial signature at each start, and where a fault was seen: none in between, so that uses can be compared
        "SECONDSEAL_CANARY_INTERVAL_S": "86400",
    }
    with supervised(folder, port, "--demo", variables={**ours, **variables}) as service:
        custodian = ServiceClient(service.base)
        custodian.wait_until_ready(_READY_S)
        custodian.sign_in(*office.people["custodian"])
        yield OfficeRoom(office=office, service=service, custodian=custodian)


def seal_key_of(office: DemoOffice, uri: str) -> None:
    """Another address of the seal's key, as an operator would bring it in: before the first start the file is edited,
    afterwards it is imported too, by two administrators. The key is opened anew."""
    file = office.home / "office.toml"
    text, changed = re.subn(r'^key = "pkcs11:[^"]*"$', lambda _: f'key = "{uri}"', file.read_text("utf-8"), flags=re.M)
    if changed != 1:
        raise DrillFailed(f"{changed} keys in the office's file")
    new = file.with_suffix(".new")
    new.write_text(text, "utf-8")
    new.replace(file)
    if version_in_force(load_settings({}, home=office.home)) is not None:
        said = _as_administrator(office, "administrator", "import", str(file), "--why", "drill")
        found = re.search(r"secondseal office confirm (\d+)", said)
        if found is None:
            raise DrillFailed(f"another key for the seal needs no second person: {said}")
        _as_administrator(office, "administrator-2", "confirm", found.group(1))


def _as_administrator(office: DemoOffice, person: str, *words: str) -> str:
    """`secondseal office WORDS` by this person; what it said. Raises `DrillFailed`."""
    name, password = office.people[person]
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(password)
        file.flush()
        done = subprocess.run(
            [sys.executable, "-m", "secondseal.command", "office", *words, "--as", name, "--password-file", file.name],
            env={**os.environ, "SECONDSEAL_HOME": str(office.home)},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise DrillFailed(f"secondseal office {words[0]}: {done.stdout}{done.stderr}")
    return done.stdout
