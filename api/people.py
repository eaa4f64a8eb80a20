"""/api/v1/session and /api/v1/steps: a person signs in and authenticates afresh, through a program of theirs."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from api import sessions, steps
from api.answers import AccountJson, StepJson
from api.asking import Asked, replay_headers
from api.bodies import SessionBody, StepBody
from api.callers import Caller, Serving, address_of, person, same_origin_form
from api.document_json import moment
from api.identity import CodeNeeded, SignInRefused
from api.local_accounts import Password
from api.problems import Problem
from api.sessions import Session
from api.settings import WebSettings

router = APIRouter(prefix="/api/v1", tags=["people"])
T = TypeVar("T")


def signed_in(request: Request) -> Session:
    """Any signed-in person."""
    return person(request)


def present(request: Request) -> Session:
    """The same, before a second factor they must have is set up."""
    return person(request, complete=False)


SignedIn = Annotated[Session, Depends(signed_in)]
Present = Annotated[Session, Depends(present)]


@router.post(
    "/session", status_code=201, summary="Sign in", response_model=AccountJson, dependencies=[Depends(same_origin_form)]
)
def sign_in(service: Serving, request: Request, body: SessionBody) -> Response:
    """Sets the session's cookie."""
    token = proven(
        lambda: sessions.sign_in(
            service.desk.engine,
            service.settings,
            service.people,
            Password(name=body.name, password=body.password, code=body.code),
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
def who(session: Present) -> dict[str, Any]:
    """The person behind the cookie."""
    return _person(session)


@router.delete("/session", status_code=204, summary="Sign out")
def sign_out(service: Serving, _session: Present, request: Request) -> Response:
    """Ends the session."""
    name = sessions.cookie_name(service.settings)
    sessions.sign_out(service.desk.engine, request.cookies[name])
    response = Response(status_code=204)
    response.delete_cookie(name, secure=service.settings.secure, httponly=True, samesite="lax")
    return response


@router.post("/steps", status_code=201, summary="Authenticate afresh for one list", response_model=StepJson)
def step_up(service: Serving, session: SignedIn, request: Request, body: StepBody, asked: Asked) -> Response:
    """Good for five minutes, for the list with this hash, once."""
    once = asked.once(Caller(session=session), body, secret=frozenset({"password", "code"}))
    until = proven(
        lambda: steps.step_up(
            service.desk.engine,
            session,
            service.people,
            Password(name=session.account.name, password=body.password, code=body.code),
            list_sha256=body.list_sha256,
            address=address_of(request),
            now=service.now(),
            once=once,
        )
    )
    told = {"list_sha256": body.list_sha256, "expires_at": moment(until)}
    return JSONResponse(told, status_code=201, headers=replay_headers(once))


def proven(attempt: Callable[[], T]) -> T:
    """Run an attempt to prove who one is; its refusal becomes a problem."""
    try:
        return attempt()
    except SignInRefused as refusal:
        raise refused(refusal) from None


def refused(refusal: SignInRefused) -> Problem:
    """401 for a wrong name, password or code (which of them is not said) or a missing code, 429 after too many."""
    if isinstance(refusal, CodeNeeded):
        return Problem(
            "second-factor-required",
            401,
            "Tài khoản này có bước xác thực thứ hai: hãy gửi kèm mã (code).",
            "This account has a second factor: send its `code` as well.",
        )
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
        "Tên đăng nhập, mật khẩu hoặc mã xác thực không đúng.",
        "The user name, the password or the code is wrong.",
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
        "how": session.how,
        "since": moment(session.since),
        "second_factor": session.second_factor,
    }
