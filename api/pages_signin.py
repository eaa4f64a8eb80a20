"""Signing in and out of the desks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api import sessions
from api.callers import Serving, address_of, desk_form, same_origin_form, session_of
from api.pages import page, said
from api.people import set_cookie
from api.sessions import Session, SignInRefused

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
    """Begin a session, or say why not, without saying which of the two was wrong."""
    try:
        token = sessions.sign_in(
            service.desk.engine,
            service.settings,
            name=username.strip(),
            password=password,
            address=address_of(request),
            now=service.now(),
        )
    except SignInRefused as refusal:
        t = said(request)
        trouble = t("signin.locked", minutes=refusal.minutes) if refusal.wait else t("signin.wrong")
        return _page(request, 429 if refusal.wait else 401, goal=_inside(next), trouble=trouble, username=username[:64])
    response = RedirectResponse(_inside(next), status_code=303)
    set_cookie(response, service.settings, token)
    return response


@router.post("/sign-out")
def sign_out(service: Serving, request: Request, _session: Annotated[Session, Depends(desk_form())]) -> Response:
    """End the session."""
    name = sessions.cookie_name(service.settings)
    sessions.sign_out(service.desk.engine, request.cookies[name])
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(name, path="/", secure=service.settings.secure, httponly=True, samesite="lax")
    return response


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
