"""One question: does this signature value hold? With the algorithms TT 15/2025 annex I allows, and no others."""

from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes as PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

# SHA-1 and MD5 are not here on purpose: nothing they protect is accepted anywhere in this program.
ALLOWED_HASHES = frozenset(
    {"sha256", "sha384", "sha512", "sha512-224", "sha512-256", "sha3-256", "sha3-384", "sha3-512"}
)
MIN_RSA_BITS = 2048
MIN_EC_BITS = 256

__all__ = ["ALLOWED_HASHES", "MIN_EC_BITS", "MIN_RSA_BITS", "PublicKey", "holds", "readable", "strong_enough"]


@lru_cache(maxsize=2048)
def readable(certificate: x509.Certificate) -> bool:
    """Whether names, dates, extensions and key of a certificate parse: they are opened lazily, and may not."""
    try:
        _ = (certificate.subject, certificate.issuer, certificate.extensions, certificate.public_key())
        _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
    return True


def strong_enough(key: PublicKey) -> bool:
    """RSA of at least 2048 bits or an elliptic curve of at least 256 (TT 15/2025 annex I)."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= MIN_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= MIN_EC_BITS


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
