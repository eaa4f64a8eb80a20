"""How the office's work moves on, step by step as it happens: for whoever watches the service.

Read from where one stopped the last time, so that watching costs what happened since, not what there is.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from stamping.feed import TYPES
from stamping.states import Stage, State
from stamping.tables import confirmation_documents, confirmations, documents, events

_STAGE: Final[dict[str, Stage]] = {
    "awaiting_approval": "appraised",
    "approved": "approved",
    "sealed": "stamped",
    "wet_stamped": "stamped",
    "returned": "returned",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One move. `problem`: it was given back because its stamping failed, with this code. `stage`: it ended this stage,
    `seconds` after the end of the one before."""

    number: int
    state: State
    problem: str | None
    stage: Stage | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Documents confirmed and not sealed yet: how many, and since when the oldest of them waits."""

    documents: int
    since: datetime | None


def steps_after(connection: Connection, number: int, *, limit: int) -> tuple[Step, ...]:
    """Moves after this number of the history, oldest first."""
    times = (documents.c.received_at, documents.c.appraised_at, documents.c.approved_at, documents.c.sealed_at)
    found = connection.execute(
        select(events.c.seq, events.c.at, events.c.event, events.c.detail, *times)
        .join(documents, documents.c.id == events.c.document_id)
        .where(events.c.seq > number, events.c.event.in_(TYPES))
        .order_by(events.c.seq)
        .limit(limit)
    )
    steps = []
    for row in found:
        state: State = row.event.removeprefix("document.")
        problem = json.loads(row.detail).get("problem") if state == "approved" else None
        stage = None if problem else _STAGE.get(state)
        ended, begun = row.at, None
        match stage:
            case "appraised":
                ended, begun = row.appraised_at, row.received_at
            case "approved":
                begun = row.appraised_at
            case "stamped":
                begun = row.approved_at
            case "returned":
                begun = row.sealed_at or row.approved_at
        seconds = (ended - begun).total_seconds() if begun is not None else 0.0
        steps.append(
            Step(
                number=row.seq,
                state=state,
                problem=problem,
                stage=stage if begun is not None else None,
                seconds=max(0.0, seconds),
            )
        )
    return tuple(steps)


def waiting_for_the_seal(connection: Connection) -> Queue:
    """The worker's queue."""
    row = connection.execute(
        select(func.count(), func.min(confirmations.c.created_at))
        .select_from(confirmation_documents)
        .join(confirmations, confirmations.c.id == confirmation_documents.c.confirmation_id)
        .where(confirmation_documents.c.state.in_(("queued", "sealing")))
    ).one()
    return Queue(documents=row[0], since=row[1])
