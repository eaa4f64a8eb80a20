"""Documents of confirmed lists as the seal worker takes them: queued, sealing, sealed, failed."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import Final

from sqlalchemy import Connection, RowMapping, Update, bindparam, select

from stamping.desk import Desk
from stamping.history import move, problem_to_json, row_of
from stamping.leases import OVERDUE, hold
from stamping.refusal import Problem
from stamping.tables import confirmation_documents, confirmations, key_waits
from store import database_now, read, write

log = logging.getLogger("secondseal.passage")

# Statements used for every document are built once, not per call.
_NEXT: Final = (
    select(confirmation_documents, key_waits.c.state.label("key_wait"))
    .join(confirmations, confirmations.c.id == confirmation_documents.c.confirmation_id)
    .outerjoin(key_waits, (key_waits.c.seal_id == confirmations.c.seal_id) & (key_waits.c.worker == bindparam("mine")))
    .where(confirmation_documents.c.state == "queued", key_waits.c.state.is_distinct_from("away"))
    .order_by(confirmations.c.created_at, confirmation_documents.c.position)
    .limit(bindparam("most"))
)
_LATE: Final = select(confirmation_documents.c.document_id).where(OVERDUE).limit(1)
_UNDER_WAY: Final = (
    select(confirmation_documents.c.document_id)
    .join(confirmations, confirmations.c.id == confirmation_documents.c.confirmation_id)
    .outerjoin(key_waits, (key_waits.c.seal_id == confirmations.c.seal_id) & (key_waits.c.state == "away"))
    .where(confirmation_documents.c.state.in_(("queued", "sealing")), key_waits.c.seal_id.is_(None))
    .limit(1)
)
_CONFIRMATION: Final = select(confirmations).where(confirmations.c.id == bindparam("confirmation"))
_QUEUED: Final = (
    select(
        confirmation_documents.c.confirmation_id,
        confirmation_documents.c.document_id,
        confirmations.c.created_at,
    )
    .join(confirmations, confirmations.c.id == confirmation_documents.c.confirmation_id)
    .where(confirmation_documents.c.state == "queued", confirmations.c.seal_id == bindparam("seal"))
    .order_by(confirmations.c.created_at, confirmation_documents.c.position)
)


_UNCLAIMED: Final[Mapping[str, object]] = {"claim": None, "lease_until": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One queued document of one confirmation, claimed by this worker. `claim` names this attempt among all others;
    documents taken together share it."""

    confirmation: RowMapping
    document_id: str
    approved_sha256: str
    attempt: int
    claim: str

    @property
    def seal_id(self) -> str:
        """The seal it waits for."""
        return str(self.confirmation["seal_id"])


def claim(desk: Desk, most: int = 1) -> tuple[Turn, ...]:
    """Take the oldest queued document whose seal's key is not away from this worker, and up to `most` with it that
    follow it in its list (decision 0088). None where there is none.

    Claims are made one at a time, like all that is written: no two workers take one document, none waits for another's.
    """
    with write(desk.engine) as connection:
        rows = _together(_next(connection, desk, most))
        if not rows:
            return ()
        first, claim, at = rows[0], secrets.token_hex(16), database_now(connection)
        confirmation = connection.execute(_CONFIRMATION, {"confirmation": first["confirmation_id"]}).mappings().one()
        attempt = first["attempt"] + 1
        changed = {
            "state": "sealing",
            "attempt": attempt,
            "owner": desk.worker.name,
            "claim": claim,
            "lease_until": at + desk.worker.lease,
        }
        _set_all(connection, first["confirmation_id"], [row["document_id"] for row in rows], changed)
    return tuple(
        Turn(
            confirmation=confirmation,
            document_id=row["document_id"],
            approved_sha256=row["approved_sha256"],
            attempt=attempt,
            claim=claim,
        )
        for row in rows
    )


def _together(rows: Sequence[RowMapping]) -> Sequence[RowMapping]:
    """Of the queue's first ones, those that may be in hand at once. Alone goes what a worker died over before, what has
    attachments, and whatever comes first for a key that has failed."""
    if not rows or rows[0]["key_wait"] or not _in_company(rows[0]):
        return rows[:1]
    listed = rows[0]["confirmation_id"]
    return list(takewhile(lambda row: row["confirmation_id"] == listed and _in_company(row), rows))


def _in_company(row: RowMapping) -> bool:
    return not row["attempt"] and row["attachments_sha256"] is None


def anything(desk: Desk) -> tuple[bool, bool]:
    """Whether any turn is overdue, and whether any is to be claimed: a look that keeps no writer waiting."""
    with read(desk.engine) as connection:
        late = connection.execute(_LATE, {"at": database_now(connection)}).first()
        return late is not None, bool(_next(connection, desk, 1))


def under_way(desk: Desk) -> bool:
    """Whether a confirmed document is being sealed or is next, by any worker. Those whose key is away wait, and keep
    nobody."""
    with read(desk.engine) as connection:
        return connection.execute(_UNDER_WAY).first() is not None


def _next(connection: Connection, desk: Desk, most: int) -> Sequence[RowMapping]:
    return connection.execute(_NEXT, {"mine": desk.worker.name, "most": most}).mappings().all()


def queue_again(connection: Connection, turn: Turn) -> None:
    """Put it back where it stood. The worker lived on: this turn is none of those it died over. Raises `TurnLost`."""
    hold(connection, turn)
    set_state(connection, turn.confirmation["id"], turn.document_id, "queued", attempt=turn.attempt - 1)


def queued(connection: Connection, seal_id: str) -> Sequence[RowMapping]:
    """Every queued document of a seal, in order, and when its list was confirmed (`created_at`)."""
    return connection.execute(_QUEUED, {"seal": seal_id}).mappings().all()


def give_back(connection: Connection, desk: Desk, confirmation_id: str, document_id: str, problem: Problem) -> None:
    """To the custodian, with the reason on its row: `approved` again.

    A document that is no longer `confirmed` (which no act of ours does) stays what it is, and its turn is over all the
    same: else the worker would end over it, and be started again, for ever.
    """
    now = desk.clock()
    stored = problem_to_json(problem)
    set_state(connection, confirmation_id, document_id, "failed", problem=stored, finished_at=now)
    state = row_of(connection, document_id)["state"]
    if state != "confirmed":
        log.error("%s is in a confirmed list and in state %r: not sealed, and left as it is", document_id, state)
        return
    move(
        connection,
        document_id,
        "approved",
        expected=("confirmed",),
        at=now,
        actor="Second Seal",
        detail={"confirmation": confirmation_id, "problem": problem.code},
        problem=stored,
    )


def set_state(connection: Connection, confirmation_id: str, document_id: str, state: str, **columns: object) -> None:
    """The turn's state, in the caller's transaction: its claim is over. Who had it is kept."""
    _set_all(connection, confirmation_id, [document_id], {"state": state, **_UNCLAIMED, **columns})


def all_sealed(connection: Connection, done: Sequence[Turn], at: datetime) -> None:
    """These turns of one list came to their end."""
    ids = [turn.document_id for turn in done]
    _set_all(connection, done[0].confirmation["id"], ids, {"state": "sealed", **_UNCLAIMED, "finished_at": at})


def _set_all(
    connection: Connection, confirmation_id: str, document_ids: Sequence[str], columns: Mapping[str, object]
) -> None:
    of = [{"of_confirmation": confirmation_id, "of_document": one, **columns} for one in document_ids]
    connection.execute(_setting(*columns), of)


@cache
def _setting(*columns: str) -> Update:
    """One statement for each set of columns that is written: a handful."""
    return (
        confirmation_documents.update()
        .where(
            confirmation_documents.c.confirmation_id == bindparam("of_confirmation"),
            confirmation_documents.c.document_id == bindparam("of_document"),
        )
        .values({column: bindparam(column) for column in columns})
    )
