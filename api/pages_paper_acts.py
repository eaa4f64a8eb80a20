"""What is done about a paper beside its way: stamped by hand where the key cannot be used, corrected by a letter."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api import steps
from api.callers import Serving, address_of, desk_form
from api.language import language_of
from api.pages import said
from api.pages_paper import paper_page
from api.seals import wet_stamp
from api.sessions import Session, SignInRefused
from api.steps import ListHashInvalid
from stamping import CorrectedBy, Refusal, documents, endings

router = APIRouter(prefix="/desk/documents", include_in_schema=False)
ClerkForm = Annotated[Session, Depends(desk_form("clerk"))]
CustodianForm = Annotated[Session, Depends(desk_form("custodian"))]


@router.post("/{document_id}/wet")
def stamp_by_hand(
    service: Serving,
    request: Request,
    session: CustodianForm,
    document_id: str,
    list_sha256: Annotated[str, Form(max_length=64)] = "",
    copies: Annotated[str, Form(max_length=3)] = "",
    why: Annotated[str, Form(max_length=2000)] = "",
    password: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Đóng dấu ướt: authenticate afresh for exactly this paper, and record what was done in person."""
    t = said(request)
    typed = {"why": why, "copies": copies}
    if not why.strip() or not copies.isdecimal():
        return _again(service, request, session, document_id, "wet", t("wet.missing"), 422, **typed)
    try:
        steps.step_up(
            service.desk.engine,
            session,
            list_sha256=list_sha256,
            password=password,
            address=address_of(request),
            now=service.now(),
        )
        wet_stamp(service, session, document_id, list_sha256, int(copies), why.strip())
    except SignInRefused as refusal:
        wrong = t("signin.locked", minutes=refusal.minutes) if refusal.wait else t("wet.password_wrong")
        status = 429 if refusal.wait else 401
        return _again(service, request, session, document_id, "wet", wrong, status, **typed)
    except ListHashInvalid:
        return RedirectResponse(f"/desk/documents/{document_id}", status_code=303)
    except Refusal as refusal:
        return _again(service, request, session, document_id, "wet", _text(request, refusal), refusal.status, **typed)
    return RedirectResponse(f"/desk/documents/{document_id}", status_code=303)


@router.post("/{document_id}/correct")
def correct(
    service: Serving,
    request: Request,
    session: ClerkForm,
    document_id: str,
    letter: Annotated[str, Form(max_length=60)] = "",
    letter_dated: Annotated[str, Form(max_length=10)] = "",
    corrected: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Đính chính: by a công văn of this office that stands in the register."""
    try:
        day = date.fromisoformat(letter_dated)
    except ValueError:
        day = None
    typed = {"letter": letter, "letter_dated": letter_dated, "corrected": corrected}
    if day is None or not letter.strip() or not corrected.strip():
        missing = said(request)("correct.missing")
        return _again(service, request, session, document_id, "correct", missing, 422, **typed)
    by = CorrectedBy(notation=letter.strip(), year=day.year)
    try:
        endings.correct(service.desk, document_id, by, corrected.strip(), session.account.display_name)
    except Refusal as refusal:
        told = _text(request, refusal)
        return _again(service, request, session, document_id, "correct", told, refusal.status, **typed)
    return RedirectResponse(f"/desk/documents/{document_id}", status_code=303)


def _again(
    service: Serving,
    request: Request,
    session: Session,
    document_id: str,
    where: str,
    told: str,
    status: int,
    **typed: str,
) -> Response:
    view = documents.view(service.desk, document_id)
    return paper_page(service, request, session, view, status, page_number=1, errors={where: told}, **typed)


def _text(request: Request, refusal: Refusal) -> str:
    return refusal.text_vi if language_of(request) == "vi" else refusal.text_en
