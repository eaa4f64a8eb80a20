"""The web process: everything above, wired into one application."""

import contextlib
import logging
import os
from collections.abc import Callable
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import (
    apologies,
    approvals,
    attachments,
    document_batch,
    documents,
    dossiers,
    events,
    health,
    metrics,
    numbers,
    office,
    pages_clerk,
    pages_code,
    pages_custodian,
    pages_dossier_acts,
    pages_dossiers,
    pages_factor,
    pages_numbers,
    pages_office,
    pages_officer,
    pages_paper,
    pages_paper_acts,
    pages_policy,
    pages_receipt,
    pages_register,
    pages_signin,
    pages_statistics,
    pages_technical,
    pages_track,
    pages_trust,
    pages_verify,
    people,
    problems,
    register_books,
    register_log,
    seals,
    slips,
    statistics,
    verifications,
    webhooks,
)
from api.callers import SignInNeeded
from api.description import describer, name_of
from api.formats import size
from api.headers import Headers
from api.language import language_of
from api.limits import BodyLimit, Busy, Gate
from api.pages import page, said
from api.pages_verify import too_large_page
from api.precedence import OfficeFirst, Precedence
from api.problems import Problem
from api.receipts import Receipts
from api.request_log import RequestLog
from api.results import Results
from api.service import Relied, Service, Tally, service_of
from api.settings import WebSettings
from register import RegisterError
from stamping import Desk, Refusal, turns
from web import STATIC

log = logging.getLogger("secondseal.web")

_ROUTERS: Final = (
    verifications.router,
    documents.router,
    document_batch.router,
    dossiers.router,
    apologies.router,
    slips.router,
    attachments.router,
    numbers.router,
    register_books.router,
    approvals.router,
    seals.router,
    statistics.router,
    people.router,
    office.router,
    events.router,
    webhooks.router,
    health.router,
    register_log.router,
    metrics.router,
    pages_verify.router,
    pages_technical.router,
    pages_policy.router,
    pages_receipt.router,
    pages_code.router,
    pages_track.router,
    pages_signin.router,
    pages_factor.router,
    pages_register.router,
    pages_statistics.router,
    pages_officer.router,
    pages_clerk.router,
    pages_dossiers.router,
    pages_dossier_acts.router,
    pages_paper.router,
    pages_paper_acts.router,
    pages_numbers.router,
    pages_custodian.router,
    pages_office.router,
    pages_trust.router,
)
_UPLOADS: Final = (
    "/api/v1/verifications",
    "/api/v1/documents",
    "/api/v1/office/proposals",
    "/verify",
    "/desk/documents/new",
    "/desk/documents/upload",
)
_METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_YEAR_S: Final = 31_536_000
_MOST_PICTURES: Final = 200
"""Pictures of changes held at once; a pair is some hundred kilobytes."""


def create_app(desk: Desk, settings: WebSettings, relied: Relied | None = None) -> FastAPI:
    """The application of one office. Its routes are plain functions run in threads; it holds no key."""
    app = FastAPI(
        title="Second Seal",
        version="1",
        summary="The stamping stage of a one-stop public service office",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=name_of,
    )
    precedence = Precedence(lambda: turns.under_way(desk))
    service = Service(
        made_with=desk,
        relied=relied,
        settings=settings,
        results=Results(settings.result_life),
        pictures=Results(settings.result_life, most=_MOST_PICTURES),
        verifications=Gate(
            settings.verifications_at_once,
            at_work=max(2, (os.cpu_count() or 1) // 2),
            first=precedence.give_way,
        ),
        previews=Gate(settings.previews_at_once),
        waiters=Gate(settings.waiters_at_once),
        tally=Tally(),
        receipts=Receipts(sources=settings.receipt_sources),
    )
    app.state.service = service
    with contextlib.suppress(SQLAlchemyError):  # else its counts begin with the first scrape
        service.pace.look(desk.engine)
    app.openapi = describer(app, settings)  # type: ignore[method-assign]
    for router in _ROUTERS:
        app.include_router(router)
    app.mount("/static", _Static(directory=STATIC), name="static")
    for kind in (Problem, Refusal, RegisterError, Busy, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(SignInNeeded, _to_sign_in)
    # The last added is the outermost: the log's line, then headers on every answer, then faults, then bodies' bound,
    # then the office's precedence.
    app.add_middleware(OfficeFirst, precedence=precedence)
    app.add_middleware(BodyLimit, limit_of=_limit_of(settings), answer=_too_large)
    app.add_middleware(_Faults, tally=service.tally)
    app.add_middleware(Headers, agent_origins=settings.agent_origins, secure=settings.secure)
    app.add_middleware(RequestLog)
    return app


class _Static(StaticFiles):
    """Our own files, kept by browsers for a year under their hash."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = f"public, max-age={_YEAR_S}, immutable"
        return response


class _Faults:
    """The last net: an unforeseen fault becomes a reference number for people and a line in the log for us."""

    def __init__(self, app: ASGIApp, *, tally: Tally) -> None:
        self._app = app
        self._tally = tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._tally.add("requests", str(message["status"]))
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            if started:
                raise
            # Faults of the machine below (disk, database) have their own problem; all are logged with a reference.
            log.debug("answering for a fault", exc_info=error)
            await _answer(Request(scope), error)(scope, receive, watch)


def _answer(request: Request, error: Exception) -> Response:
    """The problem that stands for an error: JSON for programs, a page for people."""
    problem = problems.of(error)
    if isinstance(error, RequestValidationError):
        problem = problems.named_for(problem, request.url.path)
    if problem.status == 405:
        problem.headers["allow"] = ", ".join(_methods(request))
    _count(request, problem)
    reference = problems.note(request, error, problem)
    if _for_programs(request):
        return problems.as_json(request, problem, reference)
    return _problem_page(request, problem, reference)


def _methods(request: Request) -> list[str]:
    """All that the address takes (RFC 9110, 10.2.1); a router alone names those of its first route."""
    routes = request.app.router.routes
    known = request.scope
    # a mount that was entered has left its own prefix in the scope
    whole = {**known, "root_path": known.get("app_root_path", known.get("root_path", ""))}
    asked = [(method, {**whole, "method": method}) for method in _METHODS]
    return [method for method, scope in asked if any(_takes(route, method, scope) for route in routes)]


def _takes(route: BaseRoute, method: str, scope: Scope) -> bool:
    # a mount (our own files) matches whatever the method
    return route.matches(scope)[0] is Match.FULL and (not isinstance(route, Mount) or method in {"GET", "HEAD"})


def _count(request: Request, problem: Problem) -> None:
    service_of(request).tally.add("refusals", problem.code)
    request.state.problem = problem.code  # for the request's line in the log


def _problem_page(request: Request, problem: Problem, reference: str | None) -> Response:
    t = said(request)
    vietnamese = language_of(request) == "vi"
    if reference is not None and problem.code == "internal":
        title, text = t("problem.title_500"), t("problem.text_500", reference=reference)
    elif problem.status == 404 and problem.code == "not-found":
        title, text = t("problem.title_404"), problem.text_vi if vietnamese else problem.text_en
    else:
        title, text = (
            problems.TITLES[problem.code][0 if vietnamese else 1],
            (problem.text_vi if vietnamese else problem.text_en),
        )
    back = "/desk" if request.url.path.startswith("/desk") else None
    response = page(request, "problem.html", problem.status, title=title, text=text, back=back)
    response.headers.update(problem.headers)
    return response


def _to_sign_in(_request: Request, error: Exception) -> Response:
    if not isinstance(error, SignInNeeded):
        raise error
    return RedirectResponse(error.location, status_code=303)


def _too_large(request: Request, limit: int) -> Response:
    problem = problems.too_large(limit)
    _count(request, problem)
    if _for_programs(request):
        return problems.as_json(request, problem)
    if request.url.path == "/verify":
        response = too_large_page(request, limit)
    else:
        t = said(request)
        text = t("problem.text_413", limit=size(limit, language_of(request)))
        response = page(request, "problem.html", 413, title=t("problem.title_413"), text=text, back=None)
    response.headers.update(problem.headers)
    return response


def _for_programs(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/log/", "/healthz", "/readyz", "/metrics"))


def _limit_of(settings: WebSettings) -> Callable[[str, str], int]:
    def limit(method: str, path: str) -> int:
        takes_files = method == "POST" and (path in _UPLOADS or (path.startswith("/v/") and path.endswith("/compare")))
        return settings.max_file_bytes if takes_files else settings.max_form_bytes

    return limit
