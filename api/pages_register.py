"""The seal register's page, and all papers with their stages."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import formats, seal_log
from api.callers import Serving, desk_person
from api.document_rows import rows
from api.language import language_of
from api.pages import page, said
from api.pages_officer import Tab
from api.seal_log import SealUseRow
from api.sessions import Session
from register import as_csv, outgoing
from stamping import State, documents
from store import read

router = APIRouter(prefix="/desk", include_in_schema=False)
Person = Annotated[Session, Depends(desk_person())]

_PAGE: Final = 50
_FRONT: Final = (("officer", "inbox"), ("custodian", "seals"), ("administrator", "office"))
_FILTERS: Final[dict[str, tuple[State, ...] | None]] = {
    "all": None,
    "running": ("generated", "awaiting_approval", "approved", "confirmed"),
    "issued": ("sealed", "returned", "replaced", "recalled"),
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
    service: Serving, request: Request, _session: Person, at: Annotated[int, Query(ge=0, le=2**31)] = 0
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
    )


@router.get("/register.csv")
def register_csv(service: Serving, _session: Person) -> Response:
    """All rows, for a spreadsheet; the first bytes tell it that this is UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(seal_log.COLUMNS)
    for one in seal_log.all_rows(service.desk.engine):
        writer.writerow([_cell(value) for value in one])
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="nhat-ky-con-dau.csv"'},
    )


@router.get("/outgoing.csv")
def outgoing_csv(service: Serving, _session: Person, year: int | None = None) -> Response:
    """Sổ đăng ký văn bản đi of one year, with its ten columns (AC-10)."""
    chosen = year or formats.local(service.now()).year
    office = service.desk.office()
    with read(service.desk.engine) as connection:
        found = [
            entry
            for body in office.organisations
            for entry in outgoing.entries(connection, organisation=body.code, year=chosen)
        ]
    return Response(
        as_csv(found),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="so-van-ban-di-{chosen}.csv"'},
    )


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


def _neighbours(address: str, at: int, *, more: bool) -> tuple[str, str]:
    newer = f"{address}{max(0, at - _PAGE)}" if at else ""
    return newer, f"{address}{at + _PAGE}" if more else ""


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return formats.local(value).isoformat(timespec="seconds")
    text = "" if value is None else str(value)
    # A spreadsheet must never read a cell as a formula.
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
