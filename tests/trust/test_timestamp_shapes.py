"""Tokens as other authorities make them, and as none should."""

import hashlib
from datetime import timedelta

import pytest
from asn1crypto import cms, core
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_der_x509_certificate

from secondseal.demo.pki import Pki
from secondseal.demo.pki_shapes import Addresses, authority_name, helper_certificate
from tests.trust.hand_made_token import PSS, attribute, binding_v2, made_token
from tests.trust.scene import NOTHING, now, store_of
from trust import PathStatus, TimestampInvalid, TimestampToken, check_path, read_token, verify_token

DIGEST = hashlib.sha256(b"paper").digest()
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def authority(pki: Pki, key: Key) -> Certificate:
    return helper_certificate(
        authority_name("TSA khác"), key.public_key(), issuer=pki.authority("root"), role="tsa", addresses=Addresses()
    )


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    """The key of an authority like the state's (RSA)."""
    return rsa.generate_private_key(65537, 2048)


def test_shapes_of_other_authorities(pki: Pki, rsa_key: rsa.RSAPrivateKey) -> None:
    """RSA PKCS#1 v1.5 and PSS, ECDSA, SHA-512, ESSCertIDv2, signer by key identifier, and an algorithm that names no
    hash of its own."""
    by_rsa = authority(pki, rsa_key)
    curve = ec.generate_private_key(ec.SECP384R1())
    by_curve = authority(pki, curve)
    for der in (
        made_token(DIGEST, by_rsa, rsa_key),
        made_token(DIGEST, by_rsa, rsa_key, hash_name="sha512"),
        made_token(DIGEST, by_rsa, rsa_key, algorithm=PSS),
        made_token(DIGEST, by_rsa, rsa_key, algorithm={"algorithm": "rsassa_pkcs1v15"}),
        made_token(DIGEST, by_rsa, rsa_key, by_key_identifier=True),
        made_token(DIGEST, by_curve, curve, hash_name="sha512"),
    ):
        token = read_token(der)
        verify_token(token, DIGEST)
        check = check_path(
            token.certificate,
            store=store_of(pki),
            at=now(),
            evidence=NOTHING,
            use="timestamping",
            revocation="if-known",
        )
        assert check.status is PathStatus.TRUSTED


def test_shapes_that_prove_nothing(pki: Pki, rsa_key: rsa.RSAPrivateKey) -> None:
    """AC-110: a SHA-1 signature; and unbound signers, missing or doubled attributes, other content, two signers."""
    certificate = authority(pki, rsa_key)

    def reason(**options: object) -> str:
        der = made_token(DIGEST, certificate, rsa_key, **options)  # type: ignore[arg-type]
        with pytest.raises(TimestampInvalid) as caught:
            verify_token(read_token(der), DIGEST)
        return caught.value.reason

    assert reason(hash_name="sha1") == "algorithm"
    assert reason(extra=()) == "certificate_binding"
    assert reason(extra=(binding_v2(pki.tsa),)) == "certificate_binding"
    assert reason(without="message_digest") == "malformed"
    assert reason(without="content_type") == "malformed"
    assert reason(extra=(binding_v2(certificate), attribute("content_type", "data"))) == "malformed"
    assert reason(content_type="data") == "malformed"
    assert reason(signers=2) == "malformed"
    assert reason(algorithm={"algorithm": "sha1_rsa"}) == "signature"
    assert reason(algorithm={"algorithm": "sha256_ecdsa"}) == "signature"
    assert reason(algorithm={"algorithm": "sha384_rsa"}) == "signature"


def test_a_weak_authority_stamps_nothing(pki: Pki) -> None:
    """TT 15/2025 annex I: an RSA-1024 key's signature counts for nothing."""
    key = rsa.generate_private_key(65537, 1024)
    token = read_token(made_token(DIGEST, authority(pki, key), key))
    with pytest.raises(TimestampInvalid) as caught:
        verify_token(token, DIGEST)
    assert caught.value.reason == "signature"


def test_nothing_stands_behind_the_time(pki: Pki, rsa_key: rsa.RSAPrivateKey) -> None:
    """What is signed is the whole content, not what a parser reads of it."""
    der = made_token(DIGEST, authority(pki, rsa_key), rsa_key, behind=b"\x04\x02zz")
    with pytest.raises(TimestampInvalid):
        verify_token(read_token(der), DIGEST)


def test_a_key_certified_for_pss_stamps_by_pss_alone(pki: Pki) -> None:
    """RFC 4055, 1.2; `cryptography` reads such a key as any RSA key. And the trailer field is 1."""
    key = rsa.generate_private_key(65537, 2048)
    plain = asn1_x509.Certificate.load(authority(pki, key).public_bytes(Encoding.DER))
    info = plain["tbs_certificate"]["subject_public_key_info"]
    plain["tbs_certificate"]["subject_public_key_info"] = asn1_keys.PublicKeyInfo(
        {"algorithm": {"algorithm": "rsassa_pss"}, "public_key": info["public_key"]}
    )
    certificate = load_der_x509_certificate(plain.dump(force=True))
    verify_token(read_token(made_token(DIGEST, certificate, key, algorithm=PSS)), DIGEST)
    with pytest.raises(TimestampInvalid):
        verify_token(read_token(made_token(DIGEST, certificate, key)), DIGEST)
    odd = cms.ContentInfo.load(made_token(DIGEST, certificate, key, algorithm=PSS))
    odd["content"]["signer_infos"][0]["signature_algorithm"]["parameters"]["trailer_field"] = 2
    with pytest.raises(TimestampInvalid):
        verify_token(read_token(odd.dump(force=True)), DIGEST)


def test_what_a_token_says_besides_the_time(pki: Pki, rsa_key: rsa.RSAPrivateKey) -> None:
    """How far the time may be off; and an extension that must be understood, which none here is (RFC 3161, 2.4.2)."""
    certificate = authority(pki, rsa_key)

    def told(**more: object) -> TimestampToken:
        token = read_token(made_token(DIGEST, certificate, rsa_key, more=more))
        verify_token(token, DIGEST)
        return token

    assert told().accuracy == timedelta(0)
    assert told(accuracy={"seconds": 1, "millis": 500, "micros": 3}).accuracy == timedelta(microseconds=1500003)
    unknown = {"extn_id": "1.3.6.1.4.1.32473.7", "critical": False, "extn_value": core.OctetString(b"\x05\x00")}
    assert told(extensions=[unknown]).imprint == DIGEST
    for bad in ({"extensions": [{**unknown, "critical": True}]}, {"accuracy": {"seconds": 10**30}}):
        with pytest.raises(TimestampInvalid):
            told(**bad)
