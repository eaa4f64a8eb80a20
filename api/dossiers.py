"""/api/v1/dossiers: receive a dossier, appraise it, ask for what is missing, refuse it; say where it stands."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from api.asking import Asked, Asking, replay_headers
from api.callers import Caller, Serving, may
from api.dossier_answers import DossierOut, DossiersOut, dossier_out
from api.dossier_bodies import ReasonBody, ReceiveBody, ReturnWayBody, SupplementBody
from api.problems import Problem
from api.versions import NOT_MODIFIED, IfNoneMatch, SeenBefore, etag_of, known
from stamping import Desk, DossierState, DossierView, Once, Seen, dossier_reach, dossiers

router = APIRouter(prefix="/api/v1/dossiers", tags=["dossiers"])

_SEEN: Final = r"^[^\x00-\x20\x7f]+$"
Reader = Annotated[Caller, Depends(may("documents:read"))]
Writer = Annotated[Caller, Depends(may("documents:write", "clerk"))]
Code = Annotated[str, Path(max_length=60, pattern=_SEEN, description="the dossier's code, or its receipt code")]


@router.post("", status_code=201, summary="Receive a dossier")
def receive(service: Serving, caller: Writer, response: Response, body: ReceiveBody, asked: Asked) -> DossierOut:
    """201 with its receipt code, state, deadline and links. The receipt code leads to the page on which the applicant
    follows it; a repeated Idempotency-Key gives the same dossier as it stands now."""
    new = body.reception(service.desk)
    dossier_reach.admit_reception(service.desk, caller.reach, new.organisation, new.procedure)
    once = asked.once(caller, body)
    out = _answered(response, once, dossiers.receive(service.desk, new, caller.actor, once))
    response.headers["location"] = out.links["self"]
    return out


@router.get("", summary="List dossiers")
def listed(
    service: Serving,
    caller: Reader,
    *,
    overdue: bool | None = None,
    apologised: Annotated[bool | None, Query(description="whether a letter of apology was written for it")] = None,
    state: DossierState | None = None,
    organisation: Annotated[str | None, Query(max_length=100, pattern=_SEEN)] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DossiersOut:
    """By deadline, the earliest first; `overdue=true`: past it, under way, and nothing issued. With `apologised=false`
    those for which no letter was written yet, with `apologised=true` those that missed the day it appointed, too."""
    found = dossiers.list_dossiers(
        service.desk,
        overdue=overdue,
        apologised=apologised,
        state=state,
        organisation=organisation,
        after=read_cursor(cursor) if cursor else None,
        limit=limit + 1,
        within=dossier_reach.dossier_clause(service.desk, caller.reach),
    )
    shown = found[:limit]
    return DossiersOut(
        dossiers=[dossier_out(one) for one in shown],
        next=cursor_of(shown[-1]) if len(found) > limit else None,
    )


@router.get("/{dossier_code}", summary="A dossier", response_model=DossierOut, responses=NOT_MODIFIED)
def read(
    service: Serving, _caller: Reader, response: Response, dossier_code: Code, if_none_match: IfNoneMatch = None
) -> Response | DossierOut:
    """Where it stands, its papers, its history; with the `ETag` an act on it may name (If-Match)."""
    view = dossiers.view(service.desk, dossier_code)
    tag = etag_of(view)
    if known(if_none_match, tag):
        return Response(status_code=304, headers={"etag": tag})
    response.headers["etag"] = tag
    return dossier_out(view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act on the dossier that the address names: who does it, on which version, in what call."""

    desk: Desk
    caller: Caller
    code: str
    seen: Seen | None
    asked: Asking
    response: Response

    @property
    def actor(self) -> str:
        """How the history names who does it."""
        return self.caller.actor

    def done(self, body: BaseModel | None, do: Callable[[Once | None], DossierView]) -> DossierOut:
        """Do it once; the answer is the dossier as it stands."""
        once = self.asked.once(self.caller, body)
        return _answered(self.response, once, do(once))


def act_of(
    service: Serving, caller: Writer, response: Response, dossier_code: Code, seen: SeenBefore, asked: Asked
) -> Act:
    """A dependency of every act on a dossier received before."""
    return Act(desk=service.desk, caller=caller, code=dossier_code, seen=seen, asked=asked, response=response)


Acting = Annotated[Act, Depends(act_of)]


@router.post("/{dossier_code}/appraisal", summary="Appraised and found in order")
def appraise(act: Acting) -> DossierOut:
    """Now its paper can be made: POST /api/v1/documents with this `dossier` code alone."""
    return act.done(None, lambda once: dossiers.appraise(act.desk, act.code, act.actor, once, seen=act.seen))


@router.post("/{dossier_code}/supplement-request", summary="Ask the applicant for what is missing")
def request_supplement(act: Acting, body: SupplementBody) -> DossierOut:
    """The clock stops until it comes. `owed` stands on the public page: nothing personal in it."""
    return act.done(
        body,
        lambda once: dossiers.request_supplement(
            act.desk, act.code, body.owed, act.actor, once, until=body.until, seen=act.seen
        ),
    )


@router.post("/{dossier_code}/supplement", summary="What was owed has come")
def supplement(act: Acting) -> DossierOut:
    """The deadline moves by the working days it was waited for; the dossier is appraised anew."""
    return act.done(None, lambda once: dossiers.supplement_received(act.desk, act.code, act.actor, once, seen=act.seen))


@router.post("/{dossier_code}/refusal", summary="Refuse a dossier")
def refuse(act: Acting, body: ReasonBody) -> DossierOut:
    """Từ chối. The public page does not repeat the reason."""
    return act.done(body, lambda once: dossiers.refuse(act.desk, act.code, body.reason, act.actor, once, seen=act.seen))


@router.post("/{dossier_code}/withdrawal", summary="The applicant takes the dossier back")
def withdraw(act: Acting, body: ReasonBody) -> DossierOut:
    """Rút hồ sơ."""
    return act.done(
        body, lambda once: dossiers.withdraw(act.desk, act.code, body.reason, act.actor, once, seen=act.seen)
    )


@router.post("/{dossier_code}/return-way", summary="The applicant wants the result another way")
def choose_return(act: Acting, body: ReturnWayBody) -> DossierOut:
    """At the counter, online or by post; the history says who chose what."""
    return act.done(
        body, lambda once: dossiers.choose_return(act.desk, act.code, body.return_way, act.actor, once, seen=act.seen)
    )


def _answered(response: Response, once: Once | None, view: DossierView) -> DossierOut:
    response.headers.update(replay_headers(once))
    return dossier_out(view)


def cursor_of(last: DossierView) -> str:
    """What leads to the page behind this dossier."""
    return base64.urlsafe_b64encode(f"{last.due_at.astimezone(UTC).isoformat()} {last.code}".encode()).decode()


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """The deadline and code it stands for. Raises `Problem` request-invalid."""
    try:
        due, _, code = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().partition(" ")
        return datetime.fromisoformat(due).astimezone(UTC), code.replace("\0", "")
    except (ValueError, OverflowError):
        raise Problem(
            "request-invalid", 422, "Con trỏ trang (cursor) không đúng.", "The cursor is not one of ours."
        ) from None
