"""A CMS put together part by part, so that any part can be another than it should be. Values are of real keys."""

import hashlib

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.trust.hand_made_token import attribute, binding_v2

SHA256 = cms.DigestAlgorithm({"algorithm": "sha256"}).dump()
RSA_SHA256 = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}).dump()
DATA = cms.ContentType("data").dump()


def element(tag: int, contents: bytes) -> bytes:
    """A DER element."""
    size = len(contents)
    if size < 128:
        return bytes((tag, size)) + contents
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + contents


def attributes(content: bytes, certificate: x509.Certificate, *extra: bytes) -> bytes:
    """The signed attributes of PAdES, one after the other, without what holds them."""
    digest = attribute("message_digest", hashlib.sha256(content).digest())
    held = [attribute("content_type", "data").dump(), digest.dump(), binding_v2(certificate).dump(), *extra]
    return b"".join(sorted(held))


def to_sign(held: bytes) -> bytes:
    """What the value is over (RFC 5652, 5.4)."""
    return element(0x31, held)


def signer_info(
    certificate: x509.Certificate,
    held: bytes,
    value: bytes,
    *,
    algorithm: bytes = RSA_SHA256,
    behind: bytes = b"",
    unsigned: bytes = b"",
) -> bytes:
    """One signer, named by issuer and serial number. `behind` stands after the last part."""
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    named = element(0x30, parsed.issuer.dump() + core.Integer(parsed.serial_number).dump())
    parts = (core.Integer(1).dump(), named, SHA256, element(0xA0, held), algorithm, element(0x04, value))
    return element(0x30, b"".join(parts) + unsigned + behind)


def signed_data(signer: bytes, *certificates: x509.Certificate, behind: bytes = b"", content: bytes = b"") -> bytes:
    """The whole CMS. `behind` stands after the last part, `content` after the type of a content that is not there."""
    carried = b"".join(certificate.public_bytes(Encoding.DER) for certificate in certificates)
    parts = (
        core.Integer(1).dump(),
        element(0x31, SHA256),
        element(0x30, DATA + content),
        element(0xA0, carried),
        element(0x31, signer),
    )
    inside = element(0x30, b"".join(parts) + behind)
    return element(0x30, cms.ContentType("signed_data").dump() + element(0xA0, inside))
