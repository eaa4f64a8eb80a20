"""What others see of a document, an approval list and a confirmed list: frozen values, no database rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from office import IssuingBody
from stamping.refusal import Problem
from stamping.states import Stage, StageState, State

Revision = Literal["generated", "approved", "sealed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """One of a document's stages: when it was passed and by whom."""

    name: Stage
    state: StageState
    at: datetime | None
    who: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One line of a document's history (`document.<state>` and others)."""

    at: datetime
    event: str
    actor: str
    detail: Mapping[str, object]


AttachmentRevision = Literal["generated", "sealed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentView:
    """A separate attachment of a document, counted from 1. `original_sha256` is of the file as it was handed in,
    `revisions` of those made of it (hex); `size` in bytes is of the generated one."""

    n: int
    title: str
    pages: int
    size: int
    original_sha256: str
    revisions: Mapping[AttachmentRevision, str]
    sealed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """A document and where it stands. `revisions` maps a revision's name to the SHA-256 (hex) of its file.

    `seal_id` is empty where its procedure has no stamping stage (4 tại chỗ). `attachments_sha256` is the hash of its
    attachments (`stamping.attachments`), None where it has none.
    """

    id: str
    code: str
    paper: str | None
    title: str
    subject: str
    holder: str
    holder_id: str
    dossier: str
    result_code: str
    procedure: str
    procedure_name: str
    organisation: str
    organisation_name: str
    number: str
    issued_on: date
    state: State
    officer_id: str
    officer_name: str
    seal_id: str
    created_at: datetime
    due_at: datetime | None
    pages: int
    stages: tuple[StageView, ...]
    revisions: Mapping[str, str]
    history: tuple[EventView, ...]
    problem: Problem | None
    foreign: bool
    attachments: tuple[AttachmentView, ...] = ()
    attachments_sha256: str | None = None

    @property
    def list_item(self) -> tuple[str, str, str | None]:
        """As it stands in a list that a custodian confirms (`confirmations.list_sha256`)."""
        return self.id, self.revisions.get("approved", ""), self.attachments_sha256


ApprovalItemState = Literal["waiting", "prepared", "signed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDocument:
    """One document of an approval list and, once prepared, exactly what the token must sign.

    `digest` is the SHA-256 of `signed_attributes` (DER SET OF Attribute), `document_digest` the SHA-256 over the byte
    range of the prepared file whose own SHA-256 is `file_sha256`; all hex.
    """

    id: str
    title: str
    number: str
    holder: str
    pages: int
    state: ApprovalItemState
    problem: Problem | None
    file_sha256: str | None
    byte_range: tuple[int, int, int, int] | None
    document_digest: str | None
    signed_attributes: bytes | None
    digest: str | None
    scheme: str | None
    attachments: tuple[AttachmentView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalView:
    """An approval list: the documents one officer signs with one token in one go."""

    id: str
    officer_id: str
    officer_name: str
    certificate_sha256: str | None
    created_at: datetime
    expires_at: datetime
    state: Literal["open", "finished", "expired"]
    documents: tuple[ApprovalDocument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalTicket:
    """What the desk page hands to the officer's agent. `ticket` is a secret shown once."""

    id: str
    ticket: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"ApprovalTicket(id={self.id!r}, ticket=<secret>)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingList:
    """What waits for one custodian. `list_sha256` covers the whole list in the order shown.

    `refusals`: why a document's seal may not be put on it today, by the document's id; the others may be stamped.
    """

    documents: tuple[DocumentView, ...]
    seal_id: str | None
    list_sha256: str
    refusals: Mapping[str, Problem]


SealState = Literal["queued", "sealing", "sealed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealResult:
    """What became of one document of a confirmed list."""

    document_id: str
    number: str
    title: str
    holder: str
    state: SealState
    problem: Problem | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWait:
    """The seal's key has not answered since `since`; what is queued goes on by itself, or back at `until`."""

    since: datetime
    until: datetime
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationView:
    """A custodian's confirmed list and its results; `waits` while it is unfinished and the seal's key is away."""

    id: str
    custodian_id: str
    custodian_name: str
    seal_id: str
    created_at: datetime
    finished: bool
    waits: KeyWait | None
    documents: tuple[SealResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionView:
    """A công văn đính chính. `code` is its own public code, None where it was made on paper."""

    number: str
    dated: date
    reason: str
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRecord:
    """What anyone holding the printed code may know (AC-92: names and numbers masked).

    `issuer`: who issued it and who stands in its place today; None for an organisation the office's file has not.
    `wet_stamped`: the original is the print with the seal in ink, and there is no sealed file. `seal_mark`: what tells
    the seal on the paper from the organisation's others (ký hiệu riêng, AC-102). `replacement_code` is the public code
    of the paper that took this one's place.
    """

    code: str
    title: str
    holder: str
    number: str
    issued_on: date
    organisation_name: str
    issuer: IssuingBody | None
    state: State
    status: Literal["in_force", "replaced", "recalled"] | None
    replaced_by: str | None
    replacement_code: str | None
    recalled_by: str | None
    sealed_sha256: str | None
    sealed_at: datetime | None
    wet_stamped: bool = False
    seal_mark: str | None = None
    corrections: tuple[CorrectionView, ...] = ()
