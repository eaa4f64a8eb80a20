"""What became of documents, and which dossiers are late, as other systems may hear of it, in order.

The history is the outbox: its line is written in the transaction of the move itself, and is never changed. Writers wait
for each other (decision 0040), so a line with a higher number was committed later, and whoever read as far as one
number has missed nothing below it.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, or_, select, true

from stamping.dossier_tables import apologies, dossiers, missed_deadlines
from stamping.reach import EVERYTHING, Reach
from stamping.states import MOVES, State
from stamping.tables import documents, events

OF_DOSSIERS: Final[tuple[str, ...]] = ("dossier.overdue", "dossier.apologised")
"""A deadline passed without a result; another day was appointed with a letter of apology."""
TYPES: Final[tuple[str, ...]] = (*(f"document.{state}" for state in MOVES), *OF_DOSSIERS)
"""Every kind of event there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTold:
    """A document came into `state`."""

    id: str
    code: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierTold:
    """A dossier missed the deadline `due_at`; `appointed_at`: the day appointed for it now, None where none was yet."""

    code: str
    due_at: datetime
    appointed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEvent:
    """Something happened to a document or a dossier. `number` grows with time over the whole office; nothing here is
    personal. `type` is one of `TYPES`."""

    number: int
    at: datetime
    type: str
    about: DocumentTold | DossierTold

    @property
    def subject(self) -> str:
        """What this event and others are of, in 32 letters: a document's id, or the hash of a dossier's code."""
        if isinstance(self.about, DocumentTold):
            return self.about.id
        return hashlib.sha256(self.about.code.encode()).hexdigest()[:32]

    @property
    def id(self) -> str:
        """The same at every repetition, and no other office's."""
        return f"evt_{self.subject}_{self.number}"


def after(
    connection: Connection,
    number: int,
    *,
    limit: int,
    types: Collection[str] = TYPES,
    numbers: Collection[int] | None = None,
    reach: Reach = EVERYTHING,
) -> tuple[FeedEvent, ...]:
    """Events after this number of what is within `reach`, oldest first; with `numbers`, of those alone."""
    wanted = (
        select(events, documents.c.code)
        .outerjoin(documents, documents.c.id == events.c.document_id)
        .outerjoin(dossiers, dossiers.c.code == events.c.dossier)
        .where(events.c.seq > number, events.c.event.in_(types), _within(reach))
        .order_by(events.c.seq)
        .limit(limit)
    )
    if numbers is not None:
        wanted = wanted.where(events.c.seq.in_(numbers))
    return tuple(
        FeedEvent(number=row["seq"], at=row["at"], type=row["event"], about=_about(row))
        for row in connection.execute(wanted).mappings()
    )


def newest(connection: Connection) -> int:
    """The number of the newest line of the history; 0 where there is none."""
    return connection.execute(select(func.max(events.c.seq))).scalar() or 0


def _within(reach: Reach) -> ColumnElement[bool]:
    """What is told of a dossier is within reach where the result is that it was to have when that deadline passed."""
    if reach.everything:
        return true()
    result = [_deadline_told()]
    if reach.papers is not None:
        result.append(missed_deadlines.c.paper.in_(sorted(reach.papers)))
    if reach.seals is not None:
        result.append(missed_deadlines.c.seal_id.in_(sorted(reach.seals)))
    if reach.organisations is not None:
        result.append(dossiers.c.organisation.in_(sorted(reach.organisations)))
    return or_(
        and_(events.c.document_id.is_not(None), *reach.clauses()),
        and_(events.c.dossier.is_not(None), exists().where(*result)),
    )


def _deadline_told() -> ColumnElement[bool]:
    """The missed deadline an event tells of: noted, or answered by its letter, in one act and at one time with it."""
    answered = (
        exists()
        .where(
            apologies.c.dossier == missed_deadlines.c.dossier,
            apologies.c.due_at == missed_deadlines.c.due_at,
            apologies.c.written_at == events.c.at,
        )
        .correlate(missed_deadlines, events)  # by itself it would take in the rows right around it only
    )
    return and_(
        missed_deadlines.c.dossier == events.c.dossier,
        or_(
            and_(events.c.event == "dossier.overdue", missed_deadlines.c.noticed_at == events.c.at),
            and_(events.c.event == "dossier.apologised", answered),
        ),
    )


def _about(row: RowMapping) -> DocumentTold | DossierTold:
    if row["document_id"] is not None:
        state: State = row["event"].removeprefix("document.")
        return DocumentTold(id=row["document_id"], code=row["code"], state=state)
    told = json.loads(row["detail"])
    appointed = told.get("appointed_at")
    return DossierTold(
        code=row["dossier"],
        due_at=datetime.fromisoformat(told["due_at"]),
        appointed_at=datetime.fromisoformat(appointed) if appointed else None,
    )
