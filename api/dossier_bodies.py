"""Bodies of the dossiers' routes, and a dossier as programs see it (JSON of the public interface)."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.bodies import Body, Identity, only_organisation
from api.formats import local
from api.written import Day
from stamping import (
    Applicant,
    Desk,
    DossierState,
    DossierView,
    NewReception,
    PaperView,
    ReturnWay,
    Stage,
    Standing,
    State,
)

Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class ReceivedApplicant(Body):
    """Who asked. Never on a public page."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    id_number: Annotated[str, Field(max_length=50)] = ""
    phone: Annotated[str, Field(max_length=50)] = ""
    address: Annotated[str, Field(max_length=500)] = ""


class ReceiveBody(Body):
    """A dossier handed in now."""

    code: Annotated[str, Field(min_length=1, max_length=60, examples=["000.00.16.H05-261118-0001"])]
    procedure: Annotated[str, Field(min_length=1, max_length=30)]
    applicant: ReceivedApplicant
    organisation: Identity | None = Field(default=None, description="Left out: the one organisation with a seal in use")
    return_way: ReturnWay = Field(default="counter", description="How the applicant chose to get the result")

    def reception(self, desk: Desk) -> NewReception:
        """As the stamping stage takes it."""
        return NewReception(
            code=self.code,
            procedure=self.procedure,
            organisation=self.organisation or only_organisation(desk),
            applicant=Applicant(**self.applicant.model_dump()),
            return_way=self.return_way,
        )


class SupplementBody(Body):
    """What the applicant is asked for. The words stand on the dossier's public page: nothing personal in them."""

    owed: Reason
    until: Day | None = None


class ReasonBody(Body):
    """Why."""

    reason: Reason


class ReturnWayBody(Body):
    """How the applicant wants the result."""

    return_way: ReturnWay


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


class EventOut(BaseModel):
    """One line of the history."""

    at: datetime
    event: str
    actor: str
    reason: str


class DossierOut(BaseModel):
    """A dossier: `state` is what was done with it before its paper, `stage` and `standing` where it has come to."""

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
        history=[
            EventOut(at=_moment(line.at), event=line.event, actor=line.actor, reason=line.reason)
            for line in view.history
        ],
        links={"self": f"/api/v1/dossiers/{view.code}", "public_page": f"/t/{view.receipt_code}"},
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
