"""Certificates at a moment: paths, dates, algorithms, uses."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from secondseal.demo.pki import Pki
from secondseal.demo.pki_shapes import Addresses, Issuer, authority_name, helper_certificate, leaf_certificate
from tests.pki.fixtures import MakeKey
from tests.trust.scene import DAY, LOOPBACK, NOTHING, now, store_of
from trust import PathCheck, PathStatus, RevocationClient, RevocationEvidence, TrustStore, check_path


def judged(
    certificate: x509.Certificate,
    store: TrustStore,
    *,
    at: datetime | None = None,
    others: tuple[x509.Certificate, ...] = (),
    evidence: RevocationEvidence = NOTHING,
) -> PathCheck:
    return check_path(
        certificate,
        others=others,
        store=store,
        at=at or now(),
        evidence=evidence,
        use="signing",
        revocation="if-known" if evidence is NOTHING else "require",
    )


def test_a_leaf_alone_finds_its_way(pki: Pki, software_key: MakeKey) -> None:
    """AC-111: state signers embed only their own certificate; the configured intermediate completes the path."""
    leaf = software_key().certificate
    check = judged(leaf, store_of(pki))
    assert check.status is PathStatus.TRUSTED
    assert check.chain == (leaf, pki.subca, pki.root)
    without = TrustStore(anchors=(pki.root,))
    assert judged(leaf, without).status is PathStatus.UNTRUSTED
    assert judged(leaf, without, others=(pki.subca,)).status is PathStatus.TRUSTED


def test_dates_are_judged_at_the_moment(pki: Pki, software_key: MakeKey) -> None:
    """AC-70: expired and not yet valid are told apart, and both are good at the right moment."""
    old = software_key(not_before=now() - 400 * DAY, not_after=now() - 10 * DAY).certificate
    early = software_key(not_before=now() + 10 * DAY, not_after=now() + 400 * DAY).certificate
    store = store_of(pki)
    assert judged(old, store).status is PathStatus.EXPIRED
    assert judged(old, store, at=now() - 20 * DAY).status is PathStatus.TRUSTED
    assert judged(early, store).status is PathStatus.NOT_YET_VALID
    assert judged(early, store, at=now() + 20 * DAY).status is PathStatus.TRUSTED
    assert "2" in judged(old, store).detail


def test_an_unknown_authority_is_untrusted(pki: Pki, other_pki: Pki, software_key: MakeKey) -> None:
    """A chain that ends elsewhere, with or without its certificates at hand."""
    stranger = software_key(at=other_pki)
    assert judged(stranger.certificate, store_of(pki), others=stranger.chain).status is PathStatus.UNTRUSTED
    assert judged(stranger.certificate, store_of(other_pki)).status is PathStatus.TRUSTED


def test_a_forged_certificate_with_the_right_names_is_untrusted(pki: Pki, other_pki: Pki) -> None:
    """Names and key identifiers alone lead nowhere: the signature must be the authority's."""
    forger = Issuer(certificate=pki.subca, key=other_pki.authority("subca").key)
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    forged = leaf_certificate(authority_name("Giả"), key, issuer=forger, now=now(), addresses=Addresses())
    assert judged(forged, store_of(pki)).status is PathStatus.UNTRUSTED


def test_g1_signers_are_valid_by_the_pinned_authority(g1_pki: Pki, software_key: MakeKey) -> None:
    """AC-110: SHA-256 leaf below a pinned SHA-1 authority is valid; nothing signed with SHA-1 is ever evaluated."""
    leaf = software_key(at=g1_pki).certificate
    pinned = judged(leaf, store_of(g1_pki))
    assert pinned.status is PathStatus.TRUSTED
    assert pinned.chain == (leaf, g1_pki.subca)
    by_root = TrustStore(anchors=(g1_pki.root,), intermediates=(g1_pki.subca,))
    assert judged(leaf, by_root).status is PathStatus.NOT_ALLOWED


def test_a_sha1_leaf_is_never_valid(g1_pki: Pki, pki: Pki, software_key: MakeKey) -> None:
    """AC-110: SHA-1 stays forbidden in the leaf, pinned authority or not."""
    for where in (g1_pki, pki):
        leaf = software_key(at=where, sha1=True).certificate
        assert judged(leaf, store_of(where)).status is PathStatus.NOT_ALLOWED


def test_a_pinned_leaf_is_its_own_path(software_key: MakeKey) -> None:
    """An operator may pin a single certificate; its dates still count."""
    leaf = software_key().certificate
    store = TrustStore(anchors=(leaf,))
    assert judged(leaf, store).chain == (leaf,)
    assert judged(leaf, store).status is PathStatus.TRUSTED
    assert judged(leaf, store, at=leaf.not_valid_after_utc + DAY).status is PathStatus.EXPIRED


@pytest.mark.parametrize("usages", [("key_encipherment",), ("crl_sign", "key_cert_sign")])
def test_key_usage_must_allow_signing(pki: Pki, software_key: MakeKey, usages: tuple[str, ...]) -> None:
    """TT 15/2025 annex II, scope of use."""
    leaf = software_key(usages=usages).certificate
    assert judged(leaf, store_of(pki)).status is PathStatus.NOT_ALLOWED


def test_either_signing_usage_is_enough(pki: Pki, software_key: MakeKey) -> None:
    """digitalSignature or nonRepudiation."""
    for usage in ("digital_signature", "content_commitment"):
        assert judged(software_key(usages=(usage,)).certificate, store_of(pki)).status is PathStatus.TRUSTED


def test_certificates_made_for_servers_do_not_sign_documents(pki: Pki, software_key: MakeKey) -> None:
    """A certificate good for TLS servers alone is refused; e-mail or client purposes are what signers have here."""
    server = software_key(purposes=(ExtendedKeyUsageOID.SERVER_AUTH.dotted_string,)).certificate
    mail = software_key(
        purposes=(ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string, ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string)
    ).certificate
    assert judged(server, store_of(pki)).status is PathStatus.NOT_ALLOWED
    assert judged(mail, store_of(pki)).status is PathStatus.TRUSTED
    assert judged(pki.subca, store_of(pki)).status is PathStatus.NOT_ALLOWED
    assert judged(pki.tsa, store_of(pki)).status is PathStatus.NOT_ALLOWED


def test_only_a_time_authority_stamps_time(pki: Pki, software_key: MakeKey) -> None:
    """AC-74, RFC 3161 2.3: timeStamping alone and critical."""
    store = store_of(pki)

    def as_tsa(certificate: x509.Certificate) -> PathStatus:
        check = check_path(
            certificate, store=store, at=now(), evidence=NOTHING, use="timestamping", revocation="if-known"
        )
        return check.status

    assert as_tsa(pki.tsa) is PathStatus.TRUSTED
    assert as_tsa(software_key().certificate) is PathStatus.NOT_ALLOWED
    not_critical = software_key(purposes=(ExtendedKeyUsageOID.TIME_STAMPING.dotted_string,)).certificate
    assert as_tsa(not_critical) is PathStatus.NOT_ALLOWED
    responder = helper_certificate(
        authority_name("OCSP"),
        ec.generate_private_key(ec.SECP256R1()).public_key(),
        issuer=pki.authority("root"),
        role="ocsp",
        addresses=Addresses(),
    )
    assert as_tsa(responder) is PathStatus.NOT_ALLOWED


def test_weak_keys_are_not_allowed(pki: Pki) -> None:
    """TT 15/2025 annex I: RSA from 2048 bits."""
    key = rsa.generate_private_key(65537, 1024).public_key()
    weak = pki.issue_person("weak", "Nguyễn Văn Yếu", key, organisation="UBND")
    assert judged(weak, store_of(pki)).status is PathStatus.NOT_ALLOWED


def test_what_is_wrong_with_the_use_does_not_hide_that_nobody_vouches(pki: Pki, other_pki: Pki) -> None:
    """An untrusted certificate stays untrusted, whatever it was made for."""
    assert judged(other_pki.tsa, store_of(pki)).status is PathStatus.UNTRUSTED


def test_a_person_cannot_issue_certificates(pki: Pki, software_key: MakeKey) -> None:
    """A leaf below a leaf: its signature verifies, its issuer is no authority (RFC 5280 6.1.4 k)."""
    person = software_key(fresh=True)
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    below = leaf_certificate(
        authority_name("Dưới"),
        key,
        issuer=Issuer(certificate=person.certificate, key=person.private_key),
        now=now(),
        addresses=Addresses(),
    )
    assert judged(below, store_of(pki), others=(person.certificate,)).status is PathStatus.UNTRUSTED


def test_an_expired_authority_spoils_the_path(tmp_path: Path) -> None:
    """Every certificate below the anchor must be valid at the moment, not the signer's alone."""
    pki = Pki.create(tmp_path / "pki")
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    late = pki.subca.not_valid_after_utc
    leaf = pki.issue_person("late", "Nguyễn Văn Muộn", key, organisation="U", not_after=late + 100 * DAY)
    check = judged(leaf, store_of(pki), at=late + DAY)
    assert check.status is PathStatus.EXPIRED
    assert "CA thử nghiệm" in check.detail


def test_a_maze_of_certificates_ends(pki: Pki) -> None:
    """A hostile file may carry authorities that have all issued each other: the search is bounded."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(7)]
    names = [authority_name(f"Mê cung {number}") for number in range(7)]
    maze = []
    for upper in range(7):
        for lower in range(7):
            builder = x509.CertificateBuilder().subject_name(names[lower]).issuer_name(names[upper])
            builder = builder.public_key(keys[lower].public_key()).serial_number(x509.random_serial_number())
            builder = builder.not_valid_before(now() - DAY).not_valid_after(now() + DAY)
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            maze.append(builder.sign(keys[upper], hashes.SHA256()))
    started = datetime.now(UTC)
    assert judged(maze[0], store_of(pki), others=tuple(maze)).status is PathStatus.UNTRUSTED
    assert datetime.now(UTC) - started < timedelta(seconds=2)


def test_revocation_must_be_known_where_required(pki: Pki, software_key: MakeKey) -> None:
    """AC-72: without evidence the status says so; with it the same certificate is trusted."""
    leaf = software_key().certificate
    unknown = check_path(leaf, store=store_of(pki), at=now(), evidence=NOTHING, use="signing")
    assert unknown.status is PathStatus.REVOCATION_UNKNOWN
    evidence = RevocationClient(LOOPBACK).collect(unknown.chain, now=now())
    known = check_path(leaf, store=store_of(pki), at=now(), evidence=evidence, use="signing")
    assert (known.status, known.revoked_at) == (PathStatus.TRUSTED, None)
    partly = RevocationEvidence(ocsp_responses=evidence.ocsp_responses[:1], certificates=evidence.certificates)
    half = check_path(leaf, store=store_of(pki), at=now(), evidence=partly, use="signing")
    assert half.status is PathStatus.REVOCATION_UNKNOWN


def test_unreadable_certificates_are_no_accident(pki: Pki, software_key: MakeKey) -> None:
    """A certificate whose key or extensions do not parse is untrusted, and as a helper is passed over."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    issuer = pki.authority("tsa")
    broken = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(issuer.key.public_key())
        .serial_number(5)
        .not_valid_before(now() - DAY)
        .not_valid_after(now() + DAY)
        .add_extension(x509.UnrecognizedExtension(x509.KeyUsage.oid, b"\x04\x00"), critical=True)
        .sign(issuer.key, hashes.SHA256())
    )
    assert judged(broken, store_of(pki)).status is PathStatus.UNTRUSTED
    assert judged(software_key().certificate, store_of(pki), others=(broken,)).status is PathStatus.TRUSTED


def test_the_moment_needs_a_time_zone(pki: Pki) -> None:
    """A naive time is a mistake of the caller."""
    with pytest.raises(ValueError, match="time zone"):
        judged(pki.tsa, store_of(pki), at=datetime(2026, 1, 1))  # noqa: DTZ001
