"""A document's standing: in force, replaced, recalled. Events are added, nothing is edited (NĐ 30/2020 Đ.18, AC-11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from sqlalchemy import Connection, Row, bindparam, select

from store import now

from . import journal, outgoing, tables
from .errors import StatusRefused

Standing = Literal["not_issued", "in_force", "replaced", "recalled"]


# Statements used for every document are built once, not per call.
_EVENTS: Final = (
    select(tables.status_events)
    .where(tables.status_events.c.document_id == bindparam("document"))
    .order_by(tables.status_events.c.id)
)
_BEGUN: Final = select(tables.status_events.c.document_id).where(
    tables.status_events.c.document_id.in_(bindparam("documents", expanding=True)),
    tables.status_events.c.event != "corrected",
)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """On what paper an event rests: số và ngày của quyết định or công văn."""

    number: str
    date: date


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Đính chính: which registered công văn corrects the document, and what."""

    document_id: str
    decision: Decision
    reason: str


@dataclass(frozen=True, kw_only=True)
class Status:
    """Where a document stands. `replaced_by` is the document that took its place; `corrected` the letters that
    correct its form or number (công văn đính chính), oldest first; `since` when the standing began (UTC)."""

    standing: Standing
    since: datetime | None = None
    replaced_by: str | None = None
    decision: Decision | None = None
    reason: str = ""
    corrected: tuple[Correction, ...] = ()

    @property
    def corrections(self) -> tuple[str, ...]:
        """The documents that correct this one."""
        return tuple(one.document_id for one in self.corrected)


def bring_into_force(connection: Connection, document_id: str, *, by: str, at: datetime | None = None) -> None:
    """The document is issued and in force. Raises DocumentUnknown, StatusRefused."""
    bring_all_into_force(connection, [document_id], by=by, at=at)


def bring_all_into_force(
    connection: Connection, document_ids: Sequence[str], *, by: str, at: datetime | None = None
) -> None:
    """`bring_into_force` for several documents. All of them, or an exception."""
    for one in connection.scalars(_BEGUN, {"documents": document_ids}).all():
        _require(status_of(connection, one), "not_issued")
    outgoing.require_all(connection, document_ids)
    rows = [_row(one, "in_force", by=by, at=at) for one in document_ids]
    journal.record_all(connection, tables.status_events, rows)


def replace(
    connection: Connection,
    document_id: str,
    *,
    replaced_by: str,
    decision: Decision,
    reason: str,
    by: str,
    at: datetime | None = None,
) -> None:
    """Thay thế: another registered document takes this one's place. Raises DocumentUnknown, StatusRefused."""
    _require(status_of(connection, document_id), "in_force")
    if replaced_by == document_id:
        raise StatusRefused("Văn bản không thể thay thế chính nó.", "A document cannot replace itself.")
    outgoing.require(connection, replaced_by)
    _record(connection, document_id, "replaced", other=replaced_by, decision=decision, reason=reason, by=by, at=at)


def recall(
    connection: Connection,
    document_id: str,
    *,
    decision: Decision,
    reason: str,
    by: str,
    at: datetime | None = None,
) -> None:
    """Thu hồi: the document is taken back; its bytes stay, frozen (PL VI). Raises DocumentUnknown, StatusRefused."""
    _require(status_of(connection, document_id), "in_force")
    _record(connection, document_id, "recalled", decision=decision, reason=reason, by=by, at=at)


def correct(
    connection: Connection,
    document_id: str,
    *,
    corrected_by: str,
    decision: Decision,
    reason: str,
    by: str,
    at: datetime | None = None,
) -> None:
    """Đính chính: a registered công văn corrects its form or number; it stays in force. Raises as `replace`."""
    _require(status_of(connection, document_id), "in_force")
    outgoing.require(connection, corrected_by)
    _record(connection, document_id, "corrected", other=corrected_by, decision=decision, reason=reason, by=by, at=at)


def status_of(connection: Connection, document_id: str) -> Status:
    """Where the document stands now; `not_issued` for one the register has no event of."""
    rows = connection.execute(_EVENTS, {"document": document_id}).all()
    corrected = tuple(
        Correction(
            document_id=row.other_document_id,
            decision=Decision(number=row.decision_number, date=row.decision_date),
            reason=row.reason,
        )
        for row in rows
        if row.event == "corrected"
    )
    standing = [row for row in rows if row.event != "corrected"]
    if not standing:
        return Status(standing="not_issued")
    last = standing[-1]
    return Status(
        standing=last.event,
        since=last.recorded_at,
        replaced_by=last.other_document_id,
        decision=_decision(last),
        reason=last.reason,
        corrected=corrected,
    )


def _decision(row: Row[tuple[object, ...]]) -> Decision | None:
    return None if row.decision_date is None else Decision(number=row.decision_number, date=row.decision_date)


def _require(status: Status, wanted: Standing) -> None:
    if status.standing != wanted:
        raise StatusRefused(
            f"Văn bản đang ở trạng thái “{_NAMES_VI[status.standing]}”, không thực hiện được việc này.",
            f"The document is {status.standing}; this needs one that is {wanted}.",
        )


_NAMES_VI: dict[Standing, str] = {
    "not_issued": "chưa phát hành",
    "in_force": "đang có hiệu lực",
    "replaced": "đã được thay thế",
    "recalled": "đã thu hồi",
}


def _record(
    connection: Connection,
    document_id: str,
    event: str,
    *,
    by: str,
    at: datetime | None,
    other: str | None = None,
    decision: Decision | None = None,
    reason: str = "",
) -> None:
    outgoing.require(connection, document_id)
    row = _row(document_id, event, by=by, at=at, other=other, decision=decision, reason=reason)
    journal.record(connection, tables.status_events, row)


def _row(
    document_id: str,
    event: str,
    *,
    by: str,
    at: datetime | None,
    other: str | None = None,
    decision: Decision | None = None,
    reason: str = "",
) -> dict[str, object]:
    return {
        "document_id": document_id,
        "event": event,
        "other_document_id": other,
        "decision_number": decision.number if decision else "",
        "decision_date": decision.date if decision else None,
        "reason": reason,
        "recorded_by": by,
        "recorded_at": at or now(),
    }
