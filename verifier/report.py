"""The technical report on a file: facts, evidence and verdict brought together. Pure; it decides nothing.

Where a path or a time was weighed, the question is put to the same functions that judged, so that what is told is what
counted.
"""

import hashlib
from datetime import datetime

from trust import TrustStore, common_name
from verifier.evidence import Evidence
from verifier.facts import DocumentFacts, SignatureFacts
from verifier.findings import Finding, sentence
from verifier.judge_signature import Bench, own_timestamp, path_then, proven_time
from verifier.outcome import Outcome, SignatureVerdict, TimestampVerdict
from verifier.paths import Paths, der, readable
from verifier.policy import CURRENT, Policy
from verifier.report_path import path_report
from verifier.report_values import (
    CoveredReport,
    FoundReport,
    PathReport,
    Report,
    RevisionReport,
    SignatureReport,
    StoreReport,
    TokenReport,
)
from verifier.stamps import NoProof, Proof, covering, token_of


def report(
    facts: DocumentFacts,
    evidence: Evidence,
    verdict: Outcome,
    *,
    store: TrustStore,
    policy: Policy = CURRENT,
    paths: Paths | None = None,
) -> Report:
    """What was found and how `verdict` came about. Facts, evidence, store and policy must be those it was made with.

    `paths`: the memory it was judged with, to answer the same questions once.
    """
    bench = Bench.of(facts, evidence, policy=policy, paths=paths or Paths(store), at=verdict.checked_at)
    return Report(
        size=facts.size,
        sha256=facts.sha256,
        pages=facts.pages,
        problem=facts.problem,
        problem_detail=facts.problem_detail,
        structure=facts.structure,
        trailing_bytes=facts.trailing_bytes,
        loose_signatures=facts.loose_signatures,
        removed_fields=facts.removed_fields,
        empty_fields=tuple(field.field for field in facts.empty_fields),
        active_content=facts.active_content,
        covered=tuple(CoveredReport(field=c.field, page=c.page, what=c.what, share=c.share) for c in facts.covered),
        cover_unknown=facts.cover_unknown,
        revisions=tuple(
            RevisionReport(
                number=one.number,
                end=one.end,
                hashes=one.hashes,
                change=one.change,
                signed_field=one.signed_field,
                detail=one.detail,
            )
            for one in facts.revisions
        ),
        signatures=_signatures(bench, verdict),
        store=StoreReport(
            certificates=len(facts.dss.certificates),
            ocsp_responses=len(facts.dss.ocsp_responses),
            crls=len(facts.dss.crls),
            fetched_ocsp_responses=len(evidence.fetched.ocsp_responses),
            fetched_crls=len(evidence.fetched.crls),
        ),
        failures=evidence.failures,
        findings=tuple(map(_found, verdict.findings)),
        word=verdict.word,
        indication=verdict.indication,
        sub_indication=verdict.sub_indication,
        known_to_register=verdict.facts.known_to_register,
        status=verdict.status,
        checked_at=verdict.checked_at,
        policy_name=verdict.policy_name,
        policy_version=verdict.policy_version,
    )


def _signatures(bench: Bench, verdict: Outcome) -> tuple[SignatureReport, ...]:
    """In the file's order; verdicts and timestamps come in the same one."""
    judged, stamps = iter(verdict.signatures), iter(verdict.timestamps)
    told = []
    for signature in bench.facts.signatures:
        if signature.kind == "signature":
            one = next(judged, None)
            told.append(_signature(signature, bench, one, one.findings if one else ()))
        else:
            stamp: TimestampVerdict | None = next(stamps, None)
            told.append(_signature(signature, bench, None, stamp.findings if stamp else ()))
    return tuple(told)


def _signature(
    signature: SignatureFacts, bench: Bench, judged: SignatureVerdict | None, found: tuple[Finding, ...]
) -> SignatureReport:
    mechanism = signature.mechanism
    own = signature.kind == "signature"
    proof = proven_time(signature, bench)[0] if own else None
    claimed = mechanism.signing_time or signature.claimed_time
    at = (proof.time if proof else claimed) or bench.at
    path = _path(mechanism.certificate, at, bench, proven=proof is not None) if own else None
    return SignatureReport(
        field=signature.field,
        kind=signature.kind,
        subfilter=signature.subfilter,
        revision=signature.revision,
        byte_range=signature.byte_range,
        coverage=signature.coverage,
        coverage_detail=signature.coverage_detail,
        docmdp=signature.docmdp,
        name=signature.name,
        reason=signature.reason,
        location=signature.location,
        problem=mechanism.problem,
        digest_algorithm=mechanism.digest_algorithm,
        signature_algorithm=mechanism.signature_algorithm,
        digest_matches=mechanism.digest_matches,
        value_verifies=mechanism.value_verifies,
        signing_certificate=mechanism.signing_certificate,
        message_digest=_hex(mechanism.message_digest),
        attributes_digest=_hex(mechanism.attributes_digest),
        value=_hex(mechanism.value),
        claimed_time=claimed,
        proven_time=proof.time if proof else None,
        proven_by=_proven_by(signature, bench, proof),
        signer=judged.signer if judged else None,
        role=judged.role if judged else None,
        level=judged.level if judged else None,
        word=judged.word if judged else None,
        indication=judged.indication if judged else None,
        sub_indication=judged.sub_indication if judged else None,
        token=_token(signature, bench),
        path=path,
        findings=tuple(map(_found, found)),
    )


def _proven_by(signature: SignatureFacts, bench: Bench, proof: Proof | None) -> str | None:
    """The field whose token proved the time: its own, or a document timestamp's."""
    if proof is None:
        return None
    for source in (signature, *covering(bench.facts, signature)):
        if source.mechanism.timestamp == proof.token.der:
            return source.field
    return None


def _path(certificate: bytes | None, at: datetime, bench: Bench, *, proven: bool) -> PathReport | None:
    if certificate is None or not readable(certificate):
        return None
    check, _ = path_then(certificate, at, bench, proven=proven)
    return path_report(check, at, embedded=bench.embedded, everything=bench.everything)


def _token(signature: SignatureFacts, bench: Bench) -> TokenReport | None:
    mechanism = signature.mechanism
    if mechanism.timestamp is None:
        return None
    outcome = own_timestamp(signature, bench)
    token = token_of(signature)
    path = None
    if token is not None:
        leaf, others = der(token.certificate), tuple(der(one) for one in token.certificates)
        evidence = bench.embedded if isinstance(outcome, Proof) and outcome.embedded else bench.everything
        check = bench.paths.check(leaf, others=others, at=token.gen_time, evidence=evidence, use="timestamping")
        path = path_report(check, token.gen_time, embedded=bench.embedded, everything=bench.everything)
    return TokenReport(
        proves=("sure" if outcome.sure else "unsure") if isinstance(outcome, Proof) else "nothing",
        detail=outcome.detail if isinstance(outcome, NoProof) else "",
        time=mechanism.timestamp_time,
        authority=common_name(token.certificate) if token is not None else None,
        digest=mechanism.timestamp_digest,
        serial=None if token is None else f"{token.serial:x}",
        policy=None if token is None else token.policy,
        sha256=hashlib.sha256(mechanism.timestamp).hexdigest(),
        path=path,
    )


def _found(finding: Finding) -> FoundReport:
    return FoundReport(
        code=finding.code, worst=finding.row.worst, vi=sentence(finding, "vi"), en=sentence(finding, "en")
    )


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
