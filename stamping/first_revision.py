"""The first revision of a document and all that is kept with it, in one transaction."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

import register
from office import due_at
from register import Registration, add_revision, new_code, numbers, outgoing
from stamping import attachment_intake
from stamping.attachment_intake import ReadyAttachment
from stamping.desk import Desk
from stamping.documents import view_of
from stamping.dossier import NewDossier
from stamping.dossier_facts import check_facts
from stamping.history import move, record, to_json
from stamping.intake import Intake, take_number
from stamping.numbering import number_refused
from stamping.once import Once
from stamping.tables import documents
from stamping.views import DocumentView
from store import VIETNAM, write


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A finished first revision."""

    pdf: bytes
    title: str
    subject: str
    holder: str
    pages: int
    paper: str | None
    data: Mapping[str, Any]


def keep(
    desk: Desk,
    dossier: NewDossier,
    intake: Intake,
    make: Callable[[str, str], Made],
    attached: Sequence[ReadyAttachment],
    number: int | None,
    actor: str,
    once: Once | None,
) -> DocumentView:
    """Number, line of the register, file and row of a document that begins; in one transaction, drawn by `make` from
    its public code and its number. Raises `Refusal` number-taken, number-missing, idempotency-conflict, `make`'s own.
    """
    identity, code, symbol = secrets.token_hex(16), new_code(), intake.procedure.symbol
    desk.files.reach()  # before others wait for this transaction
    # One transaction from the number to the stored paper: a paper that cannot be drawn takes no number (AC-8).
    with write(desk.engine) as connection:
        if once and (kept := once.earlier(connection)) is not None:
            return view_of(connection, kept["document"])
        check_facts(connection, dossier)
        series, number = take_number(
            connection,
            organisation=intake.organisation.code,
            year=intake.year,
            symbol=symbol,
            configured=intake.series,
            given=number,
            by=actor,
            at=intake.at,
        )
        notation = numbers.notation(number, symbol)
        made = make(code, notation)
        sha256 = desk.files.put(made.pdf)
        result = _register(
            connection, identity, dossier, intake, made, number, code, series, desk.office().patterns.result
        )
        connection.execute(
            documents.insert().values(
                id=identity,
                code=code,
                paper=made.paper,
                title=made.title,
                subject=made.subject,
                holder=made.holder,
                holder_id=dossier.applicant.id_number,
                dossier=dossier.code,
                result_code=result,
                procedure=intake.procedure.code,
                procedure_name=intake.procedure.name,
                organisation=intake.organisation.code,
                organisation_name=intake.organisation.name,
                number=notation,
                number_kind=series,
                number_year=intake.year,
                number_value=number,
                issued_on=intake.at.astimezone(VIETNAM).date(),
                state="generated",
                officer_id=intake.officer.id,
                officer_name=intake.officer.name,
                seal_id=intake.seal.id if intake.seal else "",
                created_at=intake.at,
                due_at=dossier.due_at or due_at(desk.office(), intake.procedure, dossier.received_at),
                received_at=dossier.received_at,
                received_by=dossier.received_by,
                appraised_at=dossier.appraised_at,
                appraised_by=dossier.appraised_by,
                pages=made.pages,
                data=to_json(dict(made.data)),
                generated_sha256=sha256,
                attachments_sha256=attachment_intake.listed(attached),
            )
        )
        add_revision(
            connection, document_id=identity, kind="generated", sha256=sha256, size=len(made.pdf), at=intake.at
        )
        attachment_intake.keep(connection, desk, identity, attached, intake)
        detail = {"number": notation, "sha256": sha256, **({"attachments": len(attached)} if attached else {})}
        record(connection, identity, "document.generated", at=intake.at, actor=actor, detail=detail)
        move(
            connection,
            identity,
            "awaiting_approval",
            at=intake.at,
            actor=actor,
            detail={"officer": intake.officer.id},
        )
        if once:
            once.keep(connection, intake.at, {"document": identity})
        return view_of(connection, identity)


def _register(
    connection: Connection,
    identity: str,
    dossier: NewDossier,
    intake: Intake,
    made: Made,
    number: int,
    code: str,
    series: str,
    result_form: str,
) -> str | None:
    try:
        return outgoing.add(
            connection,
            Registration(
                document_id=identity,
                organisation=intake.organisation.code,
                kind=series,
                year=intake.year,
                number=number,
                symbol=intake.procedure.symbol,
                dated=intake.at.astimezone(VIETNAM).date(),
                type_name=made.title[:100],
                subject=made.subject,
                signer=intake.officer.name,
                recipients=made.holder,
                keeper="Lưu: VT",
                copies=1,
                code=code,
                dossier=dossier.code,
            ),
            at=intake.at,
            result_form=result_form,
        )
    except register.RegisterError as error:
        raise number_refused(error) from error
