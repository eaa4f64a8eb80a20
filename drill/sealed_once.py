"""What became of papers, counted from the database and the files alone, past the code that wrote them."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from drill.forked import forked
from drill.office_room import uses
from drill.outcome import DrillFailed, Outcome
from drill.standing_office import StandingOffice
from register import outgoing, revisions_of, seal_log
from register.tables import seal_log as seal_rows
from secondseal.demo.office import ORGANISATION
from secondseal.wiring import now
from stamping import Desk
from stamping.tables import confirmation_documents, documents, events, judgements
from store import StoreError, read, vietnam_date
from verifier import collect, judge

_JUDGED: Final = 20
"""Sealed papers judged in full as a citizen's; every one is hashed and held against the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """`lost`: neither sealed nor cleanly back with a person; `doubled`: approvals and seals beyond a paper's
    first. `used`: uses of the seal's key that the register names."""

    sealed: int
    lost: int
    doubled: int
    entries: int
    used: int
    wrong: tuple[str, ...]

    def outcome(self, name: str, did: str, *, began: float, papers: int, wrong: Sequence[str] = ()) -> Outcome:
        """Of a drill that carried so many papers and `began` then (monotonic, s); `wrong`: what else it found."""
        found = [*wrong, *self.wrong]
        if self.sealed != papers:
            found.append(f"{papers - self.sealed} papers are not sealed, and nothing stands in their way any more")
        return Outcome(
            name=name,
            did=did,
            seconds=time.monotonic() - began,
            lost=self.lost,
            doubled=self.doubled,
            wrong=tuple(found),
        )


def counted(standing: StandingOffice, papers: Sequence[str]) -> Count:
    """Of these papers, which are all the office has. In a process of its own. Raises `DrillFailed`."""
    ended = forked(lambda say: say(asdict(_count(standing, papers))))
    if ended.fault:
        raise DrillFailed(ended.fault)
    return Count(**{**ended.said[0], "wrong": tuple(ended.said[0]["wrong"])})


def _count(standing: StandingOffice, papers: Sequence[str]) -> Count:
    desk = standing.desk()
    wrong: list[str] = []
    sealed = lost = doubled = entries = used = 0
    with read(desk.engine) as connection:
        rows = {row["id"]: row for row in connection.execute(select(documents)).mappings()}
        history = _history(connection)
        judged = Counter(connection.scalars(select(judgements.c.document_id)))
        numbers = sorted(row["number_value"] for row in rows.values())
        registered = outgoing.entries(connection, organisation=ORGANISATION, year=vietnam_date(now()).year)
        if seal_log.open_entries(connection):
            wrong.append("entries of the seal register are open")
        for paper in papers:
            row = rows[paper]
            log = seal_log.entries_of(connection, paper)
            kinds = [one.event for one in log]
            concluded = kinds.count("conclude")
            entries += kinds.count("reserve")
            used += sum(uses(one) for one in log)
            sealed += row["state"] == "sealed"
            lost += not (row["state"] == "sealed" or (row["state"] == "approved" and row["problem"]))
            kept = [one.kind for one in revisions_of(connection, paper)]
            doubled += max(concluded - 1, 0) + max(kept.count("sealed") - 1, 0) + max(kept.count("approved") - 1, 0)
            if (row["state"] == "sealed") != (concluded == 1):
                wrong.append(f"{paper} is {row['state']} with {concluded} concluded entries")
            if kinds.count("reserve") * 2 != len(kinds):
                wrong.append(f"{paper}: an entry without an outcome: {', '.join(kinds)}")
            if row["state"] == "sealed" and (kept != ["generated", "approved", "sealed"] or judged[paper] != 1):
                wrong.append(f"{paper}: revisions {kept}, {judged[paper]} judgements")
            # each time it was given back it is approved again, and confirmed anew
            told = history[paper]
            if row["state"] == "sealed" and (
                told["document.sealed"] != 1 or told["document.approved"] != told["document.confirmed"]
            ):
                wrong.append(f"{paper}: its history tells {dict(told)}")
    if len(rows) != len(papers):
        wrong.append(f"{len(rows)} papers for {len(papers)} handed in")
    if numbers != list(range(1, len(rows) + 1)) or len(registered) != len(rows):
        wrong.append(f"{len(rows)} papers, {len(registered)} lines of the outgoing register, numbers not 1 to that")
    wrong += _files(desk, [rows[paper]["sealed_sha256"] for paper in papers if rows[paper]["sealed_sha256"]])
    wrong += standing.audit()
    return Count(sealed=sealed, lost=lost, doubled=doubled, entries=entries, used=used, wrong=tuple(wrong))


def at_rest(engine: Engine) -> list[str]:
    """What does not fit together while no worker runs and the last one's leavings were taken up: nothing is under way,
    and as many papers are sealed as entries are concluded."""
    wrong = []
    with read(engine) as connection:
        if left := len(seal_log.open_entries(connection)):
            wrong.append(f"{left} entries are open after a restart")
        turns = Counter(connection.scalars(select(confirmation_documents.c.state)))
        states = Counter(connection.scalars(select(documents.c.state)))
        concluded = connection.scalar(select(func.count()).where(seal_rows.c.event == "conclude"))
    if turns["sealing"]:
        wrong.append(f"{turns['sealing']} turns belong to nobody after a restart")
    if not turns["sealed"] == states["sealed"] == concluded:
        wrong.append(f"{turns['sealed']} turns and {states['sealed']} papers are sealed, {concluded} entries concluded")
    if turns["queued"] != states["confirmed"]:
        wrong.append(f"{turns['queued']} turns are queued for {states['confirmed']} confirmed papers")
    return wrong


def _history(connection: Connection) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for row in connection.execute(select(events.c.document_id, events.c.event)):
        found.setdefault(row.document_id, Counter())[row.event] += 1
    return found


def _files(desk: Desk, sealed: Sequence[str]) -> list[str]:
    """Every sealed file is whole, no two papers share one; a sample is judged in full."""
    wrong = []
    if len(set(sealed)) != len(sealed):
        wrong.append("two papers have the same sealed file")
    for sha256 in sealed:
        try:
            desk.files.check(sha256)
        except StoreError as error:
            wrong.append(str(error))
    step = max(1, len(sealed) // _JUDGED)
    for sha256 in sealed[::step]:
        facts = desk.sandbox.gather(desk.files.get(sha256))
        at = desk.clock()
        evidence = collect(facts, store=desk.store, client=desk.sources.revocation, now=at)
        verdict = judge(facts, evidence, policy=desk.policy, store=desk.store, at=at)
        if verdict.word != "genuine":
            wrong.append(f"a sealed file is judged {verdict.word}: {[one.code for one in verdict.findings]}")
    return wrong
