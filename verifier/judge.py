"""A file, judged: every signature, then what holds for the file as a whole. Pure and repeatable.

Numbered: 1 can it be judged · 2 each signature · 3 document timestamps · 4 the file as a whole · 5 the register ·
6 facts, legal value, verdict.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from trust import TrustStore, issuer_name
from verifier.evidence import Evidence
from verifier.facts import DocumentFacts
from verifier.fields import SEAL_FIELD
from verifier.findings import FINDINGS, Finding, note
from verifier.judge_signature import Bench, judge_signature, own_timestamp
from verifier.knowledge import RegisterKnowledge
from verifier.offices import same_office
from verifier.outcome import Established, Legal, SignatureVerdict, TimestampVerdict
from verifier.paths import Paths
from verifier.policy import CURRENT, Policy
from verifier.stamps import NoProof, Proof
from verifier.terms import Indication, Word, worst
from verifier.verdict import Verdict


def judge(
    facts: DocumentFacts,
    evidence: Evidence,
    *,
    store: TrustStore,
    at: datetime,
    policy: Policy = CURRENT,
    register: RegisterKnowledge | None = None,
    paths: Paths | None = None,
) -> Verdict:
    """Judge `facts` as of `at` (aware). `register` None: the register was not asked. Asks nobody, changes nothing.

    `paths`: the memory used while collecting, to answer the same questions once.
    """
    # 1
    if facts.problem is not None:
        code = "broken" if facts.problem == "not_pdf" else facts.problem
        return _without_signatures(facts, "unreadable", (note(code),), at, policy, register)
    bench = Bench.of(facts, evidence, policy=policy, paths=paths or Paths(store), at=at, register=register)
    # 2
    signatures = tuple(judge_signature(s, bench) for s in facts.signatures if s.kind == "signature")
    if not signatures and not facts.removed_fields and not facts.loose_signatures:
        return _without_signatures(facts, "unsigned", (), at, policy, register)
    # 3
    timestamps = _timestamps(bench)
    # 4, 5
    found = [*_whole_file(facts, policy), *_broken_timestamps(facts), *_completeness(facts, register)]
    found += _offices(facts, signatures, register)
    # 6
    word = worst(*(s.word for s in signatures), *(FINDINGS[f.code].worst for f in found))
    indication, sub = _indication(signatures, found, word)
    return Verdict(
        word=word,
        indication=indication,
        sub_indication=sub,
        facts=_established(facts, signatures, found, register),
        legal=_legal(signatures, word),
        status=register.status if register is not None and register.known and word in ("genuine", "warning") else None,
        policy_name=policy.name,
        policy_version=policy.version,
        checked_at=at,
        sha256=facts.sha256,
        signatures=signatures,
        timestamps=timestamps,
        findings=tuple(found),
        circumstances=_circumstances(facts, register),
    )


def _without_signatures(
    facts: DocumentFacts,
    word: Word,
    found: tuple[Finding, ...],
    at: datetime,
    policy: Policy,
    register: RegisterKnowledge | None,
) -> Verdict:
    judged = word == "unsigned"
    return Verdict(
        word=word,
        indication=None,
        sub_indication=None,
        facts=Established(known_to_register=None if register is None else register.known),
        legal=Legal(
            officer_signed=False if judged else None,
            agency_sealed=False if judged else None,
            equals_paper_original=False if judged else None,
        ),
        status=None,
        policy_name=policy.name,
        policy_version=policy.version,
        checked_at=at,
        sha256=facts.sha256,
        findings=found,
        circumstances=_circumstances(facts, register),
    )


# 3 -------------------------------------------------------------------------------------------------------------------


def _timestamps(bench: Bench) -> tuple[TimestampVerdict, ...]:
    found = []
    for stamp in bench.facts.signatures:
        if stamp.kind != "doc_timestamp":
            continue
        proof = own_timestamp(stamp, bench)
        remarks: tuple[Finding, ...] = ()
        if isinstance(proof, NoProof):
            remarks = (note("timestamp_not_trusted", detail=proof.detail),)
        found.append(
            TimestampVerdict(
                field=stamp.field,
                time=proof.time if isinstance(proof, Proof) else stamp.mechanism.timestamp_time,
                issuer=issuer_name(proof.token.certificate) if isinstance(proof, Proof) else None,
                valid=isinstance(proof, Proof) and proof.sure,
                findings=remarks,
            )
        )
    return tuple(found)


def _broken_timestamps(facts: DocumentFacts) -> Iterable[Finding]:
    """A document timestamp that does not fit its bytes tells of a change as a signature does."""
    for stamp in facts.signatures:
        if stamp.kind != "doc_timestamp":
            continue
        if stamp.coverage == "broken":
            yield note("byte_range", detail=stamp.coverage_detail or "")
        if stamp.mechanism.digest_matches is False:
            yield note("digest_mismatch")
        elif stamp.mechanism.problem is not None:
            yield note("format", detail=stamp.mechanism.problem)
        elif stamp.mechanism.timestamp_problem not in (None, "algorithm"):
            yield note("format", detail=f"timestamp: {stamp.mechanism.timestamp_problem}")


# 4 -------------------------------------------------------------------------------------------------------------------


def _whole_file(facts: DocumentFacts, policy: Policy) -> Iterable[Finding]:
    if facts.trailing_bytes:
        yield note("trailing_bytes", count=str(facts.trailing_bytes))
    if facts.structure is not None:
        yield note("structure", detail=facts.structure)
    for field in facts.removed_fields:
        yield note("signature_removed", field=field)
    if facts.loose_signatures and not facts.removed_fields:
        yield note("signature_loose")
    hiding = (c for c in facts.covered if c.what != "mark" or c.share > policy.mark_share_limit)
    yield from dict.fromkeys(note("covers_content", field=c.field) for c in hiding)
    if facts.cover_unknown is not None:
        yield note("cover_unknown")
    if {"javascript", "xfa"} & set(facts.active_content):
        detail = ", ".join(sorted({"javascript", "xfa"} & set(facts.active_content)))
        yield note("active_content", detail=detail)
    if "optional_content" in facts.active_content:
        yield note("optional_content")


# 5 -------------------------------------------------------------------------------------------------------------------


def _completeness(facts: DocumentFacts, register: RegisterKnowledge | None) -> Iterable[Finding]:
    """A file cut back to the officer's revision is a valid file: only these two can tell (house trap)."""
    if any(field.field == SEAL_FIELD for field in facts.empty_fields):
        yield note("not_sealed")
    if register is not None and register.known and register.revision in ("generated", "approved"):
        newest = register.newest_sha256
        if newest is None or newest.lower() != facts.sha256:
            yield note("superseded_revision")


def _offices(
    facts: DocumentFacts, signatures: Sequence[SignatureVerdict], register: RegisterKnowledge | None
) -> Iterable[Finding]:
    named = [facts.data.organisation if facts.data else None, register.organisation if register else None]
    for seal in signatures:
        if seal.role != "agency" or seal.organisation is None:
            continue
        other = next((name for name in named if name and not same_office(name, seal.organisation)), None)
        if other is not None:
            yield note("wrong_organisation", found=seal.organisation, expected=other)


# 6 -------------------------------------------------------------------------------------------------------------------


def _indication(
    signatures: Sequence[SignatureVerdict], found: Sequence[Finding], word: Word
) -> tuple[Indication, str | None]:
    """The indication of whatever decided the verdict; a complete set of passed signatures passes."""
    for signature in signatures:
        if signature.word == word and signature.indication != "TOTAL_PASSED":
            return signature.indication, signature.sub_indication
    for finding in found:
        row = FINDINGS[finding.code]
        if row.worst == word and row.indication != "TOTAL_PASSED":
            return row.indication, row.sub
    return "TOTAL_PASSED", None


def _established(
    facts: DocumentFacts,
    signatures: Sequence[SignatureVerdict],
    found: Sequence[Finding],
    register: RegisterKnowledge | None,
) -> Established:
    broken = any(FINDINGS[finding.code].worst == "changed" for finding in found)
    whole = not broken and all(
        FINDINGS[finding.code].worst != "changed" for signature in signatures for finding in signature.findings
    )
    return Established(
        intact=False if broken else _all(s.intact for s in signatures),
        cryptographically_valid=_all(s.verifies for s in signatures),
        trusted=_all(s.trusted for s in signatures),
        covers_whole_document=None if whole and facts.cover_unknown else whole,
        known_to_register=None if register is None else register.known,
    )


def _all(values: Iterable[bool | None]) -> bool | None:
    """False if any is False, else None if any is unknown; None for nothing at all."""
    known = list(values)
    if False in known:
        return False
    return None if None in known or not known else True


def _legal(signatures: Sequence[SignatureVerdict], word: Word) -> Legal:
    """AC-2: at least two valid signatures, one whose certificate is a person's and one an organisation's."""
    changed = word == "changed"
    officer = False if changed else _signed_by(signatures, "officer", "person")
    agency = False if changed else _signed_by(signatures, "agency", "organisation")
    return Legal(officer_signed=officer, agency_sealed=agency, equals_paper_original=_all((officer, agency)))


def _signed_by(signatures: Sequence[SignatureVerdict], role: str, kind: str) -> bool | None:
    words = [s.word for s in signatures if s.role == role and s.kind == kind]
    if "genuine" in words:
        return True
    return None if "warning" in words else False


def _circumstances(facts: DocumentFacts, register: RegisterKnowledge | None) -> dict[str, str]:
    """What sentences need beyond the findings: office, number, who changed the paper's state and when."""
    data = facts.data
    pairs = {
        "organisation": (register.organisation if register else None) or (data.organisation if data else None),
        "number": (register.number if register else None) or (data.number if data else None),
        "attached_to": register.number if register and register.known and register.attached else None,
        "changed_by": register.changed_by if register else None,
        "changed_on": register.changed_on.strftime("%d/%m/%Y") if register and register.changed_on else None,
    }
    return {key: value for key, value in pairs.items() if value}
