"""A certificate signing request whose signature a token makes (PKCS #10, RFC 2986)."""

from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ..errors import DeviceFault
from ..mechanisms import PublicKey

# AlgorithmIdentifier: sha256WithRSAEncryption with NULL (RFC 8017, A.2.4); ecdsa-with-SHA256/384, none (RFC 5758, 3.2).
_RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")
_ECDSA = {
    "secp256r1": bytes.fromhex("300a06082a8648ce3d040302"),
    "secp384r1": bytes.fromhex("300a06082a8648ce3d040303"),
}


def build_request(
    subject: x509.Name, public_key: PublicKey, sign: Callable[[bytes], bytes]
) -> x509.CertificateSigningRequest:
    """The request for `subject`; `sign` gets the bytes to sign (not their hash) and answers the signature value.

    Raises `DeviceFault` where the finished request does not verify.
    """
    key_info = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    info = _tlv(0x30, b"\x02\x01\x00" + subject.public_bytes() + key_info + _tlv(0xA0, b""))
    algorithm = _RSA_SHA256 if isinstance(public_key, rsa.RSAPublicKey) else _ECDSA[public_key.curve.name]
    request = x509.load_der_x509_csr(_tlv(0x30, info + algorithm + _tlv(0x03, b"\0" + sign(info))))
    if not request.is_signature_valid:
        raise DeviceFault("CKR_SIGNATURE_INVALID", "C_Sign", "the request does not verify")
    return request


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
