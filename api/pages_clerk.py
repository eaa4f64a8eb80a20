"""The clerk's desk: a result paper from an appraised dossier, or a PDF of another program."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.asking import form_once
from api.bodies import aware
from api.callers import Serving, desk_form, desk_person
from api.formats import local
from api.language import language_of
from api.pages import page, said, text_for
from api.paper_form import FORMS, FormField, data_of, paper_with_form, typed_of
from api.service import Service
from api.sessions import Session
from api.typed_paper import Typed, attached_of, titles_of, typed_form
from api.typed_place import PLACE_FIELDS, WAYS, place_of
from office import issuing
from stamping import (
    MOST_ATTACHMENTS,
    Applicant,
    Desk,
    NewDocument,
    NewDossier,
    NewForeign,
    Refusal,
    dossiers,
    receiving,
    registered,
)
from templates import dossier_data

router = APIRouter(prefix="/desk/documents", include_in_schema=False)
Clerk = Annotated[Session, Depends(desk_person("clerk"))]
ClerkForm = Annotated[Session, Depends(desk_form("clerk"))]

_DOSSIER: Final = (
    "dossier",
    "procedure",
    "applicant",
    "id_number",
    "phone",
    "applicant_address",
    "received_at",
    "received_by",
    "appraised_at",
    "appraised_by",
    "due_at",
    "organisation",
    "officer",
    "title",
    "subject",
    *PLACE_FIELDS,
)

_LINES: Final = 2
"""For attachments, in sight; the others are folded away."""


@router.get("/new")
def new(service: Serving, request: Request, session: Clerk, sample: str = "", dossier: str = "") -> Response:
    """An empty form, one for a dossier received here, or one filled with sample data in a test office."""
    given = _blank(session) | _of_dossier(service, dossier)
    if sample and service.settings.test_office:
        given |= _sample(service)
    return _page(service, request, given, upload=False)


@router.get("/upload")
def upload(service: Serving, request: Request, session: Clerk, sample: str = "", dossier: str = "") -> Response:
    """The form for a PDF of another program."""
    given = _blank(session) | _of_dossier(service, dossier)
    if sample and service.settings.test_office:
        given |= _sample(service)
    return _page(service, request, given, upload=True)


@router.post("/new")
def create(
    service: Serving, request: Request, session: ClerkForm, form: Annotated[Typed, Depends(typed_form)]
) -> Response:
    """Generate the paper; sending the same form twice makes one paper."""
    given, desk, actor = dict(form.values), service.desk, session.account.display_name
    paper = given.get("paper", "")
    fields = FORMS.get(paper, ())
    try:
        dossier, applicant = _dossier(service, given, request)
        known = {name: value for name, value in asdict(applicant).items() if value}
        data = dossier_data({"data": data_of(fields, given), "applicant": known})
        new_document = NewDocument(
            dossier=dossier,
            organisation=given.get("organisation", ""),
            data=data,
            paper=paper or None,
            officer_id=given.get("officer") or None,
        )
        attached = attached_of(form)
        once = form_once(session, given.get("key", ""), receiving.asked(new_document, attached))
        view = receiving.create(desk, new_document, actor, once, attached=attached)
    except Refusal as refusal:
        return _page(service, request, given, upload=False, refusal=refusal, titles=titles_of(form))
    return RedirectResponse(f"/desk/documents/{view.id}", status_code=303)


@router.post("/upload")
def take_in(
    service: Serving, request: Request, session: ClerkForm, form: Annotated[Typed, Depends(typed_form)]
) -> Response:
    """Take the PDF in: it must be sealable, else the form comes back saying why not."""
    given, actor = dict(form.values), session.account.display_name
    try:
        pdf, foreign = _foreign(service, request, form)
        attached = attached_of(form)
        once = form_once(session, given.get("key", ""), receiving.asked(foreign, attached), pdf)
        view = receiving.create_from_pdf(service.desk, pdf, foreign, actor, once, attached=attached)
    except Refusal as refusal:
        return _page(service, request, given, upload=True, refusal=refusal, titles=titles_of(form))
    return RedirectResponse(f"/desk/documents/{view.id}", status_code=303)


def _foreign(service: Service, request: Request, form: Typed) -> tuple[bytes, NewForeign]:
    given, title = form.values, form.values.get("title", "").strip()
    if form.file is None:
        raise Refusal("paper-data-invalid", "Hãy chọn một tệp PDF.", "Choose a PDF file.")
    if not title:
        raise Refusal("paper-data-invalid", "Hãy ghi tên văn bản.", "Give the paper's title.")
    foreign = NewForeign(
        dossier=_dossier(service, given, request)[0],
        organisation=given.get("organisation", ""),
        title=title,
        subject=given.get("subject", "").strip() or title,
        officer_id=given.get("officer") or None,
        place=place_of(given),
    )
    return form.file.file.read(), foreign


def _dossier(service: Service, given: Mapping[str, str], request: Request) -> tuple[NewDossier | str, Applicant]:
    """The dossier as typed; of one received here the code alone counts, and the rest is the register's."""
    code = given.get("dossier", "").strip()
    here = registered(service.desk, code)
    if here is not None:
        return code, here.applicant
    t = said(request)
    if not given.get("procedure", "").strip():
        # none is chosen for a clerk: it decides who may sign, which seal, and the deadline
        raise Refusal("dossier-invalid", "Hãy chọn thủ tục.", "Choose a procedure.", where="procedure")
    received, appraised = aware(given.get("received_at", "")), aware(given.get("appraised_at", ""))
    due = aware(given.get("due_at", ""))
    if received is None or appraised is None or (due is None and given.get("due_at")):
        names = ", ".join(t(f"create.{name}") for name in ("received_at", "appraised_at", "due_at"))
        raise Refusal("dossier-invalid", f"Hãy điền đủ ngày và giờ: {names}.", f"Give date and time: {names}.")
    for name in ("dossier", "applicant"):
        if not given.get(name, "").strip():
            label = t(f"create.{name}")
            raise Refusal("dossier-invalid", f"Hãy điền: {label}.", f"Fill in: {label}.")
    applicant = Applicant(
        name=given["applicant"].strip(),
        id_number=given.get("id_number", "").strip(),
        phone=given.get("phone", "").strip(),
        address=given.get("applicant_address", "").strip(),
    )
    typed = NewDossier(
        code=code,
        procedure=given.get("procedure", ""),
        applicant=applicant,
        received_at=received,
        received_by=given.get("received_by", "").strip(),
        due_at=due,
        appraised_at=appraised,
        appraised_by=given.get("appraised_by", "").strip(),
    )
    return typed, applicant


def _page(
    service: Service,
    request: Request,
    given: Mapping[str, str],
    *,
    upload: bool,
    refusal: Refusal | None = None,
    titles: Sequence[str] = (),
) -> Response:
    desk = service.desk
    office, now = desk.office(), desk.clock()
    paper = paper_with_form(desk.papers)
    fields = FORMS[paper.name]
    blank = dict.fromkeys((*_DOSSIER, *(field.name for field in fields)), "")
    here = "/desk/documents/upload" if upload else "/desk/documents/new"
    trouble = "" if refusal is None else text_for(request, refusal)
    return page(
        request,
        "create.html",
        refusal.status if refusal else 200,
        upload=upload,
        action=here,
        given={**blank, **given},
        key=given.get("key") or secrets.token_urlsafe(16),
        paper=paper.name,
        paper_title=paper.title,
        fields=fields,
        place_ways=WAYS,
        procedures=office.procedures,
        organisations=issuing(office, now),
        officers=office.officers,
        trouble=trouble,
        titles=(*titles, *("" for _ in range(MOST_ATTACHMENTS - len(titles))))[:MOST_ATTACHMENTS],
        files_sent=upload or bool(titles),
        lines_shown=max(_LINES, len(titles)),
        wrong_line=refusal.detail.get("attachment") if refusal else None,
        no_procedure=refusal is not None and refusal.detail.get("where") == "procedure",
        problems=_problems(request, fields, refusal),
        of_dossier="?" + urlencode({"dossier": given["dossier"]}) if request.query_params.get("dossier") else "",
        sample_url=f"{here}?sample=1" if service.settings.test_office and not given.get("dossier") else "",
    )


def _problems(request: Request, fields: tuple[FormField, ...], refusal: Refusal | None) -> list[str]:
    """What the paper said of its data, with the labels the clerk sees."""
    found = refusal.detail.get("problems", ()) if refusal else ()
    labels = {field.path: field.label for field in fields}
    language, t = language_of(request), said(request)
    told = []
    for one in found if isinstance(found, list | tuple) else ():
        label = labels.get(one["path"])
        told.append(f"{t(label) if label else one['path']}: {one[language]}")
    return told


def _blank(session: Session) -> dict[str, str]:
    name = session.account.display_name
    return {"received_by": name, "appraised_by": name, "key": secrets.token_urlsafe(16)}


def _of_dossier(service: Service, code: str) -> dict[str, str]:
    """What the form shows of a dossier received here. Raises `Refusal` not-found."""
    if not code:
        return {}
    found = dossiers.view(service.desk, code.replace("\0", ""))

    def typed(at: datetime | None) -> str:
        return f"{local(at):%Y-%m-%dT%H:%M}" if at else ""

    return {
        "dossier": found.code,
        "procedure": found.procedure,
        "organisation": found.organisation,
        "applicant": found.applicant.name,
        "id_number": found.applicant.id_number,
        "phone": found.applicant.phone,
        "applicant_address": found.applicant.address,
        "received_at": typed(found.received_at),
        "received_by": found.received_by,
        "appraised_at": typed(found.appraised_at),
        "appraised_by": found.appraised_by or "",
        "due_at": typed(found.due_at),
    }


def _sample(service: Service) -> dict[str, str]:
    """An invented dossier, so that a test office can be walked through in a minute: received two hours ago, due
    tomorrow, at whatever hour that is asked for."""
    desk: Desk = service.desk
    now, paper = local(desk.clock()), paper_with_form(desk.papers)
    applicant = paper.sample_data.get("applicant") or {}
    received, appraised, due = now - timedelta(hours=2), now - timedelta(hours=1), now + timedelta(days=1)
    return {
        "dossier": f"000.00.16.H05-{now:%y%m%d}-{secrets.randbelow(9000) + 1000}",
        "procedure": paper.procedure,
        "applicant": applicant.get("name", ""),
        "id_number": applicant.get("id_number", ""),
        "phone": applicant.get("phone", ""),
        "applicant_address": applicant.get("address", ""),
        "received_at": f"{received:%Y-%m-%dT%H:%M}",
        "appraised_at": f"{appraised:%Y-%m-%dT%H:%M}",
        "due_at": f"{due:%Y-%m-%dT%H:%M}",
        "title": paper.title,
        "subject": str(paper.sample_data.get("household_name", "")),
        **typed_of(FORMS[paper.name], paper.sample_data),
    }
