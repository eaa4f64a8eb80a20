"""/api/v1/register: the outgoing register and the seal register, line by line and as files; documents on paper."""

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse

from api import formats
from api.asking import Asked, replay_headers
from api.bodies import only_organisation
from api.callers import Caller, Serving, may, of_organisation
from api.description import exchange_of, files
from api.document_json import moment
from api.exports import MEDIA, Export, exported
from api.problems import Problem
from api.register_answers import OutgoingJson, OutgoingPageJson, SealLogPageJson
from api.register_bodies import PaperDocumentBody, PaperIssueBody, VoidBody
from api.service import Service
from api.written import Day
from register import BookFormat, BookName, ExchangeFormat, LogRow, OutgoingEntry, Selection, outgoing, seal_log
from stamping import exchange, on_paper
from store import read

router = APIRouter(prefix="/api/v1/register", tags=["register"])
Reader = Annotated[Caller, Depends(may("documents:read"))]
Writer = Annotated[Caller, Depends(may("documents:write", "clerk", "custodian"))]
Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[int, Query(ge=0, le=2**31, description="`next` of the page before")]
_CHUNK: Final = 1 << 16
BOOKS: Final = files(*MEDIA.values())


def selection_of(
    caller: Reader,
    organisation: str | None = None,
    year: Annotated[int | None, Query(ge=1900, le=2999)] = None,
    since: Annotated[Day | None, Query(description="first day")] = None,
    until: Annotated[Day | None, Query(description="last day, included")] = None,
) -> Selection:
    """Which lines: of one organisation, of one year, of some days in Viet Nam; left out, all."""
    return Selection(organisation=of_organisation(caller, organisation), year=year, since=since, until=until)


Selected = Annotated[Selection, Depends(selection_of)]


@router.get("/outgoing", summary="Lines of the outgoing register", response_model=OutgoingPageJson)
def outgoing_lines(
    service: Serving, _caller: Reader, selection: Selected, cursor: Cursor = 0, limit: Limit = 100
) -> dict[str, Any]:
    """In the order the numbers were given. A number reserved early and registered late stands at its number's place:
    read again from the start for a complete copy."""
    with read(service.desk.engine) as connection:
        found = outgoing.page(connection, selection, after=cursor, limit=limit + 1)
    shown = found[:limit]
    return {
        "entries": [entry_json(entry) for entry in shown],
        "next": shown[-1].position if len(found) > limit else None,
    }


@router.get("/seal", summary="Rows of the seal register", response_model=SealLogPageJson)
def seal_lines(
    service: Serving, _caller: Reader, selection: Selected, cursor: Cursor = 0, limit: Limit = 100
) -> dict[str, Any]:
    """Every column, oldest first."""
    with read(service.desk.engine) as connection:
        found = seal_log.page(connection, selection, after=cursor, limit=limit + 1)
    shown = found[:limit]
    return {"entries": [_row_json(row) for row in shown], "next": shown[-1].seq if len(found) > limit else None}


@router.get(
    "/exchange.{form}",
    summary="Metadata for exchange",
    response_class=Response,
    responses=exchange_of({"type": "array", "items": {"type": "object"}}),
)
def exchange_file(service: Serving, _caller: Reader, selection: Selected, form: ExchangeFormat) -> Response:
    """Every issued document by the names and lengths of Decree 30, annex VI; 422 names each value that is too long."""
    with service.previews.passing():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
        try:
            exchange.write(service.desk, selection, form, file)
        except BaseException:
            file.close()
            raise
    return _file(file, f"application/{form}", f"van-ban-di.{form}")


@router.get("/{book}.{form}", summary="A book as a file", response_class=Response, responses=BOOKS)
def book_file(service: Serving, _caller: Reader, selection: Selected, book: BookName, form: BookFormat) -> Response:
    """`outgoing` or `seal` as csv, xlsx or pdf."""
    return book_response(service, book, form, selection)


@router.post("/outgoing", status_code=201, summary="Enter a document made on paper", response_model=OutgoingJson)
def enter(service: Serving, caller: Writer, body: PaperDocumentBody, asked: Asked) -> Response:
    """It takes its number from the same series as electronic ones: the next, or one reserved before."""
    new = body.document(body.organisation or only_organisation(service.desk), formats.local(service.now()).date())
    caller.reach.admit(organisation=new.organisation)
    once = asked.once(caller, body)
    entry = on_paper.enter(service.desk, new, caller.actor, once)
    return JSONResponse(entry_json(entry), status_code=201, headers=replay_headers(once))


@router.post("/outgoing/{document_id}/issue", summary="A paper document left", response_model=OutgoingJson)
def issue(service: Serving, caller: Writer, document_id: str, body: PaperIssueBody, asked: Asked) -> Response:
    """Ngày chuyển of one that was entered before it left."""
    once = asked.once(caller, body)
    entry = on_paper.issue(service.desk, document_id, body.issued_on, caller.actor, once)
    return JSONResponse(entry_json(entry), headers=replay_headers(once))


@router.post("/outgoing/{document_id}/void", summary="A paper document never left", response_model=OutgoingJson)
def cancel(service: Serving, caller: Writer, document_id: str, body: VoidBody, asked: Asked) -> Response:
    """Huỷ số of one that was entered and will not be issued."""
    once = asked.once(caller, body)
    entry = on_paper.cancel(service.desk, document_id, body.reason, caller.actor, once)
    return JSONResponse(entry_json(entry), headers=replay_headers(once))


def book_response(service: Service, book: BookName, form: BookFormat, selection: Selection) -> Response:
    """The file, made whole before the first byte is sent: what cannot be made is a problem, not half a file."""
    if selection.since and selection.until and selection.until < selection.since:
        raise Problem("request-invalid", 422, "Ngày cuối ở trước ngày đầu.", "The last day is before the first.")
    export = Export(book=book, format=form, selection=selection, at=service.now(), system=service.desk.system)
    with service.previews.passing():
        file = exported(service.desk, export)
    return _file(file, MEDIA[form], export.file_name)


def entry_json(entry: OutgoingEntry) -> dict[str, Any]:
    """A line of the outgoing register."""
    return {
        "document": entry.document_id,
        "organisation": entry.organisation,
        "notation": entry.notation,
        "dated": entry.dated.isoformat(),
        "type_name": entry.type_name,
        "subject": entry.subject,
        "signer": entry.signer,
        "recipients": entry.recipients,
        "keeper": entry.keeper,
        "copies": entry.copies,
        "registered_at": moment(entry.registered_at),
        "issued_at": moment(entry.issued_at),
        "issue_by": moment(entry.issue_by),
        "late": entry.late,
        "received": entry.received,
        "note": entry.note,
        "cancelled": entry.cancelled,
        "dossier": entry.dossier,
        "result_code": entry.result_code,
    }


def _row_json(row: LogRow) -> dict[str, Any]:
    return {**vars(row), "time": moment(row.time), "tsa_time": moment(row.tsa_time)}


def _file(file: IO[bytes], media: str, name: str) -> Response:
    size = file.seek(0, 2)
    file.seek(0)

    def chunks() -> Iterator[bytes]:
        with file:
            while chunk := file.read(_CHUNK):
                yield chunk

    headers = {"content-disposition": f'attachment; filename="{name}"', "content-length": str(size)}
    return StreamingResponse(chunks(), media_type=media, headers=headers)
