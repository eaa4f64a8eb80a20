"""What is done about a paper beside its way: stamped by hand where the key cannot be used, corrected, replaced."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.bodies import day_of
from api.callers import Serving, desk_form
from api.identity import SignInRefused
from api.pages import not_proven, prove_afresh, said, text_for
from api.pages_paper import paper_page
from api.seals import wet_stamp
from api.sessions import Session
from api.steps import ListHashInvalid
from register import RegisterError, outgoing
from stamping import CorrectedBy, Refusal, documents, endings
from store import read

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
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Đóng dấu ướt: authenticate afresh for exactly this paper, and record what was done in person."""
    t = said(request)
    typed = {"why": why, "copies": copies}
    if not why.strip() or not copies.isdecimal():
        return _again(service, request, session, document_id, "wet", t("wet.missing"), 422, **typed)
    try:
        prove_afresh(request, session, list_sha256, password, code)
        wet_stamp(service, session, document_id, list_sha256, int(copies), why.strip())
    except SignInRefused as refusal:
        wrong = not_proven(request, refusal, t("wet.password_wrong"))
        status = 429 if refusal.wait else 401
        return _again(service, request, session, document_id, "wet", wrong, status, **typed)
    except ListHashInvalid:
        return RedirectResponse(f"/desk/documents/{document_id}", status_code=303)
    except Refusal as refusal:
        return _again(
            service, request, session, document_id, "wet", text_for(request, refusal), refusal.status, **typed
        )
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
    day = day_of(letter_dated)
    typed = {"letter": letter, "letter_dated": letter_dated, "corrected": corrected}
    if day is None or not letter.strip() or not corrected.strip():
        missing = said(request)("correct.missing")
        return _again(service, request, session, document_id, "correct", missing, 422, **typed)
    by = CorrectedBy(notation=letter.strip(), year=day.year)
    try:
        endings.correct(service.desk, document_id, by, corrected.strip(), session.account.display_name)
    except Refusal as refusal:
        told = text_for(request, refusal)
        return _again(service, request, session, document_id, "correct", told, refusal.status, **typed)
    return RedirectResponse(f"/desk/documents/{document_id}", status_code=303)


@router.post("/{document_id}/replace")
def replace(
    service: Serving,
    request: Request,
    session: ClerkForm,
    document_id: str,
    by_number: Annotated[str, Form(max_length=60)] = "",
    by_dated: Annotated[str, Form(max_length=10)] = "",
    decision_number: Annotated[str, Form(max_length=60)] = "",
    decided: Annotated[str, Form(max_length=10)] = "",
    replaced_why: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Thay thế: by an issued paper of this office, which is named as it is printed."""
    t = said(request)
    typed = {
        "by_number": by_number,
        "by_dated": by_dated,
        "decision_number": decision_number,
        "decided": decided,
        "replaced_why": replaced_why,
    }
    other, day = day_of(by_dated), day_of(decided)
    if other is None or day is None or not (by_number.strip() and decision_number.strip() and replaced_why.strip()):
        return _again(service, request, session, document_id, "replace", t("replace.missing"), 422, **typed)
    view = documents.view(service.desk, document_id)
    with read(service.desk.engine) as connection:
        found = outgoing.find_notation(
            connection, organisation=view.organisation, year=other.year, notation=by_number.strip()
        )
    if found is None:
        told = t("replace.unknown", number=by_number.strip(), year=other.year)
        return _again(service, request, session, document_id, "replace", told, 409, **typed)
    try:
        endings.replace(
            service.desk,
            document_id,
            found.document_id,
            decision_number.strip(),
            day,
            replaced_why.strip(),
            session.account.display_name,
        )
    except (Refusal, RegisterError) as refusal:
        told, status = text_for(request, refusal), refusal.status if isinstance(refusal, Refusal) else 409
        return _again(service, request, session, document_id, "replace", told, status, **typed)
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
