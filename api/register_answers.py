"""Answers about the register, its numbers and the institution's versions, as documented models (see `answers`)."""

from typing import Literal

from pydantic import Field

from api.answers import Answer, Day, Moment, Sha256


class NumberJson(Answer):
    """A number as it was given; `notation` is what the paper prints."""

    id: int
    organisation: str
    year: int
    number: int
    symbol: str | None
    notation: str | None
    reserved_by: str | None
    purpose: str | None
    reserved_at: Moment


class ReservedJson(NumberJson):
    """A number just reserved, and the procedure it was asked for."""

    procedure: str | None


class VoidedJson(NumberJson):
    """A number that will never be used."""

    state: Literal["voided"]


class NumbersJson(Answer):
    """A page of open numbers; `next` is the `cursor` of the next page, null on the last."""

    state: Literal["open"]
    numbers: list[NumberJson]
    next: int | None


class OutgoingJson(Answer):
    """A line of the outgoing register."""

    document: str
    organisation: str
    notation: str
    dated: Day
    type_name: str
    subject: str
    signer: str
    recipients: str
    keeper: str
    copies: int
    registered_at: Moment
    issued_at: Moment | None
    issue_by: Moment | None
    late: bool
    received: str
    note: str
    cancelled: str | None = Field(description="Why its number was cancelled, where it was")
    dossier: str | None
    result_code: str | None


class OutgoingPageJson(Answer):
    """A page of the outgoing register; `next` is the `cursor` of the next page, null on the last."""

    entries: list[OutgoingJson]
    next: int | None


class SealLogJson(Answer):
    """A row of the seal register, every column."""

    seq: int
    time: Moment
    event: Literal["reserve", "conclude", "interrupted", "failed", "wet"]
    entry_id: str
    purpose: Literal["issue", "appendix", "copy"]
    seal_id: str
    seal_version: int
    certificate_serial: str
    certificate_sha256: str
    custodian: str
    confirmation_id: str
    document_id: str
    notation: str
    officer: str
    officer_certificate_sha256: str
    hash_before: str
    hash_after: str | None
    key_operation: bool
    tsa_serial: str | None
    tsa_time: Moment | None
    detail: str
    previous_hash: str
    row_hash: str


class SealLogPageJson(Answer):
    """A page of the seal register; `next` is the `cursor` of the next page, null on the last."""

    entries: list[SealLogJson]
    next: int | None


class ChangeJson(Answer):
    """One thing a proposal changes, in both languages."""

    vi: str
    en: str
    second_person: bool = Field(description="Another person than the proposer must confirm it")


class MoverJson(Answer):
    """Who proposed or decided."""

    account: str
    name: str


class ProposalJson(Answer):
    """A change of the institution that is to come into force, or did, or never will."""

    proposal: int
    state: Literal["pending", "confirmed", "rejected", "withdrawn"]
    base: int
    sha256: Sha256
    confirm_sha256: Sha256 = Field(description="What a confirmation is bound to: list_sha256 of POST /api/v1/steps")
    files: dict[str, str] = Field(description="Hashes of the files the text names")
    why: str
    needs_second: bool
    changes: list[ChangeJson]
    proposed_by: MoverJson
    proposed_at: Moment
    decided_by: MoverJson | None
    decided_at: Moment | None
    note: str


class WholeProposalJson(ProposalJson):
    """With its text (TOML)."""

    toml: str


class VersionJson(ProposalJson):
    """A version of the institution: a proposal that came into force."""

    version: int
    in_force_since: Moment


class WholeVersionJson(VersionJson):
    """With its text (TOML)."""

    toml: str


class ProposalsJson(Answer):
    """A page, newest first; `next` is the `cursor` of the next page, null on the last."""

    proposals: list[ProposalJson]
    next: int | None


class VersionsJson(Answer):
    """A page, newest first; `next` is the `cursor` of the next page, null on the last."""

    versions: list[VersionJson]
    next: int | None
