"""Documents of confirmed lists as the seal worker takes them: queued, sealing, sealed, failed."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from stamping.desk import Desk
from stamping.history import move, problem_to_json, row_of
from stamping.refusal import Problem
from stamping.tables import confirmation_documents, confirmations, key_waits
from store import read, write

log = logging.getLogger("secondseal.passage")

# Statements used for every document are built once, not per call.
_OLDEST: Final = (
    select(confirmation_documents)
    .join(confirmations, confirmations.c.id == confirmation_documents.c.confirmation_id)
    .outerjoin(key_waits, key_waits.c.seal_id == confirmations.c.seal_id)
    .where(confirmation_documents.c.state == "queued", key_waits.c.state.is_distinct_from("away"))
    .order_by(confirmations.c.created_at, confirmation_documents.c.position)
    .limit(1)
)
_CONFIRMATION: Final = select(confirmations).where(confirmations.c.id == bindparam("confirmation"))
_TURN: Final = update(confirmation_documents).where(
    confirmation_documents.c.confirmation_id == bindparam("confirmation"),
    confirmation_documents.c.document_id == bindparam("document"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One queued document of one confirmation, claimed by this worker."""

    confirmation: RowMapping
    document_id: str
    approved_sha256: str
    attempt: int

    @property
    def seal_id(self) -> str:
        """The seal it waits for."""
        return str(self.confirmation["seal_id"])


def claim(desk: Desk) -> Turn | None:
    """Take the oldest queued document whose seal's key is not away."""
    with read(desk.engine) as connection:
        # an idle worker looks twenty times a second: it takes no writer's turn for that
        if connection.execute(_OLDEST).first() is None:
            return None
    with write(desk.engine) as connection:
        row = connection.execute(_OLDEST).mappings().first()
        if row is None:
            return None
        confirmation = connection.execute(_CONFIRMATION, {"confirmation": row["confirmation_id"]}).mappings().one()
        set_state(connection, row["confirmation_id"], row["document_id"], "sealing", attempt=row["attempt"] + 1)
    return Turn(
        confirmation=confirmation,
        document_id=row["document_id"],
        approved_sha256=row["approved_sha256"],
        attempt=row["attempt"] + 1,
    )


def queue_again(connection: Connection, turn: Turn) -> None:
    """Put it back where it stood. The worker lived on: this turn is none of those it died over."""
    set_state(connection, turn.confirmation["id"], turn.document_id, "queued", attempt=turn.attempt - 1)


def queued(connection: Connection, seal_id: str) -> Sequence[RowMapping]:
    """Every queued document of a seal, in order, and when its list was confirmed (`created_at`)."""
    return (
        connection.execute(
            select(
                confirmation_documents.c.confirmation_id,
                confirmation_documents.c.document_id,
                confirmations.c.created_at,
            )
            .join(confirmations, confirmations.c.id == confirmation_documents.c.confirmation_id)
            .where(confirmation_documents.c.state == "queued", confirmations.c.seal_id == seal_id)
            .order_by(confirmations.c.created_at, confirmation_documents.c.position)
        )
        .mappings()
        .all()
    )


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
    """The turn's state, in the caller's transaction."""
    connection.execute(_TURN, {"confirmation": confirmation_id, "document": document_id, "state": state, **columns})
