"""Timestamps as proof of time: which tokens a signature can lean on, and what `trust` makes of them."""

from dataclasses import dataclass
from datetime import datetime

from trust import PathStatus, RevocationEvidence, TimestampInvalid, TimestampToken, read_token, verify_token
from verifier.facts import DocumentFacts, SignatureFacts
from verifier.paths import Paths, der
from verifier.policy import Policy


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A point in time before which a signature existed.

    `sure` False: the authority is trusted but whether its certificate was revoked is unknown. `embedded`: the file
    itself holds the evidence for it.
    """

    time: datetime
    sure: bool
    embedded: bool
    token: TimestampToken


@dataclass(frozen=True, kw_only=True)
class NoProof:
    """Why a token proves nothing; `detail` is for the expert."""

    detail: str


def token_of(signature: SignatureFacts) -> TimestampToken | None:
    """The token a signature or document timestamp carries, or None where it is absent or cannot be read."""
    if signature.mechanism.timestamp is None:
        return None
    try:
        return read_token(signature.mechanism.timestamp)
    except TimestampInvalid:
        return None


def prove(  # noqa: PLR0911 - one line per numbered check
    signature: SignatureFacts,
    *,
    embedded: RevocationEvidence,
    everything: RevocationEvidence,
    policy: Policy,
    paths: Paths,
) -> Proof | NoProof | None:
    """Judge the one token of `signature`; None where it has none.

    Numbered as in EN 319 102-1, 5.4: 1 the token fits what it stamps · 2 its own signature · 3 its algorithms · 4 its
    authority's path at its own time.
    """
    mechanism = signature.mechanism
    if mechanism.timestamp is None:
        return None
    if not mechanism.timestamp_matches:
        return NoProof(detail="imprint")
    if mechanism.timestamp_digest not in policy.digests:
        return NoProof(detail=f"{mechanism.timestamp_digest}")
    token = token_of(signature)
    if token is None:
        return NoProof(detail="format")
    try:
        verify_token(token, token.imprint)
    except TimestampInvalid as error:
        return NoProof(detail=error.reason)
    leaf, others = der(token.certificate), tuple(der(certificate) for certificate in token.certificates)
    check = paths.check(leaf, others=others, at=token.gen_time, evidence=embedded, use="timestamping")
    if check.status is PathStatus.TRUSTED:
        return Proof(time=token.gen_time, sure=True, embedded=True, token=token)
    check = paths.check(leaf, others=others, at=token.gen_time, evidence=everything, use="timestamping")
    if check.status in (PathStatus.TRUSTED, PathStatus.REVOCATION_UNKNOWN):
        return Proof(time=token.gen_time, sure=check.status is PathStatus.TRUSTED, embedded=False, token=token)
    return NoProof(detail=check.status.name.lower())


def covering(facts: DocumentFacts, signature: SignatureFacts) -> tuple[SignatureFacts, ...]:
    """Document timestamps that were put over this signature, earliest first."""
    return tuple(
        stamp
        for stamp in facts.signatures
        if stamp.kind == "doc_timestamp" and stamp.revision > signature.revision and stamp.coverage != "broken"
    )
