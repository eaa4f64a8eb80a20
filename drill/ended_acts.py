"""The acts of approving and sealing, each in a process of its own that may be told where to end.

What the process is to do unharmed before (taking up what an ended one left) is done before its steps count.
"""

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import select

from drill.forked import Ended, Say, forked
from drill.kill_points import KillPoint, ends_at, watched
from drill.outcome import DrillFailed
from drill.sealed_once import at_rest
from drill.standing_office import StandingOffice, certificate_der
from secondseal.demo.office import CUSTODIAN, OFFICER
from stamping import Desk, approvals, confirmations, passage
from stamping.tables import confirmation_documents, documents
from stamping.tables import confirmations as confirmed_lists
from store import read

TAKE_DOWN: Final = "take down"
Trouble = Callable[[], AbstractContextManager[None]]
"""What befalls a process within the block, and ends it there, or not."""
Ending = Trouble | str | None
"""What an act meets; `TAKE_DOWN`: nothing, it tells its steps; None: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One paper of an approval list, with what the token must sign (digest in hexadecimal)."""

    document: str
    digest: str
    scheme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What the agent sends for one paper of a list."""

    approval: str
    document: str
    value: bytes


def prepare(standing: StandingOffice, papers: Sequence[str], opened: str | None, ending: Ending) -> Ended:
    """The officer opens a list (None) or comes back to one, and it is prepared for the certificate. Says the list's id,
    then each paper."""

    def act(say: Say) -> None:
        desk = standing.desk()
        with _until(ending, say):
            approval = opened or approvals.open_list(desk, papers, OFFICER, "cán bộ").id
            say(approval)
            view = approvals.use_certificate(desk, approval, certificate_der(standing.officer))
        if problems := [one.problem for one in view.documents if one.state != "prepared"]:
            raise DrillFailed(f"not prepared: {problems}")
        for one in view.documents:
            say({"document": one.id, "digest": one.digest, "scheme": one.scheme})

    return _carried_out("prepare", act)


def submit(standing: StandingOffice, again: Sequence[Signature], sent: Sequence[Signature], ending: Ending) -> Ended:
    """The agent sends signatures: first `again`, those that were not answered before. Says each paper's state."""

    def act(say: Say) -> None:
        desk = standing.desk()
        for one in again:
            say(approvals.submit(desk, one.approval, one.document, one.value).state)
        desk.office()  # its connection is open, whatever had to be done again
        with _until(ending, say):
            for one in sent:
                say(approvals.submit(desk, one.approval, one.document, one.value).state)

    return _carried_out("submit", act)


def confirm(standing: StandingOffice, papers: Sequence[str], ending: Ending) -> Ended:
    """The custodian confirms the list, unless a look at it shows that it is confirmed: all of it or
    none. Says which."""

    def act(say: Say) -> None:
        desk = standing.desk()
        states = _states(desk, papers)
        say(sorted(states))
        if states == {"confirmed"}:
            return
        if states != {"approved"}:
            raise DrillFailed(f"one list, several states: {states}")
        with _until(ending, say):
            as_custodian(desk, papers)

    return _carried_out("confirm", act)


def as_custodian(desk: Desk, papers: Sequence[str]) -> None:
    """The custodian looks at what waits, and confirms these."""
    pending = {one.id: one.revisions["approved"] for one in confirmations.pending(desk, CUSTODIAN).documents}
    confirmations.confirm(
        desk,
        papers,
        confirmations.list_sha256((one, pending[one]) for one in papers),
        custodian_id=CUSTODIAN,
        account="vanthu",
        stepped_up_at=desk.clock(),
    )


def recover(standing: StandingOffice, ending: Ending) -> Ended:
    """A seal worker starts, and takes up what the one before it left."""

    def act(say: Say) -> None:
        desk = standing.desk()
        with _until(ending, say):
            passage.recover(desk)

    return _carried_out("recover", act)


def seal(standing: StandingOffice, ending: Ending, *, whole: int = 1, turns: int = 1, together: int = 1) -> Ended:
    """A seal worker starts: it takes up what the one before it left, seals `whole` papers, and as many as stand before
    `together` that may be in hand at once; then it takes `turns` that count as the act. Says what does not fit together
    after its start, and whether each turn found a paper."""

    def act(say: Say) -> None:
        desk = standing.desk()
        keys = standing.seal_keys(desk)
        passage.recover(desk)
        say(at_rest(desk.engine))
        for _ in range(whole):
            say(passage.serve_one(desk, keys))
        while not _are_next(desk, together) and passage.serve_one(desk, keys):
            continue
        with _until(ending, say):
            for _ in range(turns):
                say(passage.serve(desk, keys, most=together))
        keys.close()

    return _carried_out("seal", act)


def killed_at(point: KillPoint) -> Trouble:
    """kill -9 there."""
    return lambda: watched(ends_at(point))


def taken_down(ended: Ended) -> list[KillPoint]:
    """The steps a process told of, in the order they were first taken. What it had to import is imported here too: the
    processes that follow have it from the start, as a service that has been up for a while has."""
    for one in ended.said:
        if isinstance(one, dict) and "module" in one:
            importlib.import_module(one["module"])
    return [KillPoint(**one["step"]) for one in ended.said if isinstance(one, dict) and "step" in one]


def _carried_out(name: str, act: Callable[[Say], None]) -> Ended:
    ended = forked(act)
    if ended.fault:
        raise DrillFailed(f"{name}: {ended.fault}")
    return ended


@contextmanager
def _until(ending: Ending, say: Say) -> Iterator[None]:
    if ending is None:
        yield
    elif not isinstance(ending, str):
        with ending():
            yield
    else:
        steps: list[KillPoint] = []
        before = set(sys.modules)
        with watched(steps.append):
            yield
        for one in steps:
            say({"step": asdict(one)})
        for name in set(sys.modules) - before:
            say({"module": name})


def _are_next(desk: Desk, together: int) -> bool:
    """Whether so many papers of one list, which no worker has died over, are the next of the queue."""
    turns = confirmation_documents.c
    queued = (
        select(turns.confirmation_id, turns.attempt)
        .join(confirmed_lists, confirmed_lists.c.id == turns.confirmation_id)
        .where(turns.state == "queued")
        .order_by(confirmed_lists.c.created_at, turns.position)
        .limit(together)
    )
    with read(desk.engine) as connection:
        found = connection.execute(queued).all()
    return together == 1 or (len(found) == together and {row.attempt for row in found} == {0} and len(set(found)) == 1)


def _states(desk: Desk, papers: Sequence[str]) -> set[str]:
    with read(desk.engine) as connection:
        return set(connection.scalars(select(documents.c.state).where(documents.c.id.in_(papers))))
