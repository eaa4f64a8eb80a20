"""Who is calling: a person by session cookie, a workflow system by bearer token, or nobody in particular."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Depends, Form, Request

from api import clients, sessions
from api.accounts import Role
from api.clients import Client, Scope
from api.problems import Problem, forbidden
from api.service import Service, service_of
from api.sessions import Session
from stamping import EVERYTHING, Reach, dossier_reach, reach
from web import catalogue

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


async def serving(request: Request) -> Service:
    """A dependency: `service_of`. Such as look nothing up are coroutines, or each would cost a thread's turn."""
    return service_of(request)


Serving = Annotated[Service, Depends(serving)]


class SignInNeeded(Exception):
    """A page needs a person; `next_url` is where to come back to, `over` whether a session just ended."""

    def __init__(self, next_url: str, *, over: bool) -> None:
        super().__init__("sign-in needed")
        self.next_url = next_url
        self.over = over

    @property
    def location(self) -> str:
        """Address of the sign-in page that leads back."""
        return f"/sign-in?next={quote(self.next_url, safe='')}" + ("&over=1" if self.over else "")


class SecondFactorNeeded(SignInNeeded):
    """A page needs a person's second factor, and they have none yet."""

    @property
    def location(self) -> str:
        """Address of the page where it is set up."""
        return self.next_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Exactly one of a person or a program."""

    session: Session | None = None
    client: Client | None = None

    @property
    def actor(self) -> str:
        """How the histories name this caller."""
        if self.session is not None:
            return self.session.account.display_name
        return f"client:{self.client.name}" if self.client else "?"

    @property
    def key_space(self) -> str:
        """Whose idempotency keys these are: two callers never share one."""
        if self.session is not None:
            return f"account:{self.session.account.name}"
        return f"client:{self.client.id}" if self.client else "?"

    def key(self, sent: str) -> str:
        """An Idempotency-Key as it is kept: this caller's alone."""
        return f"{self.key_space}/{sent}"

    @property
    def reach(self) -> Reach:
        """Which papers, seals and organisations: what a person may do stands in the office's file, not here."""
        return self.client.reach if self.client else EVERYTHING


def session_of(request: Request) -> Session | None:
    """The person's session behind this request, looked up once."""
    if not hasattr(request.state, "session"):
        service = service_of(request)
        token = request.cookies.get(sessions.cookie_name(service.settings))
        request.state.session = (
            sessions.find(service.desk.engine, service.settings, token, service.now()) if token else None
        )
    found: Session | None = request.state.session
    return found


def bearer_of(request: Request) -> str | None:
    """The bearer token of this request (RFC 6750), if it has one."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def may(scope: Scope, *roles: Role) -> Callable[[Request], Caller]:
    """A dependency for programs' routes: a client with `scope`, or a person with one of `roles` (any, if none).

    A document or dossier the route's address names is within the client's reach, or answers as if there were none.
    """

    def allowed(request: Request) -> Caller:
        token = bearer_of(request)
        if token is not None:
            client = clients.find(service_of(request).desk.engine, token, service_of(request).now())
            if client is None:
                raise unauthenticated()
            request.state.client = client  # for the request's line in the log
            if scope not in client.scopes:
                raise forbidden(
                    f"Mã truy cập này không có quyền {scope}.", f"This token does not have the scope {scope}."
                )
            if "document_id" in request.path_params:
                reach.require(service_of(request).desk, client.reach, request.path_params["document_id"])
            if "dossier_code" in request.path_params:
                dossier_reach.require_dossier(
                    service_of(request).desk, client.reach, request.path_params["dossier_code"]
                )
            return Caller(client=client)
        return Caller(session=person(request, *roles))

    return allowed


def person(request: Request, *roles: Role, complete: bool = True) -> Session:
    """The signed-in person of a program's call, never a program. Raises `Problem` 401 or 403.

    `complete`: not before a second factor that their role must have is set up.
    """
    if bearer_of(request) is not None:
        raise forbidden(
            "Việc này phải do chính một người làm; mã truy cập của chương trình không bao giờ có quyền này.",
            "A person must do this; no machine credential can hold this right.",
        )
    session = session_of(request)
    if session is None:
        raise unauthenticated()
    if request.method not in _SAFE:
        _same_origin(request, form=False)
    if complete and lacks_second_factor(request, session):
        raise Problem(
            "second-factor-required",
            403,
            "Vai trò của bạn phải có bước xác thực thứ hai. Hãy thiết lập tại /desk/second-factor.",
            "Your role needs a second factor. Set it up at /desk/second-factor.",
        )
    if roles and not session.account.roles & set(roles):
        raise forbidden("Tài khoản của bạn không được giao việc này.", "Your account does not have this duty.")
    return session


def lacks_second_factor(request: Request, session: Session) -> bool:
    """Must this person set up a second factor before anything else?"""
    wanted = service_of(request).settings.second_factor_roles
    return not session.second_factor and bool(session.account.roles & wanted)


def desk_person(*roles: Role, complete: bool = True) -> Callable[[Request], Session]:
    """A dependency for desk pages that only show: leads to the sign-in page where nobody is signed in, and to the page
    of the second factor where one must be set up first (`complete`)."""

    def allowed(request: Request) -> Session:
        session = session_of(request)
        if session is None:
            over = sessions.cookie_name(service_of(request).settings) in request.cookies
            raise SignInNeeded(_return_to(request), over=over)
        if complete and lacks_second_factor(request, session):
            raise SecondFactorNeeded("/desk/second-factor", over=False)
        if roles and not session.account.roles & set(roles):
            raise forbidden("Tài khoản của bạn không được giao việc này.", "Your account does not have this duty.")
        return session

    return allowed


def desk_form(*roles: Role, complete: bool = True) -> Callable[[Request, str], Session]:
    """A dependency for desk forms: a person, and the form was made by a page of theirs."""
    shown = desk_person(*roles, complete=complete)

    def allowed(request: Request, form_token: Annotated[str, Form()] = "") -> Session:
        session = shown(request)
        _same_origin(request)
        if not sessions.form_token_fits(session, form_token):
            words = catalogue()
            raise forbidden(words.say("vi", "problem.text_csrf"), words.say("en", "problem.text_csrf"))
        return session

    return allowed


def of_organisation(caller: Caller, organisation: str | None) -> str | None:
    """Whose books, numbers or figures a caller gets who asks for those of `organisation` (None: of all).

    They are of every paper and seal: who is limited to some has none of them. Raises `Refusal` forbidden.
    """
    allowed = caller.reach.organisations
    if organisation is None and allowed is not None and len(allowed) == 1:
        (organisation,) = allowed
    caller.reach.admit(organisation=organisation or "")
    return organisation


def same_origin_form(request: Request) -> None:
    """A dependency for the sign-in form: nobody may be signed in by a foreign page."""
    _same_origin(request)


def address_of(request: Request) -> str:
    """The caller's network address, for counting failures."""
    return request.client.host if request.client else "unknown"


def unauthenticated() -> Problem:
    """Nobody known is calling."""
    return Problem(
        "unauthenticated",
        401,
        "Cần đăng nhập, hoặc mã truy cập hợp lệ trong tiêu đề Authorization.",
        "Sign in, or send a valid token in the Authorization header.",
        headers={"www-authenticate": "Bearer"},
    )


def _same_origin(request: Request, *, form: bool = True) -> None:
    """Refuse what another site's page sent. Browsers that say so themselves are believed (Fetch Metadata).

    `form`: the form token decides as well. Calls that carry none must not come from a page that hides where it is.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        foreign = site not in {"same-origin", "none"}
    else:
        # Programs send no Origin; over plain HTTP our no-referrer pages' forms send "null", their scripts the origin.
        origin = request.headers.get("origin")
        own = {service_of(request).settings.public_url, f"{request.url.scheme}://{request.headers.get('host', '')}"}
        foreign = origin is not None and origin not in own and not (form and origin == "null")
    if foreign:
        raise forbidden("Yêu cầu này đến từ một trang khác.", "This request comes from another site.")


def _return_to(request: Request) -> str:
    if request.method not in _SAFE:
        return "/desk"
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
