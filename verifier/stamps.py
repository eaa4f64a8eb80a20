"""Timestamps as proof of time: which tokens a signature can lean on, and what `trust` makes of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from trust import PathStatus, RevocationEvidence, TimestampToken, read_token
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
    """The token a signature or document timestamp carries, or None where it is absent or was found not to hold."""
    if signature.mechanism.timestamp is None or signature.mechanism.timestamp_problem is not None:
        return None
    return read_token(signature.mechanism.timestamp)


def prove(  # noqa: PLR0911 - one line per numbered check
    signature: SignatureFacts,
    *,
    embedded: RevocationEvidence,
    everything: RevocationEvidence,
    policy: Policy,
    paths: Paths,
    now: datetime,
) -> Proof | NoProof | None:
    """Judge the one token of `signature`; None where it has none.

    In the order of EN 319 102-1, 5.4: the token fits what it stamps, its algorithm, its own signature (both arithmetic,
    computed while gathering), its authority's path at its own time. A token from after `now`, when the file is judged,
    proves nothing: its clock is wrong, or ours.
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
        return NoProof(detail=mechanism.timestamp_problem or "format")
    if token.gen_time > now + timedelta(seconds=policy.future_tolerance_s):
        return NoProof(detail="future")
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
