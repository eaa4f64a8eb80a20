"""Who is believed, and when: other authorities, the older G1 shape, clocks, years later, services away."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from secondseal.demo.pki import Pki
from tests.pki.fixtures import MakeKey
from tests.verifier.desk import OFFICE, Desk, client_of
from tests.verifier.papers import sign
from trust import TrustStore
from verifier import OFFICER_FIELD, SEAL_FIELD, verify_facts
from verifier.gather import gather


def test_an_unknown_authority_is_untrusted(desk: Desk, other_pki: Pki, software_key: MakeKey) -> None:
    """Anyone can make a PKI with these names in it; nothing of it is asked over the network."""
    key = software_key("person", name="Nguyễn Văn Ổn", organisation=OFFICE, at=other_pki)
    pdf = sign(desk.paper, key, OFFICER_FIELD)
    verdict = desk.judge(pdf, online=True)
    assert verdict.word == "untrusted"
    assert verdict.signatures[0].sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
    assert verdict.facts.trusted is False
    assert verdict.facts.cryptographically_valid is True
    assert verdict.legal.officer_signed is False


def test_a_foreign_seal_under_our_officer_is_untrusted(desk: Desk, other_pki: Pki, software_key: MakeKey) -> None:
    key = software_key("organisation", name=OFFICE, organisation=OFFICE, at=other_pki)
    verdict = desk.judge(sign(desk.approved, key, SEAL_FIELD))
    assert verdict.word == "untrusted"
    assert [signature.word for signature in verdict.signatures] == ["genuine", "untrusted"]


def test_a_signers_certificate_that_cannot_be_read_is_trusted_by_nobody(desk: Desk) -> None:
    """Of one's own making, with an extension that does not parse: no path can be asked about, so none leads anywhere.

    With a proven time and evidence for the time authority, there was nothing else to find wrong with such a file.
    """
    key, now = desk.officer, datetime.now(UTC)
    broken = (
        x509.CertificateBuilder()
        .subject_name(key.certificate.subject)
        .issuer_name(key.certificate.issuer)
        .public_key(key.private_key.public_key())
        .serial_number(5)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.UnrecognizedExtension(x509.KeyUsage.oid, b"\x04\x00"), critical=False)
        .sign(key.private_key, hashes.SHA256())
    )
    forged = replace(key, certificate=broken, chain=())
    pdf = desk.add_evidence(desk.sign_t(desk.paper, forged, OFFICER_FIELD), key)
    for online in (False, True):
        verdict = desk.judge(pdf, online=online)
        assert verdict.word == "untrusted"
        assert "no_chain" in {finding.code for finding in verdict.signatures[0].findings}
        assert verdict.facts.trusted is False
        assert verdict.legal.officer_signed is False


def test_g1_shape_is_valid_with_the_pinned_authority(g1_pki: Pki, software_key: MakeKey) -> None:
    """AC-110: the pinned SHA-1 subordinate authority is an anchor; the SHA-256 leaf under it is good."""
    old = Desk(g1_pki, lambda kind="person", **how: software_key(kind, at=g1_pki, **how))
    assert old.judge(old.sealed).word == "genuine"


def test_g1_shape_fails_without_the_pin(g1_pki: Pki, software_key: MakeKey) -> None:
    """AC-110: root and subordinate authority named the ordinary way lead over a SHA-1 signature."""
    old = Desk(g1_pki, lambda kind="person", **how: software_key(kind, at=g1_pki, **how))
    store = TrustStore(anchors=(g1_pki.root,), intermediates=(g1_pki.subca,))
    assert old.judge(old.sealed, store=store).word in ("invalid", "untrusted")


def test_an_authority_that_ended_keeps_what_is_proven_to_be_older(desk: Desk) -> None:
    """The operator ends an anchor with a date: a time stamp from before keeps its paper; a claimed time keeps nothing,
    since whoever has the key can claim any."""
    later, earlier = datetime.now(UTC) + timedelta(minutes=1), datetime.now(UTC) - timedelta(days=3)
    ends_later = TrustStore(
        anchors=desk.store.anchors, intermediates=desk.store.intermediates, ended={desk.pki.subca: later}
    )
    ended = TrustStore(
        anchors=desk.store.anchors, intermediates=desk.store.intermediates, ended={desk.pki.subca: earlier}
    )
    year = datetime.now(UTC) + timedelta(days=365)
    assert desk.judge(desk.sealed, store=ends_later, at=year).word == "genuine"
    proven_after = desk.judge(desk.sealed, store=ended)
    assert proven_after.word == "untrusted"
    assert {finding.code for finding in proven_after.all_findings} == {"authority_ended"}
    unproven = sign(desk.paper, desk.officer, OFFICER_FIELD)
    assert desk.judge(unproven, store=ends_later).word == "warning"
    verdict = desk.judge(unproven, store=ends_later, at=year)
    assert verdict.word == "untrusted"
    assert "authority_ended_no_proof" in {finding.code for finding in verdict.all_findings}
    assert verdict.signatures[0].sub_indication == "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"
    assert verdict.facts.trusted is False


def test_sha1_leaf_is_invalid(g1_pki: Pki, software_key: MakeKey) -> None:
    """AC-110: SHA-1 stays forbidden in the leaf."""
    old = Desk(g1_pki, lambda kind="person", **how: software_key(kind, at=g1_pki, **how))
    pdf = old.sign_t(old.paper, old.key("person", sha1=True), OFFICER_FIELD)
    verdict = old.judge(pdf, online=True)
    assert verdict.word == "invalid"
    assert "certificate_not_allowed" in {finding.code for finding in verdict.all_findings}


def test_signing_time_seven_hours_ahead_is_a_remark(desk: Desk) -> None:
    """AC-112: local time written as UTC; the timestamp is right, so the conclusion stays HỢP LỆ."""
    seven_hours_ago = datetime.now(UTC) - timedelta(hours=7)
    try:
        desk.pki.set_clock(seven_hours_ago)
        pdf = desk.sign_t(desk.sign_t(desk.paper, desk.officer, OFFICER_FIELD), desk.seal, SEAL_FIELD)
    finally:
        desk.pki.set_clock(None)
    verdict = desk.judge(pdf, online=True)
    assert verdict.word == "genuine"
    assert {finding.code for finding in verdict.all_findings} == {"time_zone_slip"}
    assert verdict.as_json()["conclusion"]["vi"] == "HỢP LỆ"
    signed_at = verdict.signatures[0].signed_at
    assert signed_at is not None
    assert abs((signed_at - seven_hours_ago).total_seconds()) < 60


def test_valid_ten_years_later_with_every_service_gone(desk: Desk) -> None:
    """AC-122: expiry of both certificates and silence of OCSP, CRL and TSA change nothing (B-LT)."""
    later = datetime.now(UTC) + timedelta(days=3650)
    assert desk.judge(desk.sealed, at=later).word == "genuine"
    with desk.pki.down("ocsp", "crl", "tsa"):
        verdict = verify_facts(gather(desk.sealed), store=desk.store, client=client_of(desk.pki), at=later)
    assert verdict.word == "genuine"


def test_services_down_is_never_plain_valid(desk: Desk) -> None:
    """AC-72: asked, and nobody answers."""
    pdf = desk.sign_t(desk.sign_t(desk.paper, desk.officer, OFFICER_FIELD), desk.seal, SEAL_FIELD)
    with desk.pki.down("ocsp", "crl"):
        verdict = verify_facts(gather(pdf), store=desk.store, client=client_of(desk.pki))
    assert verdict.word == "warning"
    assert verdict.as_json()["conclusion"]["vi"] == "CẢNH BÁO: không kiểm tra được trạng thái thu hồi"
    assert verdict.legal.equals_paper_original is None


def test_a_timestamp_of_an_unknown_authority_proves_nothing(desk: Desk, other_pki: Pki) -> None:
    from tests.verifier.desk import LoopbackTimeStamper

    stamper = LoopbackTimeStamper(other_pki.tsa_url)
    pdf = sign(sign(desk.paper, desk.officer, OFFICER_FIELD), desk.seal, SEAL_FIELD, timestamper=stamper)
    verdict = desk.judge(pdf, online=True)
    assert verdict.word == "warning"
    assert {"timestamp_not_trusted", "no_proven_time"} <= {finding.code for finding in verdict.all_findings}
    assert verdict.signatures[1].time_source == "claimed"


def test_document_timestamp_proves_the_time_of_a_signature_without_one(desk: Desk) -> None:
    signed = sign(sign(desk.paper, desk.officer, OFFICER_FIELD), desk.seal, SEAL_FIELD)
    verdict = desk.judge(desk.archive(signed), online=True)
    assert verdict.word == "genuine"
    assert [signature.time_source for signature in verdict.signatures] == ["timestamp", "timestamp"]
    assert [stamp.valid for stamp in verdict.timestamps] == [True]


def test_levels(desk: Desk) -> None:
    assert [s.level for s in desk.judge(desk.sealed).signatures] == ["B-LT", "B-LT"]
    assert [s.level for s in desk.judge(desk.archived).signatures] == ["B-LTA", "B-LTA"]
    timestamped = desk.sign_t(desk.paper, desk.officer, OFFICER_FIELD)
    assert [s.level for s in desk.judge(timestamped).signatures] == ["B-T"]
    assert [s.level for s in desk.judge(sign(desk.paper, desk.officer, OFFICER_FIELD)).signatures] == ["B-B"]


def test_an_answer_from_before_the_theft_does_not_hide_it(desk: Desk) -> None:
    """A stolen key seals after its revocation and brings the answer "good" of the day before, which still lives: the
    file alone looks whole (EN 319 102-1, 5.2.5), whoever asks is told (docs/decisions/0033)."""
    key = desk.key("organisation", name=OFFICE, organisation=OFFICE, fresh=True)
    good = desk.evidence(key)
    desk.pki.revoke(desk.pki.label_of(key.certificate), reason="key_compromise")
    time.sleep(1.1)  # a revocation has whole seconds, and the signature must come after it
    signed = desk.sign_t(desk.approved, key, SEAL_FIELD)
    pdf = desk.add_evidence(signed, key, evidence=good)
    assert desk.judge(pdf).word == "genuine"
    asked = verify_facts(gather(pdf), store=desk.store, client=client_of(desk.pki))
    assert asked.word == "invalid"
    assert {finding.code for finding in asked.signatures[1].findings} == {"certificate_revoked"}
    assert asked.signatures[1].sub_indication == "REVOKED"
    assert asked.signatures[1].level == "B-LT", "what the file holds is another question"


def test_a_later_revocation_asked_for_leaves_the_paper_alone(desk: Desk) -> None:
    """AC-80: told as a fact beside the verdict, and nothing else; also for a stolen key (EN 319 102-1, 5.5)."""
    for reason in ("key_compromise", "cessation_of_operation"):
        key = desk.key("organisation", name=OFFICE, organisation=OFFICE, fresh=True)
        pdf = desk.sign_lt(desk.approved, key, SEAL_FIELD)
        time.sleep(1.1)
        desk.pki.revoke(desk.pki.label_of(key.certificate), reason=reason)
        verdict = verify_facts(gather(pdf), store=desk.store, client=client_of(desk.pki))
        assert verdict.word == "genuine"
        assert verdict.signatures[1].revoked_at is not None
        assert verdict.signatures[1].level == "B-LT"


def test_revoked_and_expired_since_without_a_proven_time(desk: Desk) -> None:
    """A thief who waits until the certificate has expired still signs with a revoked key: that it ended does not hide
    it (REVOKED_NO_POE)."""
    key = desk.key("person", organisation=OFFICE, fresh=True)
    signed = sign(desk.paper, key, OFFICER_FIELD)
    time.sleep(1.1)
    desk.pki.revoke(desk.pki.label_of(key.certificate), reason="key_compromise")
    pdf = desk.add_evidence(signed, key)
    after = key.certificate.not_valid_after_utc + timedelta(days=1)
    for at in (datetime.now(UTC) + timedelta(seconds=5), after):
        verdict = desk.judge(pdf, at=at)
        assert verdict.word == "invalid"
        assert "revoked_no_proof" in {finding.code for finding in verdict.all_findings}
