"""The clerk's dossiers: by deadline with the overdue first, one with its history, a new one received."""

import secrets
from dataclasses import asdict, dataclass
from typing import Annotated, Final, get_args

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.asking import form_once
from api.callers import Serving, desk_form, desk_person
from api.document_rows import returnable, rows
from api.documents import pdf_response
from api.dossier_rows import DossierRow, address_of, dossier_row, dossier_rows
from api.dossiers import Code, cursor_of, read_cursor
from api.formats import local
from api.language import language_of
from api.pages import page, text_for
from api.pages_officer import Tab
from api.paper_form import paper_with_form
from api.service import Service
from api.sessions import Session
from api.slips import form_response
from office import issuing
from stamping import (
    Applicant,
    DossierView,
    NewReception,
    Refusal,
    ReturnWay,
    apologies,
    documents,
    dossiers,
    slips,
    version_of,
)

router = APIRouter(prefix="/desk/dossiers", include_in_schema=False)
Person = Annotated[Session, Depends(desk_person())]
Clerk = Annotated[Session, Depends(desk_person("clerk"))]
ClerkForm = Annotated[Session, Depends(desk_form("clerk"))]

WAYS: Final[tuple[ReturnWay, ...]] = get_args(ReturnWay)
_PAGE: Final = 50
_COURSES: Final[tuple[dossiers.Course, ...]] = ("under_way", "supplement_requested", "ready", "ended")
_TABS: Final = ("under_way", "overdue", *_COURSES[1:])
_GROUPS: Final = {"late": "late", "soon": "today", "": "later"}
"""How urgent a deadline is -> the heading it stands under."""
_FIELDS: Final = ("code", "procedure", "organisation", "name", "id_number", "phone", "address", "return_way")
_WHERE: Final = {"applicant.name": "name", "applicant.address": "address"} | {
    f"applicant_{name}": name for name in ("name", "id_number", "phone", "address")
}
"""What a refusal names -> the field it stands in."""
_ERRORS: Final = ("appraisal", "request", "come", "refusal", "withdrawal", "way", "apology")
_TYPED: Final = ("owed", "until", "refused_why", "withdrawn_why", "appointed_on", "apology_why", "signer")
_PLACES: Final = ("whole", "appointed_on", "apology_why", "signer")
"""Where in the letter's form a refusal stands."""


@dataclass(frozen=True, slots=True)
class Group:
    """Dossiers of one urgency; `key` is empty where the list has no headings."""

    key: str
    dossiers: tuple[DossierRow, ...]


@router.get("")
def listed(
    service: Serving,
    request: Request,
    session: Person,
    show: str = "under_way",
    organisation: Annotated[str, Query(max_length=100)] = "",
    code: Annotated[str, Query(max_length=80)] = "",
    cursor: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """By deadline; a code typed leads to its dossier."""
    missing = ""
    if code.strip():
        try:
            return RedirectResponse(address_of(_found(service, code)), status_code=303)
        except Refusal as refusal:
            missing = text_for(request, refusal)
    key = show if show in _TABS else "under_way"
    known = issuing(service.desk.office(), service.now())
    chosen = organisation if organisation in {one.code for one in known} else ""
    found = dossiers.list_dossiers(
        service.desk,
        overdue=True if key == "overdue" else None,
        course=next((one for one in _COURSES if one == key), None),
        organisation=chosen or None,
        after=read_cursor(cursor) if cursor else None,
        limit=_PAGE + 1,
    )
    shown = dossier_rows(service, found[:_PAGE], language_of(request))
    of = f"&organisation={chosen}" if chosen else ""
    here = f"/desk/dossiers?show={key}{of}"
    return page(
        request,
        "dossiers.html",
        404 if missing else 200,
        groups=_groups(shown, headed=key == "under_way"),
        count=len(shown),
        show=key,
        tabs=tuple(Tab(key=one, href=f"/desk/dossiers?show={one}{of}", here=one == key, count=None) for one in _TABS),
        organisations=known,
        organisation=chosen,
        code=code,
        missing=missing,
        may_receive="clerk" in session.account.roles,
        first=here if cursor else "",
        older=f"{here}&cursor={cursor_of(found[_PAGE - 1])}" if len(found) > _PAGE else "",
    )


@router.get("/new")
def new(service: Serving, request: Request, _session: Clerk, sample: str = "") -> Response:
    """An empty form, or one filled with sample data in a test office."""
    given = _sample(service) if sample and service.settings.test_office else {}
    return _form(service, request, given)


@router.post("/new")
def receive(
    service: Serving,
    request: Request,
    session: ClerkForm,
    code: Annotated[str, Form(max_length=200)] = "",
    procedure: Annotated[str, Form(max_length=60)] = "",
    organisation: Annotated[str, Form(max_length=100)] = "",
    name: Annotated[str, Form(max_length=1000)] = "",
    id_number: Annotated[str, Form(max_length=1000)] = "",
    phone: Annotated[str, Form(max_length=1000)] = "",
    address_: Annotated[str, Form(alias="address", max_length=2000)] = "",
    return_way: Annotated[str, Form(max_length=20)] = "",
    key: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Take the dossier in; sending the same form twice receives one."""
    typed = (code, procedure, organisation, name, id_number, phone, address_, return_way)
    given = {field: value.strip() for field, value in zip(_FIELDS, typed, strict=True)} | {"key": key}
    try:
        taken = NewReception(
            code=given["code"],
            procedure=_chosen(given["procedure"]),
            organisation=given["organisation"],
            applicant=Applicant(
                name=given["name"], id_number=given["id_number"], phone=given["phone"], address=given["address"]
            ),
            return_way=way_of(return_way),
        )
        once = form_once(session, f"receive/{key}" if key else "", asdict(taken))
        made = dossiers.receive(service.desk, taken, session.account.display_name, once)
    except Refusal as refusal:
        return _form(service, request, given, refusal)
    return RedirectResponse(address_of(made.code), status_code=303)


@router.get("/{dossier_code}")
def dossier(service: Serving, request: Request, session: Person, dossier_code: Code) -> Response:
    """Where it stands, its papers, its history, and what may be done."""
    return dossier_page(service, request, session, dossiers.view(service.desk, dossier_code))


@router.get("/{dossier_code}/apology")
def letter(
    service: Serving,
    _session: Person,
    dossier_code: Code,
    n: Annotated[int | None, Query(ge=1, le=1000)] = None,
    download: bool = False,
) -> Response:
    """The PDF of a letter of apology, the newest if none is named: shown, or kept as a file."""
    pdf, told = apologies.letter_of(service.desk, dossier_code, n)
    return pdf_response(pdf, f"xin-loi-{told.n}.pdf", told.sha256, inline=not download)


@router.get("/{dossier_code}/receipt-slip")
def receipt_slip(service: Serving, _session: Person, dossier_code: Code) -> Response:
    """The receipt slip, shown to be printed."""
    return form_response(slips.receipt_slip(service.desk, dossier_code), slips.RECEIPT_SLIP, inline=True)


@router.get("/{dossier_code}/control-sheet")
def control_sheet(service: Serving, _session: Person, dossier_code: Code) -> Response:
    """The control sheet, shown to be printed."""
    return form_response(slips.control_sheet(service.desk, dossier_code), slips.CONTROL_SHEET, inline=True)


def dossier_page(
    service: Service,
    request: Request,
    session: Session,
    view: DossierView,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    wrong: str = "",
    **typed: str,
) -> Response:
    """The dossier's page; `errors` by act, `typed` what to show again in its form; `wrong`: the field of the
    letter's form at fault."""
    language = language_of(request)
    clerk, found = "clerk" in session.account.roles, documents.list_documents(service.desk, dossier=view.code)
    its_papers = rows(found, language, service.now())
    lives = any(paper.open or paper.issued for paper in its_papers)
    office, late = service.desk.office(), clerk and view.overdue
    again = apologies.may_appoint_again(office, view)
    return page(
        request,
        "dossier.html",
        status,
        dossier=dossier_row(service, view, language),
        papers=its_papers,
        acts=dossiers.acts_open(view) if clerk else frozenset(),
        promised=slips.promised(view),
        makeable=clerk and view.state == "appraised" and not lives,
        wrong=wrong,
        at=dict.fromkeys(_PLACES, "") | {wrong or "whole": (errors or {}).get("apology", "")},
        apologising=late and again,
        settle_now=late and not again,
        signers=apologies.signers(office, view, service.now()) if late and again else (),
        to_hand_over=tuple(one for one in found if clerk and returnable(one)),
        ways=WAYS,
        way=typed.pop("return_way", "") or view.return_way,
        seen=version_of(view),
        key=secrets.token_urlsafe(16),
        errors=dict.fromkeys(_ERRORS, "") | (errors or {}),
        **(dict.fromkeys(_TYPED, "") | typed),
    )


def way_of(text: str) -> ReturnWay:
    """A way of return chosen in a form. Raises `Refusal` dossier-invalid for none."""
    found = next((way for way in WAYS if way == text), None)
    if found is None:
        raise Refusal(
            "dossier-invalid", "Hãy chọn cách nhận kết quả.", "Choose how the result comes.", where="return_way"
        )
    return found


def _chosen(procedure: str) -> str:
    """No procedure is chosen for a clerk: it sets the deadline. Raises `Refusal` dossier-invalid for none."""
    if not procedure:
        raise Refusal("dossier-invalid", "Hãy chọn thủ tục.", "Choose a procedure.", where="procedure")
    return procedure


def _found(service: Service, code: str) -> str:
    """The code of the dossier that has this code, or this receipt code. Raises `Refusal` not-found."""
    return dossiers.view(service.desk, code.replace("\0", "").strip()).code


def _groups(shown: tuple[DossierRow, ...], *, headed: bool) -> tuple[Group, ...]:
    if not headed:
        return (Group("", shown),) if shown else ()
    groups = (Group(key, tuple(one for one in shown if one.due.mark == mark)) for mark, key in _GROUPS.items())
    return tuple(group for group in groups if group.dossiers)


def _form(service: Service, request: Request, given: dict[str, str], refusal: Refusal | None = None) -> Response:
    office, trouble = service.desk.office(), text_for(request, refusal) if refusal else ""
    detail = refusal.detail if refusal else {}
    where = "procedure" if "procedure" in detail else str(detail.get("where", ""))
    field = _WHERE.get(where, "code" if "dossier" in detail else where)
    return page(
        request,
        "dossier_new.html",
        refusal.status if refusal else 200,
        given=dict.fromkeys(_FIELDS, "") | {"return_way": "counter"} | given,
        key=given.get("key") or secrets.token_urlsafe(16),
        procedures=office.procedures,
        organisations=issuing(office, service.now()),
        ways=WAYS,
        trouble=trouble,
        errors=dict.fromkeys(_FIELDS, "") | ({field: trouble} if field in _FIELDS else {}),
        sample_url="/desk/dossiers/new?sample=1" if service.settings.test_office and not given else "",
    )


def _sample(service: Service) -> dict[str, str]:
    """An invented applicant, so that a test office can be walked through in a minute."""
    paper = paper_with_form(service.desk.papers)
    who = paper.sample_data.get("applicant") or {}
    return {
        "code": f"000.00.16.H05-{local(service.now()):%y%m%d}-{secrets.randbelow(9000) + 1000}",
        "procedure": paper.procedure,
        "name": who.get("name", ""),
        "id_number": who.get("id_number", ""),
        "phone": who.get("phone", ""),
        "address": who.get("address", ""),
    }
