"""Sổ đăng ký văn bản đi: the outgoing-document register (NĐ 30/2020, PL IV), with each document's public code."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from store import now

from . import journal, numbers, tables
from .codes import normalise
from .errors import AlreadyRegistered, DocumentUnknown, NotationTaken

RESULT_FORM: Final = "{dossier}-KQ{n}"
"""Mã kết quả: the n-th result of a dossier (NĐ 45/2020 Đ.14.3, AC-90)."""
_BATCH: Final = 500
"""Lines read at once by `stream`."""

# Statements used for every document are built once, not per call.
_HOLDS: Final = select(tables.outgoing.c.document_id).where(tables.outgoing.c.document_id == bindparam("document"))
_HOLDS_OF: Final = select(tables.outgoing.c.document_id).where(
    tables.outgoing.c.document_id.in_(bindparam("documents", expanding=True))
)
_ISSUED: Final = (
    select(tables.issues.c.document_id)
    .where(tables.issues.c.document_id.in_(bindparam("documents", expanding=True)))
    .limit(1)
)


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
class Selection:
    """Which lines of a book: of one organisation, of one year, dated within two days (both included). None: all."""

    organisation: str | None = None
    year: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class OutgoingEntry:
    """A line as the register holds it today; `cancelled` is why its number
    was cancelled. Columns 8 and 9 are empty until the document is issued and received. `position` grows from line to
    line: where a later reading may go on."""

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
    position: int = 0
    result_ordinal: int | None = None

    @property
    def late(self) -> bool:
        """Issued after the end of the working day that follows approval (AC-3)."""
        return self.issued_at is not None and self.issue_by is not None and self.issued_at > self.issue_by


def add(
    connection: Connection,
    registration: Registration,
    *,
    at: datetime | None = None,
    result_form: str = RESULT_FORM,
) -> str | None:
    """Register a document under its reserved number; gives its result code `<dossier>-KQ<n>` (AC-90) or None.

    `result_form` is the office's form of such codes, with `{dossier}` and `{n}`.
    Raises NumberUnknown, NumberSpent, AlreadyRegistered, NotationTaken (PL VI), CodeInvalid, ValueError.
    """
    code = normalise(registration.code)
    number_id = numbers.unspent(
        connection,
        organisation=registration.organisation,
        kind=registration.kind,
        year=registration.year,
        number=registration.number,
        symbol=registration.symbol,
    )
    _refuse_doubles(connection, registration, code)
    ordinal = None if registration.dossier is None else _next_ordinal(connection, registration.dossier)
    result = result_code(registration.dossier, ordinal, result_form)
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
            "result_code": result,
            "registered_at": at or now(),
        },
    )
    return result


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
    mark_all_issued(connection, {document_id: issue_by}, issued_at=issued_at)
    return issued_at <= issue_by


def mark_all_issued(connection: Connection, issue_by: Mapping[str, datetime], *, issued_at: datetime) -> None:
    """`mark_issued` for several documents, each with the end of its time. All of them, or an exception."""
    require_all(connection, issue_by)
    if connection.execute(_ISSUED, {"documents": list(issue_by)}).first():
        raise AlreadyRegistered("Văn bản này đã phát hành.", "This document was issued before.")
    rows = [{"document_id": one, "issued_at": issued_at, "issue_by": end} for one, end in issue_by.items()]
    journal.record_all(connection, tables.issues, rows)


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
    return tuple(stream(connection, Selection(organisation=organisation, year=year)))


def page(
    connection: Connection, selection: Selection, *, after: int = 0, limit: int = _BATCH
) -> tuple[OutgoingEntry, ...]:
    """At most `limit` lines whose `position` lies behind `after`, in the order their numbers were given."""
    table = tables.outgoing
    where = table.c.number_id > after
    if selection.organisation is not None:
        where &= table.c.organisation == selection.organisation
    if selection.year is not None:
        where &= table.c.year == selection.year
    if selection.since is not None:
        where &= table.c.dated >= selection.since
    if selection.until is not None:
        where &= table.c.dated <= selection.until
    return _entries(connection, where, limit)


def stream(connection: Connection, selection: Selection) -> Iterator[OutgoingEntry]:
    """All lines of a selection, read in parts: memory stays the same however long the register is."""
    after = 0
    while found := page(connection, selection, after=after):
        yield from found
        after = found[-1].position


def find_notation(connection: Connection, *, organisation: str, year: int, notation: str) -> OutgoingEntry | None:
    """The line of that number and symbol, or None."""
    table = tables.outgoing
    found = _entries(
        connection,
        (table.c.organisation == organisation) & (table.c.year == year) & (table.c.notation == notation),
    )
    return found[0] if found else None


def holds(connection: Connection, document_id: str) -> bool:
    """Whether the document is registered."""
    return connection.execute(_HOLDS, {"document": document_id}).first() is not None


def require(connection: Connection, document_id: str) -> None:
    """Raise DocumentUnknown unless the document is registered."""
    require_all(connection, [document_id])


def require_all(connection: Connection, document_ids: Collection[str]) -> None:
    """Raise DocumentUnknown unless all of these are registered."""
    held = set(connection.scalars(_HOLDS_OF, {"documents": list(document_ids)}))
    for one in document_ids:
        if one not in held:
            raise DocumentUnknown(f"Sổ đăng ký không có văn bản {one}.", f"The register has no document {one}.")


def result_code(dossier: str | None, ordinal: int | None, form: str = RESULT_FORM) -> str | None:
    """Mã kết quả: `<mã hồ sơ>-KQ<n>` (NĐ 45/2020 Đ.14.3, AC-90), or the office's own form."""
    return None if dossier is None or ordinal is None else form.format(dossier=dossier, n=ordinal)


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


def _entries(connection: Connection, where: ColumnElement[bool], limit: int | None = None) -> tuple[OutgoingEntry, ...]:
    outgoing, issues, receipts, voids = tables.outgoing, tables.issues, tables.receipts, tables.voids
    received: dict[str, list[str]] = {}
    lines = connection.execute(
        select(outgoing, issues.c.issued_at, issues.c.issue_by, voids.c.reason.label("cancelled"))
        .outerjoin(issues, issues.c.document_id == outgoing.c.document_id)
        .outerjoin(voids, voids.c.number_id == outgoing.c.number_id)
        .where(where)
        .order_by(outgoing.c.number_id)
        .limit(limit)
    )
    found = lines.all()
    for document_id, received_by in connection.execute(
        select(receipts.c.document_id, receipts.c.received_by)
        .where(receipts.c.document_id.in_([line.document_id for line in found]))
        .order_by(receipts.c.id)
    ):
        received.setdefault(document_id, []).append(received_by)
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
            # codes of lines older than migration 0008 had this one form
            result_code=line.result_code or result_code(line.dossier, line.result_ordinal),
            registered_at=line.registered_at,
            issued_at=line.issued_at,
            issue_by=line.issue_by,
            received="; ".join(received.get(line.document_id, ())),
            cancelled=line.cancelled,
            position=line.number_id,
            result_ordinal=line.result_ordinal,
        )
        for line in found
    )
