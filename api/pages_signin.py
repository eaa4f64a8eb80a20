"""Signing in and out of the desks: the password, then the code where the person has a second factor."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api import sessions
from api.callers import Serving, address_of, desk_form, same_origin_form, session_of
from api.identity import CodeNeeded, Proven, SignInRefused
from api.local_accounts import HALF_LIFE, Password
from api.pages import page, said
from api.people import set_cookie
from api.service import Service
from api.sessions import Session
from api.settings import WebSettings

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def form(request: Request, next: str = "/desk", over: str = "") -> Response:
    """The form; whoever is signed in already goes on."""
    if session_of(request) is not None:
        return RedirectResponse(_inside(next), status_code=303)
    return _page(request, goal=_inside(next), over=bool(over))


@router.post("/sign-in", dependencies=[Depends(same_origin_form)])
def sign_in(
    service: Serving,
    request: Request,
    username: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=500)] = "",
    next: Annotated[str, Form(max_length=4000)] = "/desk",
) -> Response:
    """Begin a session, or ask for the code, or say why not, without saying which of the two was wrong."""
    name, now = username.strip(), service.now()
    try:
        proven = service.people.prove(Password(name=name, password=password), address=address_of(request), now=now)
    except CodeNeeded:
        response = RedirectResponse(f"/sign-in/code?{urlencode({'next': _inside(next)})}", status_code=303)
        response.set_cookie(
            _half_cookie(service.settings),
            service.people.begin_half(name, now),
            max_age=int(HALF_LIFE.total_seconds()),
            path="/",
            secure=service.settings.secure,
            httponly=True,
            samesite="lax",
        )
        return response
    except SignInRefused as refusal:
        t = said(request)
        trouble = t("signin.locked", minutes=refusal.minutes) if refusal.wait else t("signin.wrong")
        return _page(request, 429 if refusal.wait else 401, goal=_inside(next), trouble=trouble, username=username[:64])
    return _begun(service, proven, next)


@router.get("/sign-in/code")
def code_form(service: Serving, request: Request, next: str = "/desk") -> Response:
    """The second question; without a right password just before, the first one again."""
    if service.people.half(_half(service, request), service.now()) is None:
        return _afresh(next)
    return page(request, "signin_code.html", next=_inside(next), trouble="")


@router.post("/sign-in/code", dependencies=[Depends(same_origin_form)])
def sign_in_with_code(
    service: Serving,
    request: Request,
    code: Annotated[str, Form(max_length=40)] = "",
    next: Annotated[str, Form(max_length=4000)] = "/desk",
) -> Response:
    """Begin the session with the code of the second factor, or say that it was none."""
    half, now, t = _half(service, request), service.now(), said(request)
    if service.people.half(half, now) is None:
        return _afresh(next)
    try:
        proven = service.people.finish(half, code, address=address_of(request), now=now)
    except SignInRefused as refusal:
        trouble = t("signin.locked", minutes=refusal.minutes) if refusal.wait else t("factor.code_wrong")
        return page(request, "signin_code.html", 429 if refusal.wait else 401, next=_inside(next), trouble=trouble)
    response = _begun(service, proven, next)
    response.delete_cookie(
        _half_cookie(service.settings), path="/", secure=service.settings.secure, httponly=True, samesite="lax"
    )
    return response


@router.post("/sign-out")
def sign_out(
    service: Serving, request: Request, _session: Annotated[Session, Depends(desk_form(complete=False))]
) -> Response:
    """End the session."""
    name = sessions.cookie_name(service.settings)
    sessions.sign_out(service.desk.engine, request.cookies[name])
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(name, path="/", secure=service.settings.secure, httponly=True, samesite="lax")
    return response


def _begun(service: Service, proven: Proven, goal: str) -> Response:
    response = RedirectResponse(_inside(goal), status_code=303)
    set_cookie(response, service.settings, sessions.begin(service.desk.engine, service.settings, proven, service.now()))
    return response


def _afresh(goal: str) -> Response:
    return RedirectResponse(f"/sign-in?{urlencode({'next': _inside(goal)})}", status_code=303)


def _half(service: Service, request: Request) -> str:
    return request.cookies.get(_half_cookie(service.settings), "")


def _half_cookie(settings: WebSettings) -> str:
    return f"{sessions.cookie_name(settings)}-code"


def _page(
    request: Request, status: int = 200, *, goal: str, trouble: str = "", username: str = "", over: bool = False
) -> Response:
    settings = request.app.state.service.settings
    return page(
        request,
        "signin.html",
        status,
        next=goal,
        trouble=trouble,
        username=username,
        over=over,
        demo_accounts=settings.demo_accounts if settings.test_office else (),
    )


def _inside(goal: str) -> str:
    """Only our own desk pages are led to: an address from outside never redirects elsewhere."""
    safe = goal.startswith("/desk") and not goal.startswith("//") and "\\" not in goal and "\n" not in goal
    return goal if safe else "/desk"
