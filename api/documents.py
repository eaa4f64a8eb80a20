"""/api/v1/documents: take papers in, say where they stand, give the file."""

import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from api import attachment_form, waiting
from api.answers import DocumentJson, DocumentsJson
from api.asking import Asked, Asking, replay_headers
from api.bodies import Body
from api.callers import Caller, Serving, may
from api.description import PDF, exchange_of
from api.document_bodies import (
    DOSSIER_KINDS,
    CorrectBody,
    DeclineBody,
    DocumentBody,
    ForeignBody,
    RecallBody,
    ReplaceBody,
    ReturnBody,
)
from api.document_form import BODY
from api.document_json import document_json, links
from api.problems import Problem, forbidden, too_large
from api.service import Service, service_of
from api.versions import NOT_MODIFIED, IfNoneMatch, SeenBefore, etag_of, known
from register import ExchangeFormat, one_exchange
from stamping import MOST_ATTACHMENTS, DocumentView, Once, State, documents, endings, exchange, reach, receiving

router = APIRouter(prefix="/api/v1/documents", tags=["documents"])

Reader = Annotated[Caller, Depends(may("documents:read"))]
Writer = Annotated[Caller, Depends(may("documents:write", "clerk"))]
_MACHINE_STATES: Final = frozenset({"confirmed"})
"""States in which the system itself is at work; a waiting caller waits for their end."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What was posted: a paper to generate, or a PDF of another program with its description; and its attachments."""

    document: DocumentBody | None
    foreign: ForeignBody | None
    file: UploadFile | None
    attached: tuple[UploadFile, ...] = ()


async def intake_of(request: Request) -> AsyncIterator[Intake]:
    """JSON, or multipart with `document` (JSON), `file` (the PDF, left out where the paper is to be generated) and
    `attachment` files; the uploads are closed when the answer is made."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form(max_files=1 + MOST_ATTACHMENTS, max_fields=10) as form:
            file, described, files = form.get("file"), form.get("document"), attachment_form.uploads_of(form)
            if not isinstance(described, str) or not (isinstance(file, UploadFile) or (file is None and files)):
                raise _malformed("file, document")
            if isinstance(file, UploadFile):
                yield Intake(None, checked(ForeignBody, described.encode()), file, files)
            else:
                yield Intake(checked(DocumentBody, described.encode()), None, None, files)
        return
    body, most = await request.body(), service_of(request).settings.max_form_bytes
    if len(body) > most:  # a file may be that large, a form may not
        raise too_large(most)
    yield Intake(checked(DocumentBody, body), None, None)


@router.post("", status_code=201, summary="Take a paper in", response_model=DocumentJson, openapi_extra=BODY)
def create(
    service: Serving,
    caller: Writer,
    intake: Annotated[Intake, Depends(intake_of)],
    asked: Asked,
) -> Response:
    """201 with the document; a repeated Idempotency-Key gives the same answer and makes nothing new."""
    if intake.document is not None:
        view, once = take_in(service, caller, intake.document, intake.attached, asked)
    else:
        if intake.foreign is None or intake.file is None:
            raise _malformed("file, document")
        new = intake.foreign.foreign(service.desk, caller.actor)
        attached = attachment_form.attached(intake.foreign.attachments, intake.attached)
        pdf = intake.file.file.read()
        once = asked.once_for(caller, receiving.asked(new, attached), pdf)
        view = receiving.create_from_pdf(service.desk, pdf, new, caller.actor, once, caller.reach, attached=attached)
    return JSONResponse(
        document_json(view),
        status_code=201,
        headers={"location": links(view.id, view.code)["self"], **replay_headers(once)},
    )


def take_in(
    service: Service, caller: Caller, body: DocumentBody, files: Sequence[UploadFile], asked: Asking
) -> tuple[DocumentView, Once | None]:
    """One paper to generate, with its attachments; and whether it was made now or before."""
    new = body.document(service.desk, caller.actor)
    attached = attachment_form.attached(body.attachments, files)
    once = asked.once_for(caller, receiving.asked(new, attached))
    return receiving.create(service.desk, new, caller.actor, once, caller.reach, attached=attached), once


@router.get("", summary="List documents", response_model=DocumentsJson)
def listed(
    service: Serving,
    caller: Reader,
    state: Annotated[list[State] | None, Query()] = None,
    organisation: str | None = None,
    dossier: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31, deprecated=True, description="Rather `cursor`")] = 0,
    cursor: Annotated[str | None, Query(min_length=1, max_length=100, description="`next` of the page before")] = None,
) -> dict[str, Any]:
    """Documents by deadline. What is taken in between two pages moves nothing from one to the other."""
    found = documents.list_documents(
        service.desk,
        states=state,
        organisation=organisation,
        dossier=dossier,
        reach=caller.reach,
        limit=limit + 1,
        offset=offset,
        after=cursor,
    )
    shown = found[:limit]
    return {
        "documents": [document_json(view) for view in shown],
        "limit": limit,
        "offset": offset,
        "next": shown[-1].id if len(found) > limit else None,
    }


@router.get("/{document_id}", summary="State and history", response_model=DocumentJson, responses=NOT_MODIFIED)
def read(
    service: Serving,
    _caller: Reader,
    request: Request,
    response: Response,
    document_id: str,
    leaving: Annotated[
        State | None, Query(description="with Prefer: wait=N, wait until it is not in this state")
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response | dict[str, Any]:
    """Where the document stands, with the `ETag` an act on it may name (If-Match); `Prefer: wait=N` waits for the end
    of what the system is doing."""
    busy = {leaving} if leaving else _MACHINE_STATES
    view = waiting.until(
        service, request, lambda: documents.view(service.desk, document_id), lambda seen: seen.state not in busy
    )
    tag = etag_of(view)
    if known(if_none_match, tag):
        return Response(status_code=304, headers={"etag": tag})
    response.headers["etag"] = tag
    return document_json(view)


@router.get("/{document_id}/file", summary="The PDF", response_class=Response, responses=PDF)
def file(
    service: Serving,
    _caller: Reader,
    document_id: str,
    revision: Literal["generated", "approved", "sealed"] | None = None,
) -> Response:
    """The newest revision, or the one named."""
    pdf, name, sha256 = documents.file(service.desk, document_id, revision)
    return pdf_response(pdf, f"{document_id}-{name}.pdf", sha256, inline=False)


@router.post("/{document_id}/decline", summary="Send back, refuse or withdraw", response_model=DocumentJson)
def decline(
    service: Serving,
    caller: Annotated[Caller, Depends(may("documents:write", "officer", "clerk"))],
    document_id: str,
    body: DeclineBody,
    asked: Asked,
    seen: SeenBefore,
) -> Response:
    """The officer of the document sends it back or refuses it; who took it in may withdraw it."""
    view = documents.view(service.desk, document_id)
    if body.kind == "withdrawn":
        _no_mere_officer(caller)
    else:
        own_officer(caller, view)
    once = asked.once(caller, body)
    kind: endings.Decline = body.kind  # type: ignore[assignment]
    view = endings.decline(service.desk, document_id, kind, body.reason, caller.actor, once, seen=seen)
    return _done(view, once)


@router.post("/{document_id}/return", summary="Record the hand-over", response_model=DocumentJson)
def hand_over(
    service: Serving, caller: Writer, document_id: str, body: ReturnBody, asked: Asked, seen: SeenBefore
) -> Response:
    """The last stage: handed over at the counter, sent online or by post."""
    once = asked.once(caller, body)
    view = endings.return_to_citizen(
        service.desk, document_id, caller.actor, body.received_by, once, how=body.hand_over(), seen=seen
    )
    return _done(view, once)


@router.post("/{document_id}/recall", summary="Recall an issued paper", response_model=DocumentJson)
def recall(
    service: Serving, caller: Writer, document_id: str, body: RecallBody, asked: Asked, seen: SeenBefore
) -> Response:
    """The paper is no longer in force; its signatures stay genuine and everyone who asks is told."""
    once = asked.once(caller, body)
    view = endings.recall(
        service.desk, document_id, body.decision_number, body.decided_on, body.reason, caller.actor, once, seen=seen
    )
    return _done(view, once)


@router.post("/{document_id}/replace", summary="Replace an issued paper by another", response_model=DocumentJson)
def replace(
    service: Serving, caller: Writer, document_id: str, body: ReplaceBody, asked: Asked, seen: SeenBefore
) -> Response:
    """Thay thế: whoever asks about this one is told which paper took its place."""
    reach.require(service.desk, caller.reach, body.by_document)
    once = asked.once(caller, body)
    view = endings.replace(
        service.desk,
        document_id,
        body.by_document,
        body.decision_number,
        body.decided_on,
        body.reason,
        caller.actor,
        once,
        seen=seen,
    )
    return _done(view, once)


@router.post("/{document_id}/correct", summary="Correct an issued paper", response_model=DocumentJson)
def correct(
    service: Serving, caller: Writer, document_id: str, body: CorrectBody, asked: Asked, seen: SeenBefore
) -> Response:
    """Đính chính: it stays in force with its bytes, and whoever asks about it is told which letter corrects it."""
    if body.by_document is not None:
        reach.require(service.desk, caller.reach, body.by_document)
    else:  # a letter named by its number may be any of the organisation's
        caller.reach.admit(organisation=documents.view(service.desk, document_id).organisation)
    once = asked.once(caller, body)
    view = endings.correct(service.desk, document_id, body.by(), body.reason, caller.actor, once, seen=seen)
    return _done(view, once)


@router.get(
    "/{document_id}/exchange",
    summary="Metadata for exchange",
    response_class=Response,
    responses=exchange_of({"type": "object"}),
)
def exchange_record(
    service: Serving, _caller: Reader, document_id: str, form: Annotated[ExchangeFormat, Query(alias="format")] = "json"
) -> Response:
    """By the names and lengths of Decree 30, annex VI; 422 names each value that is too long."""
    record = exchange.record_of(service.desk, document_id)
    return Response(one_exchange(record, form), media_type=f"application/{form}")


def _done(view: DocumentView, once: Once | None) -> Response:
    return JSONResponse(document_json(view), headers=replay_headers(once))


def own_officer(caller: Caller, view: DocumentView) -> None:
    """An officer decides on papers assigned to them and on no others. Raises `Problem` forbidden."""
    if caller.session is None or caller.session.account.officer_id != view.officer_id:
        raise forbidden(
            f"Văn bản này do {view.officer_name} quyết định.", f"This document is for {view.officer_name} to decide."
        )


def pdf_response(pdf: bytes, name: str, sha256: str, *, inline: bool) -> Response:
    """A PDF as an answer, with its hash; `inline` opens it in the browser."""
    kind = "inline" if inline else "attachment"
    return Response(
        pdf,
        media_type="application/pdf",
        headers={
            "content-disposition": f'{kind}; filename="{name}"',
            "repr-digest": f"sha-256=:{_base64(sha256)}:",
            "etag": f'"{sha256}"',
        },
    )


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode("ascii")


def _no_mere_officer(caller: Caller) -> None:
    if caller.session is not None and "clerk" not in caller.session.account.roles:
        raise forbidden("Chỉ nơi nhận hồ sơ rút được văn bản.", "Only the receiving desk may withdraw a document.")


B = TypeVar("B", bound=Body)


def checked(kind: type[B], body: bytes) -> B:
    """A body as JSON. Raises `RequestValidationError`."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(_in_body(error)) from None


def _malformed(where: str) -> Problem:
    return Problem(
        "request-invalid",
        422,
        f"Biểu mẫu gửi lên chưa đúng ở: {where}.",
        f"The request is not valid at: {where}.",
    )


def _in_body(error: ValidationError) -> list[dict[str, Any]]:
    """What pydantic found, placed in the body; what was sent is not repeated."""
    problems: list[dict[str, Any]] = []
    for detail in error.errors(include_url=False, include_input=False):
        at = [part for part in detail["loc"] if part not in DOSSIER_KINDS]
        problems.append({"type": detail["type"], "msg": detail["msg"], "loc": ("body", *at)})
    return problems
