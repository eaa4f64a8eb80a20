"""Documents as others see them: one, a list, a file."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, or_, select

from stamping import attachments
from stamping.desk import Desk
from stamping.history import problem_from_json, problem_to_json, row_of, state_of
from stamping.reach import EVERYTHING, Reach
from stamping.refusal import Problem, not_found
from stamping.states import STAGES, STOPPED, UNSTAMPED_STAGES, StageState, State, stage_states
from stamping.tables import documents, events
from stamping.views import DocumentView, EventView, Revision, StageView
from store import read, write

_HISTORIES: Final = (
    select(events).where(events.c.document_id.in_(bindparam("documents", expanding=True))).order_by(events.c.seq)
)
_NEWEST: Final[tuple[Revision, ...]] = ("sealed", "approved", "generated")


def view(desk: Desk, document_id: str) -> DocumentView:
    """One document with its history. Raises `Refusal` not-found."""
    with read(desk.engine) as connection:
        return view_of(connection, document_id)


def state(desk: Desk, document_id: str) -> State:
    """Where one document stands. Raises `Refusal` not-found."""
    with read(desk.engine) as connection:
        return state_of(connection, document_id)


def list_documents(
    desk: Desk,
    *,
    states: Iterable[State] | None = None,
    officer_id: str | None = None,
    organisation: str | None = None,
    dossier: str | None = None,
    reach: Reach = EVERYTHING,
    limit: int = 100,
    offset: int = 0,
    after: str | None = None,
) -> tuple[DocumentView, ...]:
    """Documents by deadline (those without one last), at most `limit`; `after` is the id of one to go on from, whatever
    was taken in since. Raises `Refusal` not-found for an `after` that is no document."""
    query = select(documents).where(*reach.clauses())
    if states is not None:
        query = query.where(documents.c.state.in_(tuple(states)))
    if officer_id is not None:
        query = query.where(documents.c.officer_id == officer_id)
    if organisation is not None:
        query = query.where(documents.c.organisation == organisation)
    if dossier is not None:
        query = query.where(documents.c.dossier == dossier)
    query = query.order_by(documents.c.due_at.is_(None), documents.c.due_at, documents.c.created_at, documents.c.id)
    with read(desk.engine) as connection:
        if after is not None:
            query = query.where(_behind(row_of(connection, after)))
        return views_of(connection, connection.execute(query.limit(limit).offset(offset)).mappings().all())


def _behind(row: RowMapping) -> ColumnElement[bool]:
    """What comes after this one by deadline: none of the columns it is ordered by ever changes."""
    due, created, identity = documents.c.due_at, documents.c.created_at, documents.c.id
    later = or_(created > row["created_at"], and_(created == row["created_at"], identity > row["id"]))
    if row["due_at"] is None:
        return and_(due.is_(None), later)
    return or_(due.is_(None), due > row["due_at"], and_(due == row["due_at"], later))


def file(desk: Desk, document_id: str, revision: Revision | None = None) -> tuple[bytes, Revision, str]:
    """The PDF of a revision, the newest if none is named; which one it is; its SHA-256 (hex)."""
    with read(desk.engine) as connection:
        row = row_of(connection, document_id)
    for name in (revision,) if revision else _NEWEST:
        sha256 = row[f"{name}_sha256"]
        if sha256:
            return desk.files.get(sha256), name, sha256
    raise not_found("bản", "revision", str(revision))


def view_of(connection: Connection, document_id: str) -> DocumentView:
    """One document, in the caller's transaction."""
    return views_of(connection, [row_of(connection, document_id)])[0]


def views_of(connection: Connection, rows: Sequence[RowMapping]) -> tuple[DocumentView, ...]:
    """Rows of `stamping_documents` with their histories, in one query for all of them; one more for attachments."""
    histories: dict[str, list[EventView]] = {row["id"]: [] for row in rows}
    if histories:
        found = connection.execute(_HISTORIES, {"documents": list(histories)}).mappings()
        for event in found:
            histories[event["document_id"]].append(
                EventView(
                    at=event["at"], event=event["event"], actor=event["actor"], detail=json.loads(event["detail"])
                )
            )
    attached = attachments.rows_of_all(connection, [row["id"] for row in rows if row["attachments_sha256"]])
    return tuple(_view(row, tuple(histories[row["id"]]), attached.get(row["id"], ())) for row in rows)


def note_problem(desk: Desk, document_id: str, problem: Problem) -> None:
    """Keep the newest refusal on the document's row, so that the person who opens it sees why it did not go on."""
    with write(desk.engine) as connection:
        connection.execute(
            documents.update().where(documents.c.id == document_id).values(problem=problem_to_json(problem))
        )


def _view(row: RowMapping, history: tuple[EventView, ...], attached: Sequence[RowMapping]) -> DocumentView:
    revisions: dict[str, str] = {name: row[f"{name}_sha256"] for name in reversed(_NEWEST) if row[f"{name}_sha256"]}
    return DocumentView(
        id=row["id"],
        code=row["code"],
        paper=row["paper"],
        title=row["title"],
        subject=row["subject"],
        holder=row["holder"],
        holder_id=row["holder_id"],
        dossier=row["dossier"],
        result_code=row["result_code"],
        procedure=row["procedure"],
        procedure_name=row["procedure_name"],
        organisation=row["organisation"],
        organisation_name=row["organisation_name"],
        number=row["number"],
        issued_on=row["issued_on"],
        state=row["state"],
        officer_id=row["officer_id"],
        officer_name=row["officer_name"],
        seal_id=row["seal_id"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        pages=row["pages"],
        stages=_stages(row, history),
        revisions=revisions,
        history=history,
        problem=problem_from_json(row["problem"]),
        foreign=row["paper"] is None,
        attachments=attachments.views_of(attached),
        attachments_sha256=row["attachments_sha256"],
    )


def _stages(row: RowMapping, history: tuple[EventView, ...]) -> tuple[StageView, ...]:
    passed = {
        "received": (row["received_at"], row["received_by"]),
        "appraised": (row["appraised_at"], row["appraised_by"]),
        "approved": (row["approved_at"], row["officer_name"]),
        "stamped": (row["sealed_at"], row["sealed_by"]),
        "returned": (row["returned_at"], row["returned_by"]),
    }
    names = STAGES if row["seal_id"] else UNSTAMPED_STAGES
    out = []
    for name, reached in zip(names, stage_states(row["state"], names), strict=True):
        at, who = passed[name] if reached == "done" else (None, None)
        # done but never passed: recalled or replaced before it was handed over
        state: StageState = "stopped" if reached == "done" and at is None else reached
        if state == "stopped":
            last = next(
                (event for event in reversed(history) if event.event.removeprefix("document.") in STOPPED), None
            )
            at, who = (last.at, last.actor) if last else (None, None)
        out.append(StageView(name=name, state=state, at=at, who=who))
    return tuple(out)
