"""Everything found in a file and how each part was judged, as small values for those who know the words.

Times are aware; hashes are SHA-256 in hex unless said otherwise; serial numbers are hex. No certificate and no evidence
is in it, only what names them, so a report is some kilobytes and can be kept where a file cannot.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from verifier.facts import Change, Coverage
from verifier.terms import Indication, Level, Word


@dataclass(frozen=True, kw_only=True)
class RevocationUsed:
    """The statement that decided about one certificate; `source`: brought by the file, or asked for now."""

    kind: Literal["ocsp", "crl"]
    source: Literal["embedded", "fetched"]
    status: Literal["good", "revoked", "unknown"]
    this_update: datetime
    next_update: datetime | None
    produced_at: datetime
    responder: str
    sha256: str
    revoked_at: datetime | None
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class CertificateReport:
    """One certificate of a path. `key` is its algorithm and size in bits; `anchor`: the path may end here.

    `standing` is what its revocation came to at the moment of the path; None for an anchor: nobody is asked about it.
    """

    name: str
    subject: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_until: datetime
    sha256: str
    key: str
    signed_with: str
    anchor: bool
    standing: Literal["not_revoked", "revoked", "unknown"] | None
    revocation: RevocationUsed | None


@dataclass(frozen=True, kw_only=True)
class PathReport:
    """A certificate's path at the moment it was judged for, leaf first. `status`: `trust.PathStatus`."""

    status: str
    at: datetime
    detail: str
    certificates: tuple[CertificateReport, ...]

    @property
    def anchor(self) -> CertificateReport | None:
        """Where the path ended; None where it reached nobody who is trusted here."""
        return next((one for one in self.certificates if one.anchor), None)


@dataclass(frozen=True, kw_only=True)
class TokenReport:
    """A time stamp token. `proves`: "sure", "unsure" (whether its authority was revoked is not known), "nothing"."""

    proves: Literal["sure", "unsure", "nothing"]
    detail: str
    time: datetime | None
    authority: str | None
    digest: str | None
    serial: str | None
    policy: str | None
    sha256: str
    path: PathReport | None


@dataclass(frozen=True, kw_only=True)
class FoundReport:
    """A finding with its sentences."""

    code: str
    worst: Word
    vi: str
    en: str


@dataclass(frozen=True, kw_only=True)
class SignatureReport:
    """One filled signature field; a document timestamp where `token` is all there is.

    `message_digest`: what the signature states of the content, `attributes_digest`: what its value was made of, both in
    hex and made with `digest_algorithm`; `value`: the signature value, in hex.
    """

    field: str
    kind: Literal["signature", "doc_timestamp"]
    subfilter: str | None
    revision: int
    byte_range: tuple[int, ...]
    coverage: Coverage
    coverage_detail: str | None
    docmdp: int | None
    name: str | None
    reason: str | None
    location: str | None
    problem: str | None
    digest_algorithm: str | None
    signature_algorithm: str | None
    digest_matches: bool | None
    value_verifies: bool | None
    signing_certificate: str
    message_digest: str | None
    attributes_digest: str | None
    value: str | None
    claimed_time: datetime | None
    proven_time: datetime | None
    proven_by: str | None
    signer: str | None
    role: str | None
    level: Level | None
    word: Word | None
    indication: Indication | None
    sub_indication: str | None
    token: TokenReport | None
    path: PathReport | None
    findings: tuple[FoundReport, ...]


@dataclass(frozen=True, kw_only=True)
class RevisionReport:
    """The file up to `end`; `hashes` as in `RevisionFacts`."""

    number: int
    end: int
    hashes: tuple[str, ...]
    change: Change
    signed_field: str | None
    detail: str | None


@dataclass(frozen=True, kw_only=True)
class CoveredReport:
    """What a later mark hides, as in `Covered`."""

    field: str
    page: int
    what: Literal["text", "drawing", "mark"]
    share: float


@dataclass(frozen=True, kw_only=True)
class StoreReport:
    """How many pieces the document security store holds, and how many were asked for now."""

    certificates: int
    ocsp_responses: int
    crls: int
    fetched_ocsp_responses: int
    fetched_crls: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole file. `register`: was the office's register asked, and does it know the file."""

    size: int
    sha256: str
    pages: int | None
    problem: str | None
    problem_detail: str | None
    structure: str | None
    trailing_bytes: int
    loose_signatures: int
    removed_fields: tuple[str, ...]
    empty_fields: tuple[str, ...]
    active_content: tuple[str, ...]
    covered: tuple[CoveredReport, ...]
    cover_unknown: str | None
    revisions: tuple[RevisionReport, ...]
    signatures: tuple[SignatureReport, ...]
    store: StoreReport
    failures: tuple[str, ...]
    findings: tuple[FoundReport, ...]
    word: Word
    indication: Indication | None
    sub_indication: str | None
    known_to_register: bool | None
    status: str | None
    checked_at: datetime
    policy_name: str
    policy_version: str
