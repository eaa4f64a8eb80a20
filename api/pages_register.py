"""The seal register's page, and all papers with their stages."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import formats, seal_log
from api.callers import Serving, desk_person
from api.document_rows import rows
from api.language import language_of
from api.pages import page, said
from api.pages_officer import Tab
from api.problems import Problem
from api.register_books import book_response
from api.seal_log import SealUseRow
from api.sessions import Session
from register import BookFormat, BookName, Selection
from stamping import State, documents

router = APIRouter(prefix="/desk", include_in_schema=False)
Person = Annotated[Session, Depends(desk_person())]

_PAGE: Final = 50
_FRONT: Final = (("officer", "inbox"), ("custodian", "seals"), ("administrator", "office"))
_FILTERS: Final[dict[str, tuple[State, ...] | None]] = {
    "all": None,
    "running": ("generated", "awaiting_approval", "approved", "confirmed"),
    "issued": ("sealed", "wet_stamped", "returned", "replaced", "recalled"),
    "stopped": ("amendment_requested", "refused", "withdrawn"),
}
_EVENTS: Final = {
    "reserve": ("now", "clock"),
    "conclude": ("sealed", "seal"),
    "interrupted": ("bad", "no"),
    "failed": ("bad", "no"),
    "wet": ("", "pen"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the seal register as the page shows it."""

    seq: int
    at: str
    document: str
    number: str
    title: str
    officer: str
    custodian: str
    mark: str
    shape: str
    word: str
    why: str
    hash: str


@router.get("")
def front(session: Person) -> Response:
    """Everyone begins where their work is."""
    roles = session.account.roles
    goal = next((goal for role, goal in _FRONT if role in roles), "documents")
    return RedirectResponse(f"/desk/{goal}", status_code=303)


@router.get("/documents")
def all_papers(
    service: Serving,
    request: Request,
    session: Person,
    show: str = "all",
    at: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> Response:
    """Every paper of the office with its five stages."""
    key = show if show in _FILTERS else "all"
    found = documents.list_documents(service.desk, states=_FILTERS[key], limit=_PAGE + 1, offset=at)
    newer, older = _neighbours(f"/desk/documents?show={key}&at=", at, more=len(found) > _PAGE)
    return page(
        request,
        "documents.html",
        papers=rows(found[:_PAGE], language_of(request), service.now()),
        tabs=tuple(Tab(key=one, href=f"/desk/documents?show={one}", here=one == key, count=None) for one in _FILTERS),
        may_create="clerk" in session.account.roles,
        newer=newer,
        older=older,
    )


@router.get("/register")
def register(
    service: Serving, request: Request, session: Person, at: Annotated[int, Query(ge=0, le=2**31)] = 0
) -> Response:
    """Nhật ký sử dụng con dấu, newest rows first."""
    found = seal_log.newest(service.desk, limit=_PAGE + 1, offset=at)
    newer, older = _neighbours("/desk/register?at=", at, more=len(found) > _PAGE)
    return page(
        request,
        "register.html",
        entries=tuple(_entry(request, one) for one in found[:_PAGE]),
        newer=newer,
        older=older,
        may_number=bool(session.account.roles & {"clerk", "custodian"}),
        this_year=formats.local(service.now()).year,
    )


@router.get("/register/export")
def export(
    service: Serving,
    request: Request,
    _session: Person,
    book: BookName = "outgoing",
    form: Annotated[BookFormat, Query(alias="format")] = "pdf",
    year: Annotated[str, Query(max_length=4)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """A book as a file; a form sends what was left empty as an empty text."""
    selection = _selection(year, since, until)
    if selection is None:
        t = said(request)
        raise Problem("request-invalid", 422, t("register.export_wrong"), t("register.export_wrong"))
    return book_response(service, book, form, selection)


@router.get("/register.csv")
def register_csv(service: Serving, _session: Person) -> Response:
    """All rows, for a spreadsheet; the first bytes tell it that this is UTF-8."""
    return book_response(service, "seal", "csv", Selection())


@router.get("/outgoing.csv")
def outgoing_csv(service: Serving, _session: Person, year: int | None = None) -> Response:
    """Sổ đăng ký văn bản đi of one year, with its ten columns (AC-10)."""
    return book_response(service, "outgoing", "csv", Selection(year=year or formats.local(service.now()).year))


def _entry(request: Request, one: SealUseRow) -> Entry:
    mark, shape = _EVENTS[one.event]
    return Entry(
        seq=one.seq,
        at=f"{formats.full_date(one.at, 'vi')} {formats.clock_seconds(one.at)}",
        document=one.document_id,
        number=one.number,
        title=one.title,
        officer=one.officer,
        custodian=one.custodian,
        mark=mark,
        shape=shape,
        word=said(request)(f"register.kind_{one.event}"),
        why=one.detail if one.event in {"failed", "interrupted"} else "",
        hash=one.hash,
    )


def _selection(year: str, since: str, until: str) -> Selection | None:
    """What a form asks for; None for what is no year or no day."""
    if year and not (year.isdecimal() and 1900 <= int(year) <= 2999):
        return None
    try:
        return Selection(
            year=int(year) if year else None,
            since=date.fromisoformat(since) if since else None,
            until=date.fromisoformat(until) if until else None,
        )
    except ValueError:
        return None


def _neighbours(address: str, at: int, *, more: bool) -> tuple[str, str]:
    newer = f"{address}{max(0, at - _PAGE)}" if at else ""
    return newer, f"{address}{at + _PAGE}" if more else ""
