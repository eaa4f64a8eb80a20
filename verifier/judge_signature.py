"""One signature, judged. Pure: facts, evidence, policy and time in; a value out.

The checks carry the numbers of `judge_signature`; the words of the outcome are those of ETSI EN 319 102-1.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from trust import (
    PathCheck,
    PathStatus,
    RevocationEvidence,
    common_name,
    issuer_name,
    load_der,
    organisation_name,
    subject_kind,
)
from verifier.carried import damaged
from verifier.evidence import Evidence
from verifier.facts import DocumentFacts, SignatureFacts
from verifier.findings import FINDINGS, Finding, note
from verifier.knowledge import RegisterKnowledge, Role
from verifier.outcome import SignatureVerdict
from verifier.paths import Paths, der
from verifier.policy import Policy
from verifier.stamps import Outcome, Proof, covering, prove, standing
from verifier.terms import Level, in_zone, worst

_OUTDATED = {"/adbe.x509.rsa_sha1": "adbe.x509.rsa_sha1", "/adbe.x509.rsa.sha1": "adbe.x509.rsa_sha1"}
_FORBIDDEN = {"form_fill", "annotation", "metadata", "other"}


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Everything a signature is judged with."""

    facts: DocumentFacts
    embedded: RevocationEvidence
    everything: RevocationEvidence
    policy: Policy
    paths: Paths
    at: datetime
    register: RegisterKnowledge | None

    @classmethod
    def of(
        cls,
        facts: DocumentFacts,
        evidence: Evidence,
        *,
        policy: Policy,
        paths: Paths,
        at: datetime,
        register: RegisterKnowledge | None = None,
    ) -> Self:
        """The bench for this file's facts and evidence at `at`."""
        everything = evidence.embedded.merged(evidence.fetched)
        return cls(
            facts=facts,
            embedded=evidence.embedded,
            everything=everything,
            policy=policy,
            paths=paths,
            at=at,
            register=register,
        )


def judge_signature(signature: SignatureFacts, bench: Bench) -> SignatureVerdict:
    """Judge one filled field that is no document timestamp."""
    mechanism = signature.mechanism
    found: list[Finding] = []
    # 1 what it covers, and what came after it
    found += _coverage(signature, bench.facts)
    # 2 arithmetic
    found += _arithmetic(signature)
    # 3 algorithms
    certificate = _certificate(mechanism.certificate)
    unread = certificate is None and mechanism.certificate is not None
    found += _algorithms(signature, certificate, bench.policy)
    # 4 time
    proof, remarks = proven_time(signature, bench)
    found += remarks
    claimed = mechanism.signing_time or signature.claimed_time
    signed_at = proof.time if proof else claimed
    # 5 the certificate's path at that time
    path = None
    if certificate is not None and mechanism.certificate is not None:
        path, embedded = path_then(mechanism.certificate, signed_at or bench.at, bench, proven=proof is not None)
        found += _path_findings(path, signed_at, proof, bench, mechanism.certificate)
        if damaged(bench.embedded.certificates, path.chain):
            found.append(note("format", detail="certificate_damaged"))
    else:
        embedded = False
        if unread:  # none can be built from it: whoever it names, nobody is known to vouch for it
            found.append(note("no_chain"))
    # 6 the outcome
    found = list(dict.fromkeys(found))
    deciding = _deciding(found)
    kind = None if certificate is None else subject_kind(certificate)
    intact = None if mechanism.digest_matches is None else _intact(signature, bench.facts)
    return SignatureVerdict(
        field=signature.field,
        role=_role(signature.field, kind, bench.register),
        kind=kind,
        signer=None if certificate is None else common_name(certificate),
        organisation=None if certificate is None else organisation_name(certificate),
        issuer=None if certificate is None else issuer_name(certificate),
        certificate_manager=None if certificate is None else organisation_name(certificate),
        signed_at=signed_at,
        time_source=None if signed_at is None else ("timestamp" if proof else "claimed"),
        certificate_valid=_validity(certificate),
        certificate_sha256=None if certificate is None else hashlib.sha256(der(certificate)).hexdigest(),
        level=_level(signature, bench.facts, proof, has_path=embedded),
        word=worst(*(FINDINGS[finding.code].worst for finding in found)),
        indication="TOTAL_PASSED" if deciding is None else FINDINGS[deciding.code].indication,
        sub_indication=None if deciding is None else FINDINGS[deciding.code].sub,
        intact=intact,
        verifies=mechanism.value_verifies,
        trusted=False if unread else _trusted(path),
        valid_at_signing=_valid_at_signing(path),
        revoked_at=path.revoked_at if path else None,
        findings=tuple(found),
    )


# 1 -------------------------------------------------------------------------------------------------------------------


def _coverage(signature: SignatureFacts, facts: DocumentFacts) -> Iterable[Finding]:
    if signature.coverage == "broken":
        yield note("byte_range", detail=signature.coverage_detail or "")
    for revision in facts.revisions:
        if revision.number > signature.revision and revision.change in _FORBIDDEN:
            yield note(f"changed_{revision.change}")


def _intact(signature: SignatureFacts, facts: DocumentFacts) -> bool:
    return bool(signature.mechanism.digest_matches) and not list(_coverage(signature, facts))


# 2 -------------------------------------------------------------------------------------------------------------------


def _arithmetic(signature: SignatureFacts) -> Iterable[Finding]:
    mechanism = signature.mechanism
    if mechanism.digest_matches is False:
        yield note("digest_mismatch")
    if mechanism.value_verifies is False:
        yield note("value_mismatch")
    if mechanism.signing_certificate == "mismatch":
        yield note("certificate_swapped")
    if mechanism.problem == "certificate_missing":
        yield note("certificate_missing")
    elif mechanism.problem == "subfilter" and signature.subfilter in _OUTDATED:
        yield note("form_outdated", form=_OUTDATED[signature.subfilter])
    elif mechanism.problem is not None:
        yield note("format", detail=mechanism.problem)
    elif mechanism.digest_matches is None or mechanism.value_verifies is None:
        yield note("format", detail="incomplete")


# 3 -------------------------------------------------------------------------------------------------------------------


def _algorithms(signature: SignatureFacts, certificate: x509.Certificate | None, policy: Policy) -> Iterable[Finding]:
    mechanism = signature.mechanism
    if mechanism.digest_algorithm is not None and mechanism.digest_algorithm not in policy.digests:
        yield _not_allowed(mechanism.digest_algorithm)
    if mechanism.signature_algorithm in policy.unnamed_schemes:
        yield note("algorithm_unnamed", algorithm=mechanism.signature_algorithm)
    elif mechanism.signature_algorithm is not None:
        scheme, _, digest = mechanism.signature_algorithm.rpartition("-")
        if scheme not in policy.schemes or digest not in policy.digests:
            yield _not_allowed(mechanism.signature_algorithm)
    if certificate is None:
        return
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < policy.minimum_rsa_bits:
        yield _not_allowed(f"RSA-{key.key_size}")
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size < policy.minimum_ec_bits:
        yield _not_allowed(f"EC-{key.curve.key_size}")


def _not_allowed(algorithm: str) -> Finding:
    return note("algorithm_not_allowed", algorithm=algorithm)


# 4 -------------------------------------------------------------------------------------------------------------------


def timestamps_of(signature: SignatureFacts, bench: Bench) -> tuple[Outcome, ...]:
    """What its own token and the document timestamps over it prove (`stamps.standing`)."""

    def prove_one(one: SignatureFacts) -> Outcome | None:
        return prove(
            one,
            embedded=bench.embedded,
            everything=bench.everything,
            policy=bench.policy,
            paths=bench.paths,
            now=bench.at,
        )

    tolerance = timedelta(seconds=bench.policy.future_tolerance_s)
    return standing(signature, bench.facts, prove_one, tolerance)


def own_timestamp(signature: SignatureFacts, bench: Bench) -> Outcome | None:
    """The same of its own token alone; None where it has none."""
    return timestamps_of(signature, bench)[0] if signature.mechanism.timestamp is not None else None


def proven_time(signature: SignatureFacts, bench: Bench) -> tuple[Proof | None, list[Finding]]:
    """The best proof of when the signature existed: its own timestamp, else a document timestamp over it."""
    proofs: list[Proof] = []
    remarks: list[Finding] = []
    for outcome in timestamps_of(signature, bench):
        if isinstance(outcome, Proof):
            proofs.append(outcome)
            if outcome.sure:
                break  # earliest comes first; a later one adds nothing
        else:
            remarks.append(note("timestamp_not_trusted", detail=outcome.detail))
    proof = next((p for p in proofs if p.sure), proofs[0] if proofs else None)
    if proof is None:
        return None, [*remarks, note("no_proven_time")]
    if not proof.sure:
        remarks.append(note("revocation_unknown"))
    claimed = signature.mechanism.signing_time or signature.claimed_time
    if claimed is not None:
        remarks += _clock(claimed, proof.time, bench.policy.time_tolerance_s)
    return proof, remarks


def _clock(claimed: datetime, proven: datetime, tolerance_s: float) -> Iterable[Finding]:
    """Some tools write local time as UTC (AC-112): told, not punished."""
    off = (claimed - proven).total_seconds()
    if abs(off) <= tolerance_s:
        return
    if abs(off - timedelta(hours=7).total_seconds()) <= tolerance_s:
        yield note("time_zone_slip")
    else:
        yield note("time_differs", seconds=f"{off:+.0f}")


# 5 -------------------------------------------------------------------------------------------------------------------


def path_then(certificate: bytes, at: datetime, bench: Bench, *, proven: bool) -> tuple[PathCheck, bool]:
    """The path at `at`, and whether the file alone held enough evidence for it.

    `proven`: is `at` proven. Without that a signature may be younger than the day its authority was ended
    (`TrustStore.ended`), whatever it claims.
    """
    path, embedded = _path_at(certificate, at, bench)
    if not proven and path.ended is not None and bench.at >= path.ended:
        path = replace(path, status=PathStatus.UNTRUSTED)
    return path, embedded


def _path_at(certificate: bytes, at: datetime, bench: Bench) -> tuple[PathCheck, bool]:
    check = bench.paths.check(certificate, at=at, evidence=bench.embedded, use="signing")
    if bench.everything == bench.embedded:
        return check, check.status is PathStatus.TRUSTED
    asked = bench.paths.check(certificate, at=at, evidence=bench.everything, use="signing")
    # A revocation that was asked for wins over a "good" that the file brings, and nothing else does.
    if check.status is PathStatus.TRUSTED and asked.status not in (PathStatus.TRUSTED, PathStatus.REVOKED):
        return check, True
    return asked, check.status is PathStatus.TRUSTED


_BY_STATUS = {
    PathStatus.UNTRUSTED: "no_chain",
    PathStatus.EXPIRED: "certificate_expired",
    PathStatus.NOT_YET_VALID: "certificate_not_yet_valid",
    PathStatus.REVOCATION_UNKNOWN: "revocation_unknown",
    PathStatus.NOT_ALLOWED: "certificate_not_allowed",
}


def _path_findings(
    path: PathCheck, signed_at: datetime | None, proof: Proof | None, bench: Bench, certificate: bytes
) -> Iterable[Finding]:
    code = _BY_STATUS.get(path.status)
    if path.status is PathStatus.UNTRUSTED and path.ended is not None:
        yield note("authority_ended" if proof else "authority_ended_no_proof", ended=_day(path.ended))
    elif code is not None:
        yield note(code)
    if path.status is PathStatus.REVOKED:
        code = "certificate_revoked" if proof else "revoked_no_proof"
        yield note(code, revoked=_day(path.revoked_at), signed=_day(signed_at))
    elif proof is None and path.status is not PathStatus.UNTRUSTED:
        # Without a proven time a signature may be younger than a revocation it claims to precede.
        today = bench.paths.check(certificate, at=bench.at, evidence=bench.everything, use="signing")
        revoked_at = today.revoked_at or path.revoked_at  # today says nothing of one that has expired since
        if revoked_at is not None and revoked_at <= bench.at:
            yield note("revoked_no_proof", revoked=_day(revoked_at))


def _day(moment: datetime | None) -> str:
    return "?" if moment is None else in_zone(moment).strftime("%d/%m/%Y %H:%M:%S")


def _trusted(path: PathCheck | None) -> bool | None:
    if path is None or path.status is PathStatus.REVOCATION_UNKNOWN:
        return None
    return path.status is PathStatus.TRUSTED


def _valid_at_signing(path: PathCheck | None) -> bool | None:
    if path is None or path.status in (PathStatus.REVOCATION_UNKNOWN, PathStatus.UNTRUSTED):
        return None
    return path.status is PathStatus.TRUSTED


# 6 -------------------------------------------------------------------------------------------------------------------


def _deciding(found: Iterable[Finding]) -> Finding | None:
    """The finding that names the indication: the worst one that lowers it, the first among equals."""
    lowering = [finding for finding in found if FINDINGS[finding.code].indication != "TOTAL_PASSED"]
    order = ("genuine", "warning", "untrusted", "invalid", "changed")
    return max(lowering, key=lambda finding: order.index(FINDINGS[finding.code].worst), default=None)


def _certificate(der: bytes | None) -> x509.Certificate | None:
    return None if der is None else load_der(der)


def _validity(certificate: x509.Certificate | None) -> tuple[datetime, datetime] | None:
    return None if certificate is None else (certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def _role(field: str, kind: str | None, register: RegisterKnowledge | None) -> Role:
    if register is not None and field in register.roles:
        return register.roles[field]
    return {"person": "officer", "organisation": "agency"}.get(kind or "", "other")  # type: ignore[return-value]


def _level(signature: SignatureFacts, facts: DocumentFacts, proof: Proof | None, *, has_path: bool) -> Level | None:
    """What the file itself holds for this signature (ETSI EN 319 142-1, 6). PKCS7-* where PAdES attributes lack."""
    mechanism = signature.mechanism
    if mechanism.value_verifies is None:
        return None
    pades = signature.subfilter == "/ETSI.CAdES.detached" and mechanism.signing_certificate == "matches"
    family = "B" if pades else "PKCS7"
    if proof is None:
        return f"{family}-B"  # type: ignore[return-value]
    if not (has_path and proof.embedded):
        return f"{family}-T"  # type: ignore[return-value]
    archived = bool(facts.dss.certificates) and bool(covering(facts, signature))
    return f"{family}-{'LTA' if archived else 'LT'}"  # type: ignore[return-value]
