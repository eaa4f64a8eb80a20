"""Timestamps as proof of time: which tokens a signature can lean on, and what `trust` makes of them.

A token is judged by itself (`prove`), then beside the others of the file (`standing`, docs/decisions/0053).
"""

from collections.abc import Callable, Sequence
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
    itself holds the evidence for it. `doubted_at`: since when its authority's key may be in other hands; from then on
    anybody may have made it, with any time in it.
    """

    time: datetime
    sure: bool
    embedded: bool
    token: TimestampToken
    doubted_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class NoProof:
    """Why a token proves nothing; `detail` is for the expert."""

    detail: str


def token_of(signature: SignatureFacts) -> TimestampToken | None:
    """The token a signature or document timestamp carries, or None where it is absent or was found not to hold."""
    if signature.mechanism.timestamp is None or signature.mechanism.timestamp_problem is not None:
        return None
    return read_token(signature.mechanism.timestamp)


Outcome = Proof | NoProof


def prove(  # noqa: PLR0911 - one line per numbered check
    signature: SignatureFacts,
    *,
    embedded: RevocationEvidence,
    everything: RevocationEvidence,
    policy: Policy,
    paths: Paths,
    now: datetime,
) -> Outcome | None:
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
    if not timedelta(0) <= token.accuracy <= timedelta(seconds=policy.future_tolerance_s):
        return NoProof(detail="accuracy")  # some time that day, or that year
    leaf, others = der(token.certificate), tuple(der(certificate) for certificate in token.certificates)
    check = paths.check(leaf, others=others, at=token.gen_time, evidence=embedded, use="timestamping")
    asked = check
    if everything != embedded:
        asked = paths.check(leaf, others=others, at=token.gen_time, evidence=everything, use="timestamping")
    # A revocation that was asked for wins over a "good" that the file brings, as a signer's does.
    inside = check.status is PathStatus.TRUSTED and asked.status is not PathStatus.REVOKED
    best = check if inside else asked
    if best.status not in (PathStatus.TRUSTED, PathStatus.REVOCATION_UNKNOWN):
        return NoProof(detail=best.status.name.lower())
    return Proof(
        time=token.gen_time,
        sure=best.status is PathStatus.TRUSTED,
        embedded=inside,
        token=token,
        doubted_at=asked.doubted_at,
    )


def standing(
    signature: SignatureFacts,
    facts: DocumentFacts,
    prove_one: Callable[[SignatureFacts], Outcome | None],
    tolerance: timedelta,
) -> tuple[Outcome, ...]:
    """What the token of `signature` and those of the document timestamps over it prove, in this order, as far as the
    first that leaves nothing open.

    A token whose authority's key is in doubt counts only where a later timestamp shows that it is older than the doubt
    (RFC 3161, 4). One that claims an earlier time than what it stamps holds, by more than `tolerance`, is not from then
    (EN 319 102-1: TIMESTAMP_ORDER_FAILURE).
    """
    outcomes: list[Outcome] = []
    for source in (signature, *covering(facts, signature)):
        outcome = prove_one(source)
        if outcome is None:
            continue
        if isinstance(outcome, Proof) and _holds_later(source, outcome, facts, prove_one, tolerance):
            outcome = NoProof(detail="order")
        outcomes.append(outcome)
        if isinstance(outcome, Proof) and outcome.sure and outcome.doubted_at is None:
            break
    return _without_doubt(outcomes)


def _holds_later(
    source: SignatureFacts,
    proof: Proof,
    facts: DocumentFacts,
    prove_one: Callable[[SignatureFacts], Outcome | None],
    tolerance: timedelta,
) -> bool:
    """Whether what `source` stamps holds a sure timestamp from after its own time."""
    return any(
        isinstance(inside, Proof) and inside.sure and inside.time > proof.time + tolerance
        for inside in (prove_one(other) for other in facts.signatures if other.revision < source.revision)
    )


def _without_doubt(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    kept: list[Outcome] = []
    known_by: datetime | None = None
    for outcome in reversed(outcomes):
        if isinstance(outcome, Proof):
            if outcome.doubted_at is not None and (known_by is None or known_by >= outcome.doubted_at):
                kept.append(NoProof(detail="key_in_doubt"))
                continue
            if outcome.sure:
                known_by = outcome.time
        kept.append(outcome)
    return tuple(reversed(kept))


def covering(facts: DocumentFacts, signature: SignatureFacts) -> tuple[SignatureFacts, ...]:
    """Document timestamps that were put over this signature, earliest first."""
    return tuple(
        stamp
        for stamp in facts.signatures
        if stamp.kind == "doc_timestamp" and stamp.revision > signature.revision and stamp.coverage != "broken"
    )
