"""Metadata for exchange (NĐ 30/2020, annex VI; AC-51): the register's line with what only the stage knows."""

from collections.abc import Iterator
from typing import IO, Final

from sqlalchemy import Connection, select

from office import Office
from register import ExchangeFormat, ExchangeRecord, Misfit, OutgoingEntry, Selection, outgoing, write_exchange
from stamping.desk import BookDesk
from stamping.refusal import Refusal, not_found
from stamping.tables import documents
from store import VIETNAM, read

_MOST_TOLD: Final = 50
"""Misfits named in one refusal."""


def record_of(desk: BookDesk, document_id: str) -> ExchangeRecord:
    """One registered document. Raises `Refusal` not-found, exchange-invalid."""
    with read(desk.engine) as connection:
        entry = outgoing.find(connection, document_id)
        if entry is None:
            raise not_found("văn bản trong sổ", "registered document", document_id)
        record = _record(connection, desk.office(), entry)
    _refuse(tuple(record.misfits()))
    return record


def write(desk: BookDesk, selection: Selection, form: ExchangeFormat, out: IO[bytes]) -> int:
    """Every issued document of a selection; gives how many. Nothing is written when one does not fit.

    Raises `Refusal` exchange-invalid, which names each value that is too long.
    """
    office = desk.office()
    with read(desk.engine) as connection:
        misfits: list[Misfit] = []
        for record in _records(connection, office, selection):
            misfits.extend(record.misfits())
            if len(misfits) >= _MOST_TOLD:
                break
        _refuse(tuple(misfits[:_MOST_TOLD]))
        return write_exchange(_records(connection, office, selection), out, form)


def _records(connection: Connection, office: Office, selection: Selection) -> Iterator[ExchangeRecord]:
    for entry in outgoing.stream(connection, selection):
        if entry.issued_at is not None:
            yield _record(connection, office, entry)


def _record(connection: Connection, office: Office, entry: OutgoingEntry) -> ExchangeRecord:
    row = (
        connection.execute(
            select(documents.c.pages, documents.c.due_at, documents.c.officer_id, documents.c.organisation_name).where(
                documents.c.id == entry.document_id
            )
        )
        .mappings()
        .first()
    )
    officer = office.officer(row["officer_id"]) if row else None
    body = office.organisation(entry.organisation)
    number, _, symbol = entry.notation.partition("/")
    organ_id, file_notation = _file_code(entry)
    name = row["organisation_name"] if row else body.name if body else entry.organisation
    return ExchangeRecord(
        organ_id=organ_id,
        catalog=str(entry.dated.year),
        file_notation=file_notation,
        ordinal=entry.result_ordinal,
        type_name=entry.type_name,
        number=number,
        symbol=symbol,
        issued_on=entry.dated,
        organisation=name,
        subject=entry.subject,
        pages=row["pages"] if row else None,
        position=officer.post if officer else "",
        signer=entry.signer,
        recipients=tuple(("", part.strip()) for part in entry.recipients.split(";") if part.strip()),
        copies=entry.copies,
        due_at=row["due_at"].astimezone(VIETNAM) if row and row["due_at"] else None,
    )


def _file_code(entry: OutgoingEntry) -> tuple[str, str]:
    """Organisation and notation of the file: a dossier's code begins with the organisation's (000.00.16.H05-...)."""
    if entry.dossier is None:
        return entry.organisation, ""
    organisation, dash, rest = entry.dossier.partition("-")
    return (organisation, rest) if dash else (entry.organisation, entry.dossier)


def _refuse(misfits: tuple[Misfit, ...]) -> None:
    if misfits:
        raise Refusal(
            "exchange-invalid",
            f"Chưa kết xuất được: {misfits[0].text_vi}.",
            f"Nothing was exported: {misfits[0].text_en}.",
            problems=[{"path": one.field, "vi": one.text_vi, "en": one.text_en} for one in misfits],
        )
