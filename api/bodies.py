"""Bodies that programs send, checked at the edge and turned once into the frozen values of the stamping stage."""

from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator

from api.problems import Problem
from office import issuing
from stamping import Desk

Identity = Annotated[str, Field(min_length=1, max_length=100)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, lower-case hexadecimal")]


class Body(BaseModel):
    """What nobody asked for is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ApprovalBody(Body):
    """A list to be approved by one officer; a program names whom, a person is their own officer."""

    documents: Annotated[list[Identity], Field(min_length=1, max_length=500)]
    officer_id: Identity | None = None


class OneApprovalBody(Body):
    """Prepare one document; with the officer's certificate (base64 DER) the answer says what the token must sign."""

    certificate: Base64Bytes | None = None
    officer_id: Identity | None = None


class SignatureBody(Body):
    """The token's signature value (base64)."""

    signature: Base64Bytes


class OneSignatureBody(SignatureBody):
    """The signature value for the document, made in the approval that was opened for it."""

    approval_id: Identity


class ItemSignatureBody(SignatureBody):
    """The signature value for one document of a list."""

    id: Identity


class SignaturesBody(Body):
    """Signature values for documents of a list, each taken or refused for itself."""

    signatures: Annotated[list[ItemSignatureBody], Field(min_length=1, max_length=500)]


class CertificateBody(Body):
    """The certificate the officer's token will sign with (base64 DER)."""

    certificate: Base64Bytes


class SealBody(Body):
    """The list the custodian was shown, in that order, and its hash."""

    documents: Annotated[list[Identity], Field(min_length=1, max_length=500)]
    list_sha256: Hash

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.documents)) != len(self.documents):
            raise ValueError("a document occurs twice")
        return self


class SessionBody(Body):
    """A person's name and password, and the code of their second factor where they have one."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(max_length=40)] = ""


class StepBody(Body):
    """Fresh authentication for the list with this hash."""

    list_sha256: Hash
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(max_length=40, description="of the second factor, where there is one")] = ""


class ProposalBody(Body):
    """The institution's whole text (TOML), the files it names that are new or other than in version `base`, and why."""

    toml: Annotated[str, Field(min_length=1, max_length=1024 * 1024)]
    files: Annotated[dict[str, Base64Bytes], Field(max_length=200)] = Field(
        default_factory=dict, description="By their names in the text; base64"
    )
    why: Annotated[str, Field(min_length=1, max_length=2000)]
    base: Annotated[int, Field(ge=1, le=2**31 - 1, description="The version this was made from")]


class DecisionNote(Body):
    """What is to be remembered with a decision."""

    note: Annotated[str, Field(max_length=2000)] = ""


class RejectionBody(Body):
    """Why a proposal is rejected."""

    note: Annotated[str, Field(min_length=1, max_length=2000)]


class WetStampBody(Body):
    """The one document that was printed and stamped by hand, the hash of the list that holds it alone, and why."""

    document: Identity
    list_sha256: Hash
    copies: Annotated[int, Field(ge=1, le=99)] = 1
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


def only_organisation(desk: Desk) -> str:
    """The one organisation of this office that issues papers now. Raises `Problem` where there are several."""
    found = issuing(desk.office(), desk.clock())
    if len(found) != 1:
        raise Problem(
            "dossier-invalid", 422, "Hãy nêu cơ quan ban hành (organisation).", "Name the issuing `organisation`."
        )
    return found[0].code


def day_of(text: str) -> date | None:
    """A day typed into a form (YYYY-MM-DD); None for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def aware(text: str) -> datetime | None:
    """A time typed into a form (Viet Nam time), as UTC; None for what is no time."""
    from api.formats import VIETNAM

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).astimezone(UTC)
