"""Moves of a document from state to state, each with its line in the history, in the caller's transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from stamping.refusal import Problem, Refusal, not_found
from stamping.states import MOVES, State
from stamping.tables import documents, events

# Statements used for every document are built once, not per call.
_ROW: Final = select(documents).where(documents.c.id == bindparam("document_id"))
_STATES: Final = select(documents.c.id, documents.c.state).where(
    documents.c.id.in_(bindparam("document_ids", expanding=True))
)
_MOVE: Final = update(documents).where(documents.c.id == bindparam("moved"), documents.c.state == bindparam("was"))
_EVENT: Final = insert(events)


def to_json(value: object) -> str:
    """Canonical JSON: sorted keys, no spaces, Vietnamese letters kept."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def problem_to_json(problem: Problem | None) -> str | None:
    """A problem as it is stored on a row."""
    if problem is None:
        return None
    return to_json(
        {"code": problem.code, "text_vi": problem.text_vi, "text_en": problem.text_en, "detail": problem.detail}
    )


def problem_from_json(text: str | None) -> Problem | None:
    """The problem stored on a row, if any."""
    return Problem(**json.loads(text)) if text else None


def record(
    connection: Connection, document_id: str, event: str, *, at: datetime, actor: str, detail: Mapping[str, object]
) -> None:
    """Append one line to a document's history."""
    connection.execute(_EVENT, _line(document_id, event, at=at, actor=actor, detail=detail))


def record_of_dossier(
    connection: Connection, code: str, event: str, *, at: datetime, actor: str, detail: Mapping[str, object]
) -> None:
    """Append one line about a dossier, for other systems to hear."""
    connection.execute(
        _EVENT, {"dossier": code, "event": event, "at": at, "actor": actor[:200], "detail": to_json(dict(detail))}
    )


def row_of(connection: Connection, document_id: str) -> RowMapping:
    """A document's row. Raises `Refusal` not-found."""
    row = connection.execute(_ROW, {"document_id": document_id}).mappings().first()
    if row is None:
        raise not_found("văn bản", "document", document_id)
    return row


def move(
    connection: Connection,
    document_id: str,
    to: State,
    *,
    expected: tuple[State, ...] | None = None,
    at: datetime,
    actor: str,
    detail: Mapping[str, object] | None = None,
    **columns: Any,
) -> None:
    """Move a document to state `to` and record it; `columns` are set in the same statement.

    The update is conditional on the state that was read, so of two who try at once one is refused. Raises `Refusal`
    wrong-state when the table of moves, or `expected`, does not allow it.
    """
    one = Moved(document_id=document_id, detail=detail or {}, columns=columns)
    move_all(connection, [one], to, expected=expected, at=at, actor=actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One of several documents that move together: the detail of its line, and what is set on its row."""

    document_id: str
    detail: Mapping[str, object]
    columns: Mapping[str, Any]


def move_all(
    connection: Connection,
    moved: Sequence[Moved],
    to: State,
    *,
    expected: tuple[State, ...] | None = None,
    at: datetime,
    actor: str,
) -> None:
    """`move` for several documents, the same columns set on each. All of them, or `Refusal`."""
    asked = {"document_ids": [one.document_id for one in moved]}
    states: dict[str, State] = {row.id: row.state for row in connection.execute(_STATES, asked)}
    for one in moved:
        state = states.get(one.document_id)
        if state is None:
            raise not_found("văn bản", "document", one.document_id)
        if to not in MOVES[state] or (expected is not None and state not in expected):
            raise Refusal(
                "wrong-state",
                f"Văn bản đang ở trạng thái “{state}” nên không chuyển sang “{to}” được. "
                "Tải lại trang để xem tình trạng mới nhất.",
                f"The document is in state {state!r} and cannot become {to!r}. Reload to see where it stands.",
                document=one.document_id,
                state=state,
                to=to,
            )
    changed = connection.execute(
        _MOVE,
        [{"moved": one.document_id, "was": states[one.document_id], "state": to, **one.columns} for one in moved],
    )
    if changed.rowcount != len(moved):
        raise Refusal(
            "wrong-state",
            "Văn bản vừa được người khác xử lý. Tải lại trang để xem tình trạng mới nhất.",
            "Someone else has just handled this document. Reload to see where it stands.",
            document=moved[0].document_id,
        )
    connection.execute(
        _EVENT, [_line(one.document_id, f"document.{to}", at=at, actor=actor, detail=one.detail) for one in moved]
    )


def _line(document_id: str, event: str, *, at: datetime, actor: str, detail: Mapping[str, object]) -> dict[str, object]:
    return {"document_id": document_id, "event": event, "at": at, "actor": actor, "detail": to_json(dict(detail))}
