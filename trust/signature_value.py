"""One question: does this signature value hold? With the algorithms TT 15/2025 annex I allows, and no others."""

from functools import lru_cache
from typing import Protocol

from asn1crypto import parser
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes as PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import PublicKeyAlgorithmOID

from trust.unreadable import UNREADABLE

# SHA-1 and MD5 are not here on purpose: nothing they protect is accepted anywhere in this program.
ALLOWED_HASHES = frozenset(
    {"sha256", "sha384", "sha512", "sha512-224", "sha512-256", "sha3-256", "sha3-384", "sha3-512"}
)
MIN_RSA_BITS = 2048
MIN_EC_BITS = 256
_VERSION = 0xA0

__all__ = [
    "ALLOWED_HASHES",
    "PublicKey",
    "algorithm_of",
    "elements",
    "holds",
    "names_one_algorithm",
    "readable",
    "signed_by",
    "strong_enough",
]


@lru_cache(maxsize=2048)
def readable(certificate: x509.Certificate) -> bool:
    """Whether names, dates, extensions and key of a certificate parse: they are opened lazily, and may not."""
    try:
        _ = (certificate.subject, certificate.issuer, certificate.extensions, certificate.public_key())
        _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    except UNREADABLE:
        return False
    return True


def strong_enough(key: PublicKey) -> bool:
    """RSA of at least 2048 bits or an elliptic curve of at least 256 (TT 15/2025 annex I).

    Edwards curves are as strong and not named there; what follows from that is the verifier's policy.
    """
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= MIN_RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.key_size >= MIN_EC_BITS
    return isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)


def holds(
    key: PublicKey,
    value: bytes,
    data: bytes,
    algorithm: hashes.HashAlgorithm | None,
    parameters: object = None,
    *,
    prehashed: bool = False,
) -> bool:
    """Whether `value` is `key`'s signature over `data` (or over the digest `data`, if `prehashed`).

    `parameters` is `padding.PSS` for RSASSA-PSS, anything else means PKCS#1 v1.5 for an RSA key. A weak key or hash,
    a key of another kind, malformed input: all False.
    """
    if algorithm is None or algorithm.name not in ALLOWED_HASHES or not strong_enough(key):
        return False
    hashed = Prehashed(algorithm) if prehashed else algorithm
    try:
        if isinstance(key, rsa.RSAPublicKey):
            scheme = parameters if isinstance(parameters, padding.PSS) else padding.PKCS1v15()
            key.verify(value, data, scheme, hashed)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, data, ec.ECDSA(hashed))
            return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return False


class _Signed(Protocol):
    @property
    def signature_hash_algorithm(self) -> hashes.HashAlgorithm | None: ...
    @property
    def signature_algorithm_parameters(self) -> object: ...


def algorithm_of(signed: _Signed) -> tuple[hashes.HashAlgorithm | None, object]:
    """The hash and parameters a certificate or CRL names; nothing where it names none that is known."""
    try:
        return signed.signature_hash_algorithm, signed.signature_algorithm_parameters
    except UNREADABLE:
        return None, None


def elements(der: bytes) -> list[bytes]:
    """The elements inside a DER element, each with its tag and length. Raises ValueError."""
    contents, found, place = parser.parse(der)[4], [], 0
    while place < len(contents):
        size = parser.peek(contents[place:])
        found.append(contents[place : place + size])
        place += size
    return found


@lru_cache(maxsize=2048)
def names_one_algorithm(certificate: x509.Certificate) -> bool:
    """RFC 5280, 4.1.1.2: outside as inside what is signed. Nobody signs the one outside, and it decides the hash."""
    told, outside, _ = elements(certificate.public_bytes(Encoding.DER))
    parts = elements(told)
    return outside == parts[2 if parts[0][0] == _VERSION else 1]


@lru_cache(maxsize=4096)
def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer`'s key made this certificate's signature, with an allowed algorithm. Both must be readable."""
    algorithm, parameters = algorithm_of(certificate)
    if not names_one_algorithm(certificate):
        return False
    if issuer.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS and not isinstance(parameters, padding.PSS):
        return False  # RFC 4055, 1.2
    key = issuer.public_key()
    return holds(key, certificate.signature, certificate.tbs_certificate_bytes, algorithm, parameters)
