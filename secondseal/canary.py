"""The canary: each configured key, the one in force and the next, signs and checks a value at an interval.

Only the seal worker runs it, in its one thread: when it is idle, and between two documents when a check is due (some
milliseconds). What is found is written for the web process to read (`stamping.key_health`) and, when it changes, to the
log. A key in fault is looked at again after a pause that doubles. A PIN is never sent beyond what the record of failed
logins allows.

A driver may also hang or crash here, which ends the worker (`hsm.Watch`). So the next one knows which key was under
test: it leaves that key alone for a while and says so, instead of dying over each document in turn.
"""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hsm import Overdue
from office import Office, Seal
from secondseal import findings
from secondseal.examination import Examination, examine
from secondseal.findings import Finding
from secondseal.key_report import KeyReport
from secondseal.keys import SealKey, SealKeys, Which
from secondseal.settings import Settings
from stamping import Desk, KeyUnavailable, Problem, Refusal, WorkerSeen, key_health, seal_usage
from store import read, write

log = logging.getLogger("secondseal.canary")

_FIRST_PAUSE_S: Final = 5.0
_LONGEST_PAUSE_S: Final = 60.0
"""Between two looks at a key in fault: who plugs the token in again does not wait long for the page to say so."""
_HOLD_S: Final = 30.0
_LONGEST_HOLD_S: Final = 600.0
"""How long a key that ended two workers in a row is left alone; doubles with each further one."""
_ENOUGH: Final = 2
_FOR_A_PERSON_S: Final = 366 * 86400.0
"""A login that failed nobody knows why is not repeated by itself."""
_IN_VAIN: Final = 4
"""Looks at a key that worked before and stays away, over half a minute, until the worker starts afresh for it."""
_RESCAN_S: Final = 5.0


@dataclass(slots=True, kw_only=True)
class _Watched:
    """One key and when it is looked at next. Times are monotonic seconds."""

    seal_id: str
    which: Which
    named: tuple[object, ...]
    next_at: float
    looked_at: float = 0.0
    faults: int = 0
    """Looks in a row that found a fault; None has been made while `looked_at` is 0.0."""
    canaries: int = 0
    was_good: bool = False
    """In this process."""
    marks: tuple[int, int] = (0, 0)
    """Operations of the key, and rungs taken to recover it, when it was last looked at."""

    @property
    def name(self) -> tuple[str, Which]:
        return self.seal_id, self.which


class Canary:
    """Looks at one key at a time, whichever is due. Also hands the keys to the passage, and holds back one that kills.

    Raises nothing of a token's trouble: that is what it reports.
    """

    def __init__(self, settings: Settings, desk: Desk, keys: SealKeys) -> None:
        self._settings = settings
        self._desk = desk
        self._keys = keys
        self._watched: dict[tuple[str, Which], _Watched] = {}
        self._open: dict[tuple[str, Which], SealKey] = {}
        self._rescan_at = 0.0
        self._report = KeyReport(desk)
        self._at_work: tuple[str, Which] | None = None
        self._suspect: tuple[str, Which] | None = None
        self._deaths = 0
        """Workers in a row that ended while they looked at the suspect."""
        self.restart_due = False
        """The last rung of the ladder: a key that worked here stays away, and the driver may need a fresh process."""

    def begin(self) -> None:
        """At the worker's start, before the first look: what the worker before this one left behind."""
        now = self._desk.clock()
        with write(self._desk.engine) as connection:
            name = self._desk.worker.name
            before = next((one for one in key_health.workers(connection) if one.name == name), None)
            if before is not None and before.examining is not None:
                seal_id, _, which = before.examining.rpartition("/")
                self._suspect = (seal_id, "next" if which == "next" else "current")
                self._deaths = before.deaths + 1
            key_health.worker_started(
                connection, WorkerSeen(name=name, started_at=now, seen_at=now, deaths=self._deaths)
            )

    def __call__(self, seal: Seal) -> SealKey:
        """The key in force, for the passage. Raises `KeyUnavailable`, also while the key is held back."""
        name: tuple[str, Which] = (seal.id, "current")
        if name == self._held:
            found = findings.driver_ended_worker(self._deaths)
            raise KeyUnavailable(Problem("token-fault", found.text_vi, found.text_en), passing=True)
        self._at_work = name
        try:
            key = self._open[name] = self._keys(seal)
        except KeyUnavailable:
            self._open.pop(name, None)
            self._doubt(name)
            raise
        return key

    def look(self) -> bool:
        """Look at the key that is most overdue; False when none is due."""
        now = time.monotonic()
        if now >= self._rescan_at:
            self._rescan_at = now + _RESCAN_S
            self._rescan(now)
            self._notice()
        due = min(self._watched.values(), key=lambda one: one.next_at, default=None)
        if due is None or now < due.next_at:
            return False
        office = self._office()
        seal = office.seal(due.seal_id) if office is not None else None
        if seal is None:
            due.next_at = now + _RESCAN_S
            return False
        self._look_at(due, seal)
        return True

    def driver_silent(self, late: Overdue) -> None:
        """Write down, from the watch's thread, that the key at work did not answer. Waits for the database."""
        if self._at_work is None:
            return
        found = findings.driver_silent(late.module_path, late.seconds)
        with write(self._desk.engine) as connection:
            self._report.unreached(connection, self._at_work, found, due_in_s=_LONGEST_PAUSE_S, restarts=1)

    def _rescan(self, now: float) -> None:
        """Which keys the office names now; a new or changed one is due at once."""
        office = self._office()
        if office is None:
            return
        at = self._desk.clock()
        named = {(seal.id, which): self._dated(seal, which) for seal, which in key_health.named(office, at)}
        for name, place in named.items():
            known = self._watched.get(name)
            if known is None or known.named != place:
                start = now + self._hold(name) if known is None else now
                self._watched[name] = _Watched(seal_id=name[0], which=name[1], named=place, next_at=start)
                if known is None and name == self._held:
                    self._say_held(name)
        gone = self._watched.keys() - named.keys()
        for name in gone:
            del self._watched[name]
        with read(self._desk.engine) as connection:
            stale = {(one.seal_id, one.role) for one in key_health.healths(connection)} - named.keys()
        if stale:
            with write(self._desk.engine) as connection:
                key_health.keep_only(connection, named.keys())

    def _dated(self, seal: Seal, which: Which) -> tuple[object, ...]:
        """A key's address and certificate, and when their files and the PIN's last changed."""
        now = self._desk.clock()
        place = seal.key_on(now) if which == "current" else seal.waiting_on(now)
        if place is None:
            return ()
        certificate = None if place.certificate is None else self._settings.home / place.certificate
        return (*place, *(_changed(file) for file in (certificate, self._settings.pin_file)))

    def _office(self) -> Office | None:
        try:
            return self._desk.office()
        except (OSError, Refusal):
            return None  # said where it is asked for an act; keys are looked at again once it can be read

    @property
    def _held(self) -> tuple[str, Which] | None:
        """The key left alone for now. Once is no pattern: then the first look of the next worker tells."""
        return self._suspect if self._deaths >= _ENOUGH else None

    def _hold(self, name: tuple[str, Which]) -> float:
        return min(_HOLD_S * 2 ** (self._deaths - _ENOUGH), _LONGEST_HOLD_S) if name == self._held else 0.0

    def _say_held(self, name: tuple[str, Which]) -> None:
        found = findings.driver_ended_worker(self._deaths)
        log.error("seal %s (%s key): %s", *name, found.text_en)
        with write(self._desk.engine) as connection:
            self._report.unreached(connection, name, found, due_in_s=self._hold(name))

    def _notice(self) -> None:
        """A key that was recovered, or that works again although it was in fault, is looked at soon."""
        for name, key in self._open.items():
            known = self._watched.get(name)
            if known is not None and known.looked_at:
                operations, rungs = known.marks
                if sum(key.recoveries.values()) != rungs or (known.faults and key.operations > operations):
                    self._doubt(name)

    def _doubt(self, name: tuple[str, Which]) -> None:
        known = self._watched.get(name)
        if known is not None and not known.faults:
            known.next_at = min(known.next_at, known.looked_at + _FIRST_PAUSE_S)

    def _look_at(self, due: _Watched, seal: Seal) -> None:
        # The first look, and one at a key in fault, may be the one that ends this process.
        dangerous = not due.looked_at or due.faults > 0
        self._at_work = due.name
        if dangerous:
            with write(self._desk.engine) as connection:
                key_health.worker_examines(
                    connection,
                    "/".join(due.name),
                    self._desk.clock(),
                    deaths=self._deaths,
                    name=self._desk.worker.name,
                )
        seen = examine(seal, due.which, self._keys, self._settings, now=self._desk.clock())
        if due.name == self._suspect:
            self._suspect, self._deaths = None, 0
        found = self._result(seen)
        if seen.latency_s is not None:
            due.canaries += 1
            due.marks = (seen.operations, sum(seen.recoveries.values()))
        due.faults = due.faults + 1 if found.state == "fault" else 0
        due.looked_at = time.monotonic()
        due.was_good = due.was_good or found.state != "fault"
        # at most once for each time it went: a worker that never saw it good does not end for it
        restart = due.was_good and seen.passing and due.faults >= _IN_VAIN
        self.restart_due = self.restart_due or restart
        pause = _FOR_A_PERSON_S if seen.may_cost_a_try else self._pause(due)
        due.next_at = due.looked_at + pause
        self._report.introduce(seen)
        survived = self._deaths if dangerous else None
        self._report.found(seen, found, canaries=due.canaries, due_in_s=pause, restart=restart, survived=survived)

    def _result(self, seen: Examination) -> Finding:
        if seen.which == "next":
            return seen.result
        return findings.worst((*seen.findings, *findings.usage(seal_usage(self._desk, seen.seal, self._desk.clock()))))

    def _pause(self, due: _Watched) -> float:
        if not due.faults:
            return self._settings.canary_interval_s
        longest = min(self._settings.canary_interval_s, _LONGEST_PAUSE_S)
        return float(min(_FIRST_PAUSE_S * 2 ** min(due.faults - 1, 10), longest))


def _changed(file: Path | None) -> int | None:
    try:
        return file.stat().st_mtime_ns if file is not None else None
    except (OSError, ValueError):  # a name no file can have: said when the key is looked at
        return None
