"""Certificates that a file carries and that were damaged: nobody signs them there, so only they themselves can tell."""

from collections.abc import Iterable
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.paths import der, readable


def damaged(carried: Iterable[bytes], path: tuple[x509.Certificate, ...]) -> bool:
    """Whether one of the carried certificates (DER) cannot be what an authority issued.

    It cannot be read; or the authority it names is here, in `path` or carried too, and did not sign it; or it is a
    certificate of the path but for some bytes. One that leads nowhere known is left alone: honest files carry such.
    """
    known = {der(certificate) for certificate in path}
    others = [one for one in dict.fromkeys(carried) if one not in known]
    if not others:
        return False
    if not all(readable(one) for one in others):
        return True
    read = tuple(_load(one) for one in others)
    return any(_wrong(one, (*path, *(other for other in read if other != one)), path) for one in read)


@lru_cache(maxsize=1024)
def _load(encoded: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(encoded)


@lru_cache(maxsize=1024)
def _wrong(one: x509.Certificate, issuers: tuple[x509.Certificate, ...], path: tuple[x509.Certificate, ...]) -> bool:
    named = [issuer for issuer in (*issuers, one) if issuer.subject == one.issuer and _key_fits(one, issuer)]
    if named:
        return not any(_issued(one, issuer) for issuer in named)
    return any(one.serial_number == real.serial_number and _alike(one, real) for real in path)


def _issued(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError):  # the latter: inside and outside it names two algorithms
        return False
    except (UnsupportedAlgorithm, TypeError):
        return True  # an algorithm that is not computed here says nothing
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
