"""Bodies of the dossiers' routes."""

from typing import Annotated

from pydantic import Field

from api.bodies import Body, Identity, only_organisation
from api.written import Day
from stamping import Applicant, Desk, NewApology, NewReception, ReturnWay

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


class ApologyBody(Body):
    """Another day for the result of an overdue dossier, and why it is late; both stand in the letter."""

    appointed_on: Day = Field(description="A working day to come; the result is due at its end")
    reason: Reason = Field(examples=["Cơ quan thuế chậm trả lời về mã số của hộ kinh doanh"])
    officer_id: Identity | None = Field(
        default=None, description="Who signs the letter; left out: the first who may sign results of the procedure"
    )

    def apology(self) -> NewApology:
        """As the stamping stage takes it."""
        return NewApology(appointed_on=self.appointed_on, reason=self.reason, officer_id=self.officer_id)
