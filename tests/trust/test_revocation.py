"""What evidence tells about a moment. Responses and lists are made by hand, with the PKI's real keys."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from asn1crypto import core as asn1_core
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathValidationError

from secondseal.demo.pki import Pki
from secondseal.demo.pki_shapes import Addresses, Issuer, authority_name, leaf_certificate
from tests.pki.fixtures import MakeKey, label_of
from tests.pki.software_key import SoftwareKey
from tests.trust.scene import DAY, HOUR, LOOPBACK, NOTHING, crl, now, ocsp_response, store_of
from trust import PathStatus, RevocationClient, RevocationEvidence, check_path, judge_revocation, statements

NOW = now()


def state(
    pki: Pki,
    key: SoftwareKey,
    *responses: bytes,
    crls: tuple[bytes, ...] = (),
    at: datetime = NOW,
    helpers: bytes = b"",
) -> str:
    evidence = RevocationEvidence(ocsp_responses=responses, crls=crls, certificates=(helpers,) if helpers else ())
    return judge_revocation(key.certificate, pki.subca, evidence, at=at).state


def answer(pki: Pki, key: SoftwareKey, *, by: str | Issuer = "ocsp-subca", **said: object) -> bytes:
    signer = pki.authority(by) if isinstance(by, str) else by
    said.setdefault("this_update", NOW)
    return ocsp_response(key.certificate, pki.subca, signer, **said)  # type: ignore[arg-type]


def test_a_revocation_counts_from_its_date_on(pki: Pki, software_key: MakeKey) -> None:
    """AC-80: revoked by a merger today, the paper of yesterday stays; and the date is told all the same (AC-70)."""
    key = software_key(fresh=True)
    pki.revoke(label_of(pki, key), at=NOW - HOUR, reason="affiliation_changed")
    chain = (key.certificate, *pki.chain)
    evidence = RevocationClient(LOOPBACK).collect(chain, now=now())

    def at(moment: datetime) -> tuple[PathStatus, datetime | None]:
        check = check_path(key.certificate, store=store_of(pki), at=moment, evidence=evidence, use="signing")
        return check.status, check.revoked_at

    assert at(NOW - DAY) == (PathStatus.TRUSTED, NOW - HOUR)
    assert at(NOW) == (PathStatus.REVOKED, NOW - HOUR)
    assert at(NOW - HOUR) == (PathStatus.REVOKED, NOW - HOUR)
    with pki.down("ocsp"):
        by_list = RevocationClient(LOOPBACK).collect(chain, now=now())
    assert by_list.crls
    assert not by_list.ocsp_responses
    evidence = by_list
    assert at(NOW - DAY) == (PathStatus.TRUSTED, NOW - HOUR)
    assert at(NOW) == (PathStatus.REVOKED, NOW - HOUR)


def test_a_revoked_authority_takes_its_signers_along(tmp_path: Path, software_key: MakeKey) -> None:
    """The whole chain below the anchor is asked about."""
    with Pki.create(tmp_path / "pki") as pki:
        key = software_key(at=pki)
        pki.revoke("subca", at=NOW - HOUR, reason="ca_compromise")
        evidence = RevocationClient(LOOPBACK).collect((key.certificate, *pki.chain), now=now())
    check = check_path(key.certificate, store=store_of(pki), at=NOW, evidence=evidence, use="signing")
    assert check.status is PathStatus.REVOKED
    assert "CA thử nghiệm" in check.detail


def test_good_said_later_covers_the_moment_before(pki: Pki, software_key: MakeKey) -> None:
    """Evidence collected after the seal's timestamp tells about the seal (B-LT, AC-74)."""
    key = software_key()
    assert state(pki, key, answer(pki, key, this_update=NOW), at=NOW - 100 * DAY) == "not_revoked"
    assert state(pki, key, crls=(crl(pki.authority("subca"), this_update=NOW),), at=NOW - DAY) == "not_revoked"


def test_good_said_before_covers_only_its_life(pki: Pki, software_key: MakeKey) -> None:
    """AC-72: an answer that has run out is no answer."""
    key = software_key()
    fresh = answer(pki, key, this_update=NOW - HOUR, next_update=NOW + HOUR)
    stale = answer(pki, key, this_update=NOW - 2 * HOUR, next_update=NOW - HOUR)
    endless = answer(pki, key, this_update=NOW - HOUR)
    assert state(pki, key, fresh) == "not_revoked"
    assert state(pki, key, stale) == "unknown"
    assert state(pki, key, endless) == "unknown"
    assert state(pki, key) == "unknown"


def test_forged_answers_say_nothing(pki: Pki, other_pki: Pki, software_key: MakeKey) -> None:
    """Signed by another PKI's responder, by a mere signer, by another authority's responder, or altered."""
    key, other = software_key(), software_key("organisation")
    signer = Issuer(certificate=other.certificate, key=other.private_key)
    for by in (other_pki.authority("ocsp-subca"), signer, pki.authority("ocsp-root")):
        assert state(pki, key, answer(pki, key, by=by)) == "unknown"
    honest = answer(pki, key)
    value = ocsp.load_der_ocsp_response(honest).signature
    assert state(pki, key, honest.replace(value, value[:-1] + bytes([value[-1] ^ 1]))) == "unknown"
    foreign = other_pki.authority("subca").key
    for forged in (other_pki.authority("subca"), replace(pki.authority("subca"), key=foreign)):
        assert state(pki, key, crls=(crl(forged, this_update=NOW),)) == "unknown"
    assert state(pki, key, answer(pki, other)) == "unknown"
    assert state(pki, key, b"nonsense", crls=(b"nonsense",)) == "unknown"
    assert state(pki, key, answer(pki, key)) == "not_revoked"


def test_the_issuer_itself_may_answer(pki: Pki, software_key: MakeKey) -> None:
    """RFC 6960 2.2: the authority's own key, or a responder it appointed whose certificate lies in the evidence."""
    key = software_key()
    assert state(pki, key, answer(pki, key, by="subca")) == "not_revoked"
    bare = answer(pki, key, carried=())
    assert state(pki, key, bare) == "unknown"
    helper = pki.authority("ocsp-subca").certificate.public_bytes(Encoding.DER)
    assert state(pki, key, bare, helpers=helper) == "not_revoked"


def test_a_responder_without_no_check_is_asked_about_too(pki: Pki, software_key: MakeKey) -> None:
    """RFC 6960 4.2.2.2.1: only the authority's own word counts for it."""
    key = software_key()
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = leaf_certificate(
        authority_name("OCSP không miễn kiểm tra"),
        private.public_key(),
        issuer=pki.authority("subca"),
        now=NOW,
        addresses=Addresses(),
        purposes=(ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string,),
    )
    responder = Issuer(certificate=certificate, key=private)
    said = answer(pki, key, by=responder)
    assert state(pki, key, said) == "unknown"
    good = crl(pki.authority("subca"), this_update=NOW)
    evidence = RevocationEvidence(ocsp_responses=(said,), crls=(good,))
    assert any(s.responder == certificate for s in statements(evidence, key.certificate, pki.subca))
    assert judge_revocation(key.certificate, pki.subca, evidence, at=NOW).state == "not_revoked"
    revoked = crl(pki.authority("subca"), this_update=NOW, revoked={certificate.serial_number: (NOW - DAY, None)})
    only_ocsp = RevocationEvidence(ocsp_responses=(said,), crls=(revoked,))
    finding = judge_revocation(key.certificate, pki.subca, only_ocsp, at=NOW)
    assert finding.by is not None
    assert finding.by.kind == "crl"  # the list speaks; its revoked responder no longer does


def test_an_expired_responder_does_not_speak(pki: Pki, software_key: MakeKey) -> None:
    """The responder's certificate must be valid when it answers."""
    key = software_key()
    private = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(authority_name("Cũ")).issuer_name(pki.subca.subject)
    builder = builder.public_key(private.public_key()).serial_number(9)
    builder = builder.not_valid_before(NOW - 9 * DAY).not_valid_after(NOW - DAY)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=True)
    builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    old = Issuer(certificate=builder.sign(pki.authority("subca").key, hashes.SHA256()), key=private)
    assert state(pki, key, answer(pki, key, by=old)) == "unknown"


def test_an_old_responder_does_not_speak_of_today(pki: Pki, software_key: MakeKey) -> None:
    """Its certificate is held against the day on which it says it answered; nothing may be known to it later. A key
    thrown away with its certificate (no-check: nobody asks about it) would vouch for anybody otherwise."""
    key, issuer = software_key(), pki.authority("subca")
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(authority_name("OCSP cũ"))
        .issuer_name(pki.subca.subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 900 * DAY)
        .not_valid_after(NOW - 800 * DAY)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        .add_extension(x509.OCSPNoCheck(), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    old = Issuer(certificate=certificate, key=private)
    then = NOW - 850 * DAY
    assert state(pki, key, answer(pki, key, by=old, produced_at=then)) == "unknown"
    at_its_time = answer(pki, key, by=old, this_update=then, next_update=then + DAY, produced_at=then)
    assert state(pki, key, at_its_time, at=then + HOUR) == "not_revoked"


def test_a_key_is_doubted_from_the_day_its_authority_says(pki: Pki, software_key: MakeKey) -> None:
    """RFC 5280, 5.3.2: revoked on Friday, known to be stolen on Tuesday; a signature of Wednesday is the thief's."""
    key, issuer = software_key(), pki.authority("subca")
    stolen, revoked = NOW - 3 * DAY, NOW - HOUR
    told = answer(pki, key, revoked_at=revoked, invalid_since=asn1_core.GeneralizedTime(stolen).dump())
    entry = x509.RevokedCertificateBuilder().serial_number(key.certificate.serial_number).revocation_date(revoked)
    doubted = entry.add_extension(x509.InvalidityDate(stolen.replace(tzinfo=None)), critical=False).build()
    listed = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(pki.subca.subject)
        .last_update(NOW)
        .next_update(NOW + DAY)
        .add_revoked_certificate(doubted)
        .sign(issuer.key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
    for responses, crls in (((told,), ()), ((), (listed,))):
        assert state(pki, key, *responses, crls=crls, at=NOW - 2 * DAY) == "revoked"
        assert state(pki, key, *responses, crls=crls, at=NOW - 4 * DAY) == "not_revoked"


def test_a_list_that_has_a_certificate_twice(pki: Pki, software_key: MakeKey) -> None:
    """The earlier entry counts, wherever it stands."""
    key, issuer = software_key(), pki.authority("subca")
    for days in ((1, 9), (9, 1)):
        builder = x509.CertificateRevocationListBuilder().issuer_name(pki.subca.subject)
        builder = builder.last_update(NOW).next_update(NOW + DAY)
        for ago in days:
            entry = x509.RevokedCertificateBuilder().serial_number(key.certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(NOW - ago * DAY).build())
        listed = builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)
        assert state(pki, key, crls=(listed,), at=NOW - 5 * DAY) == "revoked"


def test_good_about_the_expired_is_not_believed(pki: Pki, software_key: MakeKey) -> None:
    """EN 319 102-1 5.2.5: authorities may forget expired certificates; "good" said afterwards proves nothing."""
    key = software_key(not_before=NOW - 400 * DAY, not_after=NOW - 10 * DAY)
    moment = NOW - 20 * DAY
    assert state(pki, key, answer(pki, key), at=moment) == "unknown"
    assert state(pki, key, crls=(crl(pki.authority("subca"), this_update=NOW),), at=moment) == "unknown"
    assert state(pki, key, answer(pki, key, this_update=NOW - 15 * DAY), at=moment) == "not_revoked"
    cutoff = asn1_core.GeneralizedTime(NOW - 3650 * DAY).dump()
    assert state(pki, key, answer(pki, key, archive_cutoff=cutoff), at=moment) == "not_revoked"
    late = asn1_core.GeneralizedTime(NOW - DAY).dump()
    assert state(pki, key, answer(pki, key, archive_cutoff=late), at=moment) == "unknown"
    revoked = answer(pki, key, revoked_at=NOW - 30 * DAY)
    assert state(pki, key, revoked, at=moment) == "revoked"


def test_a_lifted_hold_is_no_revocation(pki: Pki, software_key: MakeKey) -> None:
    """certificateHold may end; every other revocation is for ever, whatever is said later."""
    key = software_key()
    later = answer(pki, key, this_update=NOW)
    held = answer(pki, key, this_update=NOW - DAY, revoked_at=NOW - 2 * DAY, reason=x509.ReasonFlags.certificate_hold)
    revoked = answer(
        pki, key, this_update=NOW - DAY, revoked_at=NOW - 2 * DAY, reason=x509.ReasonFlags.cessation_of_operation
    )
    assert state(pki, key, held) == "revoked"
    assert state(pki, key, held, later) == "not_revoked"
    assert state(pki, key, revoked, later) == "revoked"


def test_lists_that_are_not_about_this_certificate_say_nothing(pki: Pki, software_key: MakeKey) -> None:
    """RFC 5280 5.2.5: partial, indirect, delta lists and lists of another distribution point."""
    key = software_key()
    issuer = pki.authority("subca")

    def listed(**point: object) -> bytes:
        whole: dict[str, object] = {
            "full_name": None,
            "relative_name": None,
            "only_contains_user_certs": False,
            "only_contains_ca_certs": False,
            "only_some_reasons": None,
            "indirect_crl": False,
            "only_contains_attribute_certs": False,
        }
        extension = x509.IssuingDistributionPoint(**{**whole, **point})  # type: ignore[arg-type]
        return crl(issuer, this_update=NOW, extensions=((extension, True),))

    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.9"), b"\x05\x00")

    def here(url: str) -> list[x509.GeneralName]:
        return [x509.UniformResourceIdentifier(url)]

    for one in (
        listed(only_contains_ca_certs=True),
        listed(indirect_crl=True),
        listed(only_contains_attribute_certs=True),
        listed(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])),
        listed(full_name=here("http://127.0.0.1/other.crl")),
        crl(issuer, this_update=NOW, extensions=((x509.DeltaCRLIndicator(1), True),)),
        crl(issuer, this_update=NOW, extensions=((strange, True),)),
        crl(pki.authority("root"), this_update=NOW),
    ):
        assert state(pki, key, crls=(one,)) == "unknown"
    for one in (listed(only_contains_user_certs=True), listed(full_name=here(f"{pki.url}/crl/subca.crl"))):
        assert state(pki, key, crls=(one,)) == "not_revoked"


def test_statements_tell_what_each_piece_says(pki: Pki, software_key: MakeKey) -> None:
    """TT 15 Đ.5.10: what was asked and answered can be shown: by whom, when, until when, what."""
    key = software_key()
    listed = crl(
        pki.authority("subca"),
        this_update=NOW,
        revoked={key.certificate.serial_number: (NOW - DAY, x509.ReasonFlags.superseded)},
    )
    evidence = RevocationEvidence(ocsp_responses=(answer(pki, key, next_update=NOW + HOUR),), crls=(listed,))
    by_ocsp, by_list = statements(evidence, key.certificate, pki.subca)
    assert (by_ocsp.kind, by_ocsp.status, by_ocsp.this_update, by_ocsp.next_update) == ("ocsp", "good", NOW, NOW + HOUR)
    assert "OCSP CA" in by_ocsp.issuer
    assert (by_list.kind, by_list.status, by_list.revoked_at, by_list.reason) == (
        "crl",
        "revoked",
        NOW - DAY,
        "superseded",
    )


def test_evidence_merges_without_doubles() -> None:
    """Stored pieces are kept once, in order."""
    one = RevocationEvidence(ocsp_responses=(b"a",), crls=(b"c",))
    two = RevocationEvidence(ocsp_responses=(b"b", b"a"), certificates=(b"d",))
    assert one.merged(two) == RevocationEvidence(ocsp_responses=(b"a", b"b"), crls=(b"c",), certificates=(b"d",))
    assert NOTHING.merged(one) == one


@pytest.mark.parametrize("days", [-400, -1, 0, 1])
def test_our_reading_agrees_with_certvalidator(pki: Pki, software_key: MakeKey, days: int) -> None:
    """An independent judge over the same chain and list: trusted, revoked and expired at the same moments."""
    key = software_key(not_before=NOW - 100 * DAY, name="Nguyễn Văn Oracle")
    moment = NOW + days * DAY
    lists = tuple(
        crl(
            pki.authority(authority),
            this_update=NOW - 401 * DAY,
            next_update=NOW + 400 * DAY,
            revoked={key.certificate.serial_number: (NOW - HOUR, None)} if authority == "subca" else None,
        )
        for authority in ("root", "subca")
    )

    def parsed(certificate: x509.Certificate) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))

    context = ValidationContext(
        trust_roots=[parsed(pki.root)],
        other_certs=[parsed(pki.subca)],
        moment=moment,
        crls=[asn1_crl.CertificateList.load(one) for one in lists],
        revocation_mode="require",
    )
    try:
        asyncio.run(
            CertificateValidator(parsed(key.certificate), validation_context=context).async_validate_usage(  # type: ignore[no-untyped-call]
                {"digital_signature"}
            )
        )
        theirs = True
    except PathValidationError:
        theirs = False
    evidence = RevocationEvidence(crls=lists)
    ours = check_path(key.certificate, store=store_of(pki), at=moment, evidence=evidence, use="signing")
    assert (ours.status is PathStatus.TRUSTED) is theirs
    expected = {-400: PathStatus.NOT_YET_VALID, -1: PathStatus.TRUSTED, 0: PathStatus.REVOKED, 1: PathStatus.REVOKED}
    assert ours.status is expected[days]
