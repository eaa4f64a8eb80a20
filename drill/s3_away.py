"""The S3 server with the office's files goes away: in the middle of single requests, and altogether for a minute.

The first half of the papers is carried through act by act, with the line cut after some of an act's bytes. The rest is
in flight when the server is ended by SIGKILL: some queued, and sealed by two machines, the others on their way through
the hands of the people, who try again whatever is answered "away" until it is taken. One machine's worker is started
anew in the meantime. The server comes back over what it had kept.
"""

import json
import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from sqlalchemy import func, select

from drill.ended_acts import as_custodian
from drill.every_step import LIST, EveryStep
from drill.machines import Machines
from drill.object_store_site import ObjectStoreSite
from drill.outcome import DrillFailed, Outcome
from drill.progress import say
from drill.sealed_once import counted
from drill.standing_office import StandingOffice, certificate_der, hand_in
from drill.troubles import line_cut
from register.tables import seal_log
from secondseal.demo.office import OFFICER
from secondseal.wiring import now
from stamping import approvals
from stamping.tables import confirmation_documents, documents
from store import StoreAway, read
from tests.tokens.faults import FaultModule

AWAY_S: Final = 60.0
_AGAIN_S: Final = 0.3
"""Between two tries of the people's."""
_ENOUGH: Final = 2
"""So many papers are sealed before the server ends."""
_SETTLED_S: Final = 2.0
"""After the server's end: what was under way has failed by then."""

_T = TypeVar("_T")


def drill(
    name: str,
    standing: StandingOffice,
    site: ObjectStoreSite,
    device: FaultModule,
    papers: int,
    tries: int,
    away_s: float,
) -> Outcome:
    """Carry papers through. `device` stands before the seal's token; `tries`: cuts of the line per act. Raises
    `DrillFailed`."""
    began, signed = time.monotonic(), device.calls()["C_Sign"]
    ends = frozenset({"prepare", "submit"})  # the others ask for no file, or live on
    acts = EveryStep(standing=standing, troubles=line_cut(site, tries), sure=False, ends=ends)
    made = acts.carry_through(papers // 2)
    cuts, ended = site.cuts(), sum(acts.kills.values())
    queued = max(_ENOUGH + 2, papers // 4)
    made += EveryStep(standing=standing, troubles=lambda _steps: []).to_the_worker(queued)
    machines = Machines(standing=standing)
    minute = _Minute(standing=standing, site=site, machines=machines, away_s=away_s)
    people = _People(standing, max(_ENOUGH, papers - papers // 2 - queued))
    machines.serve(lambda: minute.goes_on(people))
    said = people.told()
    made += said.made
    found = counted(standing, made)
    signed = device.calls()["C_Sign"] - signed
    trials = machines.starts  # each worker tries the key once before it serves
    wrong = [*acts.wrong, *minute.wrong, *_attempts(standing)]
    if signed > found.used + trials:
        wrong.append(f"the device signed {signed} times, the register names {found.used} uses of the key")
    if not all(acts.kills[act] for act in ends) or cuts <= ended:
        wrong.append(f"{cuts} cuts ended {dict(acts.kills)} acts of the people")
    if not said.away:
        wrong.append("nobody noticed that the server was gone")
    refused = ", ".join(f"{count} times {act}" for act, count in said.away.items())
    did = (
        f"{len(made)} papers in flight on S3; the line cut {cuts} times in the middle of an act, which ended {ended} of"
        f" the people's; then the server killed for {minute.gone_s:.0f} s after {minute.before} of "
        f"{len(made) - papers // 2} were sealed, no entry meanwhile, 'away' was answered {refused}; next "
        f"paper sealed {minute.next_s:.1f} s after its return; {found.sealed} papers sealed once, {found.entries} "
        f"entries, {found.used} uses of the key in them, {signed} C_Sign ({trials} workers' trial signatures included)"
    )
    return found.outcome(name, did, began=began, papers=len(made), wrong=wrong)


class _Minute:
    """Ends the server when the machines have sealed some papers, and starts it again."""

    def __init__(self, *, standing: StandingOffice, site: ObjectStoreSite, machines: Machines, away_s: float) -> None:
        self._standing, self._site, self._machines, self._away_s = standing, site, machines, away_s
        self._at_first = self._look().sealed
        self._gone_at = self._back_at = 0.0
        self._settled: _Look | None = None
        self._at_return = 0
        self.before = 0
        self.gone_s = self.next_s = 0.0
        self.wrong: list[str] = []

    def goes_on(self, people: "_People") -> bool:
        """One look; False when the server is back and the people are through."""
        look, at = self._look(), time.monotonic()
        if not self._gone_at:
            if look.sealed - self._at_first >= _ENOUGH:
                self.before = look.sealed - self._at_first
                self._site.kill()
                say(f"the S3 server is gone for {self._away_s:.0f} s")
                self._gone_at = time.monotonic()
                people.hear_of_it()
                self._machines.ask_to_end(0)  # and it is started while nothing is there
        elif not self._back_at:
            if self._settled is None and at > self._gone_at + min(_SETTLED_S, self._away_s / 2):
                self._settled = look
            elif at > self._gone_at + self._away_s:
                if look != self._settled:
                    self.wrong.append(f"while the server was gone {self._settled} became {look}")
                self._at_return = look.sealed
                self._site.start()
                say("the S3 server is back")
                self._back_at = time.monotonic()
                self.gone_s = self._back_at - self._gone_at
        elif not self.next_s and look.sealed > self._at_return:
            self.next_s = at - self._back_at
        return not (people.over() and self._back_at)

    def _look(self) -> "_Look":
        with self._standing.looking() as engine, read(engine) as connection:
            return _Look(
                sealed=connection.scalar(select(func.count()).where(documents.c.state == "sealed")) or 0,
                entries=connection.scalar(select(func.count()).select_from(seal_log)) or 0,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How many papers are sealed, and how many lines the seal register has."""

    sealed: int
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """Papers the people carried to the seal, and how often each of their acts was answered 'away'."""

    made: list[str]
    away: Mapping[str, int]


class _People:
    """The workflow system, the officer and the custodian, in a process of their own: list after list. The last
    signature is not sent before they hear that the server is gone, so that they are never through too early."""

    def __init__(self, standing: StandingOffice, papers: int) -> None:
        first, standing.handed_in = standing.handed_in + 1, standing.handed_in + papers
        self._pipe, theirs = os.pipe()
        heard, self._gone = os.pipe()
        self._over = False
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._pipe)
            os.close(self._gone)
            _carry(standing, range(first, first + papers), theirs, heard)
        os.close(theirs)
        os.close(heard)

    def hear_of_it(self) -> None:
        """The server is gone."""
        os.write(self._gone, b".")  # not closed: a worker forked since has it open too

    def over(self) -> bool:
        """Whether all their papers are confirmed. Raises `DrillFailed`."""
        if not self._over:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            self._over = bool(pid)
            if status:
                raise DrillFailed("the people could not go on")
        return self._over

    def told(self) -> _Told:
        """When it is over."""
        with os.fdopen(self._pipe, "rb") as heard:
            return _Told(**json.loads(heard.read()))


def _carry(standing: StandingOffice, ordinals: Sequence[int], pipe: int, gone: int) -> None:
    """In the child; never returns."""
    try:
        hands = _Hands(standing)
        for begin in range(0, len(ordinals), LIST):
            some = ordinals[begin : begin + LIST]
            hands.carry(some, gone if begin + LIST >= len(ordinals) else None)
        os.write(pipe, json.dumps({"made": hands.made, "away": hands.away}).encode())
        os._exit(0)
    except BaseException:  # noqa: BLE001  said, and counted by the parent
        traceback.print_exc()
        os._exit(1)


class _Hands:
    """What the people do, again and again until it is taken."""

    def __init__(self, standing: StandingOffice) -> None:
        self._officer, self._desk = standing.officer, standing.desk()
        self.made: list[str] = []
        self.away: Counter[str] = Counter()

    def carry(self, ordinals: Sequence[int], gone: int | None) -> None:
        """One list, from the workflow system's orders to its confirmation. `gone`: what to read before the last
        signature."""
        desk, moment = self._desk, now()
        papers = [self._taken("handing in", partial(hand_in, desk, one, moment)) for one in ordinals]
        self.made += papers
        opened = self._taken("opening a list", partial(approvals.open_list, desk, papers, OFFICER, "cán bộ")).id
        certificate = certificate_der(self._officer)
        view = self._taken("preparing", partial(approvals.use_certificate, desk, opened, certificate))
        for one in view.documents:
            if one.digest is None or one.scheme is None:
                raise DrillFailed(f"not prepared: {one.problem}")
            value = self._officer.sign(one.digest, one.scheme)
            if gone is not None and one is view.documents[-1]:
                os.read(gone, 1)
            self._taken("sending a signature", partial(approvals.submit, desk, opened, one.id, value))
        self._taken("confirming", partial(as_custodian, desk, papers))

    def _taken(self, act: str, once: Callable[[], _T]) -> _T:
        while True:
            try:
                return once()
            except StoreAway:
                self.away[act] += 1
                time.sleep(_AGAIN_S)


def _attempts(standing: StandingOffice) -> list[str]:
    """Whatever cost a paper an attempt has an entry: waiting cost none."""
    wrong = []
    with standing.looking() as engine, read(engine) as connection:
        attempt = func.sum(confirmation_documents.c.attempt)
        tried = select(confirmation_documents.c.document_id, attempt).group_by(confirmation_documents.c.document_id)
        reserved = select(seal_log.c.document_id, func.count()).where(seal_log.c.event == "reserve")
        entries = Counter({row[0]: row[1] for row in connection.execute(reserved.group_by(seal_log.c.document_id))})
        for paper, attempts in connection.execute(tried):
            if attempts != entries[paper]:
                wrong.append(f"{paper}: {attempts} attempts, {entries[paper]} entries")
    return wrong
