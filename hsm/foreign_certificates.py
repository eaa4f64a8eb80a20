"""Certificates as others wrote them: on tokens, in files, in records. What cannot be read is said in one way.

`cryptography` has exceptions of its own for a version, a kind of key or an extension it does not know; one such
certificate beside ours, on the same token, must not end a program.
"""

import unicodedata
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from .errors import TokenUnsuitable
from .mechanisms import PublicKey, usable

_NOT_READ: Final = (x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm)


def from_der(der: bytes) -> x509.Certificate:
    """Raises `ValueError`."""
    try:
        return x509.load_der_x509_certificate(der)
    except _NOT_READ as error:
        raise ValueError(f"the certificate cannot be read: {error}") from error


def from_pem(pem: bytes) -> x509.Certificate:
    """The first one. Raises `ValueError`."""
    try:
        return x509.load_pem_x509_certificate(pem)
    except _NOT_READ as error:
        raise ValueError(f"the certificate cannot be read: {error}") from error


def signing_key(certificate: x509.Certificate) -> PublicKey:
    """Its key, if this program signs with one like it. Raises `TokenUnsuitable`."""
    try:
        return usable(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise TokenUnsuitable(f"the certificate's key cannot be used: {error}") from error


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether its basic constraints say so. Raises `ValueError` where its extensions cannot be read."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    except _NOT_READ as error:
        raise ValueError(f"the certificate's extensions cannot be read: {error}") from error


def names(certificate: x509.Certificate, person: str) -> bool:
    """Whether its common name holds this person's name, in capitals or not, perhaps with more words around it."""
    wanted = _words(person)
    return bool(wanted) and any(
        wanted == words[start : start + len(wanted)]
        for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        for words in (_words(str(one.value)),)
        for start in range(len(words))
    )


def _words(name: str) -> list[str]:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split()
