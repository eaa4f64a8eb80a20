"""How a document leaves the way, or reaches its end: declined, withdrawn, returned, recalled, replaced,
corrected.

Nothing is edited and nothing signed is taken away: a declined document's number is cancelled in the register with its
reason, a recalled one keeps its bytes and says so (Decree 30, article 18.3-18.4, AC-11).

Each act takes `once`, the caller's Idempotency-Key: sent again it changes nothing and gives the document as it stands.
Done for the first time, it is refused as changed-since where the document is no longer as `seen`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection, RowMapping

from register import Decision, OutgoingEntry, RegisterError, outgoing, status
from stamping import entries
from stamping.desk import Desk
from stamping.documents import view_of
from stamping.handing_over import HandOver, check_hand_over
from stamping.history import move, record, row_of
from stamping.on_paper import is_on_paper
from stamping.once import Once
from stamping.refusal import Refusal
from stamping.states import State
from stamping.versions import Seen
from stamping.views import DocumentView
from stamping.wording import check_words
from store import vietnam_date, write

Decline = Literal["amendment_requested", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedBy:
    """Which công văn corrects: a document's id, or the number and symbol of a year in the same office's register."""

    document_id: str | None = None
    notation: str = ""
    year: int = 0


def decline(
    desk: Desk,
    document_id: str,
    kind: Decline,
    reason: str,
    actor: str,
    once: Once | None = None,
    *,
    seen: Seen | None = None,
) -> DocumentView:
    """Send a document back, refuse it or withdraw it, before it is sealed. Raises `Refusal` wrong-state."""
    if not reason.strip():
        raise Refusal("paper-data-invalid", "Hãy ghi lý do.", "Give the reason.")
    check_words("paper-data-invalid", lines=True, reason=reason)
    now = desk.clock()

    def act(connection: Connection) -> None:
        move(connection, document_id, kind, at=now, actor=actor, detail={"reason": reason})
        outgoing.cancel(connection, document_id, reason=f"{kind}: {reason}", cancelled_by=actor, at=now)

    return _acted(desk, document_id, once, seen, now, act)


def return_to_citizen(
    desk: Desk,
    document_id: str,
    actor: str,
    received_by: str,
    once: Once | None = None,
    *,
    how: HandOver | None = None,
    seen: Seen | None = None,
) -> DocumentView:
    """The last stage: the sealed paper is handed over; the approved one where its procedure has no stamping stage,
    which issues it. `how`: left out, at the counter.

    Raises `Refusal` wrong-state, paper-data-invalid.
    """
    now, how = desk.clock(), how or HandOver()

    def act(connection: Connection) -> None:
        row = row_of(connection, document_id)
        check_hand_over(how, received_by, row["sealed_at"] or row["approved_at"] or row["created_at"], now)
        ready: tuple[State, ...] = ("sealed", "wet_stamped") if row["seal_id"] else ("approved",)
        move(
            connection,
            document_id,
            "returned",
            # stamped by hand, it is a sheet of paper: there is no file to send
            expected=tuple(state for state in ready if how.way != "online" or state != "wet_stamped"),
            at=now,
            actor=actor,
            detail={"received_by": received_by, **how.as_detail()},
            returned_at=now,
            returned_by=actor,
        )
        if not row["seal_id"]:
            entries.issue(connection, desk, row, actor, now)
        outgoing.mark_received(connection, document_id, received_by=received_by, received_at=now, note=how.note)

    return _acted(desk, document_id, once, seen, now, act)


def recall(
    desk: Desk,
    document_id: str,
    decision_number: str,
    decided_on: date,
    reason: str,
    actor: str,
    once: Once | None = None,
    *,
    seen: Seen | None = None,
) -> DocumentView:
    """Thu hồi: the paper is no longer in force; its signatures stay genuine and everyone who asks is told."""
    check_words("paper-data-invalid", lines=True, decision_number=decision_number, reason=reason)
    now = desk.clock()
    _decided(decided_on, now)
    detail = {"decision": decision_number, "date": decided_on.isoformat(), "reason": reason}

    def act(connection: Connection) -> None:
        _issued(row_of(connection, document_id))
        decision = Decision(number=decision_number, date=decided_on)
        status.recall(connection, document_id, decision=decision, reason=reason, by=actor, at=now)
        move(connection, document_id, "recalled", at=now, actor=actor, detail=detail)

    return _acted(desk, document_id, once, seen, now, act)


def replace(
    desk: Desk,
    document_id: str,
    by_document: str,
    decision_number: str,
    decided_on: date,
    reason: str,
    actor: str,
    once: Once | None = None,
    *,
    seen: Seen | None = None,
) -> DocumentView:
    """Thay thế: another issued electronic paper takes its place. Raises `Refusal` wrong-state for one on paper."""
    if is_on_paper(by_document):
        raise Refusal(
            "wrong-state",
            "Văn bản giấy không thay thế được văn bản điện tử ở đây. Hãy ghi quyết định thu hồi văn bản cũ.",
            "A document on paper cannot take an electronic one's place here. Recall the old one by its decision.",
            document=document_id,
        )
    check_words("paper-data-invalid", lines=True, decision_number=decision_number, reason=reason)
    now = desk.clock()
    _decided(decided_on, now)

    def act(connection: Connection) -> None:
        _issued(row_of(connection, document_id))
        _in_force(row_of(connection, by_document))
        decision = Decision(number=decision_number, date=decided_on)
        status.replace(
            connection,
            document_id,
            replaced_by=by_document,
            decision=decision,
            reason=reason,
            by=actor,
            at=now,
        )
        move(connection, document_id, "replaced", at=now, actor=actor, detail={"replaced_by": by_document})

    return _acted(desk, document_id, once, seen, now, act)


def correct(
    desk: Desk,
    document_id: str,
    by: CorrectedBy,
    reason: str,
    actor: str,
    once: Once | None = None,
    *,
    seen: Seen | None = None,
) -> DocumentView:
    """Đính chính: an issued công văn of the same office corrects this paper's form or number (Đ.18.4).

    The paper stays in force, with its bytes; everyone who asks is told. Raises `Refusal` not-found, wrong-state,
    paper-data-invalid, number-missing when the register does not know the công văn.
    """
    if not reason.strip():
        raise Refusal("paper-data-invalid", "Hãy ghi nội dung đính chính.", "Say what is corrected.")
    check_words("paper-data-invalid", lines=True, reason=reason)
    now = desk.clock()

    def act(connection: Connection) -> None:
        row = row_of(connection, document_id)
        _issued(row)
        letter = _letter(connection, row, by)
        status.correct(
            connection,
            document_id,
            corrected_by=letter.document_id,
            decision=Decision(number=letter.notation, date=letter.dated),
            reason=reason.strip(),
            by=actor[:64],
            at=now,
        )
        detail = {"by": letter.notation, "date": letter.dated.isoformat(), "reason": reason.strip()}
        record(connection, document_id, "document.corrected", at=now, actor=actor, detail=detail)

    try:
        return _acted(desk, document_id, once, seen, now, act)
    except RegisterError as error:
        raise Refusal("wrong-state", error.text_vi, error.text_en, document=document_id) from error


def _letter(connection: Connection, row: RowMapping, by: CorrectedBy) -> OutgoingEntry:
    """The công văn that corrects: registered, issued, of the same office, and another paper."""
    if by.document_id is not None:
        letter = outgoing.find(connection, by.document_id)
    else:
        letter = outgoing.find_notation(
            connection, organisation=row["organisation"], year=by.year, notation=by.notation
        )
    if letter is None:
        shown = by.document_id or f"{by.notation} ({by.year})"
        raise Refusal(
            "number-missing",
            f"Sổ đăng ký văn bản đi không có công văn {shown}. Hãy đăng ký công văn đính chính trước.",
            f"The outgoing register has no letter {shown}. Register the correcting letter first.",
        )
    if letter.document_id == row["id"] or letter.organisation != row["organisation"]:
        raise Refusal(
            "wrong-state",
            "Văn bản được đính chính bằng một công văn khác của chính cơ quan ban hành.",
            "A paper is corrected by another letter of the office that issued it.",
            document=row["id"],
        )
    if letter.issued_at is None or letter.cancelled is not None:
        raise Refusal(
            "wrong-state",
            f"Công văn {letter.notation} chưa phát hành nên chưa đính chính được văn bản khác.",
            f"Letter {letter.notation} has not been issued and corrects nothing yet.",
            document=letter.document_id,
        )
    return letter


def _acted(
    desk: Desk,
    document_id: str,
    once: Once | None,
    seen: Seen | None,
    now: datetime,
    act: Callable[[Connection], None],
) -> DocumentView:
    """Do it in one transaction, with the look at its key and at the version it is for; gives the document as it
    stands."""
    with write(desk.engine) as connection:
        if not (once and once.done(connection)):
            if seen:
                seen.require(view_of(connection, document_id))
            act(connection)
            if once:
                once.keep(connection, now)
        return view_of(connection, document_id)


def _decided(day: date, now: datetime) -> None:
    if day > vietnam_date(now):
        raise Refusal(
            "paper-data-invalid",
            f"Ngày quyết định {day:%d/%m/%Y} ở tương lai.",
            f"The decision's date, {day:%d/%m/%Y}, is in the future.",
            decided_on=day.isoformat(),
        )


def _in_force(row: RowMapping) -> None:
    _issued(row)
    if row["state"] not in {"sealed", "wet_stamped", "returned"}:
        raise Refusal(
            "wrong-state",
            f"Văn bản {row['number']} không còn hiệu lực, không thay thế được văn bản khác.",
            f"Document {row['number']} is no longer in force and cannot take another's place.",
            document=row["id"],
            state=row["state"],
        )


def _issued(row: RowMapping) -> None:
    if row["sealed_at"] is None and row["returned_at"] is None:
        raise Refusal(
            "wrong-state",
            f"Văn bản {row['number']} chưa phát hành.",
            f"Document {row['number']} has not been issued.",
            document=row["id"],
            state=row["state"],
        )
