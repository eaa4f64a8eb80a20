"""CMS no honest signer writes, each with a real value of a real key: what is not signed in them decides nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import algos, cms, tsp
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from secondseal.demo.pki import Pki
from tests.pki.fixtures import MakeKey
from tests.pki.software_key import SoftwareKey
from tests.trust.hand_made_token import attribute, binding_v2
from tests.verifier.desk import Desk
from tests.verifier.forgeries import with_cms
from tests.verifier.papers import sign
from tests.verifier.raw_cms import RSA_SHA256, attributes, element, signed_data, signer_info, to_sign
from verifier import OFFICER_FIELD
from verifier.ber import inside, parts
from verifier.cms import examine_signature
from verifier.facts import Mechanism

CONTENT = b"%PDF-1.7 signed by hand"
JUNK = b"\x04\x02zz"
_PSS = "1.2.840.113549.1.1.10"


@pytest.fixture(scope="module")
def key(software_key: MakeKey) -> SoftwareKey:
    return software_key()


def examined(der: bytes) -> Mechanism:
    view = memoryview(CONTENT)
    return examine_signature(der, (view[:8], view[8:]))


def value(key: rsa.RSAPrivateKey, held: bytes) -> bytes:
    return key.sign(to_sign(held), padding.PKCS1v15(), hashes.SHA256())


def rsa_of(key: SoftwareKey) -> rsa.RSAPrivateKey:
    assert isinstance(key.private_key, rsa.RSAPrivateKey)
    return key.private_key


def signed(key: SoftwareKey, held: bytes | None = None, **other: bytes) -> Mechanism:
    """A CMS with these attributes, signed as they are; `other` as in `raw_cms`."""
    held = attributes(CONTENT, key.certificate) if held is None else held
    outside = {name: other.pop(name) for name in ("outside", "content") if name in other}
    signer = signer_info(key.certificate, held, other.pop("value", value(rsa_of(key), held)), **other)
    behind, content = outside.get("outside", b""), outside.get("content", b"")
    return examined(signed_data(signer, key.certificate, behind=behind, content=content))


def holds(found: Mechanism) -> bool:
    return found.problem is None and found.digest_matches is True and found.value_verifies is True


def test_one_value_over_an_empty_set_is_over_no_paper(desk: Desk) -> None:
    """A set of no attributes names no digest: whoever had one signature over the two bytes that spell it, say of a
    letter of two bytes, could put it under every paper (RFC 5652, 5.3: at least one)."""
    empty = value(rsa_of(desk.officer), b"")
    assert examined(signed_data(signer_info(desk.officer.certificate, b"", empty))).problem == "cms_malformed"

    def forge(content: cms.SignedData) -> None:
        content["signer_infos"][0]["signed_attrs"] = []
        content["signer_infos"][0]["signature"] = empty

    forged = with_cms(sign(desk.paper, desk.officer, OFFICER_FIELD), forge)
    verdict = desk.judge(desk.archive(forged), online=True)
    assert verdict.word == "invalid"
    assert verdict.legal.officer_signed is False


def test_nothing_stands_behind_the_parts_there_are(key: SoftwareKey) -> None:
    """asn1crypto reads over what follows the last part it knows; nobody signs it and other readers refuse it."""
    assert holds(signed(key))
    assert signed(key, outside=JUNK).problem == "cms_malformed"
    assert signed(key, behind=JUNK).problem == "cms_malformed"
    assert signed(key, content=JUNK).problem == "cms_malformed"
    unknown = cms.CMSAttribute({"type": "1.3.6.1.4.1.32473.9", "values": [cms.OctetString(b"z")]})
    assert holds(signed(key, unsigned=element(0xA1, unknown.dump())))
    odd = element(0x30, unknown.contents + JUNK)
    assert signed(key, unsigned=element(0xA1, odd)).problem == "cms_malformed"


def test_what_stands_around_is_spelt_in_one_way(key: SoftwareKey) -> None:
    """Found by mutation beside `openssl cms -verify`: a second content in the first one's tag, numbers with zeros in
    front, parameters of algorithms that have none."""
    certificate, held = key.certificate, attributes(CONTENT, key.certificate)
    signer = signer_info(certificate, held, value(rsa_of(key), held))
    good = signed_data(signer, certificate)
    assert holds(examined(good))
    kind, content = parts(inside(good))
    twice = element(0x30, kind + element(0xA0, inside(content) * 2))
    assert examined(twice).problem == "cms_malformed"
    longer = element(0xA0, element(0x30, b"\x02\x02\x00\x01" + inside(inside(content))[3:]))
    assert examined(element(0x30, kind + longer)).problem == "cms_version"
    loose = element(0x06, inside(kind)[:1] + b"\x80" + inside(kind)[1:])
    assert examined(element(0x30, loose + content)).problem == "cms_malformed"
    odd = element(0x30, inside(RSA_SHA256)[:-2] + JUNK)
    assert signed(key, algorithm=odd).problem == "cms_malformed"
    bare = element(0x30, inside(RSA_SHA256)[:-2])
    assert holds(signed(key, algorithm=bare))


def test_every_binding_there_is_must_name_the_certificate(key: SoftwareKey, desk: Desk) -> None:
    """A reader may go by the older attribute; a certificate that MD5 names is named by two."""
    other = tsp.SigningCertificate({"certs": [tsp.ESSCertID({"cert_hash": b"\1" * 20})]})
    both = attributes(CONTENT, key.certificate, attribute("signing_certificate", other).dump())
    assert signed(key, both).signing_certificate == "mismatch"
    assert signed(key, attributes(CONTENT, desk.seal.certificate)).signing_certificate == "mismatch"
    twice = attributes(CONTENT, key.certificate, binding_v2(key.certificate).dump())
    assert signed(key, twice).problem == "cms_duplicate_attribute"
    held = attributes(CONTENT, key.certificate).replace(binding_v2(key.certificate).dump(), b"")
    digest = hashes.Hash(hashes.MD5())
    digest.update(key.certificate.public_bytes(serialization.Encoding.DER))
    weak = tsp.ESSCertIDv2({"hash_algorithm": {"algorithm": "md5"}, "cert_hash": digest.finalize()})
    by_md5 = attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [weak]})).dump()
    assert signed(key, held + by_md5).signing_certificate == "mismatch"


def pss(hash_name: str = "sha256", mask: str = "sha256", salt: int = 32, more: bytes = b"") -> bytes:
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": {"algorithm": hash_name},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": mask}},
            "salt_length": salt,
        }
    )
    held = element(0x30, parameters.contents + more)
    return element(0x30, algos.SignedDigestAlgorithmId(_PSS).dump() + held)


def pss_value(key: rsa.RSAPrivateKey, held: bytes, hash_name: str = "sha256", mask: str = "sha256") -> bytes:
    known = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}
    return key.sign(to_sign(held), padding.PSS(padding.MGF1(known[mask]), 32), known[hash_name])


def test_parameters_of_pss_that_nobody_signs(key: SoftwareKey) -> None:
    """They are as RFC 4055 has them, or the value does not hold; SHA-1 in the mask is SHA-1."""
    held = attributes(CONTENT, key.certificate)
    good = pss_value(rsa_of(key), held)
    assert holds(signed(key, value=good, algorithm=pss()))
    for lie in (pss(hash_name="sha1"), pss(mask="sha512"), pss(salt=20), pss(salt=64)):
        assert signed(key, value=good, algorithm=lie).value_verifies is False
    for odd in (pss(salt=-1), pss(salt=10**40), pss(more=b"\xa3\x03\x02\x01\x02"), pss(more=b"\xa4\x03\x02\x01\x02")):
        assert not holds(signed(key, value=good, algorithm=odd))
    first, second, third = parts(inside(parts(inside(pss()))[1]))
    doubled = element(0x30, first + element(0xA1, inside(second) * 2) + third)
    assert not holds(signed(key, value=good, algorithm=element(0x30, parts(inside(pss()))[0] + doubled)))
    weak = signed(key, value=pss_value(rsa_of(key), held, mask="sha1"), algorithm=pss(mask="sha1"))
    assert weak.signature_algorithm == "rsa-pss-sha1"
    assert weak.value_verifies is True
    assert signed(key, value=value(rsa_of(key), held), algorithm=pss()).value_verifies is False
    assert signed(key, value=good).value_verifies is False


def test_a_key_certified_for_pss_makes_no_other_signatures(pki: Pki) -> None:
    """RFC 4055, 1.2: what its certificate says of hash and salt counts too. `cryptography` reads it as any RSA key."""
    private = rsa.generate_private_key(65537, 2048)
    certificate = certified_for_pss(pki, private, pss("sha512", "sha512"))
    key = SoftwareKey(private_key=private, certificate=certificate, chain=(), scheme="rsa-pss-sha256")
    held = attributes(CONTENT, certificate)
    as_told = pss_value(private, held, "sha512", "sha512")
    assert holds(signed(key, value=as_told, algorithm=pss("sha512", "sha512")))
    assert signed(key, value=value(private, held)).value_verifies is False
    assert signed(key, value=pss_value(private, held), algorithm=pss()).value_verifies is False


def certified_for_pss(pki: Pki, key: rsa.RSAPrivateKey, algorithm: bytes) -> x509.Certificate:
    """A certificate whose key is id-RSASSA-PSS with parameters: the builder makes only plain RSA ones."""
    issuer = pki.authority("subca")
    now = datetime.now(UTC)
    plain = (
        x509.CertificateBuilder()
        .subject_name(issuer.certificate.subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(issuer.key, hashes.SHA256())
    )
    again = asn1_x509.Certificate.load(plain.public_bytes(serialization.Encoding.DER))
    info = again["tbs_certificate"]["subject_public_key_info"]
    raw = element(0x30, algorithm + info["public_key"].dump())
    again["tbs_certificate"]["subject_public_key_info"] = asn1_keys.PublicKeyInfo.load(raw)
    return x509.load_der_x509_certificate(again.dump(force=True))
