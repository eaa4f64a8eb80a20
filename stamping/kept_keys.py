"""How long what was done under an Idempotency-Key is known, and what of it is forgotten."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, select, tuple_

from register import numbers, office_versions
from stamping.states import State
from stamping.tables import confirmation_documents, documents, requests
from store import write

KEPT: Final = timedelta(days=90)
"""Longer than any call is sent again by a program that repeats (hours), a queue put back from a backup (weeks) or a
quarter's reconciliation; see docs/decisions/0061."""

_BATCH: Final = 200
"""Keys in one transaction: what an act under way waits for it is milliseconds."""
_UNDER_WAY: Final[tuple[State, ...]] = ("generated", "awaiting_approval", "approved", "confirmed")


def forget(engine: Engine, now: datetime) -> int:
    """Remove the keys kept for longer than `KEPT`, but none whose act is still under way: a document not yet issued, a
    confirmed list not yet stamped, a number not yet used, a proposal nobody decided. Gives how many were removed."""
    gone = passed = 0
    while True:
        with write(engine) as connection:
            old = connection.execute(
                select(requests.c.actor, requests.c.key, requests.c.answer)
                .where(requests.c.created_at < now - KEPT)
                .order_by(requests.c.created_at, requests.c.actor, requests.c.key)
                .limit(_BATCH)
                .offset(passed)
            ).all()
            if not old:
                return gone
            over = _over(connection, [((row.actor, row.key), json.loads(row.answer)) for row in old])
            if over:
                connection.execute(requests.delete().where(tuple_(requests.c.actor, requests.c.key).in_(over)))
        gone, passed = gone + len(over), passed + len(old) - len(over)


def _over(connection: Connection, kept: Sequence[tuple[tuple[str, str], Mapping[str, Any]]]) -> list[tuple[str, str]]:
    """Those whose act has come to its end."""
    made = [answer["document"] for _, answer in kept if "document" in answer]
    confirmed = [answer["confirmation"] for _, answer in kept if "confirmation" in answer]
    at_work = set(
        connection.execute(
            select(documents.c.id).where(documents.c.id.in_(made), documents.c.state.in_(_UNDER_WAY))
        ).scalars()
    ) | set(
        connection.execute(
            select(confirmation_documents.c.confirmation_id).where(
                confirmation_documents.c.confirmation_id.in_(confirmed),
                confirmation_documents.c.state.not_in(("sealed", "failed")),
            )
        ).scalars()
    )
    proposed = {proposal.id for proposal in office_versions.pending(connection)}
    return [
        name
        for name, answer in kept
        if answer.get("document", answer.get("confirmation")) not in at_work
        and answer.get("proposal") not in proposed
        and not _open(connection, answer.get("number_id"))
    ]


def _open(connection: Connection, number_id: int | None) -> bool:
    if number_id is None:
        return False
    return any(one.id == number_id for one in numbers.open_numbers(connection, after=number_id - 1, limit=1))
