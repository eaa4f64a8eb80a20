"""The administrators' desk: the institution as it is in force, what is proposed, and what became of each change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from api.callers import Serving, desk_form, desk_person
from api.identity import SignInRefused
from api.language import language_of
from api.office import confirm_proposal, find
from api.office_rows import Line, custodian_lines, officer_lines, organisation_lines, seal_lines
from api.pages import not_proven, page, prove_afresh, said, text_for
from api.pages_verify import Trouble
from api.service import Service
from api.sessions import Session
from register import OfficeProposal, office_versions
from stamping import Refusal, four_eyes, office_acts, told_changes
from store import read

router = APIRouter(prefix="/desk/office", include_in_schema=False)
Reader = Annotated[Session, Depends(desk_person("administrator", "auditor"))]
AdministratorForm = Annotated[Session, Depends(desk_form("administrator"))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]

_OUTCOMES: Final = {
    "pending": ("now", "clock"),
    "confirmed": ("ok", "held"),
    "rejected": ("bad", "no"),
    "withdrawn": ("", "off"),
}
_LONGEST_HISTORY: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """One change in the reader's language."""

    text: str
    second: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProposal:
    """A proposal as the pages show it. `state` is pending, stale, confirmed, rejected or withdrawn."""

    number: int
    base: int
    why: str
    by: str
    at: datetime
    needs_second: bool
    state: str
    mark: str
    shape: str
    word: str
    version: int | None
    decided_by: str
    decided_at: datetime | None
    note: str
    changes: tuple[ShownChange, ...]
    files: tuple[tuple[str, str], ...]
    digest: str


@router.get("")
def overview(service: Serving, request: Request, _session: Reader) -> Response:
    """What is in force today in plain words, what waits, and the history."""
    with read(service.desk.engine) as connection:
        version = office_versions.in_force(connection)
        waiting = office_versions.pending(connection)
        found = office_versions.history(connection, limit=_LONGEST_HISTORY)
    newest = version.number if version else 0
    parts: dict[str, tuple[Line, ...]] = {}
    trouble = None
    try:
        office, today = service.desk.office(), service.now()
        parts = {
            "seals": seal_lines(request, office, today),
            "custodians": custodian_lines(request, office, today),
            "officers": officer_lines(request, office, today),
            "organisations": organisation_lines(request, office, today),
        }
    except Refusal as refusal:
        trouble = _trouble(request, refusal)
    return page(
        request,
        "office.html",
        version=_shown(request, version.proposal, newest) if version else None,
        founded=version is not None and version.proposal.base == 0,
        pending=[_shown(request, one, newest) for one in waiting],
        history=[_shown(request, one, newest) for one in found if one.decision is not None],
        parts=parts,
        trouble=trouble,
    )


@router.get("/proposals/{number}")
def proposal(service: Serving, request: Request, session: Reader, number: Number) -> Response:
    """One proposal: what it changes, who must confirm, and the forms for those who may."""
    return _proposal_page(service, request, session, number)


@router.get("/versions/{number}")
def version(service: Serving, request: Request, _session: Reader, number: Number) -> Response:
    """The whole text of a version."""
    with read(service.desk.engine) as connection:
        found = office_versions.version(connection, number)
    shown = _shown(request, found.proposal, found.number)
    return page(request, "office_text.html", version=shown, text=found.proposal.text)


@router.post("/proposals/{number}/confirm")
def confirm(
    service: Serving,
    request: Request,
    session: AdministratorForm,
    number: Number,
    password: Annotated[str, Form(max_length=500)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Authenticate afresh for exactly this proposal and bring it into force."""
    t = said(request)
    found = find(service, number)
    try:
        prove_afresh(request, session, found.digest, password, code)
        confirm_proposal(service, session, found, note="")
    except SignInRefused as refusal:
        wrong = not_proven(request, refusal, t("office.password_wrong"))
        return _proposal_page(
            service, request, session, number, 429 if refusal.wait else 401, errors={"password": wrong}
        )
    except Refusal as refusal:
        return _refused(service, request, session, number, refusal)
    return _back(number)


@router.post("/proposals/{number}/reject")
def reject(
    service: Serving,
    request: Request,
    session: AdministratorForm,
    number: Number,
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Refuse someone else's proposal, with the reason."""
    if not note.strip():
        errors = {"note": said(request)("office.reason_missing")}
        return _proposal_page(service, request, session, number, 422, errors=errors)
    try:
        office_acts.reject(service.desk, number, by=session.account.mover, note=note)
    except Refusal as refusal:
        return _refused(service, request, session, number, refusal)
    return _back(number)


@router.post("/proposals/{number}/withdraw")
def withdraw(service: Serving, request: Request, session: AdministratorForm, number: Number) -> Response:
    """Take one's own proposal back."""
    try:
        office_acts.withdraw(service.desk, number, by=session.account.mover)
    except Refusal as refusal:
        return _refused(service, request, session, number, refusal)
    return _back(number)


def _back(number: int) -> Response:
    return RedirectResponse(f"/desk/office/proposals/{number}", status_code=303)


def _refused(service: Service, request: Request, session: Session, number: int, refusal: Refusal) -> Response:
    if refusal.code == "not-found":
        raise refusal
    trouble = _trouble(request, refusal)
    return _proposal_page(service, request, session, number, refusal.status, trouble=trouble)


def _proposal_page(
    service: Service,
    request: Request,
    session: Session,
    number: int,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    trouble: Trouble | None = None,
) -> Response:
    found = find(service, number)
    with read(service.desk.engine) as connection:
        newest = office_versions.newest(connection) or 0
    shown = _shown(request, found, newest)
    acting = "administrator" in session.account.roles and found.decision is None
    own = found.by.account == session.account.name
    same = four_eyes.same_person(found.by, session.account.mover)
    return page(
        request,
        "office_proposal.html",
        status,
        proposal=shown,
        may_confirm=acting and shown.state == "pending" and not (found.needs_second and same),
        must_wait=acting and shown.state == "pending" and found.needs_second and same,
        may_reject=acting and not own,
        may_withdraw=acting and own,
        errors={"password": "", "note": ""} | (errors or {}),
        failed=bool(errors or trouble),
        trouble=trouble,
    )


def _shown(request: Request, found: OfficeProposal, newest: int) -> ShownProposal:
    vietnamese, t = language_of(request) == "vi", said(request)
    decision = found.decision
    state: str = decision.outcome if decision else "pending"
    mark, shape = _OUTCOMES[state]
    if decision is None:
        mark = "soon" if found.needs_second else mark
        word = t("office.needs_second") if found.needs_second else t("office.needs_one")
    else:
        word = t(f"office.{state}")
    if decision is None and found.base != newest:
        state, mark, shape, word = "stale", "", "off", t("office.stale")
    operator = t("office.operator")
    return ShownProposal(
        number=found.id,
        base=found.base,
        why=found.why,
        by=operator if found.by == office_acts.OPERATOR else found.by.name,
        at=found.at,
        needs_second=found.needs_second,
        state=state,
        mark=mark,
        shape=shape,
        word=word,
        version=decision.version if decision else None,
        decided_by=(operator if decision.by == office_acts.OPERATOR.account else decision.name) if decision else "",
        decided_at=decision.at if decision else None,
        note=decision.note if decision else "",
        changes=tuple(
            ShownChange(text=_sentence(one.text_vi if vietnamese else one.text_en), second=one.second_person)
            for one in told_changes(found)
        ),
        files=tuple(sorted(found.files.items())),
        digest=found.digest,
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _trouble(request: Request, refusal: Refusal) -> Trouble:
    return Trouble(tone="stop", title=said(request)("office.refused_title"), text=text_for(request, refusal))
