"""Bodies of the dossiers' routes, and a dossier as programs see it (JSON of the public interface)."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.bodies import Body, Identity, only_organisation
from api.formats import local
from stamping import (
    ApologyView,
    Applicant,
    Desk,
    DossierState,
    DossierView,
    NewApology,
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
    until: date | None = None


class ReasonBody(Body):
    """Why."""

    reason: Reason


class ReturnWayBody(Body):
    """How the applicant wants the result."""

    return_way: ReturnWay


class ApologyBody(Body):
    """Another day for the result of an overdue dossier, and why it is late; both stand in the letter."""

    appointed_on: date = Field(description="A working day to come; the result is due at its end")
    reason: Reason = Field(examples=["Cơ quan thuế chậm trả lời về mã số của hộ kinh doanh"])
    officer_id: Identity | None = Field(
        default=None, description="Who signs the letter; left out: the first who may sign results of the procedure"
    )

    def apology(self) -> NewApology:
        """As the stamping stage takes it."""
        return NewApology(appointed_on=self.appointed_on, reason=self.reason, officer_id=self.officer_id)


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
