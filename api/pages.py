"""Pages: the web room's files filled in with values, in the reader's language."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api import formats, steps
from api.callers import address_of, session_of
from api.identity import CodeNeeded, SignInRefused
from api.language import COOKIE, COOKIE_LIFE_S, chosen, language_of
from api.local_accounts import Password
from api.service import service_of
from api.sessions import Session
from web import PAGES, STATIC, Language, catalogue


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place of the desk; `here` marks the one shown."""

    key: str
    href: str
    here: bool


_NAV: Final[tuple[tuple[str, str, str], ...]] = (
    ("officer", "inbox", "/desk/inbox"),
    ("officer", "batch", "/desk/approvals"),
    ("custodian", "seals", "/desk/seals"),
    ("custodian", "seal_results", "/desk/seals/latest"),
    ("clerk", "dossiers", "/desk/dossiers"),
    ("auditor", "dossiers", "/desk/dossiers"),
    ("", "documents", "/desk/documents"),
    ("clerk", "new", "/desk/documents/new"),
    ("", "register", "/desk/register"),
    ("", "statistics", "/desk/statistics"),
    ("administrator", "office", "/desk/office"),
    ("auditor", "office", "/desk/office"),
    ("administrator", "trust", "/desk/trust"),
    ("auditor", "trust", "/desk/trust"),
    ("officer", "agent", "/desk/help/agent"),
)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["static"] = static_url
    environment.globals["clock"] = formats.clock
    environment.globals["clock_s"] = formats.clock_seconds
    environment.globals["grouped"] = formats.grouped_hash
    return environment


@cache
def static_url(name: str) -> str:
    """Address of a static file, marked with its own hash so that browsers may keep it."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def said(request: Request) -> Callable[..., str]:
    """The catalogue in this request's language."""
    return partial(catalogue().say, language_of(request))


def counted(request: Request) -> Callable[..., str]:
    """The catalogue's counting sentences in this request's language."""
    return partial(catalogue().count, language_of(request))


class InBothLanguages(Protocol):
    """A refusal, or whatever else has a sentence for people."""

    @property
    def text_vi(self) -> str:
        """In Vietnamese."""

    @property
    def text_en(self) -> str:
        """In English."""


def text_for(request: Request, refusal: InBothLanguages) -> str:
    """Its sentence in this request's language."""
    return refusal.text_vi if language_of(request) == "vi" else refusal.text_en


def prove_afresh(request: Request, session: Session, list_sha256: str, password: str, code: str) -> None:
    """Authenticate for the list with that hash by what was typed into its form. Raises as `steps.step_up`."""
    service = service_of(request)
    steps.step_up(
        service.desk.engine,
        session,
        service.people,
        Password(name=session.account.name, password=password, code=code),
        list_sha256=list_sha256,
        address=address_of(request),
        now=service.now(),
    )


def not_proven(request: Request, refusal: SignInRefused, wrong: str) -> str:
    """Why a fresh authentication was refused; `wrong` says that the password is, where there is no code beside it."""
    t, session = said(request), session_of(request)
    if refusal.wait:
        return t("signin.locked", minutes=refusal.minutes)
    if isinstance(refusal, CodeNeeded):
        return t("factor.code_missing")
    return t("factor.either_wrong") if session is not None and session.second_factor else wrong


def page(request: Request, name: str, status: int = 200, **values: Any) -> Response:
    """The page `name` as the answer to this request; remembers a language just chosen."""
    settings = service_of(request).settings
    text = fragment(request, name, **values)
    response = HTMLResponse(text, status_code=status, headers={"content-language": language_of(request)})
    picked = chosen(request)
    if picked:
        response.set_cookie(
            COOKIE, picked, max_age=COOKIE_LIFE_S, samesite="lax", secure=settings.secure, httponly=True
        )
    return response


def fragment(request: Request, name: str, **values: Any) -> str:
    """The page or part of a page `name` as text."""
    return _environment().get_template(name).render(_frame(request) | values)


def _frame(request: Request) -> dict[str, Any]:
    """What every page has: words, formats, who is signed in, where one is."""
    language = language_of(request)
    settings = service_of(request).settings
    session = session_of(request)
    account = session.account if session else None
    path = request.url.path
    vietnamese = language == "vi"
    return {
        "lang": language,
        "t": partial(catalogue().say, language),
        "n": partial(catalogue().count, language),
        "date": partial(formats.full_date, language=language),
        "short_date": partial(formats.short_date, language=language),
        "short_moment": lambda moment: f"{formats.short_date(moment, language)}, {formats.clock(moment)}",
        "size": partial(formats.size, language=language),
        "office": settings.office_vi if vietnamese else settings.office_en,
        "counter": (settings.counter_vi or settings.office_vi)
        if vietnamese
        else (settings.counter_en or settings.office_en),
        "public_url": settings.public_url,
        "test_office": settings.test_office,
        "public_statistics": settings.public_statistics,
        "limit": settings.max_file_bytes,
        "result_minutes": int(settings.result_life.total_seconds() // 60),
        "other_language": _other(language),
        "other_language_url": _switched(request, _other(language)),
        "desk": path.startswith(("/desk", "/sign-in")),
        "account": account,
        "roles": sorted(account.roles) if account else (),
        "second_factor": session.second_factor if session else False,
        "form_token": session.form_token if session else "",
        "nav": _nav(account.roles, path) if account else (),
        "now": service_of(request).now(),
    }


def _nav(roles: frozenset[str] | frozenset[Any], path: str) -> tuple[NavItem, ...]:
    shown = list(dict.fromkeys((key, href) for role, key, href in _NAV if not role or role in roles))
    # The longest address that leads here: /desk/documents/new is not /desk/documents.
    leading = [href for _, href in shown if path == href or path.startswith(href + "/")]
    here = max(leading, key=len, default="")
    return tuple(NavItem(key, href, href == here) for key, href in shown)


def _other(language: Language) -> Language:
    return "en" if language == "vi" else "vi"


def _switched(request: Request, language: Language) -> str:
    pairs = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    # A form's answer has no page of its own to come back to but the one that showed the form.
    path = request.url.path if request.method in {"GET", "HEAD"} else _form_page(request.url.path)
    return f"{quote(path)}?{urlencode([*pairs, ('lang', language)])}"


_FORM_PAGES: Final[Mapping[str, str]] = {"/desk/approvals": "/desk/inbox", "/sign-out": "/sign-in"}
_ONE_PAGE: Final = ("/desk/numbers/", "/desk/second-factor/")
"""All forms below stand on the one page above."""


def _form_page(path: str) -> str:
    known = _FORM_PAGES.get(path) or next((place[:-1] for place in _ONE_PAGE if path.startswith(place)), None)
    if known:
        return known
    for tail in (
        "/decision",
        "/return",
        "/recall",
        "/withdraw",
        "/wet",
        "/correct",
        "/replace",
        "/compare",
        "/confirm",
        "/reject",
        "/appraisal",
        "/supplement-request",
        "/supplement",
        "/refusal",
        "/withdrawal",
        "/return-way",
        "/apology",
    ):
        if path.endswith(tail):
            return path.removesuffix(tail)
    return path
