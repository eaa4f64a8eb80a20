"""What became of documents, as other systems may hear of it: each move to a state, in order.

The history is the outbox: its line is written in the transaction of the move itself, and is never changed. Writers wait
for each other (decision 0040), so a line with a higher number was committed later, and whoever read as far as one
number has missed nothing below it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from stamping.states import MOVES, State
from stamping.tables import documents, events

TYPES: Final[tuple[str, ...]] = tuple(f"document.{state}" for state in MOVES)
"""Every kind of event there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEvent:
    """A document came into `state`. `number` grows with time over the whole office; nothing here is personal."""

    number: int
    at: datetime
    document_id: str
    code: str
    state: State

    @property
    def id(self) -> str:
        """The same at every repetition, and no other office's."""
        return f"evt_{self.document_id}_{self.number}"

    @property
    def type(self) -> str:
        """One of `TYPES`."""
        return f"document.{self.state}"


def after(
    connection: Connection,
    number: int,
    *,
    limit: int,
    types: Collection[str] = TYPES,
    numbers: Collection[int] | None = None,
) -> tuple[FeedEvent, ...]:
    """Events after this number, oldest first; with `numbers`, of those alone."""
    wanted = (
        select(events.c.seq, events.c.at, events.c.event, events.c.document_id, documents.c.code)
        .join(documents, documents.c.id == events.c.document_id)
        .where(events.c.seq > number, events.c.event.in_(types))
        .order_by(events.c.seq)
        .limit(limit)
    )
    if numbers is not None:
        wanted = wanted.where(events.c.seq.in_(numbers))
    return tuple(
        FeedEvent(
            number=row.seq,
            at=row.at,
            document_id=row.document_id,
            code=row.code,
            state=row.event.removeprefix("document."),
        )
        for row in connection.execute(wanted)
    )


def newest(connection: Connection) -> int:
    """The number of the newest line of the history; 0 where there is none."""
    return connection.execute(select(func.max(events.c.seq))).scalar() or 0
