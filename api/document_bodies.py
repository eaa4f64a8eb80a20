"""Bodies with which documents are taken in and brought to their ends, turned once into the stage's frozen values."""

from dataclasses import asdict
from datetime import UTC
from typing import Annotated, Any, Final, Self

from pydantic import Discriminator, Field, Tag, model_validator

from api.bodies import Body, Identity, only_organisation
from api.place_bodies import PLACE, PlaceBody
from api.written import Day, Moment
from stamping import (
    MOST_ATTACHMENTS,
    Applicant,
    CorrectedBy,
    Desk,
    HandOver,
    NewDocument,
    NewDossier,
    NewForeign,
    ReturnWay,
    not_received,
    registered,
)
from templates import dossier_data

Name = Annotated[str, Field(min_length=1, max_length=200)]


class ApplicantBody(Body):
    """Who asked."""

    name: Name
    id_number: Annotated[str, Field(max_length=50)] = ""
    phone: Annotated[str, Field(max_length=50)] = ""
    address: Annotated[str, Field(max_length=600)] = ""


class DossierBody(Body):
    """The first two stages. `appraised_at` left out means: appraised as it was received."""

    code: Annotated[str, Field(min_length=1, max_length=60)]
    procedure: Annotated[str, Field(min_length=1, max_length=30)]
    applicant: ApplicantBody
    received_at: Moment
    received_by: Annotated[str, Field(max_length=200)] = ""
    due_at: Moment | None = None
    appraised_at: Moment | None = None
    appraised_by: Annotated[str, Field(max_length=200)] = ""

    def dossier(self, actor: str) -> NewDossier:
        """As the stamping stage takes it; people not named are the caller."""
        return NewDossier(
            code=self.code,
            procedure=self.procedure,
            applicant=Applicant(**self.applicant.model_dump()),
            received_at=self.received_at.astimezone(UTC),
            received_by=self.received_by or actor,
            due_at=self.due_at.astimezone(UTC) if self.due_at else None,
            appraised_at=(self.appraised_at or self.received_at).astimezone(UTC),
            appraised_by=self.appraised_by or actor,
        )


class RegisteredBody(Body):
    """A dossier received here (POST /api/v1/dossiers) and appraised, by its code alone."""

    code: Annotated[str, Field(min_length=1, max_length=60)]


MOST_IN_BATCH: Final = 100
"""Papers in one call; each takes the time it takes alone."""
DOSSIER_KINDS: Final = ("facts", "registered")
"""Which of the two was sent; pydantic names them in its errors, nobody else does."""
_DOSSIER_MEMBERS = frozenset(DossierBody.model_fields) - {"code"}


def _kind(value: Any) -> str:
    alone = isinstance(value, RegisteredBody) or (isinstance(value, dict) and value.keys() == {"code"})
    return "registered" if alone else "facts"


class AttachmentBody(Body):
    """The title of a separate attachment; its file is a part `attachment` of the form, in the same order."""

    title: Annotated[str, Field(min_length=1, max_length=300)]


class _WithDossier(Body):
    dossier: Annotated[
        Annotated[DossierBody, Tag("facts")] | Annotated[RegisteredBody, Tag("registered")], Discriminator(_kind)
    ]
    organisation: Identity | None = Field(
        default=None,
        description="Left out: the one that received the dossier here; else the one organisation with a seal in use",
    )
    officer_id: Identity | None = Field(default=None, description="Left out: as the office has assigned")
    attachments: Annotated[list[AttachmentBody], Field(max_length=MOST_ATTACHMENTS)] = Field(
        default_factory=list, description="Titles of the form's `attachment` files, in their order"
    )

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, value: Any) -> Any:
        """A dossier may also be written flat: its code as `dossier`, the rest, if it was not received here, beside
        it."""
        if not isinstance(value, dict) or not isinstance(value.get("dossier"), str):
            return value
        inner = {name: value[name] for name in value if name in _DOSSIER_MEMBERS}
        outer = {name: value[name] for name in value if name not in _DOSSIER_MEMBERS}
        return {**outer, "dossier": {"code": value["dossier"], **inner}}

    def taken(self, desk: Desk, actor: str) -> tuple[NewDossier | str, Applicant, str]:
        """The dossier as the stamping stage takes it, who asked, and the organisation. Raises `Refusal`
        dossier-invalid for a code alone that was not received here."""
        if isinstance(self.dossier, DossierBody):
            given = self.dossier.dossier(actor)
            return given, given.applicant, self.organisation or only_organisation(desk)
        known = registered(desk, self.dossier.code)
        if known is None:
            raise not_received(self.dossier.code)
        return self.dossier.code, known.applicant, self.organisation or known.organisation


class DocumentBody(_WithDossier):
    """A result paper to generate: `paper` names it in the catalogue, left out it follows the procedure."""

    paper: Annotated[str, Field(max_length=100)] | None = None
    data: dict[str, Any]

    def document(self, desk: Desk, actor: str) -> NewDocument:
        """As the stamping stage takes it."""
        dossier, applicant, organisation = self.taken(desk, actor)
        return NewDocument(
            dossier=dossier,
            organisation=organisation,
            data=dossier_data({"data": self.data, "applicant": {k: v for k, v in asdict(applicant).items() if v}}),
            paper=self.paper,
            officer_id=self.officer_id,
        )


class BatchItemBody(DocumentBody):
    """A result paper to generate, one of many in a call."""

    idempotency_key: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Left out: the call's, with the item's position"
    )


class BatchBody(Body):
    """Papers to generate; each item is checked for itself."""

    documents: Annotated[list[Any], Field(min_length=1, max_length=MOST_IN_BATCH)]


class ForeignBody(_WithDossier):
    """A PDF of another program, described. `number` is one reserved before and printed on it; `place` says where the
    marks go."""

    title: Annotated[str, Field(min_length=1, max_length=300)]
    subject: Annotated[str, Field(max_length=500)] = ""
    number: Annotated[int, Field(gt=0)] | None = None
    place: PlaceBody | None = Field(default=None, description=PLACE)

    def foreign(self, desk: Desk, actor: str) -> NewForeign:
        """As the stamping stage takes it."""
        dossier, _, organisation = self.taken(desk, actor)
        return NewForeign(
            dossier=dossier,
            organisation=organisation,
            title=self.title,
            subject=self.subject or self.title,
            officer_id=self.officer_id,
            number=self.number,
            place=self.place.wanted() if self.place else None,
        )


class DeclineBody(Body):
    """Why a document is not approved."""

    kind: Annotated[str, Field(pattern="^(amendment_requested|refused|withdrawn)$")]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class RecallBody(Body):
    """The decision that recalls an issued paper."""

    decision_number: Annotated[str, Field(min_length=1, max_length=60)]
    decided_on: Day
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class ReplaceBody(RecallBody):
    """As a recall, and the issued document that takes this one's place."""

    by_document: Identity


class CorrectBody(Body):
    """The công văn that corrects an issued paper: its document's id, or its number and symbol with its year."""

    by_document: Identity | None = None
    number: Annotated[str, Field(max_length=60, description="such as 57/UBND-VP")] | None = None
    year: Annotated[int, Field(ge=1900, le=2999)] | None = None
    reason: Annotated[str, Field(min_length=1, max_length=2000, description="what is corrected")]

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.by_document is None) == (self.number is None or self.year is None):
            raise ValueError("name by_document, or number and year")
        return self

    def by(self) -> CorrectedBy:
        """As the stamping stage takes it."""
        return CorrectedBy(document_id=self.by_document, notation=self.number or "", year=self.year or 0)


class ReturnBody(Body):
    """Who took the paper, and how: at the counter, online (to which account), by post (the carrier)."""

    received_by: Annotated[str, Field(min_length=1, max_length=200)]
    way: ReturnWay = "counter"
    carrier: Annotated[str, Field(max_length=100, description="by post")] = ""
    item_number: Annotated[str, Field(max_length=50, description="by post: số hiệu bưu gửi")] = ""
    sent_at: Moment | None = Field(default=None, description="by post; not in the future")

    def hand_over(self) -> HandOver:
        """As the stamping stage takes it."""
        sent = self.sent_at.astimezone(UTC) if self.sent_at else None
        return HandOver(way=self.way, carrier=self.carrier, item_number=self.item_number, sent_at=sent)
