"""One paper on a desk: its pages, its stages, its history, and the decisions a person may take about it."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.accounts import Account
from api.attachments import N
from api.bodies import day_of
from api.callers import Serving, desk_form, desk_person
from api.document_rows import returnable, row
from api.documents import pdf_response
from api.dossier_rows import address_of
from api.language import language_of
from api.pages import page, said
from api.pages_officer import OfficerForm
from api.preview import LARGE, WIDTH, PreviewFailed, page_png, seal_png
from api.problems import Problem, forbidden
from api.service import Service
from api.sessions import Session
from api.verdict_facts import Fact
from office import Ruling, may_use, officer_may_approve
from stamping import AttachmentRevision, DocumentView, attachments, confirmations, documents, endings, registered

router = APIRouter(prefix="/desk/documents", include_in_schema=False)
Person = Annotated[Session, Depends(desk_person())]
ClerkForm = Annotated[Session, Depends(desk_form("clerk"))]
Revision = Literal["generated", "approved", "sealed"]
_FORMS: Final = ("decision", "reason", "refusal", "withdraw", "recall", "received_by", "wet", "correct", "replace")
_TYPED: Final = (
    *("decision", "reason", "refusal", "why", "letter", "letter_dated", "corrected"),
    *("by_number", "by_dated", "decision_number", "decided", "replaced_why"),
)


@router.get("/{document_id}")
def paper(
    service: Serving,
    request: Request,
    session: Person,
    document_id: str,
    page_number: Annotated[int, Query(alias="page", ge=1)] = 1,
) -> Response:
    """The paper and what may be done about it."""
    return paper_page(service, request, session, documents.view(service.desk, document_id), page_number=page_number)


@router.get("/{document_id}/pages/seal.png")
def place_of_the_seal(service: Serving, _session: Person, document_id: str) -> Response:
    """The page that takes the seal, with a dashed ring where it will be put."""
    pdf, _, sha256 = documents.file(service.desk, document_id)
    return _picture(partial(seal_png, service, pdf, sha256))


@router.get("/{document_id}/pages/{page_number}.png")
def picture(service: Serving, _session: Person, document_id: str, page_number: int, width: int = WIDTH) -> Response:
    """One page of the newest revision as a picture."""
    pdf, _, sha256 = documents.file(service.desk, document_id)
    return _picture(partial(page_png, service, pdf, sha256, page_number, LARGE if width > WIDTH else WIDTH))


def _picture(draw: Callable[[], bytes]) -> Response:
    try:
        png = draw()
    except PreviewFailed:
        raise Problem(
            "not-found", 404, "Chưa vẽ được trang này. Mở tệp PDF để xem.", "This page could not be drawn."
        ) from None
    return Response(png, media_type="image/png", headers={"cache-control": "private, max-age=300"})


@router.get("/{document_id}/file")
def file(service: Serving, _session: Person, document_id: str, revision: Revision | None = None) -> Response:
    """The PDF."""
    pdf, name, sha256 = documents.file(service.desk, document_id, revision)
    number = documents.view(service.desk, document_id).number
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in number)
    return pdf_response(pdf, f"{safe}-{name}.pdf", sha256, inline=True)


@router.get("/{document_id}/attachments/{n}/file")
def attachment(
    service: Serving, _session: Person, document_id: str, n: N, revision: AttachmentRevision | None = None
) -> Response:
    """An attachment's PDF."""
    pdf, name, sha256 = attachments.file(service.desk, document_id, n, revision)
    return pdf_response(pdf, f"{document_id}-{n}-{name}.pdf", sha256, inline=True)


@router.post("/{document_id}/decision")
def decide(
    service: Serving,
    request: Request,
    session: OfficerForm,
    document_id: str,
    decision: Annotated[str, Form()] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
    refusal: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Approve leads to the review page; sending back and refusing need a reason."""
    view, t = documents.view(service.desk, document_id), said(request)
    if view.officer_id != session.account.officer_id:
        raise forbidden(f"Văn bản này do {view.officer_name} quyết định.", f"It is for {view.officer_name} to decide.")
    errors: dict[str, str] = {}
    if decision == "approve":
        return RedirectResponse("/desk/review?" + urlencode({"paper": document_id}), status_code=303)
    if decision == "return" and not reason.strip():
        errors["reason"] = t("paper.return_missing")
    elif decision == "refuse" and not refusal.strip():
        errors["refusal"] = t("paper.refuse_missing")
    elif decision not in {"return", "refuse"}:
        errors["decision"] = t("paper.undecided")
    if errors:
        return paper_page(
            service, request, session, view, 422, errors=errors, decision=decision, reason=reason, refusal=refusal
        )
    actor = session.account.display_name
    if decision == "return":
        endings.decline(service.desk, document_id, "amendment_requested", reason.strip(), actor)
    else:
        endings.decline(service.desk, document_id, "refused", refusal.strip(), actor)
    return RedirectResponse("/desk/inbox?tab=declined", status_code=303)


@router.post("/{document_id}/return")
def hand_over(
    service: Serving,
    request: Request,
    session: ClerkForm,
    document_id: str,
    received_by: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """The last stage: who took the paper."""
    if not received_by.strip():
        view, missing = documents.view(service.desk, document_id), said(request)("paper.reason_missing")
        return paper_page(service, request, session, view, 422, errors={"received_by": missing})
    endings.return_to_citizen(service.desk, document_id, session.account.display_name, received_by.strip())
    return RedirectResponse(f"/desk/documents/{document_id}", status_code=303)


@router.post("/{document_id}/withdraw")
def withdraw(
    service: Serving,
    request: Request,
    session: ClerkForm,
    document_id: str,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Take a paper back before it is sealed."""
    if not reason.strip():
        view, missing = documents.view(service.desk, document_id), said(request)("paper.reason_missing")
        return paper_page(service, request, session, view, 422, errors={"withdraw": missing})
    endings.decline(service.desk, document_id, "withdrawn", reason.strip(), session.account.display_name)
    return RedirectResponse(f"/desk/documents/{document_id}", status_code=303)


@router.post("/{document_id}/recall")
def recall(
    service: Serving,
    request: Request,
    session: ClerkForm,
    document_id: str,
    number: Annotated[str, Form(max_length=60)] = "",
    decided_on: Annotated[str, Form(max_length=10)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Thu hồi: by a decision with its number and date."""
    day = day_of(decided_on)
    if day is None or not number.strip() or not reason.strip():
        view, missing = documents.view(service.desk, document_id), said(request)("paper.recall_missing")
        return paper_page(service, request, session, view, 422, errors={"recall": missing})
    endings.recall(service.desk, document_id, number.strip(), day, reason.strip(), session.account.display_name)
    return RedirectResponse(f"/desk/documents/{document_id}", status_code=303)


def paper_page(
    service: Service,
    request: Request,
    session: Session,
    view: DocumentView,
    status: int = 200,
    *,
    page_number: int = 1,
    errors: dict[str, str] | None = None,
    **typed: str,
) -> Response:
    """The paper's page; `errors` by form, `typed` what to show again in it."""
    shown = min(page_number, max(view.pages, 1))
    picture_url = f"/desk/documents/{view.id}/pages/{shown}.png"
    newest = list(view.revisions.values())[-1][:12]
    return page(
        request,
        "paper.html",
        status,
        paper=row(view, language_of(request), service.now()),
        page=shown,
        image=f"{picture_url}?v={newest}",
        image_large=f"{picture_url}?v={newest}&width={LARGE}",
        back=_back(request, session.account),
        dossier_url=address_of(view.dossier) if registered(service.desk, view.dossier) else "",
        errors=dict.fromkeys(_FORMS, "") | (errors or {}),
        **(dict.fromkeys(_TYPED, "") | {"copies": "1"} | typed),
        list_sha256=_list_sha256(view),
        checks=_checks(service, request, view),
        **_allowed(session.account, view),
    )


def _list_sha256(view: DocumentView) -> str:
    """The hash of the list that holds this paper alone, as its custodian confirms it."""
    approved = view.revisions.get("approved")
    return confirmations.list_sha256([view.list_item]) if approved else ""


def _allowed(account: Account, view: DocumentView) -> dict[str, bool]:
    clerk = "clerk" in account.roles
    return {
        "decidable": account.officer_id == view.officer_id and view.state == "awaiting_approval",
        "returnable": clerk and returnable(view),
        "withdrawable": clerk and view.state in {"generated", "awaiting_approval", "approved"},
        "recallable": clerk and view.state in {"sealed", "wet_stamped", "returned"},
        "wettable": account.custodian_id is not None and view.state == "approved" and bool(view.seal_id),
    }


def _checks(service: Service, request: Request, view: DocumentView) -> tuple[Fact, ...]:
    """What the office's rules say today of the officer and the seal of a paper that waits."""
    if view.state not in {"awaiting_approval", "approved"}:
        return ()
    t, office, today = said(request), service.desk.office(), service.now()
    officer = next((one for one in office.officers if one.id == view.officer_id), None)
    signing = (
        officer_may_approve(office, officer, organisation=view.organisation, procedure=view.procedure, on=today)
        if officer
        else None
    )
    vietnamese = language_of(request) == "vi"

    def fact(ruling: Ruling | None, words: str) -> Fact:
        if ruling is not None and ruling.allowed:
            return Fact(state="held", text=words)
        if ruling is None:
            return Fact(state="no", text=words)
        return Fact(state="no", text=ruling.text_vi if vietnamese else ruling.text_en, why=ruling.article)

    signed = (
        fact(signing, t("paper.check_officer", name=view.officer_name)),
        Fact(state="held", text=t("paper.check_number", number=view.number)),
    )
    if not view.seal_id:
        return signed
    using = may_use(office, seal_id=view.seal_id, organisation=view.organisation, procedure=view.procedure, on=today)
    return (*signed, fact(using, t("paper.check_seal")))


def _back(request: Request, account: Account) -> dict[str, Any]:
    t = said(request)
    if account.officer_id is not None:
        return {"href": "/desk/inbox", "text": t("inbox.back")}
    if account.custodian_id is not None:
        return {"href": "/desk/seals", "text": t("seals.back")}
    return {"href": "/desk/documents", "text": t("nav.documents")}
