"""Numbers on the desk: what is open, a number for a paper made elsewhere, a document on paper and its line."""

import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import formats
from api.asking import form_once
from api.bodies import day_of, only_organisation
from api.callers import Serving, desk_form, desk_person
from api.language import language_of
from api.pages import page, said, text_for
from api.problems import Problem
from api.service import Service
from api.sessions import Session
from stamping import NewNumber, PaperDocument, Refusal, Reserved, numbering, on_paper

router = APIRouter(prefix="/desk/numbers", include_in_schema=False)
Person = Annotated[Session, Depends(desk_person("clerk", "custodian"))]
PersonForm = Annotated[Session, Depends(desk_form("clerk", "custodian"))]
Words = Annotated[str, Form(max_length=2000)]
_PAGE: Final = 50
_LONGEST_NUMBER: Final = 9
"""Figures typed into a field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """An open number on the page."""

    id: int
    shown: str
    who: str
    at: str
    purpose: str


@router.get("")
def front(
    service: Serving,
    request: Request,
    _session: Person,
    done: Annotated[str, Query(max_length=80)] = "",
    after: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> Response:
    """Open numbers, and the two forms. `done`: the number that was given or entered just now."""
    return _page(service, request, done=done, after=after)


@router.post("/reserve")
def reserve(
    service: Serving,
    request: Request,
    session: PersonForm,
    symbol: Words = "",
    purpose: Words = "",
    organisation: Words = "",
    key: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """The next number of the series."""
    typed = {"organisation": organisation, "symbol": symbol, "purpose": purpose}

    def act() -> str:
        new = NewNumber(
            organisation=organisation or only_organisation(service.desk), symbol=symbol.strip(), purpose=purpose.strip()
        )
        once = form_once(session, key, asdict(new))
        return numbering.reserve(service.desk, new, session.account.display_name, once).notation or ""

    return _done(service, request, "reserve", act, typed)


@router.post("/{number_id}/void")
def void(service: Serving, request: Request, session: PersonForm, number_id: int, reason: Words = "") -> Response:
    """Huỷ số, with its reason."""

    def act() -> str:
        numbering.void(service.desk, number_id, reason, session.account.display_name)
        return ""

    return _done(service, request, f"void-{number_id}", act, {})


@router.post("/paper")
def enter(
    service: Serving,
    request: Request,
    session: PersonForm,
    paper_symbol: Words = "",
    number: Annotated[str, Form(max_length=9)] = "",
    dated: Annotated[str, Form(max_length=10)] = "",
    type_name: Words = "",
    subject: Words = "",
    signer: Words = "",
    recipients: Words = "",
    copies: Annotated[str, Form(max_length=6)] = "1",
    issued_on: Annotated[str, Form(max_length=10)] = "",
    organisation: Words = "",
    key: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """A document made and signed on paper."""
    typed = {
        "organisation": organisation,
        "paper_symbol": paper_symbol,
        "number": number,
        "dated": dated,
        "type_name": type_name,
        "subject": subject,
        "signer": signer,
        "recipients": recipients,
        "copies": copies,
        "issued_on": issued_on,
    }

    def act() -> str:
        day, left = day_of(dated), day_of(issued_on)
        figures = all(one.isdecimal() and len(one) <= _LONGEST_NUMBER for one in (copies, number or "1"))
        if day is None or (issued_on and left is None) or not figures:
            t = said(request)
            raise Problem("request-invalid", 422, t("numbers.paper_missing"), t("numbers.paper_missing"))
        new = PaperDocument(
            organisation=organisation or only_organisation(service.desk),
            symbol=paper_symbol.strip(),
            number=int(number) if number else None,
            dated=day,
            type_name=type_name.strip(),
            subject=subject.strip(),
            signer=signer.strip(),
            recipients=recipients.strip(),
            copies=int(copies),
            issued_on=left,
        )
        once = form_once(session, key, asdict(new))
        return on_paper.enter(service.desk, new, session.account.display_name, once).notation

    return _done(service, request, "paper", act, typed)


def _done(service: Service, request: Request, form: str, act: Callable[[], str], typed: dict[str, str]) -> Response:
    try:
        made = act()
    except (Refusal, Problem) as error:
        told = text_for(request, error)
        return _page(service, request, status=error.status, errors={form: told}, typed=typed)
    return RedirectResponse("/desk/numbers" + (f"?{urlencode({'done': made})}" if made else ""), status_code=303)


def _page(
    service: Service,
    request: Request,
    *,
    status: int = 200,
    done: str = "",
    after: int = 0,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    found = numbering.open_numbers(service.desk, after=after, limit=_PAGE + 1)
    today = formats.local(service.now()).date()
    office = service.desk.office()
    try:
        usual = only_organisation(service.desk)
    except Problem:  # several have a seal: the clerk chooses
        usual = ""
    return page(
        request,
        "numbers.html",
        status,
        rows=tuple(_row(one, request) for one in found[:_PAGE]),
        older=f"/desk/numbers?after={found[_PAGE - 1].id}" if len(found) > _PAGE else "",
        done=done,
        errors=defaultdict(str, errors or {}),
        typed=defaultdict(str, {"dated": today.isoformat(), "copies": "1", "organisation": usual} | (typed or {})),
        symbols=sorted({one.symbol for one in office.procedures}),
        organisations=tuple(one for one in office.organisations if one.active(today)),
        key=secrets.token_hex(16),
    )


def _row(one: Reserved, request: Request) -> OpenRow:
    at = f"{formats.full_date(one.reserved_at, language_of(request))} {formats.clock(one.reserved_at)}"
    shown = one.notation or f"{one.number:02d}"
    return OpenRow(id=one.id, shown=shown, who=one.reserved_by or "", at=at, purpose=one.purpose or "")
