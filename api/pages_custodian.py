"""The custodian's desk: what waits for the seal, the list confirmed in person, what became of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import accounts, formats
from api.callers import Serving, desk_form, desk_person
from api.document_rows import problem_text, rows
from api.identity import SignInRefused
from api.key_state import notices
from api.language import language_of
from api.pages import counted, fragment, not_proven, page, prove_afresh, said, text_for
from api.pages_verify import Trouble
from api.seals import confirm_list, custodian_id_of, own_list
from api.service import Service
from api.sessions import Session
from api.steps import ListHashInvalid
from stamping import ConfirmationView, DocumentView, Refusal, confirmations, documents

router = APIRouter(prefix="/desk/seals", include_in_schema=False)
Custodian = Annotated[Session, Depends(desk_person("custodian"))]
CustodianForm = Annotated[Session, Depends(desk_form("custodian"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealShown:
    """The seal on the confirmation page."""

    organisation: str
    second: bool
    mark: str
    diameter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPaper:
    """One paper of a confirmed list and how far it is; `again` leads to another attempt."""

    id: str
    title: str
    number: str
    holder: str
    problem: str
    mark: str
    shape: str
    word: str
    again: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The seal's key is away: since when, until when the list waits, and why, in the reader's language."""

    since: datetime
    until: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """A confirmed list as its page shows it."""

    id: str
    custodian: str
    started: datetime
    total: int
    done: int
    failed: int
    over: bool
    papers: tuple[SealedPaper, ...]
    waits: Waiting | None
    attention: tuple[SealedPaper, ...]
    sealed: tuple[SealedPaper, ...]


@router.get("")
def pending(
    service: Serving,
    request: Request,
    session: Custodian,
    paper: Annotated[list[str] | None, Query()] = None,
    nothing: str = "",
) -> Response:
    """Papers whose officer's signature has been verified; nothing is chosen beforehand."""
    found = confirmations.pending(service.desk, custodian_id_of(session))
    language = language_of(request)
    return page(
        request,
        "seals.html",
        papers=tuple(
            replace(row, problem=problem_text(found.refusals.get(row.id), language) or row.problem)
            for row in rows(found.documents, language, service.now())
        ),
        refused=frozenset(found.refusals),
        chosen=frozenset(paper or ()),
        nothing_chosen=bool(nothing),
        notices=notices(request, custodian_id_of(session)),
    )


@router.get("/confirm")
def review(
    service: Serving, request: Request, session: Custodian, paper: Annotated[list[str] | None, Query()] = None
) -> Response:
    """The list once more, the seal, and the question who is there."""
    if not paper:
        return RedirectResponse("/desk/seals?nothing=1", status_code=303)
    views = _chosen(service, session, paper)
    if not views:
        return RedirectResponse("/desk/seals", status_code=303)
    return _confirm_page(service, request, session, views)


@router.post("")
def confirm(
    service: Serving,
    request: Request,
    session: CustodianForm,
    paper: Annotated[list[str] | None, Form()] = None,
    list_sha256: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=500)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Authenticate afresh for exactly this list, confirm it, and watch."""
    if not paper:
        return RedirectResponse("/desk/seals?nothing=1", status_code=303)
    desk, t = service.desk, said(request)
    try:
        prove_afresh(request, session, list_sha256, password, code)
        identity = confirm_list(service, session, paper, list_sha256)
    except SignInRefused as refusal:
        wrong = not_proven(request, refusal, t("seals.password_wrong"))
        views = _chosen(service, session, paper)
        status = 429 if refusal.wait else 401
        return _confirm_page(service, request, session, views, status, password_error=wrong)
    except (ListHashInvalid, Refusal) as error:
        if not isinstance(error, Refusal):
            return RedirectResponse("/desk/seals", status_code=303)
        text = text_for(request, error)
        trouble = Trouble(tone="stop", title=t("seals.refused_title"), text=text)
        views = _chosen(service, session, paper)
        if not views:
            raise
        return _confirm_page(service, request, session, views, error.status, trouble=trouble)
    accounts.remember(desk.engine, session.account.name, confirmation=identity)
    return RedirectResponse(f"/desk/seals/{identity}", status_code=303)


@router.get("/latest")
def latest(service: Serving, request: Request, session: Custodian) -> Response:
    """The list confirmed last."""
    found = accounts.find(service.desk.engine, session.account.name).last_confirmation
    if found is not None:
        return RedirectResponse(f"/desk/seals/{found}", status_code=303)
    t = said(request)
    return page(
        request,
        "nothing.html",
        title=t("nav.seal_results"),
        empty_title=t("seals.none"),
        empty_text=t("seals.none_text"),
        back="/desk/seals",
        back_text=t("seals.back"),
    )


@router.get("/{confirmation_id}")
def results(service: Serving, request: Request, session: Custodian, confirmation_id: str) -> Response:
    """A running or finished sealing."""
    told, headline = _sealing(request, own_list(service, session, confirmation_id))
    return page(request, "sealing.html", batch=told, headline=headline)


@router.get("/{confirmation_id}/progress")
def progress(service: Serving, request: Request, session: Custodian, confirmation_id: str) -> Response:
    """The part of the page that moves."""
    told, headline = _sealing(request, own_list(service, session, confirmation_id))
    return HTMLResponse(fragment(request, "sealing_progress.html", batch=told, headline=headline))


def _chosen(service: Service, session: Session, paper: list[str]) -> list[DocumentView]:
    """What of the choice still waits, in the order it was chosen."""
    waiting = {view.id for view in confirmations.pending(service.desk, custodian_id_of(session)).documents}
    return [documents.view(service.desk, one) for one in dict.fromkeys(paper) if one in waiting]


def _confirm_page(
    service: Service,
    request: Request,
    session: Session,
    views: list[DocumentView],
    status: int = 200,
    *,
    password_error: str = "",
    trouble: Trouble | None = None,
) -> Response:
    seal, custody = _custody(service, request, session, views)
    return page(
        request,
        "seal_confirm.html",
        status,
        papers=rows(views, language_of(request), service.now()),
        list_sha256=confirmations.list_sha256(view.list_item for view in views),
        seal=seal,
        custody=custody,
        password_error=password_error,
        trouble=trouble,
        notices=notices(request, custodian_id_of(session)),
        back="/desk/seals?" + urlencode([("paper", view.id) for view in views]),
    )


def _custody(
    service: Service, request: Request, session: Session, views: list[DocumentView]
) -> tuple[SealShown | None, str]:
    office, t = service.desk.office(), said(request)
    seal = next((one for one in office.seals if one.id == views[0].seal_id), None) if views else None
    custodian = next((one for one in office.custodians if one.id == session.account.custodian_id), None)
    shown = None
    if seal is not None:
        owner = office.organisation(seal.organisation)
        shown = SealShown(
            organisation=owner.name if owner else seal.organisation,
            second=seal.kind == "second",
            mark=seal.mark or "-",
            diameter=f"{seal.diameter_mm:g}",
        )
    if custodian is None:
        return shown, ""
    since = custodian.period.since
    day = formats.full_date(since, language_of(request)) if since else "-"
    return shown, t("seals.custody_text", number=custodian.appointed_by, date=day, name=custodian.name)


def _waiting(request: Request, view: ConfirmationView) -> Waiting | None:
    if view.waits is None:
        return None
    why = problem_text(view.waits.problem, language_of(request))
    return Waiting(since=view.waits.since, until=view.waits.until, why=why)


def _sealing(request: Request, view: ConfirmationView) -> tuple[Sealing, str]:
    t, n = said(request), counted(request)
    words = {
        "queued": ("", "wait", t("seals.queued")),
        "sealing": ("now", "clock", t("seals.sealing")),
        "sealed": ("sealed", "seal", t("seals.sealed")),
        "failed": ("bad", "no", t("seals.failed")),
    }
    papers = tuple(
        SealedPaper(
            id=item.document_id,
            title=item.title,
            number=item.number,
            holder=item.holder,
            problem=problem_text(item.problem, language_of(request)),
            mark=words[item.state][0],
            shape=words[item.state][1],
            word=words[item.state][2],
            again="/desk/seals?" + urlencode({"paper": item.document_id}) if item.state == "failed" else "",
        )
        for item in view.documents
    )
    done, failed = (sum(item.state == state for item in view.documents) for state in ("sealed", "failed"))
    told = Sealing(
        id=view.id,
        custodian=view.custodian_name,
        started=view.created_at,
        total=len(papers),
        done=done,
        failed=failed,
        over=view.finished,
        papers=papers,
        waits=_waiting(request, view),
        attention=tuple(paper for paper in papers if paper.mark == "bad"),
        sealed=tuple(paper for paper in papers if paper.mark == "sealed"),
    )
    if not view.finished:
        return told, n("seals.running_title", len(papers))
    if failed:
        return told, t("seals.results_title", done=done, failed=failed)
    return told, n("seals.results_all", done)
