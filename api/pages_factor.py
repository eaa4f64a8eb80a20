"""A person's own second factor: set up, confirmed with a first code, taken away. /desk/second-factor"""

from typing import Annotated, Final

import segno
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api import second_factor
from api.callers import Serving, address_of, desk_form, desk_person, lacks_second_factor
from api.identity import Proven, SignInRefused
from api.local_accounts import Password
from api.pages import not_proven, page, said
from api.second_factor import CodeWrong, FactorInForce
from api.service import Service
from api.sessions import Session

router = APIRouter(prefix="/desk/second-factor", include_in_schema=False)

Shown = Annotated[Session, Depends(desk_person(complete=False))]
Sent = Annotated[Session, Depends(desk_form(complete=False))]
_HERE: Final = "/desk/second-factor"


@router.get("")
def show(service: Serving, request: Request, session: Shown) -> Response:
    """Whether there is one, and how to set it up."""
    return _page(service, request, session)


@router.post("/begin")
def begin(
    service: Serving, request: Request, session: Sent, password: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """The secret, as a symbol and as letters, this once."""
    engine, name = service.desk.engine, session.account.name
    if session.second_factor:
        return RedirectResponse(_HERE, status_code=303)
    try:
        _prove(service, request, session, password, "")
        secret = second_factor.begin(engine, name, service.now(), key=service.settings.second_factor_key)
    except SignInRefused as refusal:
        wrong = not_proven(request, refusal, said(request)("factor.password_wrong"))
        return _page(service, request, session, 429 if refusal.wait else 401, error=wrong)
    except FactorInForce:
        return RedirectResponse(_HERE, status_code=303)
    link = second_factor.address(secret, account=name, issuer=service.settings.office_vi)
    symbol = segno.make(link, error="m").svg_inline(scale=4, border=4, light="#fff", svgclass="qr")
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return page(request, "factor_begin.html", symbol=symbol, secret=spaced, error="")


@router.post("/confirm")
def confirm(
    service: Serving, request: Request, session: Sent, code: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """In force with the first code; the recovery codes, this once."""
    try:
        codes = second_factor.confirm(
            service.desk.engine,
            session.account.name,
            code,
            service.now(),
            keep_session=session.token_sha256,
            key=service.settings.second_factor_key,
        )
    except CodeWrong:
        error = said(request)("factor.first_wrong")
        return page(request, "factor_begin.html", 422, symbol="", secret="", error=error)
    return page(request, "factor_codes.html", codes=codes)


@router.post("/remove")
def remove(
    service: Serving,
    request: Request,
    session: Sent,
    password: Annotated[str, Form(max_length=500)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Away with it, by password and code; whoever must have one sets up another."""
    engine, name = service.desk.engine, session.account.name
    try:
        _prove(service, request, session, password, code)
    except SignInRefused as refusal:
        wrong = not_proven(request, refusal, said(request)("factor.password_wrong"))
        return _page(service, request, session, 429 if refusal.wait else 401, error=wrong)
    second_factor.remove(engine, name, by=name, event="removed", now=service.now())
    return RedirectResponse(_HERE, status_code=303)


def _prove(service: Service, request: Request, session: Session, password: str, code: str) -> Proven:
    given = Password(name=session.account.name, password=password, code=code)
    return service.people.prove(given, address=address_of(request), now=service.now())


def _page(service: Service, request: Request, session: Session, status: int = 200, *, error: str = "") -> Response:
    left = second_factor.recovery_left(service.desk.engine, session.account.name)
    return page(request, "factor.html", status, left=left, must=lacks_second_factor(request, session), error=error)
