"""A dossier as programs see it (JSON of the public interface)."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from api.dossier_bodies import ReceivedApplicant
from api.formats import local
from stamping import ApologyView, DossierState, DossierView, PaperView, ReturnWay, Stage, Standing, State


class SupplementOut(BaseModel):
    """What is owed, since when, until when."""

    owed: str
    asked_at: datetime
    until: date | None


class HandOverOut(BaseModel):
    """How a paper left; carrier, item number and time of sending are the post's."""

    way: ReturnWay
    at: datetime
    carrier: str
    item_number: str
    sent_at: datetime | None


class PaperOut(BaseModel):
    """A paper made for the dossier."""

    id: str
    code: str
    number: str
    title: str
    state: State
    handed_over: HandOverOut | None
    links: dict[Literal["self", "code_page"], str]


class ApologyOut(BaseModel):
    """A letter of apology: for which deadline, what it says, who signs it."""

    n: int
    number: str
    missed_at: datetime
    appointed_at: datetime
    reason: str
    signer: str
    written_at: datetime
    written_by: str
    links: dict[Literal["file"], str]


class EventOut(BaseModel):
    """One line of the history."""

    at: datetime
    event: str
    actor: str
    reason: str


class DossierOut(BaseModel):
    """A dossier: `state` is what was done with it before its paper, `stage` and `standing` where it has come to.
    `due_at` is the deadline in force, which a supplement and a letter of apology move."""

    code: str
    receipt_code: str
    procedure: str
    organisation: str
    applicant: ReceivedApplicant
    state: DossierState
    stage: Stage
    standing: Standing
    received_at: datetime
    received_by: str
    appraised_at: datetime | None
    appraised_by: str | None
    due_at: datetime
    overdue: bool
    supplement: SupplementOut | None
    return_way: ReturnWay
    documents: list[PaperOut]
    apologies: list[ApologyOut]
    history: list[EventOut]
    links: dict[Literal["self", "public_page"], str]


class DossiersOut(BaseModel):
    """A page of dossiers by deadline; `next` is the `cursor` of the page behind it."""

    dossiers: list[DossierOut]
    next: str | None


def dossier_out(view: DossierView) -> DossierOut:
    """As programs get it; times are Viet Nam's, to the second."""
    supplement = view.supplement
    return DossierOut(
        code=view.code,
        receipt_code=view.receipt_code,
        procedure=view.procedure,
        organisation=view.organisation,
        applicant=ReceivedApplicant.model_construct(
            name=view.applicant.name,
            id_number=view.applicant.id_number,
            phone=view.applicant.phone,
            address=view.applicant.address,
        ),
        state=view.state,
        stage=view.stage,
        standing=view.standing,
        received_at=_moment(view.received_at),
        received_by=view.received_by,
        appraised_at=_moment(view.appraised_at) if view.appraised_at else None,
        appraised_by=view.appraised_by,
        due_at=_moment(view.due_at),
        overdue=view.overdue,
        supplement=SupplementOut(owed=supplement.owed, asked_at=_moment(supplement.asked_at), until=supplement.until)
        if supplement
        else None,
        return_way=view.return_way,
        documents=[_paper_out(paper) for paper in view.papers],
        apologies=[_apology_out(view.code, letter) for letter in view.apologies],
        history=[
            EventOut(at=_moment(line.at), event=line.event, actor=line.actor, reason=line.reason)
            for line in view.history
        ],
        links={"self": f"/api/v1/dossiers/{view.code}", "public_page": f"/t/{view.receipt_code}"},
    )


def _apology_out(code: str, letter: ApologyView) -> ApologyOut:
    return ApologyOut(
        n=letter.n,
        number=letter.number,
        missed_at=_moment(letter.due_at),
        appointed_at=_moment(letter.appointed_at),
        reason=letter.reason,
        signer=letter.officer_name,
        written_at=_moment(letter.written_at),
        written_by=letter.written_by,
        links={"file": f"/api/v1/dossiers/{code}/apology?n={letter.n}"},
    )


def _paper_out(paper: PaperView) -> PaperOut:
    handed, at = paper.handed, paper.returned_at
    return PaperOut(
        id=paper.id,
        code=paper.code,
        number=paper.number,
        title=paper.title,
        state=paper.state,
        handed_over=HandOverOut(
            way=handed.way,
            at=_moment(at),
            carrier=handed.carrier,
            item_number=handed.item_number,
            sent_at=_moment(handed.sent_at) if handed.sent_at else None,
        )
        if handed and at
        else None,
        links={"self": f"/api/v1/documents/{paper.id}", "code_page": f"/v/{paper.code}"},
    )


def _moment(at: datetime) -> datetime:
    return local(at).replace(microsecond=0)
