"""Certificates that a file carries and that were damaged: nobody signs them there, so only they themselves can tell."""

from collections.abc import Iterable
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from trust import load_ders, names_one_algorithm
from verifier.paths import der

LARGEST_KEPT = 65_536
"""Bytes of a file's certificates about which an answer may be remembered; those of six signers are some 20,000."""


def damaged(carried: Iterable[bytes], path: tuple[x509.Certificate, ...]) -> bool:
    """Whether one of the carried certificates (DER) cannot be what an authority issued.

    It cannot be read; or the authority it names is here, in `path` or carried too, and did not sign it; or it is a
    certificate of the path but for some bytes. One that leads nowhere known is left alone: honest files carry such.
    """
    known = {der(certificate) for certificate in path}
    others = tuple(one for one in dict.fromkeys(carried) if one not in known)
    small = sum(map(len, others)) <= LARGEST_KEPT
    return (_damaged if small else _damaged.__wrapped__)(others, path)


@lru_cache(maxsize=256)
def _damaged(others: tuple[bytes, ...], path: tuple[x509.Certificate, ...]) -> bool:
    read = load_ders(others)
    if len(read) < len(others):
        return True
    here = [(_names(certificate)[0], certificate) for certificate in (*path, *read)]
    return any(_wrong(one, here, path) for one in read)


def _wrong(
    one: x509.Certificate, here: Iterable[tuple[int, x509.Certificate]], path: tuple[x509.Certificate, ...]
) -> bool:
    wanted = _names(one)[1]
    named = [issuer for subject, issuer in here if subject == wanted and _is_named(one, issuer)]
    if named:
        return not any(_issued(one, issuer) for issuer in named)
    return any(one.serial_number == real.serial_number and _alike(one, real) for real in path)


@lru_cache(maxsize=2048)
def _names(certificate: x509.Certificate) -> tuple[int, int]:
    """Subject and issuer as numbers: a file's certificates are all held against each other, for each signature."""
    return hash(certificate.subject), hash(certificate.issuer)


@lru_cache(maxsize=2048)
def _is_named(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    return issuer.subject == one.issuer and _key_fits(one, issuer)


@lru_cache(maxsize=2048)
def _issued(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        if isinstance(one.signature_hash_algorithm, hashes.SHA1):  # `cryptography` refuses it by a ValueError too
            return _issued_by_sha1(one, issuer)
        one.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):  # what is not computed says nothing
        return names_one_algorithm(one)
    return True


def _issued_by_sha1(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    """The roots of G1 are signed so (AC-110). Nothing is trusted for it; it tells that the bytes are still theirs."""
    key = issuer.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(one.signature, one.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    return True


def _key_fits(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    """By the key's identifier: an authority may have had several keys under one name."""
    try:
        wanted = one.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        held = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return one == issuer or issuer.subject == one.issuer != one.subject
    return wanted is None or wanted == held


def _alike(one: x509.Certificate, real: x509.Certificate) -> bool:
    return one.subject == real.subject or _key(one) == _key(real)


def _key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
