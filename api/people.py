"""/api/v1/session and /api/v1/steps: a person signs in and authenticates afresh, through a program of theirs."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from api import sessions, steps
from api.answers import AccountJson, StepJson
from api.bodies import SessionBody, StepBody
from api.callers import Serving, address_of, person, same_origin_form
from api.document_json import moment
from api.problems import Problem
from api.sessions import Session, SignInRefused
from api.settings import WebSettings

router = APIRouter(prefix="/api/v1", tags=["people"])
T = TypeVar("T")


def signed_in(request: Request) -> Session:
    """Any signed-in person."""
    return person(request)


SignedIn = Annotated[Session, Depends(signed_in)]


@router.post(
    "/session", status_code=201, summary="Sign in", response_model=AccountJson, dependencies=[Depends(same_origin_form)]
)
def sign_in(service: Serving, request: Request, body: SessionBody) -> Response:
    """Sets the session's cookie."""
    token = proven(
        lambda: sessions.sign_in(
            service.desk.engine,
            service.settings,
            name=body.name,
            password=body.password,
            address=address_of(request),
            now=service.now(),
        )
    )
    session = sessions.find(service.desk.engine, service.settings, token, service.now())
    if session is None:
        raise refused(SignInRefused(None))
    response = JSONResponse(_person(session), status_code=201)
    set_cookie(response, service.settings, token)
    return response


@router.get("/session", summary="Who is signed in", response_model=AccountJson)
def who(session: SignedIn) -> dict[str, Any]:
    """The person behind the cookie."""
    return _person(session)


@router.delete("/session", status_code=204, summary="Sign out")
def sign_out(service: Serving, _session: SignedIn, request: Request) -> Response:
    """Ends the session."""
    name = sessions.cookie_name(service.settings)
    sessions.sign_out(service.desk.engine, request.cookies[name])
    response = Response(status_code=204)
    response.delete_cookie(name, secure=service.settings.secure, httponly=True, samesite="lax")
    return response


@router.post("/steps", status_code=201, summary="Authenticate afresh for one list", response_model=StepJson)
def step_up(service: Serving, session: SignedIn, request: Request, body: StepBody) -> dict[str, Any]:
    """Good for five minutes, for the list with this hash, once."""
    until = proven(
        lambda: steps.step_up(
            service.desk.engine,
            session,
            list_sha256=body.list_sha256,
            password=body.password,
            address=address_of(request),
            now=service.now(),
        )
    )
    return {"list_sha256": body.list_sha256, "expires_at": moment(until)}


def proven(attempt: Callable[[], T]) -> T:
    """Run an attempt to prove who one is; its refusal becomes a problem."""
    try:
        return attempt()
    except SignInRefused as refusal:
        raise refused(refusal) from None


def refused(refusal: SignInRefused) -> Problem:
    """401 for a wrong name or password (which of them is not said), 429 after too many."""
    if refusal.wait is not None:
        return Problem(
            "too-many-attempts",
            429,
            f"Đã thử sai nhiều lần. Hãy đợi {refusal.minutes} phút rồi thử lại.",
            f"Too many failed attempts. Wait {refusal.minutes} minutes, then try again.",
            headers={"retry-after": str(refusal.minutes * 60)},
        )
    return Problem(
        "unauthenticated",
        401,
        "Tên đăng nhập hoặc mật khẩu không đúng.",
        "The user name or the password is wrong.",
    )


def set_cookie(response: Response, settings: WebSettings, token: str) -> None:
    """Put the session's token where scripts cannot read it and other sites cannot send it."""
    response.set_cookie(
        sessions.cookie_name(settings), token, path="/", secure=settings.secure, httponly=True, samesite="lax"
    )


def _person(session: Session) -> dict[str, Any]:
    account = session.account
    return {
        "name": account.name,
        "display_name": account.display_name,
        "roles": sorted(account.roles),
        "officer_id": account.officer_id,
        "custodian_id": account.custodian_id,
    }
