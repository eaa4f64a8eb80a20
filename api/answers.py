"""Answers that programs get, as documented models: documents, approval lists, confirmed lists, people.

The values are put together elsewhere (`document_json` and its neighbours) and held against these on their way out:
a member that is not described here is a fault of ours.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stamping import Stage, StageState, State

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"}, description="RFC 3339, with its offset")]
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, lower-case hexadecimal")]
Base64 = Annotated[str, Field(json_schema_extra={"contentEncoding": "base64"}, description="base64")]


class Answer(BaseModel):
    """What is not described is not sent."""

    model_config = ConfigDict(extra="forbid")


class PersonJson(Answer):
    """An officer or a custodian of the office's file."""

    id: str
    name: str


class KeptProblemJson(Answer):
    """A refusal kept with a document, for whoever opens it; both languages."""

    type: str
    title: str
    detail: str
    detail_en: str
    article: str | None = Field(description="The article of the law that says no, where one does")


class StageJson(Answer):
    """One of the five stages."""

    name: Stage
    state: StageState
    at: Moment | None
    who: str | None


class HistoryLineJson(Answer):
    """One line of the history."""

    at: Moment
    event: str = Field(description="document.<state>, and others")
    actor: str
    detail: dict[str, Any]


class DocumentLinksJson(Answer):
    """Where to go on from a document; paths on this service."""

    self: str
    file: str
    bundle: str = Field(description="The sealed paper and its attachments as one ZIP")
    approval: str
    code_page: str
    page: str


class AttachmentLinksJson(Answer):
    """Where an attachment's file is; a path on this service."""

    file: str


class AttachmentJson(Answer):
    """A separate attachment of a document, counted from 1."""

    n: int
    title: str
    pages: int
    size: int = Field(description="Bytes, with its empty seal field")
    state: Literal["generated", "sealed"]
    sealed_at: Moment | None
    original_sha256: Sha256 = Field(description="As it was handed in")
    revisions: dict[str, Sha256] = Field(description="generated, sealed: the hash of each file there is")
    links: AttachmentLinksJson


class DocumentJson(Answer):
    """A document: where it stands, its stages, its history."""

    id: str
    code: str = Field(description="The public code printed on it")
    state: State
    paper: str | None = Field(description="Its name in the catalogue; null for a PDF of another program")
    title: str
    subject: str
    holder: str
    dossier: str
    result_code: str | None
    procedure: str
    organisation: str
    organisation_name: str
    number: str = Field(description="Number and symbol as printed")
    issued_on: Day
    officer: PersonJson
    seal: str | None = Field(description="null where its procedure has no stamping stage")
    created_at: Moment
    due_at: Moment | None
    pages: int
    foreign: bool
    stages: list[StageJson]
    revisions: dict[str, Sha256] = Field(description="generated, approved, sealed: the hash of each file there is")
    history: list[HistoryLineJson]
    problem: KeptProblemJson | None = Field(description="Why it did not go on, where it did not")
    attachments: list[AttachmentJson] = Field(description="Sealed with it, all or none")
    attachments_sha256: Sha256 | None = Field(description="Hash of their list, null where there are none")
    links: DocumentLinksJson


class DocumentsJson(Answer):
    """A page of documents; `next` is the `cursor` of the next page, null on the last."""

    documents: list[DocumentJson]
    limit: int
    offset: int
    next: str | None


class BatchProblemJson(BaseModel):
    """Why an item was refused: the problem (RFC 9457) it would have been answered alone, with its further members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = Field(default=None, description="Reference of a fault of ours")


class BatchItemJson(Answer):
    """What became of one item: 201 and `document`, or `problem` under its status."""

    status: int
    document: DocumentJson | None = None
    problem: BatchProblemJson | None = None


class BatchJson(Answer):
    """One answer per item, in order."""

    documents: list[BatchItemJson]


class PreparedJson(Answer):
    """What the token must sign for one document (agent.messages)."""

    id: str
    title: str
    number: str
    holder: str
    pages: int
    file_url: str
    file_sha256: Sha256
    byte_range: Annotated[list[int], Field(min_length=4, max_length=4)]
    document_digest: str = Field(description="Hash of the bytes in the byte range, hexadecimal")
    signed_attributes: Base64 = Field(description="DER SET OF Attribute")
    digest: str = Field(description="Hash of `signed_attributes`, hexadecimal: this is signed")
    scheme: str


class AgentListJson(Answer):
    """The list as its ticket sees it: papers still to be signed."""

    id: str
    officer_name: str
    certificate_sha256: Sha256 | None
    expires_at: Moment
    documents: list[PreparedJson]


class AttachedJson(Answer):
    """An attachment that is approved with a document; its file before the seal."""

    title: str
    pages: int
    sha256: Sha256


class NamedPreparedJson(PreparedJson):
    """As `PreparedJson`, with the attachments by name."""

    attachments: list[AttachedJson]


class NamedAgentListJson(Answer):
    """As `AgentListJson`, for an agent that asks for `attachments=named`."""

    id: str
    officer_name: str
    certificate_sha256: Sha256 | None
    expires_at: Moment
    documents: list[NamedPreparedJson]


class ApprovalItemJson(Answer):
    """A paper of an approval list and how far it is."""

    id: str
    title: str
    number: str
    holder: str
    pages: int
    state: Literal["waiting", "prepared", "signed", "failed"]
    problem: KeptProblemJson | None
    to_sign: PreparedJson | None
    attachments: list[AttachmentJson]


class ApprovalJson(Answer):
    """The list as its officer and the workflow system see it: every paper's state."""

    id: str
    officer: PersonJson
    state: Literal["open", "finished", "expired"]
    certificate_sha256: Sha256 | None
    created_at: Moment
    expires_at: Moment
    documents: list[ApprovalItemJson]


class TicketLinksJson(Answer):
    """Where to go on from an open list; paths on this service."""

    self: str
    certificate: str
    page: str


class TicketJson(Answer):
    """An open list. `ticket` is for the officer's agent, a bearer token good for this list alone."""

    id: str
    approval_id: str
    ticket: str
    expires_at: Moment
    links: TicketLinksJson


class PreparedApprovalJson(TicketJson):
    """As an open list; with a certificate sent, also what the token must sign."""

    officer: PersonJson | None = None
    state: Literal["open", "finished", "expired"] | None = None
    certificate_sha256: Sha256 | None = None
    created_at: Moment | None = None
    documents: list[ApprovalItemJson] | None = None


class SignedJson(Answer):
    """The state a document is in after its signature was taken."""

    state: State


class SignedItemJson(Answer):
    """What became of one document of a list: 200 and its `state`, or `problem` under its status."""

    id: str
    status: int
    state: State | None = None
    problem: BatchProblemJson | None = None


class SignedListJson(Answer):
    """One answer per document, in order."""

    documents: list[SignedItemJson]


class PendingDocumentJson(DocumentJson):
    """A document that waits for the seal."""

    approved_sha256: Sha256
    refusal: KeptProblemJson | None = Field(description="Why the seal may not be put on it today")


class PendingJson(Answer):
    """What waits for this custodian, in order."""

    documents: list[PendingDocumentJson]
    seal: str | None
    list_sha256: Sha256
    list_rule: str


class SealResultJson(Answer):
    """What became of one paper of a confirmed list."""

    id: str
    number: str
    title: str
    state: Literal["queued", "sealing", "sealed", "failed"]
    problem: KeptProblemJson | None


class WaitJson(Answer):
    """The seal's key is away since; what is queued goes back at `until`."""

    since: Moment
    until: Moment
    problem: KeptProblemJson


class SealLinksJson(Answer):
    """Where the results are."""

    self: str


class ConfirmationJson(Answer):
    """A confirmed list and its results."""

    id: str
    custodian: PersonJson
    seal: str
    created_at: Moment
    finished: bool
    waits: WaitJson | None
    documents: list[SealResultJson]
    links: SealLinksJson


class StepJson(Answer):
    """Until when the fresh authentication is good for the list."""

    list_sha256: Sha256
    expires_at: Moment


class AccountJson(Answer):
    """Who is signed in."""

    name: str
    display_name: str
    roles: list[str]
    officer_id: str | None
    custodian_id: str | None
    how: str = Field(description="How they proved who they are")
    since: Moment
    second_factor: bool = Field(description="Whether their account has one")
