"""Revocation evidence as plain bytes. It is stored in papers (DSS) and beside verdicts, so it is kept as DER."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from trust.same import Same
from trust.signature_value import readable
from trust.unreadable import UNREADABLE

LARGEST_CERTIFICATE = 16_384
"""Bytes. Those of authorities and signers here have 1,000 to 3,000; certificates are remembered by the thousand."""


@dataclass(frozen=True, kw_only=True)
class RevocationEvidence:
    """OCSP responses, CRLs and helping certificates, each DER."""

    ocsp_responses: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()

    def merged(self, other: Self) -> Self:
        """Both together, each piece once, ours first."""
        return type(self)(
            ocsp_responses=_once(self.ocsp_responses, other.ocsp_responses),
            crls=_once(self.crls, other.crls),
            certificates=_once(self.certificates, other.certificates),
        )


def load_helpers(evidence: RevocationEvidence) -> tuple[x509.Certificate, ...]:
    """The evidence's certificates, parsed; what does not parse is passed over."""
    return load_ders(evidence.certificates)


def der_of(certificate: x509.Certificate) -> bytes:
    """A certificate's DER."""
    return _encoded(Same(certificate))


@lru_cache(maxsize=256)
def _encoded(same: Same) -> bytes:
    return same.certificates[0].public_bytes(Encoding.DER)


def _once(*parts: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(piece for part in parts for piece in part))


def load_ders(ders: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    """Certificates from DER; what does not parse is passed over."""
    return tuple(certificate for der in ders if (certificate := load_der(der)) is not None)


def load_der(der: bytes) -> x509.Certificate | None:
    """A certificate from DER; None where it cannot be read, or is larger than any real one."""
    return _loaded(der) if len(der) <= LARGEST_CERTIFICATE else None


@lru_cache(maxsize=2048)
def _loaded(der: bytes) -> x509.Certificate | None:
    try:
        certificate = x509.load_der_x509_certificate(der)
    except UNREADABLE:
        return None
    return certificate if readable(certificate) else None
