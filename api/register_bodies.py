"""Bodies of numbers and of documents on paper, checked at the edge."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from api.bodies import Body, Identity
from api.written import Day
from stamping import PaperDocument


class NumberBody(Body):
    """For which paper: a procedure's, or by its symbol where no procedure is concerned; one of the two."""

    procedure: Annotated[str, Field(min_length=1, max_length=30)] | None = None
    symbol: Annotated[str, Field(min_length=1, max_length=30)] | None = None
    organisation: Identity | None = None
    purpose: Annotated[str, Field(max_length=300)] = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.procedure is None) == (self.symbol is None):
            raise ValueError("name the procedure or the symbol, one of the two")
        return self


class VoidBody(Body):
    """Why a number will never be used."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class PaperDocumentBody(Body):
    """A document made and signed on paper. `number` is one reserved before; left out, it takes the next."""

    symbol: Annotated[str, Field(min_length=1, max_length=30)]
    type_name: Annotated[str, Field(min_length=1, max_length=100)]
    subject: Annotated[str, Field(min_length=1, max_length=500)]
    signer: Annotated[str, Field(min_length=1, max_length=160)]
    recipients: Annotated[str, Field(min_length=1, max_length=2000, description="nơi nhận, separated by semicolons")]
    organisation: Identity | None = None
    number: Annotated[int, Field(gt=0)] | None = None
    dated: Day | None = Field(default=None, description="Left out: today")
    keeper: Annotated[str, Field(min_length=1, max_length=200)] = "Lưu: VT"
    copies: Annotated[int, Field(ge=1, le=10_000)] = 1
    note: Annotated[str, Field(max_length=1000)] = ""
    issued_on: Day | None = Field(default=None, description="Left out: it has not left yet")
    received_by: Annotated[str, Field(max_length=160)] = ""

    def document(self, organisation: str, today: date) -> PaperDocument:
        """As the stamping stage takes it."""
        fields = self.model_dump(exclude={"organisation", "dated"})
        return PaperDocument(organisation=organisation, dated=self.dated or today, **fields)


class PaperIssueBody(Body):
    """The day a paper document left."""

    issued_on: Day
