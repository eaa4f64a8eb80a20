"""Văn bản giấy: documents made and signed on paper, numbered in the same series, entered in the same register (Đ.15).

The service never sees such a document: the clerk enters its line, so that the outgoing register is complete. It has no
file, no state and no public page; it can correct what is electronic, and take no electronic paper's place.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from sqlalchemy import Connection

from office import end_of_next_working_day
from register import OutgoingEntry, RegisterError, Registration, new_code, outgoing, status
from stamping.desk import BookDesk
from stamping.intake import configured_series, take_number
from stamping.numbering import number_refused, symbol_of
from stamping.once import Once
from stamping.refusal import Refusal, not_found
from stamping.wording import check_words
from store import VIETNAM, vietnam_date, write

NOTE: Final = "Văn bản giấy"
"""Column 10 of its line."""
_PREFIX: Final = "giay-"
"""What the register's ids of such documents begin with; those of electronic ones are hexadecimal."""
_LENGTHS: Final = {"type_name": 100, "subject": 500, "signer": 160, "recipients": 2000, "keeper": 200}
_MOST_COPIES: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperDocument:
    """A document on paper. `number` is one reserved before, None takes the next of the series of the year of `dated`;
    `issued_on` the day it left, None while it has not; `recipients` is nơi nhận, `keeper` who keeps the file copy."""

    organisation: str
    symbol: str
    dated: date
    type_name: str
    subject: str
    signer: str
    recipients: str
    keeper: str = "Lưu: VT"
    copies: int = 1
    note: str = ""
    number: int | None = None
    issued_on: date | None = None
    received_by: str = ""


def is_on_paper(document_id: str) -> bool:
    """Whether the register's id is of a document on paper."""
    return document_id.startswith(_PREFIX)


def enter(desk: BookDesk, new: PaperDocument, actor: str, once: Once | None = None) -> OutgoingEntry:
    """Enter it: number and line in one transaction, so that what cannot be registered takes no number. Raises `Refusal`
    paper-data-invalid, dossier-invalid (symbol), forbidden, number-missing, number-taken, idempotency-conflict."""
    now = desk.clock()
    _check(new, now)
    symbol = symbol_of(desk, new.organisation, procedure=None, symbol=new.symbol)
    identity = f"{_PREFIX}{secrets.token_hex(12)}"
    try:
        with write(desk.engine) as connection:
            if once and (kept := once.earlier(connection)) is not None:
                return _line(connection, kept["document_id"])
            year = new.dated.year
            kind, number = take_number(
                connection,
                organisation=new.organisation,
                year=year,
                symbol=symbol,
                configured=configured_series(desk, new.organisation, symbol, _noon(new.dated)),
                given=new.number,
                by=actor,
                purpose=NOTE,
                at=now,
            )
            outgoing.add(
                connection,
                Registration(
                    document_id=identity,
                    organisation=new.organisation,
                    kind=kind,
                    year=year,
                    number=number,
                    symbol=symbol,
                    dated=new.dated,
                    type_name=new.type_name,
                    subject=new.subject,
                    signer=new.signer,
                    recipients=new.recipients,
                    keeper=new.keeper,
                    copies=new.copies,
                    code=new_code(),
                    note=f"{NOTE}; {new.note}" if new.note else NOTE,
                ),
                at=now,
            )
            if new.issued_on is not None:
                _issue(desk, connection, identity, new.dated, new.issued_on, actor, now)
            if new.received_by:
                outgoing.mark_received(connection, identity, received_by=new.received_by, received_at=now)
            if once:
                once.keep(connection, now, {"document_id": identity})
            return _line(connection, identity)
    except RegisterError as error:
        raise number_refused(error) from error


def issue(desk: BookDesk, document_id: str, issued_on: date, actor: str, once: Once | None = None) -> OutgoingEntry:
    """Ngày chuyển of a paper document entered before it left. Raises `Refusal` not-found, paper-data-invalid,
    wrong-state when it had left, or its number was cancelled."""
    now = desk.clock()
    try:
        with write(desk.engine) as connection:
            entry = outgoing.find(connection, document_id)
            if entry is None or not document_id.startswith(_PREFIX):
                raise not_found("văn bản giấy", "paper document", document_id)
            if once and once.done(connection):
                return entry
            if entry.cancelled is not None:
                raise Refusal(
                    "wrong-state",
                    f"Số {entry.notation} đã huỷ.",
                    f"Number {entry.notation} was cancelled.",
                    document=document_id,
                )
            _issue(desk, connection, document_id, entry.dated, issued_on, actor, now)
            if once:
                once.keep(connection, now)
            return _line(connection, document_id)
    except RegisterError as error:
        raise Refusal("wrong-state", error.text_vi, error.text_en, document=document_id) from error


def cancel(desk: BookDesk, document_id: str, reason: str, actor: str, once: Once | None = None) -> OutgoingEntry:
    """Huỷ số of a paper document that never left. Raises `Refusal` not-found, paper-data-invalid, wrong-state."""
    if not reason.strip():
        raise Refusal("paper-data-invalid", "Hãy ghi lý do.", "Give the reason.")
    check_words("paper-data-invalid", lines=True, reason=reason)
    try:
        with write(desk.engine) as connection:
            if outgoing.find(connection, document_id) is None or not document_id.startswith(_PREFIX):
                raise not_found("văn bản giấy", "paper document", document_id)
            if once and once.done(connection):
                return _line(connection, document_id)
            outgoing.cancel(connection, document_id, reason=reason.strip(), cancelled_by=actor[:64], at=desk.clock())
            if once:
                once.keep(connection, desk.clock())
            return _line(connection, document_id)
    except RegisterError as error:
        raise Refusal("wrong-state", error.text_vi, error.text_en, document=document_id) from error


def _check(new: PaperDocument, now: datetime) -> None:
    check_words(
        "paper-data-invalid",
        lines=True,
        type_name=new.type_name,
        subject=new.subject,
        signer=new.signer,
        recipients=new.recipients,
        keeper=new.keeper,
        note=new.note,
        received_by=new.received_by,
    )
    for name, most in _LENGTHS.items():
        said = getattr(new, name)
        if not said.strip() or len(said) > most:
            raise Refusal(
                "paper-data-invalid",
                f"{name}: cần từ 1 đến {most} ký tự.",
                f"{name}: needs 1 to {most} letters.",
                where=name,
            )
    if not 1 <= new.copies <= _MOST_COPIES:
        raise Refusal(
            "paper-data-invalid",
            f"Số lượng bản: từ 1 đến {_MOST_COPIES}.",
            f"Number of copies: 1 to {_MOST_COPIES}.",
            where="copies",
        )
    _not_in_future("dated", new.dated, now)


def _issue(
    desk: BookDesk, connection: Connection, identity: str, dated: date, issued_on: date, actor: str, now: datetime
) -> None:
    _not_in_future("issued_on", issued_on, now)
    if issued_on < dated:
        raise Refusal(
            "paper-data-invalid",
            f"Ngày chuyển {issued_on:%d/%m/%Y} ở trước ngày của văn bản.",
            f"It cannot have left on {issued_on.isoformat()}, before its own date.",
            where="issued_on",
        )
    outgoing.mark_issued(
        connection,
        identity,
        # of a day that is past only the day is known
        issued_at=now if issued_on == vietnam_date(now) else _noon(issued_on),
        issue_by=end_of_next_working_day(desk.office(), _noon(dated)),
    )
    status.bring_into_force(connection, identity, by=actor[:64], at=now)


def _not_in_future(where: str, day: date, now: datetime) -> None:
    if day > vietnam_date(now):
        raise Refusal(
            "paper-data-invalid",
            f"Ngày {day:%d/%m/%Y} ở tương lai.",
            f"{day.isoformat()} is in the future.",
            where=where,
        )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), VIETNAM)


def _line(connection: Connection, document_id: str) -> OutgoingEntry:
    entry = outgoing.find(connection, document_id)
    if entry is None:
        raise not_found("văn bản giấy", "paper document", document_id)
    return entry
