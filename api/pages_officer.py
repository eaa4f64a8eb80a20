"""The officer's desk: what waits, review, the batch while the token signs, what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import accounts
from api.callers import Serving, desk_form, desk_person
from api.document_rows import PaperRow, problem_text, rows
from api.formats import local
from api.language import language_of
from api.pages import counted, fragment, page, said
from api.problems import forbidden
from api.service import Service
from api.sessions import Session
from stamping import ApprovalView, Refusal, State, approvals, documents

router = APIRouter(prefix="/desk", include_in_schema=False)
Officer = Annotated[Session, Depends(desk_person("officer"))]
OfficerForm = Annotated[Session, Depends(desk_form("officer"))]

_TABS: Final[dict[str, tuple[State, ...]]] = {
    "waiting": ("awaiting_approval",),
    "approved": ("approved", "confirmed"),
    "declined": ("amendment_requested", "refused"),
    "done": ("sealed", "wet_stamped", "returned", "replaced", "recalled"),
}
_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A filter of the list."""

    key: str
    href: str
    here: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """Papers of one urgency."""

    key: str
    papers: tuple[PaperRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPaper:
    """One paper of a batch and how far it is."""

    id: str
    title: str
    number: str
    holder: str
    problem: str
    mark: str
    shape: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """An approval list as its page shows it."""

    id: str
    officer: str
    started: datetime
    expires: datetime
    state: str
    total: int
    done: int
    failed: int
    live: bool
    over: bool
    expired: bool
    remaining: str
    papers: tuple[BatchPaper, ...]
    attention: tuple[BatchPaper, ...]
    signed: tuple[BatchPaper, ...]


@router.get("/inbox")
def inbox(
    service: Serving,
    request: Request,
    session: Officer,
    tab: str = "waiting",
    paper: Annotated[list[str] | None, Query()] = None,
    nothing: str = "",
) -> Response:
    """What waits for this officer's signature, most urgent first."""
    chosen_tab = tab if tab in _TABS else "waiting"
    own = session.account.officer_id
    shown = _rows(service, request, own, chosen_tab)
    waiting = shown if chosen_tab == "waiting" else _rows(service, request, own, "waiting")
    order = ("late", "today", "later") if chosen_tab == "waiting" else ("all",)
    groups = tuple(Group(key, tuple(row for row in shown if key in ("all", row.urgency))) for key in order)
    return page(
        request,
        "inbox.html",
        tab_key=chosen_tab,
        tabs=tuple(
            Tab(
                key=key,
                href="/desk/inbox" if key == "waiting" else f"/desk/inbox?tab={key}",
                here=key == chosen_tab,
                count=len(waiting) if key == "waiting" else None,
            )
            for key in _TABS
        ),
        groups=tuple(group for group in groups if group.papers),
        waiting=len(waiting),
        late=sum(row.urgency == "late" for row in waiting),
        today=sum(row.urgency == "today" for row in waiting),
        weekday=local(service.now()).weekday(),
        chosen=frozenset(paper or ()),
        nothing_chosen=bool(nothing),
    )


@router.get("/review")
def review(
    service: Serving, request: Request, session: Officer, paper: Annotated[list[str] | None, Query()] = None
) -> Response:
    """The list shown is the list signed."""
    if not paper:
        return RedirectResponse("/desk/inbox?nothing=1", status_code=303)
    views = [documents.view(service.desk, identity) for identity in dict.fromkeys(paper)]
    ready = [v for v in views if v.officer_id == session.account.officer_id and v.state == "awaiting_approval"]
    if not ready:
        return RedirectResponse("/desk/inbox", status_code=303)
    return page(
        request,
        "review.html",
        papers=rows(ready, language_of(request), service.now()),
        back="/desk/inbox?" + urlencode([("paper", view.id) for view in ready]),
    )


@router.post("/approvals")
def open_batch(
    service: Serving, request: Request, session: OfficerForm, paper: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Open the list. The ticket for the signing program stands on this answer and nowhere else."""
    own = session.account.officer_id
    if not paper:
        return RedirectResponse("/desk/inbox?nothing=1", status_code=303)
    if own is None:
        raise forbidden("Tài khoản của bạn không được giao việc này.", "Your account does not have this duty.")
    ticket = approvals.open_list(service.desk, paper, own, session.account.display_name)
    accounts.remember(service.desk.engine, session.account.name, approval=ticket.id)
    return _batch_page(service, request, approvals.view(service.desk, ticket.id), ticket.ticket)


@router.get("/approvals")
def latest(service: Serving, request: Request, session: Officer) -> Response:
    """The batch opened last."""
    found = accounts.find(service.desk.engine, session.account.name).last_approval
    if found is not None:
        return RedirectResponse(f"/desk/approvals/{found}", status_code=303)
    t = said(request)
    return page(
        request,
        "nothing.html",
        title=t("nav.batch"),
        empty_title=t("batch.none"),
        empty_text=t("batch.none_text"),
        back="/desk/inbox",
        back_text=t("inbox.back"),
    )


@router.get("/approvals/{approval_id}")
def batch(service: Serving, request: Request, session: Officer, approval_id: str) -> Response:
    """A running or finished batch: the page only watches."""
    return _batch_page(service, request, _own(service, session, approval_id), "")


@router.get("/approvals/{approval_id}/progress")
def progress(service: Serving, request: Request, session: Officer, approval_id: str) -> Response:
    """The part of the page that moves."""
    told, headline = _batch(request, _own(service, session, approval_id))
    return HTMLResponse(fragment(request, "batch_progress.html", batch=told, headline=headline))


@router.get("/help/agent")
def help_agent(request: Request, _session: Officer) -> Response:
    """How to start the signing program."""
    return page(request, "help_agent.html")


@router.get("/help/permission")
def help_permission(request: Request, _session: Officer) -> Response:
    """How to let the page reach it."""
    return page(request, "help_permission.html")


def _rows(service: Service, request: Request, officer_id: str | None, tab: str) -> tuple[PaperRow, ...]:
    found = documents.list_documents(service.desk, states=_TABS[tab], officer_id=officer_id or "", limit=_MOST)
    return rows(found, language_of(request), service.now())


def _own(service: Service, session: Session, approval_id: str) -> ApprovalView:
    view = approvals.view(service.desk, approval_id)
    if view.officer_id != session.account.officer_id:
        raise Refusal("not-found", "Không tìm thấy đợt ký này.", "There is no such batch.")
    return view


def _batch_page(service: Service, request: Request, view: ApprovalView, ticket: str) -> Response:
    told, headline = _batch(request, view)
    settings = service.settings
    return page(
        request,
        "batch.html",
        batch=told,
        headline=headline if not ticket else said(request)("batch.start_title"),
        ticket=ticket,
        agent_url=settings.agent_origins[0],
        command=(
            f"secondseal-agent sign --service {settings.public_url} --approval {view.id} --ticket-file -"
            if ticket
            else ""
        ),
    )


def _batch(request: Request, view: ApprovalView) -> tuple[Batch, str]:
    t, n = said(request), counted(request)
    papers = tuple(_papers(request, view))
    states = [item.state for item in view.documents]
    signed, failed = states.count("signed"), states.count("failed")
    expired = view.state == "expired"
    over = expired or view.state == "finished" or (bool(view.certificate_sha256) and signed + failed == len(states))
    running = view.certificate_sha256 is not None
    left = [item.id for item in view.documents if item.state != "signed"]
    told = Batch(
        id=view.id,
        officer=view.officer_name,
        started=view.created_at,
        expires=view.expires_at,
        state="done" if over else "signing" if running and signed else "preparing" if running else "waiting",
        total=len(states),
        done=signed,
        failed=failed,
        live=not over,
        over=over,
        expired=expired and bool(left),
        remaining="/desk/review?" + urlencode([("paper", one) for one in left]) if over and left else "",
        papers=papers,
        attention=tuple(paper for paper in papers if paper.mark != "ok"),
        signed=tuple(paper for paper in papers if paper.mark == "ok"),
    )
    if not over:
        return told, n("batch.running_title", len(states)) if running else t("batch.pin_title")
    if left and expired and not signed:
        return told, t("batch.expired_title")
    if left:
        return told, t("batch.results_title", done=signed, failed=len(left))
    return told, n("batch.results_all", signed)


def _papers(request: Request, view: ApprovalView) -> Iterable[BatchPaper]:
    t = said(request)
    for item in view.documents:
        mark, shape, word = {
            "waiting": ("", "wait", t("batch.unsigned") if view.state == "expired" else t("batch.waiting")),
            "prepared": ("", "token", t("batch.unsigned") if view.state == "expired" else t("batch.prepared")),
            "signed": ("ok", "pen", t("batch.signed")),
            "failed": ("bad", "no", t("batch.failed")),
        }[item.state]
        yield BatchPaper(
            id=item.id,
            title=item.title,
            number=item.number,
            holder=item.holder,
            problem=problem_text(item.problem, language_of(request)),
            mark=mark,
            shape=shape,
            word=word,
        )
