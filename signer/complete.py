"""Step 6: the signature value becomes a signed document, once, and only if it is right."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import Certificate

from trust import TimestampToken

from .check import check_release
from .errors import ContentsTooSmall, PreparedDamaged, SourcesMissing, WrongSignature
from .extend import extend
from .key import Scheme
from .level import Level
from .prepared import PreparedSignature
from .sources import Sources


@dataclass(frozen=True, kw_only=True)
class SignedDocument:
    """A released document. `timestamp` is the signature's own, None at B-B."""

    pdf: bytes
    sha256: str
    level: Level
    field: str
    signing_time: datetime
    timestamp: TimestampToken | None

    def __repr__(self) -> str:
        """Short: the document may be personal."""
        return f"<SignedDocument {self.field} {self.level.label} {self.sha256[:16]} {len(self.pdf)} bytes>"


def complete(
    prepared: PreparedSignature, signature_value: bytes, *, level: Level | None = None, sources: Sources | None = None
) -> SignedDocument:
    """The released document at exactly `level`; None: the level it was prepared for.

    Raises `WrongSignature`, `PreparedDamaged`, `ContentsTooSmall`, `SourcesMissing`, `AlreadyRedeemed`,
    `SelfCheckFailed`, the sources' own errors, and `EvidenceMissing` (B-LT and higher). After any of them nothing is
    released and the same value may be completed again.
    """
    level = prepared.level if level is None else level
    with prepared.redeeming():
        if prepared.template.signed_attributes(prepared.document_digest) != prepared.signed_attributes:
            raise PreparedDamaged("the signed attributes")
        verify_value(prepared.certificate, prepared.scheme, prepared.signed_attributes, signature_value)

        timestamp: TimestampToken | None = None
        if level >= Level.B_T:
            if sources is None or sources.time is None:
                raise SourcesMissing(level, "time")
            timestamp = sources.time.timestamp(hashlib.sha256(signature_value).digest())
        cms = prepared.template.build(
            prepared.document_digest, signature_value, timestamp.der if timestamp is not None else None
        )
        if len(cms) > prepared.reserved:
            raise ContentsTooSmall(len(cms), prepared.reserved)
        pdf = _filled(prepared, cms)
        check_release(pdf, prepared=prepared, cms=cms, signature_value=signature_value)
        if level >= Level.B_LT and sources is not None:
            pdf = extend(pdf, level, sources).pdf
        return SignedDocument(
            pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(),
            level=level,
            field=prepared.field,
            signing_time=prepared.signing_time,
            timestamp=timestamp,
        )


def verify_value(certificate: Certificate, scheme: Scheme, signed_attributes: bytes, signature_value: bytes) -> None:
    """Raises `WrongSignature` unless the certificate's key made the value over the signed attributes."""
    key = certificate.public_key()
    try:
        if scheme == "rsa-pkcs1v15-sha256" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature_value, signed_attributes, padding.PKCS1v15(), hashes.SHA256())
        elif scheme == "rsa-pss-sha256" and isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            key.verify(signature_value, signed_attributes, pss, hashes.SHA256())
        elif scheme == "ecdsa-sha256" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature_value, signed_attributes, ec.ECDSA(hashes.SHA256()))
        elif scheme == "ecdsa-sha384" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature_value, signed_attributes, ec.ECDSA(hashes.SHA384()))
        else:
            raise WrongSignature(f"{scheme} does not fit the certificate's key")
    except InvalidSignature:
        raise WrongSignature(f"{len(signature_value)} bytes, {scheme}") from None


def _filled(prepared: PreparedSignature, cms: bytes) -> bytes:
    """The prepared file with the CMS in its hole: one copy."""
    _, start, end, _ = prepared.byte_range
    view = memoryview(prepared.pdf_with_hole)
    digits = cms.hex().encode()
    return b"".join((view[: start + 1], digits, view[start + 1 + len(digits) : end - 1], view[end - 1 :]))
