"""Was a certificate revoked at a moment, as far as the evidence tells? Pure: evidence and times in, a finding out.

Evidence is usually collected after the moment that matters (the seal's timestamp is made first, the OCSP answer comes a
second or three years later), so an answer made after the moment counts: "good" then means it was not revoked before
either, and a revocation dated later leaves the moment untouched (AC-80: a merger revokes the agency's certificates, not
its papers).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from cryptography import x509

from trust.evidence import RevocationEvidence
from trust.same import Same
from trust.statements import Statement, has_no_check, statements

_KEY_STANDS = frozenset(
    reason.value
    for reason in (
        x509.ReasonFlags.affiliation_changed,
        x509.ReasonFlags.superseded,
        x509.ReasonFlags.cessation_of_operation,
    )
)
LARGEST_EVIDENCE = 262_144
"""Bytes of a file's evidence whose statements may be remembered; of a B-LT paper they are some 10,000 to 100,000."""
Finding = Literal["not_revoked", "revoked", "unknown"]


@dataclass(frozen=True, kw_only=True)
class RevocationFinding:
    """The state at the moment asked about. `revoked_at` (UTC) also where it lies after that moment; `by`: the statement
    that decided, None where nothing did.

    `doubted_at`: the first revocation that leaves the key in doubt: for no reason told, or one that does not say that
    its holder only gave it up. What matters for keys that tell the time (RFC 3161, 4).
    """

    state: Finding
    revoked_at: datetime | None = None
    by: Statement | None = None
    doubted_at: datetime | None = None


def judge_revocation(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    evidence: RevocationEvidence,
    *,
    at: datetime,
) -> RevocationFinding:
    """The certificate's state at `at`. A revocation wins over any "good", except a hold that a newer answer lifted."""
    small = sum(map(len, (*evidence.ocsp_responses, *evidence.crls, *evidence.certificates))) <= LARGEST_EVIDENCE
    said = (_said if small else _said.__wrapped__)(Same(certificate, issuer), evidence)
    revocations = [s for s in said if s.revoked_at is not None and not _lifted(s, said)]
    first = min(revocations, key=lambda s: s.revoked_at or at, default=None)
    revoked_at = None if first is None else first.revoked_at
    doubted_at = min((s.revoked_at for s in revocations if s.revoked_at and s.reason not in _KEY_STANDS), default=None)

    def found(state: Finding, by: Statement | None = None) -> RevocationFinding:
        return RevocationFinding(state=state, revoked_at=revoked_at, by=by, doubted_at=doubted_at)

    if first is not None and revoked_at is not None:
        if revoked_at <= at:
            return found("revoked", first)
        if first.this_update >= at or _in_its_life(first, at):
            return found("not_revoked", first)
    for statement in said:
        if statement.status == "good" and _covers(statement, certificate, at):
            return found("not_revoked", statement)
    return found("unknown")


@lru_cache(maxsize=256)
def _said(same: Same, evidence: RevocationEvidence) -> tuple[Statement, ...]:
    """All that counts, newest first. The moment is no part of the question, so the answer is remembered."""
    certificate, issuer = same.certificates
    return tuple(sorted(_usable(certificate, issuer, evidence), key=lambda s: s.this_update, reverse=True))


def _usable(
    certificate: x509.Certificate, issuer: x509.Certificate, evidence: RevocationEvidence
) -> Iterator[Statement]:
    for statement in statements(evidence, certificate, issuer):
        responder = statement.responder
        if responder in (issuer, certificate) or has_no_check(responder):
            if responder != certificate:
                yield statement
        elif _responder_stands(responder, issuer, evidence, statement.produced_at):
            yield statement


def _responder_stands(
    responder: x509.Certificate, issuer: x509.Certificate, evidence: RevocationEvidence, at: datetime
) -> bool:
    # Without no-check a responder must be asked about too. Only the issuer's own word counts for it: asking other
    # responders could go round in circles.
    own_word = [s for s in statements(evidence, responder, issuer) if s.responder == issuer]
    if any(s.revoked_at is not None and s.revoked_at <= at for s in own_word):
        return False
    return any(_covers(s, responder, at) for s in own_word if s.status in ("good", "revoked"))


def _lifted(statement: Statement, said: tuple[Statement, ...]) -> bool:
    if statement.reason != x509.ReasonFlags.certificate_hold.value:
        return False
    return any(s.status == "good" and s.this_update > statement.this_update for s in said)


def _covers(statement: Statement, certificate: x509.Certificate, at: datetime) -> bool:
    if statement.this_update < at:
        return _in_its_life(statement, at)
    expired = certificate.not_valid_after_utc
    if statement.this_update <= expired:
        return True
    # An authority may forget expired certificates: "good" said afterwards counts only if the responder says since
    # when it remembers (RFC 6960 4.4.4; EN 319 102-1 5.2.5).
    return statement.archive_cutoff is not None and statement.archive_cutoff <= expired


def _in_its_life(statement: Statement, at: datetime) -> bool:
    return statement.next_update is not None and statement.this_update <= at <= statement.next_update
