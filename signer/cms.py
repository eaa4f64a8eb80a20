"""The CMS of a PAdES signature, from a template.

Everything constant for one (certificate, chain, scheme) is encoded once; per signature only messageDigest, the
signature value and a timestamp change. Signed attributes: contentType, messageDigest, signing-certificate-v2 (RFC
5035). No signing-time: PAdES carries the claimed time in /M alone (EN 319 142-1 clause 6.3).
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from .errors import CertificateUnusable
from .key import Scheme

_DATA = bytes.fromhex("06092a864886f70d010701")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")
_TIMESTAMP_TOKEN = bytes.fromhex("060b2a864886f70d010910020e")
_SHA256 = bytes.fromhex("0609608648016503040201")
_SHA384 = bytes.fromhex("0609608648016503040202")
_NULL = b"\x05\x00"


def tlv(tag: int, body: bytes) -> bytes:
    """One DER element with a single-byte tag."""
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


_SHA256_ALGORITHM = tlv(0x30, _SHA256 + _NULL)
_DIGEST_ALGORITHM: dict[Scheme, bytes] = {
    "rsa-pkcs1v15-sha256": _SHA256_ALGORITHM,
    "rsa-pss-sha256": _SHA256_ALGORITHM,
    "ecdsa-sha256": _SHA256_ALGORITHM,
    "ecdsa-sha384": tlv(0x30, _SHA384 + _NULL),
}
_SIGNATURE_ALGORITHM: dict[Scheme, bytes] = {
    "rsa-pkcs1v15-sha256": tlv(0x30, bytes.fromhex("06092a864886f70d01010b") + _NULL),
    "rsa-pss-sha256": tlv(  # RFC 4055: hash, mask generation and salt length stated, trailer field default
        0x30,
        bytes.fromhex("06092a864886f70d01010a")
        + tlv(
            0x30,
            tlv(0xA0, _SHA256_ALGORITHM)
            + tlv(0xA1, tlv(0x30, bytes.fromhex("06092a864886f70d010108") + _SHA256_ALGORITHM))
            + tlv(0xA2, b"\x02\x01\x20"),
        ),
    ),
    "ecdsa-sha256": tlv(0x30, bytes.fromhex("06082a8648ce3d040302")),
    "ecdsa-sha384": tlv(0x30, bytes.fromhex("06082a8648ce3d040303")),
}


def hash_name(scheme: Scheme) -> str:
    """The scheme's hash as hashlib names it: over the document and over the signed attributes alike."""
    return "sha384" if scheme == "ecdsa-sha384" else "sha256"


def digest_size(scheme: Scheme) -> int:
    """Bytes of the scheme's hash."""
    return 48 if scheme == "ecdsa-sha384" else 32


@dataclass(frozen=True, kw_only=True, slots=True)
class CmsTemplate:
    """The constant parts of one signer's CMS. Made by `template_for`."""

    attributes_head: bytes
    attributes_tail: bytes
    set_header: bytes
    signer_head: bytes
    signature_algorithm: bytes
    signed_data_head: bytes
    signature_size: int

    def signed_attributes(self, document_digest: bytes) -> bytes:
        """The DER SET that the key signs (RFC 5652 clause 5.4: tagged as a SET, not as the field [0])."""
        return self.set_header + self.attributes_head + document_digest + self.attributes_tail

    def build(self, document_digest: bytes, signature_value: bytes, timestamp_token: bytes | None = None) -> bytes:
        """The whole ContentInfo, DER."""
        signer = (
            self.signer_head
            + b"\xa0"
            + self.signed_attributes(document_digest)[1:]
            + self.signature_algorithm
            + tlv(0x04, signature_value)
        )
        if timestamp_token is not None:
            signer += tlv(0xA1, tlv(0x30, _TIMESTAMP_TOKEN + tlv(0x31, timestamp_token)))
        signer_infos = tlv(0x31, tlv(0x30, signer))
        return tlv(0x30, _SIGNED_DATA + tlv(0xA0, tlv(0x30, self.signed_data_head + signer_infos)))

    def size(self, digest_size: int) -> int:
        """Bytes of the CMS at most, without a timestamp."""
        return len(self.build(bytes(digest_size), bytes(self.signature_size)))


@lru_cache(maxsize=128)
def template_for(certificate: Certificate, chain: tuple[Certificate, ...], scheme: Scheme) -> CmsTemplate:
    """The template of one signer; kept for the next document.

    Raises `CertificateUnusable` when the key is too weak (TT 15/2025 annex I: RSA 2048, ECDSA 256 bits) or of another
    kind than the scheme.
    """
    signature_size = _signature_size(certificate.public_key(), scheme)
    return _template(
        certificate.public_bytes(Encoding.DER),
        [c.public_bytes(Encoding.DER) for c in chain],
        scheme,
        signature_size,
    )


def _template(certificate: bytes, chain: list[bytes], scheme: Scheme, signature_size: int) -> CmsTemplate:
    digest = _DIGEST_ALGORITHM[scheme]
    ess_certificate = tlv(0x30, tlv(0x04, hashlib.sha256(certificate).digest()))  # hashAlgorithm: DEFAULT sha256
    signing_certificate = tlv(0x30, tlv(0x30, ess_certificate))
    mark = b"\xa5" * digest_size(scheme)
    attributes = b"".join(
        sorted(  # DER: the elements of a SET OF in ascending order
            (
                _attribute(_CONTENT_TYPE, _DATA),
                _attribute(_MESSAGE_DIGEST, tlv(0x04, mark)),
                _attribute(_SIGNING_CERTIFICATE_V2, signing_certificate),
            )
        )
    )
    head, tail = attributes.split(mark)
    # asn1crypto hands back the issuer as it is encoded in the certificate; re-encoding could change its string types.
    parsed = asn1_x509.Certificate.load(certificate)["tbs_certificate"]
    signer_identifier = tlv(0x30, parsed["issuer"].dump() + parsed["serial_number"].dump())
    certificates = tlv(0xA0, b"".join(sorted({certificate, *chain})))
    return CmsTemplate(
        attributes_head=head,
        attributes_tail=tail,
        set_header=tlv(0x31, attributes)[: -len(attributes)],
        signer_head=b"\x02\x01\x01" + signer_identifier + digest,
        signature_algorithm=_SIGNATURE_ALGORITHM[scheme],
        signed_data_head=b"\x02\x01\x01" + tlv(0x31, digest) + tlv(0x30, _DATA) + certificates,
        signature_size=signature_size,
    )


def _attribute(kind: bytes, value: bytes) -> bytes:
    return tlv(0x30, kind + tlv(0x31, value))


def _signature_size(key: object, scheme: Scheme) -> int:
    if scheme.startswith("rsa"):
        if not isinstance(key, rsa.RSAPublicKey):
            raise CertificateUnusable(f"khoá không phải RSA ({scheme})", f"its key is not RSA ({scheme})")
        if key.key_size < 2048:
            raise CertificateUnusable(f"khoá RSA {key.key_size} bit quá ngắn", f"RSA {key.key_size} bits is too short")
        return key.key_size // 8
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise CertificateUnusable(f"khoá không phải ECDSA ({scheme})", f"its key is not ECDSA ({scheme})")
    if key.key_size < 256:
        raise CertificateUnusable(f"khoá ECDSA {key.key_size} bit quá ngắn", f"ECDSA {key.key_size} bits is too short")
    return 2 * ((key.key_size + 7) // 8) + 16
