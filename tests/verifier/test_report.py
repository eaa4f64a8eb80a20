"""The technical report: what it says of paths, evidence and times is what counted in the verdict."""

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.pki.fixtures import MakeKey
from tests.verifier import hostile
from tests.verifier.cases import CASES
from tests.verifier.desk import Desk
from trust import PathCheck, PathStatus, RevocationEvidence, TrustStore
from verifier import OFFICER_FIELD, SEAL_FIELD, Report, collect, from_json, judge, report, to_json
from verifier.gather import gather
from verifier.report_path import path_report

MADE = {chosen.name: chosen for chosen in CASES}


def test_a_sealed_paper(desk: Desk) -> None:
    """Both paths end at an anchor; each certificate below it has an answer that the file brought."""
    found, verdict = desk.report(desk.archived)
    assert found.word == verdict.word == "genuine"
    assert [one.field for one in found.signatures[:2]] == [OFFICER_FIELD, SEAL_FIELD]
    stamp = found.signatures[-1]
    assert (stamp.kind, stamp.path, stamp.signer) == ("doc_timestamp", None, None)
    assert stamp.token is not None
    assert stamp.token.proves == "sure"
    embedded = {hashlib.sha256(der).hexdigest() for der in _evidence_of(desk.archived)}
    for one, judged in zip(found.signatures, verdict.signatures, strict=False):
        assert one.path is not None
        assert one.path.status == "trusted"
        assert one.path.at == one.proven_time == judged.signed_at
        assert one.proven_by == one.field
        *below, anchor = one.path.certificates
        assert below
        assert below[0].sha256 == judged.certificate_sha256
        assert (anchor.anchor, anchor.revocation, one.path.anchor) == (True, None, anchor)
        for certificate in below:
            assert certificate.standing == "not_revoked"
            assert certificate.revocation is not None
            assert (certificate.revocation.source, certificate.revocation.status) == ("embedded", "good")
            assert certificate.revocation.sha256 in embedded
        assert one.token is not None
        assert one.token.path is not None
        assert one.token.path.anchor is not None


def test_it_names_a_signature_by_what_the_cms_holds(desk: Desk) -> None:
    """pyHanko's reading of the same bytes."""
    found, _ = desk.report(desk.sealed)
    for one, theirs in zip(
        found.signatures, PdfFileReader(io.BytesIO(desk.sealed)).embedded_regular_signatures, strict=True
    ):
        signer: cms.SignerInfo = theirs.signer_info
        attributes = signer["signed_attrs"].untag().dump()
        assert one.value == bytes(signer["signature"].native).hex()
        assert one.attributes_digest == hashlib.sha256(attributes).hexdigest()
        assert one.message_digest == theirs.compute_digest().hex()


def _evidence_of(pdf: bytes) -> list[bytes]:
    facts = gather(pdf)
    return [*facts.dss.ocsp_responses, *facts.dss.crls]


def test_what_was_asked_for_is_told_as_fetched(desk: Desk) -> None:
    found, _ = desk.report(MADE["services down, no evidence inside"].make(desk), online=True)
    for one in found.signatures:
        assert one.path is not None
        assert {c.revocation.source for c in one.path.certificates if c.revocation} == {"fetched"}
    assert found.store.fetched_ocsp_responses + found.store.fetched_crls > 0
    assert found.failures == ()


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("services down, no evidence inside", lambda one: one.path.certificates[0].standing == "unknown"),
        ("no timestamp", lambda one: (one.proven_time, one.token) == (None, None)),
        ("revoked before signing", lambda one: one.path.certificates[0].revocation.status == "revoked"),
        ("expired when signing", lambda one: one.path.status == "expired"),
    ],
)
def test_what_was_missing_or_wrong_is_told(desk: Desk, name: str, check: Callable[..., bool]) -> None:
    chosen = MADE[name]
    found, verdict = desk.report(chosen.make(desk), online=chosen.online)
    assert found.word == verdict.word == chosen.verdict
    assert check(found.signatures[0])
    assert {f.code for f in (*found.findings, *(f for s in found.signatures for f in s.findings))} >= chosen.codes


def test_an_unknown_authority_has_no_anchor(desk: Desk) -> None:
    """The path shows the certificate alone, as one that nobody answers for."""
    facts, empty = gather(desk.sealed), TrustStore(anchors=())
    now = facts.signatures[0].mechanism.timestamp_time
    assert now is not None
    evidence = collect(facts, empty, None, now)
    found = report(facts, evidence, judge(facts, evidence, store=empty, at=now), store=empty)
    path = found.signatures[0].path
    assert path is not None
    assert (path.status, path.anchor, len(path.certificates)) == ("untrusted", None, 1)


def test_a_certificate_signed_in_a_way_nobody_knows(desk: Desk, software_key: MakeKey) -> None:
    """Anyone can upload one: it is told by its algorithm's number."""
    known = software_key("person", scheme="ecdsa-sha256").certificate
    der = known.public_bytes(Encoding.DER)
    oid, other = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d04037f")
    if oid not in der:  # by an authority whose key is RSA
        oid, other = bytes.fromhex("06092a864886f70d01010b"), bytes.fromhex("06092a864886f70d01017f")
    strange = x509.load_der_x509_certificate(der.replace(oid, other))
    with pytest.raises(UnsupportedAlgorithm):
        _ = strange.signature_hash_algorithm
    nothing = RevocationEvidence()
    check = PathCheck(status=PathStatus.UNTRUSTED, chain=(strange,))
    found = path_report(check, datetime.now(UTC), embedded=nothing, everything=nothing)
    assert found.certificates[0].signed_with == strange.signature_algorithm_oid.dotted_string
    assert found.anchor is None


def test_any_file_has_a_report_that_survives_being_kept(desk: Desk) -> None:
    """Damaged ones too; a report is small beside its file."""
    for pdf in (desk.paper, desk.archived, b"", b"%PDF-1.7", *hostile.mutations(desk.sealed, 12)):
        found, verdict = desk.report(pdf)
        assert found.word == verdict.word
        kept = to_json(found)
        assert from_json(Report, kept) == found
        assert len(kept) < 60_000
