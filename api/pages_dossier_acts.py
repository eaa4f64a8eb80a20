"""What a clerk does with a dossier before its paper: each form is for the dossier as its page showed it, and is done
once however often it is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.asking import form_once
from api.bodies import day_of
from api.callers import Serving, desk_form
from api.dossier_rows import address_of
from api.dossiers import Code
from api.pages import said, text_for
from api.pages_dossiers import dossier_page, way_of
from api.service import Service, service_of
from api.sessions import Session
from stamping import DossierView, NewApology, Once, Refusal, Seen, apologies, dossiers

router = APIRouter(prefix="/desk/dossiers", include_in_schema=False)

_LONGEST: Final = 4000
"""Of words in a form; what is too long for a reason comes back with them."""
Words = Annotated[str, Form(max_length=_LONGEST)]
_FIELDS: Final = {"appointed_on": "appointed_on", "reason": "apology_why", "data.reason": "apology_why"}
"""What a refusal of a letter names -> the field it stands at."""


@dataclass(frozen=True, slots=True)
class Act:
    """A form sent from a dossier's page."""

    service: Service
    request: Request
    session: Session
    code: str
    seen: Seen
    key: str


def act_of(
    request: Request,
    session: Annotated[Session, Depends(desk_form("clerk"))],
    dossier_code: Code,
    seen: Annotated[str, Form(max_length=64)] = "",
    key: Annotated[str, Form(max_length=60)] = "",
) -> Act:
    """The dossier and the version the clerk saw; a form that names none is for none."""
    return Act(service_of(request), request, session, dossier_code, Seen(frozenset({seen})), key)


Sent = Annotated[Act, Depends(act_of)]


@router.post("/{dossier_code}/appraisal")
def appraise(service: Serving, sent: Sent) -> Response:
    """Thẩm định xong."""
    return _done(
        sent,
        "appraisal",
        lambda actor, once: dossiers.appraise(service.desk, sent.code, actor, once, seen=sent.seen),
    )


@router.post("/{dossier_code}/supplement-request")
def request_supplement(service: Serving, sent: Sent, owed: Words = "", until: Words = "") -> Response:
    """Yêu cầu bổ sung: the clock stops; a day that is none is said before anything is done."""
    day = day_of(until) if until else None
    if until and day is None:
        return _again(sent, "request", said(sent.request)("dossiers.day_wrong"), 422, owed=owed, until=until)
    return _done(
        sent,
        "request",
        lambda actor, once: dossiers.request_supplement(
            service.desk, sent.code, owed.replace("\r\n", "\n"), actor, once, until=day, seen=sent.seen
        ),
        owed=owed,
        until=until,
    )


@router.post("/{dossier_code}/supplement")
def supplement(service: Serving, sent: Sent) -> Response:
    """Đã nhận phần bổ sung: the deadline moves, and the dossier is appraised anew."""
    return _done(
        sent,
        "come",
        lambda actor, once: dossiers.supplement_received(service.desk, sent.code, actor, once, seen=sent.seen),
    )


@router.post("/{dossier_code}/refusal")
def refuse(sent: Sent, refused_why: Words = "") -> Response:
    """Từ chối, with the reason."""
    return _done(sent, "refusal", _ending(sent, dossiers.refuse, refused_why), refused_why=refused_why)


@router.post("/{dossier_code}/withdrawal")
def withdraw(sent: Sent, withdrawn_why: Words = "") -> Response:
    """Rút hồ sơ, with the reason."""
    return _done(sent, "withdrawal", _ending(sent, dossiers.withdraw, withdrawn_why), withdrawn_why=withdrawn_why)


@router.post("/{dossier_code}/return-way")
def choose_return(service: Serving, sent: Sent, return_way: Words = "") -> Response:
    """Cách nhận kết quả."""
    return _done(
        sent,
        "way",
        lambda actor, once: dossiers.choose_return(
            service.desk, sent.code, way_of(return_way), actor, once, seen=sent.seen
        ),
        return_way=return_way,
    )


@router.post("/{dossier_code}/apology")
def apologise(
    service: Serving, sent: Sent, appointed_on: Words = "", apology_why: Words = "", signer: Words = ""
) -> Response:
    """Xin lỗi và hẹn lại ngày trả: the letter, and the deadline moved with it."""
    day = day_of(appointed_on)
    if day is None:
        told = said(sent.request)("dossiers.day_wrong" if appointed_on else "dossiers.day_missing")
        typed = {"appointed_on": appointed_on, "apology_why": apology_why, "signer": signer}
        return _again(sent, "apology", told, 422, wrong="appointed_on", **typed)
    new = NewApology(appointed_on=day, reason=apology_why.replace("\r\n", "\n"), officer_id=signer or None)
    return _done(
        sent,
        "apology",
        lambda actor, once: apologies.apologise(service.desk, sent.code, new, actor, once, seen=sent.seen),
        field_of=_letter_field,
        appointed_on=appointed_on,
        apology_why=apology_why,
        signer=signer,
    )


def _letter_field(refusal: Refusal) -> str:
    """The field of the letter's form that was refused; empty where it is the whole."""
    if refusal.code == "officer-not-authorised":
        return "signer"
    return _FIELDS.get(str(refusal.detail.get("where", "")), "")


def _ending(sent: Act, end: Callable[..., DossierView], reason: str) -> Callable[[str, Once | None], DossierView]:
    words = reason.replace("\r\n", "\n")
    return lambda actor, once: end(sent.service.desk, sent.code, words, actor, once, seen=sent.seen)


def _done(
    sent: Act,
    act: str,
    do: Callable[[str, Once | None], DossierView],
    *,
    field_of: Callable[[Refusal], str] = lambda _refusal: "",
    **typed: str,
) -> Response:
    """Back to the dossier's page; a refusal stands on it, with what was typed."""
    words = {"dossier": sent.code, **typed}
    try:
        once = form_once(sent.session, f"{act}/{sent.key}" if sent.key else "", words)
        view = do(sent.session.account.display_name, once)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        told = text_for(sent.request, refusal)
        if refusal.code == "changed-since":
            told = said(sent.request)("dossiers.changed")
        field = field_of(refusal)
        if field:  # which names the value in its own words
            told = told.removeprefix(f"{refusal.detail.get('where')}: ")
            told = told[:1].upper() + told[1:]
        return _again(sent, act, told, refusal.status, wrong=field, **typed)
    return RedirectResponse(address_of(view.code), status_code=303)


def _again(sent: Act, act: str, told: str, status: int, wrong: str = "", **typed: str) -> Response:
    view = dossiers.view(sent.service.desk, sent.code)
    errors = {act: told}
    return dossier_page(sent.service, sent.request, sent.session, view, status, errors=errors, wrong=wrong, **typed)
