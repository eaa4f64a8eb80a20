"""Sổ đăng ký văn bản đi: the outgoing-document register (NĐ 30/2020, PL IV), with each document's public code."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, func, select

from store import now

from . import journal, numbers, tables
from .codes import normalise
from .errors import AlreadyRegistered, DocumentUnknown, NotationTaken


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One line of the register, as known when the document is registered: before anyone signs or stamps it (AC-7).

    `number` was reserved in the series (`organisation`, `kind`, `year`); `symbol` stands after it in print, e.g.
    "GCN-UBND". `recipients` is nơi nhận, `keeper` the unit that keeps the file copy, `copies` the number of copies.
    `code` is the public code, `dossier` the dossier's number where the document is a dossier's result.
    """

    document_id: str
    organisation: str
    kind: str
    year: int
    number: int
    symbol: str
    dated: date
    type_name: str
    subject: str
    signer: str
    recipients: str
    keeper: str
    copies: int
    code: str
    dossier: str | None = None
    note: str = ""

    @property
    def notation(self) -> str:
        """Số, ký hiệu as printed."""
        return numbers.notation(self.number, self.symbol)


@dataclass(frozen=True, kw_only=True)
class OutgoingEntry:
    """A line as the register holds it today; `cancelled` is why its number
    was cancelled. Columns 8 and 9 are empty until the document is issued and received."""

    document_id: str
    organisation: str
    notation: str
    dated: date
    type_name: str
    subject: str
    signer: str
    recipients: str
    keeper: str
    copies: int
    note: str
    code: str
    dossier: str | None
    result_code: str | None
    registered_at: datetime
    issued_at: datetime | None
    issue_by: datetime | None
    received: str
    cancelled: str | None = None

    @property
    def late(self) -> bool:
        """Issued after the end of the working day that follows approval (AC-3)."""
        return self.issued_at is not None and self.issue_by is not None and self.issued_at > self.issue_by


def add(connection: Connection, registration: Registration, *, at: datetime | None = None) -> str | None:
    """Register a document under its reserved number; gives its result code `<dossier>-KQ<n>` (AC-90) or None.

    Raises NumberUnknown, NumberSpent, AlreadyRegistered, NotationTaken (PL VI), CodeInvalid, ValueError.
    """
    code = normalise(registration.code)
    number_id = numbers.unspent(
        connection,
        organisation=registration.organisation,
        kind=registration.kind,
        year=registration.year,
        number=registration.number,
    )
    _refuse_doubles(connection, registration, code)
    ordinal = None if registration.dossier is None else _next_ordinal(connection, registration.dossier)
    journal.record(
        connection,
        tables.outgoing,
        {
            "document_id": registration.document_id,
            "number_id": number_id,
            "organisation": registration.organisation,
            "year": registration.year,
            "notation": registration.notation,
            "dated": registration.dated,
            "type_name": registration.type_name,
            "subject": registration.subject,
            "signer": registration.signer,
            "recipients": registration.recipients,
            "keeper": registration.keeper,
            "copies": registration.copies,
            "note": registration.note,
            "code": code,
            "dossier": registration.dossier,
            "result_ordinal": ordinal,
            "registered_at": at or now(),
        },
    )
    return result_code(registration.dossier, ordinal)


def cancel(
    connection: Connection, document_id: str, *, reason: str, cancelled_by: str, at: datetime | None = None
) -> None:
    """Huỷ số: the registered document will never be issued; its number stays, with the reason. Raises DocumentUnknown,
    AlreadyRegistered when it was issued or cancelled before."""
    require(connection, document_id)
    table = tables.outgoing
    number_id = connection.execute(select(table.c.number_id).where(table.c.document_id == document_id)).scalar_one()
    issued = connection.execute(select(tables.issues).where(tables.issues.c.document_id == document_id)).first()
    voided = connection.execute(select(tables.voids).where(tables.voids.c.number_id == number_id)).first()
    if issued or voided:
        raise AlreadyRegistered(
            "Văn bản này đã phát hành hoặc đã huỷ số.", "This document was issued, or its number cancelled, before."
        )
    row = {"number_id": number_id, "reason": reason, "voided_by": cancelled_by, "voided_at": at or now()}
    journal.record(connection, tables.voids, row)


def mark_issued(connection: Connection, document_id: str, *, issued_at: datetime, issue_by: datetime) -> bool:
    """Ngày chuyển: the document left. Gives False when that was after `issue_by`, the end of the next working day
    after approval (AC-3). Raises DocumentUnknown, AlreadyRegistered when it was issued before."""
    require(connection, document_id)
    table = tables.issues
    if connection.execute(select(table.c.issued_at).where(table.c.document_id == document_id)).first():
        raise AlreadyRegistered("Văn bản này đã phát hành.", "This document was issued before.")
    journal.record(connection, table, {"document_id": document_id, "issued_at": issued_at, "issue_by": issue_by})
    return issued_at <= issue_by


def mark_received(
    connection: Connection, document_id: str, *, received_by: str, received_at: datetime, note: str = ""
) -> None:
    """Ký nhận: someone received the document. May happen more than once. Raises DocumentUnknown."""
    require(connection, document_id)
    row = {"document_id": document_id, "received_by": received_by, "received_at": received_at, "note": note}
    journal.record(connection, tables.receipts, row)


def find(connection: Connection, document_id: str) -> OutgoingEntry | None:
    """The document's line, or None."""
    found = _entries(connection, tables.outgoing.c.document_id == document_id)
    return found[0] if found else None


def entries(connection: Connection, *, organisation: str, year: int) -> tuple[OutgoingEntry, ...]:
    """The lines of one office and year, in the order of their registration."""
    return _entries(connection, (tables.outgoing.c.organisation == organisation) & (tables.outgoing.c.year == year))


def require(connection: Connection, document_id: str) -> None:
    """Raise DocumentUnknown unless the document is registered."""
    table = tables.outgoing
    if connection.execute(select(table.c.document_id).where(table.c.document_id == document_id)).first() is None:
        raise DocumentUnknown(
            f"Sổ đăng ký không có văn bản {document_id}.", f"The register has no document {document_id}."
        )


def result_code(dossier: str | None, ordinal: int | None) -> str | None:
    """Mã kết quả: `<mã hồ sơ>-KQ<n>` (NĐ 45/2020 Đ.14.3, AC-90)."""
    return None if dossier is None or ordinal is None else f"{dossier}-KQ{ordinal}"


def _refuse_doubles(connection: Connection, registration: Registration, code: str) -> None:
    table = tables.outgoing
    same = (table.c.document_id == registration.document_id) | (table.c.code == code)
    if connection.execute(select(table.c.document_id).where(same)).first():
        raise AlreadyRegistered(
            "Văn bản hoặc mã tra cứu này đã có trong sổ đăng ký.", "This document or its code is registered already."
        )
    taken = connection.execute(
        select(table.c.document_id).where(
            table.c.organisation == registration.organisation,
            table.c.year == registration.year,
            table.c.notation == registration.notation,
        )
    ).first()
    if taken:
        raise NotationTaken(
            f"Số, ký hiệu {registration.notation} năm {registration.year} của cơ quan này đã có.",
            f"This office already has {registration.notation} in {registration.year}.",
        )


def _next_ordinal(connection: Connection, dossier: str) -> int:
    column = tables.outgoing.c.result_ordinal
    last = connection.execute(select(func.max(column)).where(tables.outgoing.c.dossier == dossier)).scalar_one()
    return (last or 0) + 1


def _entries(connection: Connection, where: ColumnElement[bool]) -> tuple[OutgoingEntry, ...]:
    outgoing, issues, receipts, voids = tables.outgoing, tables.issues, tables.receipts, tables.voids
    received: dict[str, list[str]] = {}
    for row in connection.execute(
        select(receipts.c.document_id, receipts.c.received_by)
        .join(outgoing, outgoing.c.document_id == receipts.c.document_id)
        .where(where)
        .order_by(receipts.c.id)
    ):
        received.setdefault(row.document_id, []).append(row.received_by)
    lines = connection.execute(
        select(outgoing, issues.c.issued_at, issues.c.issue_by, voids.c.reason.label("cancelled"))
        .outerjoin(issues, issues.c.document_id == outgoing.c.document_id)
        .outerjoin(voids, voids.c.number_id == outgoing.c.number_id)
        .where(where)
        .order_by(outgoing.c.number_id)
    )
    return tuple(
        OutgoingEntry(
            document_id=line.document_id,
            organisation=line.organisation,
            notation=line.notation,
            dated=line.dated,
            type_name=line.type_name,
            subject=line.subject,
            signer=line.signer,
            recipients=line.recipients,
            keeper=line.keeper,
            copies=line.copies,
            note=line.note,
            code=line.code,
            dossier=line.dossier,
            result_code=result_code(line.dossier, line.result_ordinal),
            registered_at=line.registered_at,
            issued_at=line.issued_at,
            issue_by=line.issue_by,
            received="; ".join(received.get(line.document_id, ())),
            cancelled=line.cancelled,
        )
        for line in lines
    )
