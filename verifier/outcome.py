"""The judgement of a file as plain values; `verifier.verdict.Verdict` adds its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from trust import SubjectKind
from verifier.findings import Finding
from verifier.knowledge import Role, Status
from verifier.terms import Indication, Level, Word


@dataclass(frozen=True, kw_only=True)
class SignatureVerdict:
    """One signature, judged. `word` is its part in the file's verdict. None means not established."""

    field: str
    role: Role
    kind: SubjectKind | None
    signer: str | None
    organisation: str | None
    issuer: str | None
    certificate_manager: str | None
    signed_at: datetime | None
    time_source: Literal["timestamp", "claimed"] | None
    certificate_valid: tuple[datetime, datetime] | None
    certificate_sha256: str | None
    level: Level | None
    word: Word
    indication: Indication
    sub_indication: str | None
    intact: bool | None
    verifies: bool | None
    trusted: bool | None
    valid_at_signing: bool | None
    revoked_at: datetime | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class TimestampVerdict:
    """One document timestamp: what it proves, or why it proves nothing."""

    field: str
    time: datetime | None
    issuer: str | None
    valid: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Established:
    """The five facts; None where one was not established."""

    intact: bool | None = None
    cryptographically_valid: bool | None = None
    trusted: bool | None = None
    covers_whole_document: bool | None = None
    known_to_register: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Legal:
    """Decree 30/2020, art. 5.1: signed by the competent person and by the agency (AC-2)."""

    officer_signed: bool | None = None
    agency_sealed: bool | None = None
    equals_paper_original: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The judgement of one file at `checked_at`, under the policy named."""

    word: Word
    indication: Indication | None
    sub_indication: str | None
    facts: Established
    legal: Legal
    status: Status | None
    policy_name: str
    policy_version: str
    checked_at: datetime
    sha256: str
    signatures: tuple[SignatureVerdict, ...] = ()
    timestamps: tuple[TimestampVerdict, ...] = ()
    findings: tuple[Finding, ...] = ()
    circumstances: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """The file's own findings, then those of its signatures in order."""
        return (*self.findings, *(found for signature in self.signatures for found in signature.findings))
