"""The citizen's page of a dossier, `/t/{receipt code}`: its stage, its deadline, what is owed. Nothing personal on it.

Only the receipt code leads here: a dossier's own code can be counted through. The page names no person and repeats no
reason, and it does not lead to a result's own page, which shows part of the holder's name.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api import formats
from api.callers import Serving
from api.codes import looked_up
from api.language import language_of
from api.pages import page, said
from api.pages_code import Banner, Line
from api.service import service_of
from office import FIVE_STAGES
from register import CodeInvalid, grouped, normalise
from stamping import DossierView, Stage, StageState, dossiers

router = APIRouter(include_in_schema=False)
_STOPPED: Final = frozenset({"refused", "withdrawn", "recalled", "replaced"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicStage:
    """One stage as anyone may see it: who did it is not said."""

    name: Stage
    state: StageState
    at: datetime | None
    who: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The stages in their order; `due_at` None: the clock stands, or nothing is due any more."""

    stages: tuple[PublicStage, ...]
    due_at: datetime | None

    @property
    def now(self) -> Stage:
        """The stage it is at, never the first, which is done when there is a dossier; of a finished one the last."""
        return next((stage.name for stage in self.stages if stage.state != "done"), self.stages[-1].name)


@router.get("/t")
def typed(request: Request, code: str = "") -> Response:
    """The form for a receipt code, which leads to the code's own address."""
    if not code.strip():
        return page(request, "track_form.html", typed="", error="", unknown=False)
    try:
        return RedirectResponse(f"/t/{normalise(code)}", status_code=303)
    except CodeInvalid:
        return _unknown(request, code, "code.mistyped")


@router.get("/t/{code}")
def followed(service: Serving, request: Request, code: str) -> Response:
    """Where this dossier stands."""
    try:
        found = looked_up(service, request, lambda: dossiers.by_receipt(service.desk, code))
    except CodeInvalid:
        return _unknown(request, code, "code.mistyped")
    if found is None:
        return _unknown(request, code, "track.no_dossier")
    passed = passed_of(service, found)
    return page(
        request,
        "track.html",
        told=_told(request, found, passed),
        code=grouped(found.receipt_code),
        passed=passed,
        owed=found.supplement.owed.splitlines() if found.supplement else (),
        lines=_lines(service, request, found),
        verifiable=found.standing == "completed",
    )


def _told(request: Request, found: DossierView, passed: Passed) -> Banner:
    t, language = said(request), language_of(request)
    settings = service_of(request).settings
    counter = (
        settings.counter_vi or settings.office_vi if language == "vi" else settings.counter_en or settings.office_en
    )
    stage = t(f"track.now_{passed.now}")
    when = {"time": formats.clock(found.due_at), "date": formats.full_date(found.due_at, language)}
    title, todo, tone, mark = t(f"track.{found.standing}_title"), t("track.nothing_to_do"), "info", "info"
    match found.standing:
        case "supplement_requested":
            since = found.supplement.asked_at if found.supplement else found.received_at
            # a deadline that had passed before stays where it was: nothing is said of days that do not count
            key = "track.supplement" if since <= found.due_at else "track.supplement_late"
            sentence, tone, mark = t(key, date=formats.full_date(since, language)), "care", "care"
            until = found.supplement.until if found.supplement else None
            todo = t("track.supplement_do")
            if until is not None:
                todo = t("track.supplement_do_until", date=formats.full_date(until, language))
        case "under_way" if found.overdue:
            title, tone, mark = t("track.overdue_title"), "care", "care"
            told = "track.overdue_again" if found.apologies else "track.overdue"
            sentence, todo = t(told, stage=stage, **when), t(f"{told}_do", counter=counter)
        case "under_way" if found.apologies:
            missed = formats.full_date(found.apologies[-1].due_at, language)
            title, todo = t("track.apologised_title"), t("track.apologised_do", counter=counter)
            sentence = t("track.apologised", missed=missed, stage=stage, **when)
        case "under_way":
            sentence = t("track.under_way", stage=stage, **when)
        case "ready":
            sentence = t(f"track.ready_{found.return_way}", counter=counter)
            if found.return_way == "counter":
                todo = t("track.ready_do")
        case "completed":
            at = max(stage.at for stage in passed.stages if stage.at is not None)
            ways = {paper.handed.way for paper in found.papers if paper.handed is not None}
            way = ways.pop() if len(ways) == 1 else "counter"
            sentence = t(f"track.completed_{way}", date=formats.full_date(at, language))
            todo = t("track.completed_do")
        case "recalled" | "replaced":
            sentence, tone, mark = t(f"track.{found.standing}"), "care", "care"
            todo = t(f"track.{found.standing}_do", counter=counter)
        case _:
            sentence, tone, mark = t(f"track.{found.standing}"), "none", "sheet"
            todo = t(f"track.{found.standing}_do", counter=counter)
    return Banner(tone=tone, mark=mark, headline=title, sentences=(sentence,), todo=todo)


def passed_of(service: Serving, found: DossierView) -> Passed:
    """The stages of its procedure, and how far it has come."""
    office = service.desk.office()
    procedure = office.procedure(found.procedure)
    names = procedure.stages if procedure else FIVE_STAGES
    going = [paper for paper in found.papers if paper.state not in {"replaced", "recalled"}] or found.papers
    times = {
        "received": found.received_at,
        "appraised": found.appraised_at,
        "approved": max((paper.approved_at for paper in going if paper.approved_at), default=None),
        "stamped": max((paper.sealed_at for paper in going if paper.sealed_at), default=None),
        "returned": max((paper.returned_at for paper in going if paper.returned_at), default=None),
    }
    reached, stopped = FIVE_STAGES.index(found.stage), found.standing in _STOPPED
    stages: list[PublicStage] = []
    for name in names:
        done = FIVE_STAGES.index(name) <= reached
        next_one = not done and (not stages or stages[-1].state == "done")
        state: StageState = "done" if done else ("stopped" if stopped else "now") if next_one else "todo"
        stages.append(PublicStage(name=name, state=state, at=times[name] if done else None))
    open_still = found.standing in {"under_way", "ready"}
    return Passed(stages=tuple(stages), due_at=found.due_at if open_still else None)


def _lines(service: Serving, request: Request, found: DossierView) -> tuple[Line, ...]:
    t, language, office = said(request), language_of(request), service.desk.office()
    procedure, organisation = office.procedure(found.procedure), office.organisation(found.organisation)
    lines = [
        Line(t("track.procedure"), procedure.name if procedure else found.procedure),
        Line(t("track.office"), organisation.name if organisation else found.organisation),
        Line(t("track.received"), _moment(found.received_at, language)),
    ]
    if found.standing in {"under_way", "ready"}:
        if found.apologies:
            lines.append(Line(t("track.first_due"), _moment(found.apologies[0].due_at, language)))
        due = "track.new_due" if found.apologies else "track.due"
        lines.append(Line(t(due), _moment(found.due_at, language)))
    if found.standing in {"under_way", "ready", "supplement_requested"}:
        lines.append(Line(t("track.return_way"), t(f"track.way_{found.return_way}")))
    return tuple(lines)


def _moment(at: datetime, language: str) -> str:
    return f"{formats.clock(at)}, {formats.full_date(at, 'vi' if language == 'vi' else 'en')}"


def _unknown(request: Request, code: str, error: str) -> Response:
    return page(request, "track_form.html", 404, typed=code[:80], error=said(request)(error), unknown=True)
