"""What was found in a file, before anyone judges it.

Facts are values: they hold what the bytes say and nothing about trust, so they can be stored beside the file and judged
again in ten years under another policy. Positions are byte offsets, rectangles are PDF points with the origin at the
lower left of the page, pages count from 0, certificates and evidence are DER.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Coverage = Literal["whole_file", "revision", "broken"]
"""Where a byte range ends: at the end of the file, at the end of its own revision, or not where it must."""

Change = Literal["base", "signature_added", "doc_timestamp", "dss", "form_fill", "annotation", "metadata", "other"]
"""What a revision did to the one before it. `base`: nothing signed precedes it, so nothing is compared."""

Problem = Literal["encrypted", "not_pdf", "broken", "over_limits"]
"""Why a file cannot be judged at all."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle drawn by a signature's widget: `rect` is (left, bottom, right, top) in pt."""

    page: int
    rect: tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Mechanism:
    """What the CMS inside one signature says and whether its arithmetic holds; nothing here means trust.

    `digest_matches`: the signed digest equals the hash of the byte range. `value_verifies`: the signature value fits
    the signed attributes and the embedded certificate's public key. Both are None where they could not be computed;
    why stands in `problem`. `timestamp_matches`: the token's imprint is the hash of what it must stamp;
    `timestamp_problem`: why the token does not hold by itself (its own signature, its binding to its certificate),
    None where it does. What a report names a signature by: its `value`, the `message_digest` it states of the content,
    and `attributes_digest`, the hash of the signed attributes, which is what the value was made of.
    """

    problem: str | None = None
    digest_algorithm: str | None = None
    signature_algorithm: str | None = None
    digest_matches: bool | None = None
    value_verifies: bool | None = None
    signing_certificate: Literal["matches", "mismatch", "absent"] = "absent"
    certificate: bytes | None = None
    certificates: tuple[bytes, ...] = ()
    signing_time: datetime | None = None
    timestamp: bytes | None = None
    timestamp_matches: bool | None = None
    timestamp_problem: str | None = None
    timestamp_time: datetime | None = None
    timestamp_digest: str | None = None
    ocsp_responses: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    value: bytes | None = None
    message_digest: bytes | None = None
    attributes_digest: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class SignatureFacts:
    """One filled signature field. For a document timestamp, `mechanism.timestamp` is the token itself."""

    field: str
    kind: Literal["signature", "doc_timestamp"]
    subfilter: str | None
    byte_range: tuple[int, ...]
    coverage: Coverage
    coverage_detail: str | None
    revision: int
    boxes: tuple[Box, ...]
    claimed_time: datetime | None
    name: str | None
    reason: str | None
    location: str | None
    docmdp: int | None
    mechanism: Mechanism


@dataclass(frozen=True, kw_only=True)
class EmptyField:
    """A signature field nobody has signed yet."""

    field: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, kw_only=True)
class RevisionFacts:
    """One revision: the file up to `end`, what it changed, and which field it signed.

    `hashes` are the SHA-256 of the file as it stood then, in hex: with the line end after %%EOF and, where there is
    one, without it, because both spellings of the same file are handed around.
    """

    number: int
    end: int
    hashes: tuple[str, ...]
    change: Change
    signed_field: str | None
    detail: str | None


@dataclass(frozen=True, kw_only=True)
class Covered:
    """A later signature's mark over something that was already there.

    `what` is "text" with a few of the characters hidden, "drawing" with the inked share (0 to 1) of what lies under the
    mark, or "mark" with the share of the earlier signature's rectangle that is hidden.
    """

    field: str
    page: int
    what: Literal["text", "drawing", "mark"]
    share: float
    text: str


@dataclass(frozen=True, kw_only=True)
class SecurityStore:
    """The document security store: certificates, OCSP responses and CRLs, DER."""

    certificates: tuple[bytes, ...] = ()
    ocsp_responses: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PaperData:
    """What the attached data.json says the paper is; None where it says nothing."""

    paper: str | None
    organisation: str | None
    number: str | None
    code: str | None


@dataclass(frozen=True, kw_only=True)
class DocumentFacts:
    """Everything found in one file. `problem` is set where it cannot be judged; then the lists may be empty.

    `removed_fields` were signed in an older revision and are not any more; `loose_signatures` counts signatures that no
    field leads to; `structure` says why the revisions do not follow one another cleanly; `cover_unknown` why it could
    not be found out what marks hide.
    """

    size: int
    sha256: str
    problem: Problem | None = None
    problem_detail: str | None = None
    pages: int | None = None
    signatures: tuple[SignatureFacts, ...] = ()
    empty_fields: tuple[EmptyField, ...] = ()
    revisions: tuple[RevisionFacts, ...] = ()
    removed_fields: tuple[str, ...] = ()
    loose_signatures: int = 0
    trailing_bytes: int = 0
    structure: str | None = None
    covered: tuple[Covered, ...] = ()
    cover_unknown: str | None = None
    dss: SecurityStore = SecurityStore()
    data: PaperData | None = None
    active_content: tuple[str, ...] = ()

    @property
    def hashes(self) -> tuple[str, ...]:
        """SHA-256 (hex) of every revision of this file, newest first, for finding it in a register."""
        found = [self.sha256, *(h for revision in reversed(self.revisions) for h in revision.hashes)]
        return tuple(dict.fromkeys(found))
