"""What OCSP responses and CRLs say about one certificate.

Only what that certificate's issuer, or a responder the issuer appointed, has signed is let through.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from asn1crypto import core as asn1_core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from trust.evidence import RevocationEvidence, load_ders
from trust.kept import kept
from trust.signature_value import algorithm_of, holds, readable, signed_by
from trust.unreadable import UNREADABLE

Status = Literal["good", "revoked", "unknown"]
LARGEST_ANSWER = 65_536
LARGEST_LIST = 8 * 1024 * 1024
"""Bytes of an OCSP response and of a CRL that may be remembered; larger ones are read each time."""
ARCHIVE_CUTOFF = ObjectIdentifier("1.3.6.1.5.5.7.48.1.6")
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What one OCSP response or CRL says about one certificate. Times are UTC.

    `responder` is the certificate that signed it: the issuer itself, or a responder the issuer appointed.
    `revoked_at` and `reason` (RFC 5280 name) only where `status` is revoked. `archive_cutoff`: from when on the
    responder keeps the state of expired certificates (RFC 6960 4.4.4).
    """

    kind: Literal["ocsp", "crl"]
    status: Status
    this_update: datetime
    next_update: datetime | None
    responder: x509.Certificate
    produced_at: datetime
    revoked_at: datetime | None = None
    reason: str | None = None
    archive_cutoff: datetime | None = None

    @property
    def issuer(self) -> str:
        """The name of who signed it (RFC 4514)."""
        return self.responder.subject.rfc4514_string()


def statements(
    evidence: RevocationEvidence, certificate: x509.Certificate, issuer: x509.Certificate
) -> Iterator[Statement]:
    """All that the evidence authentically says about `certificate`; what does not parse or is not signed is passed
    over.

    A delegated responder is looked for in the response and in the evidence's certificates; it must be issued by
    `issuer` for OCSP signing and valid when it answered (RFC 6960 4.2.2.2). Whether it is itself revoked is for the
    caller to ask unless it carries no-check.
    """
    for der in evidence.ocsp_responses:
        if certificate.serial_number in _serials(der):
            yield from ocsp_statements(der, certificate, issuer, evidence.certificates)
    for der in evidence.crls:
        statement = crl_statement(der, certificate, issuer)
        if statement is not None:
            yield statement


@kept(1024, largest=LARGEST_ANSWER)
def _serials(der: bytes) -> frozenset[int]:
    """Which serial numbers a response speaks of, to pass over those that speak of others."""
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return frozenset()
        return frozenset(single.serial_number for single in response.responses)
    except UNREADABLE:
        return frozenset()


def ocsp_statements(
    der: bytes, certificate: x509.Certificate, issuer: x509.Certificate, helpers: tuple[bytes, ...] = ()
) -> tuple[Statement, ...]:
    """What one OCSP response says about `certificate`; `helpers` are DER certificates to find the responder among."""
    alone = _ocsp_alone(der, certificate, issuer)
    if alone or not helpers:
        return alone
    try:
        return _ocsp_statements(der, certificate, issuer, helpers)
    except UNREADABLE:
        return ()


@kept(512, largest=LARGEST_ANSWER)
def _ocsp_alone(der: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> tuple[Statement, ...]:
    """The same where the response brings its responder's certificate or the issuer itself answered, as nearly all."""
    try:
        return _ocsp_statements(der, certificate, issuer, ())
    except UNREADABLE:
        return ()


def _ocsp_statements(
    der: bytes, certificate: x509.Certificate, issuer: x509.Certificate, helpers: tuple[bytes, ...]
) -> tuple[Statement, ...]:
    response = ocsp.load_der_ocsp_response(der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL or not _known(response.extensions):
        return ()
    about = [single for single in response.responses if _matches(single, certificate, issuer)]
    if not about:
        return ()
    responder = _responder(der, response, issuer, helpers)
    if responder is None:
        return ()
    cutoff = _single_time(response, ARCHIVE_CUTOFF)
    doubted = _single_time(response, x509.InvalidityDate.oid)
    # RFC 6960 2.4: nothing is known later than it is told. Else a responder's old key would speak of today, since its
    # certificate's dates are held against the day on which it says it answered.
    latest = response.produced_at_utc + CLOCKS_DIFFER
    return tuple(
        _ocsp_statement(single, response, responder, cutoff, doubted)
        for single in about
        if single.this_update_utc <= latest
    )


def _ocsp_statement(
    single: ocsp.OCSPSingleResponse,
    response: ocsp.OCSPResponse,
    responder: x509.Certificate,
    cutoff: datetime | None,
    doubted: datetime | None,
) -> Statement:
    revoked_at = single.revocation_time_utc if single.certificate_status is ocsp.OCSPCertStatus.REVOKED else None
    revoked = revoked_at is not None
    if revoked_at is not None and doubted is not None:  # RFC 6960 4.4.5
        revoked_at = min(doubted, revoked_at)
    return Statement(
        kind="ocsp",
        status=_STATUS[single.certificate_status],
        this_update=single.this_update_utc,
        next_update=single.next_update_utc,
        responder=responder,
        produced_at=response.produced_at_utc,
        revoked_at=revoked_at,
        reason=single.revocation_reason.value if revoked and single.revocation_reason else None,
        archive_cutoff=cutoff,
    )


def crl_statement(der: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> Statement | None:
    """What one complete, direct CRL of `issuer` says about `certificate`; None where it says nothing.

    Indirect, delta and partial lists (RFC 5280 5.2.5: some reasons, another distribution point, another kind of
    certificate) are passed over.
    """
    try:
        return _crl_statement(der, certificate, issuer)
    except UNREADABLE:
        return None


def _crl_statement(der: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> Statement | None:
    crl = _crl(der)
    if crl is None or crl.issuer != certificate.issuer or crl.issuer != issuer.subject:
        return None
    if not _in_scope(crl, certificate) or not _may(issuer, "crl_sign") or not _crl_signed_by(der, issuer):
        return None
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is not None:  # a list may have it twice, on hold first and then revoked
        entry = min((one for one in crl if one.serial_number == entry.serial_number), key=_not_valid_from)
    reason = None
    if entry is not None:
        try:
            reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        except x509.ExtensionNotFound:
            reason = x509.ReasonFlags.unspecified
    revoked = entry is not None and reason is not x509.ReasonFlags.remove_from_crl
    return Statement(
        kind="crl",
        status="revoked" if revoked else "good",
        this_update=crl.last_update_utc,
        next_update=crl.next_update_utc,
        responder=issuer,
        produced_at=crl.last_update_utc,
        revoked_at=_not_valid_from(entry) if revoked and entry is not None else None,
        reason=reason.value if revoked and reason is not None else None,
    )


def _not_valid_from(entry: x509.RevokedCertificate) -> datetime:
    """The day it was revoked, or the earlier one from which the authority doubts it (RFC 5280, 5.3.2)."""
    try:
        doubted = entry.extensions.get_extension_for_class(x509.InvalidityDate).value.invalidity_date_utc
    except x509.ExtensionNotFound:
        return entry.revocation_date_utc
    return min(doubted, entry.revocation_date_utc)


_STATUS: dict[ocsp.OCSPCertStatus, Status] = {
    ocsp.OCSPCertStatus.GOOD: "good",
    ocsp.OCSPCertStatus.REVOKED: "revoked",
    ocsp.OCSPCertStatus.UNKNOWN: "unknown",
}


@kept(32, largest=LARGEST_LIST)
def _crl(der: bytes) -> x509.CertificateRevocationList | None:
    crl = x509.load_der_x509_crl(der)
    return crl if _known(crl.extensions) else None


def _known(extensions: x509.Extensions) -> bool:
    return not any(e.critical and isinstance(e.value, x509.UnrecognizedExtension) for e in extensions)


def _matches(single: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if single.serial_number != certificate.serial_number:
        return False
    names = _issuer_hashes(certificate, issuer, single.hash_algorithm.name)
    return names == (single.issuer_name_hash, single.issuer_key_hash)


@lru_cache(maxsize=512)
def _issuer_hashes(certificate: x509.Certificate, issuer: x509.Certificate, name: str) -> tuple[bytes, bytes] | None:
    known: dict[str, type[hashes.SHA1 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512]]
    known = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
    algorithm = known.get(name)
    if algorithm is None:
        return None
    # SHA-1 here only names the issuer, it protects nothing (RFC 6960 4.1.1); most responders know no other.
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, algorithm()).build()
    return request.issuer_name_hash, request.issuer_key_hash


def _responder(
    der: bytes, response: ocsp.OCSPResponse, issuer: x509.Certificate, helpers: tuple[bytes, ...]
) -> x509.Certificate | None:
    named = (response.responder_name, response.responder_key_hash)
    if named in _names_of(issuer) and _ocsp_signed_by(der, issuer):
        return issuer
    for candidate in (*response.certificates, *load_ders(helpers)):
        if not readable(candidate) or named not in _names_of(candidate):
            continue
        if (
            _appointed(candidate, issuer)
            and candidate.not_valid_before_utc <= response.produced_at_utc <= candidate.not_valid_after_utc
            and _ocsp_signed_by(der, candidate)
        ):
            return candidate
    return None


def _names_of(certificate: x509.Certificate) -> tuple[tuple[x509.Name | None, bytes | None], ...]:
    digest = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
    return ((certificate.subject, None), (None, digest))


@lru_cache(maxsize=256)
def _appointed(candidate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        purposes = candidate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    if ExtendedKeyUsageOID.OCSP_SIGNING not in purposes or not _known(candidate.extensions):
        return False
    if candidate.issuer != issuer.subject or not _may(candidate, "digital_signature"):
        return False
    return signed_by(candidate, issuer)


def has_no_check(certificate: x509.Certificate) -> bool:
    """Whether an OCSP responder's certificate need not itself be asked about (RFC 6960 4.2.2.2.1)."""
    try:
        certificate.extensions.get_extension_for_class(x509.OCSPNoCheck)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return True


def _may(certificate: x509.Certificate, usage: Literal["crl_sign", "digital_signature"]) -> bool:
    try:
        key_usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return bool(getattr(key_usage, usage))


@kept(256, largest=LARGEST_ANSWER)
def _ocsp_signed_by(der: bytes, signer: x509.Certificate) -> bool:
    response = ocsp.load_der_ocsp_response(der)
    algorithm = response.signature_hash_algorithm
    return holds(signer.public_key(), response.signature, response.tbs_response_bytes, algorithm)


@kept(32, largest=LARGEST_LIST)
def _crl_signed_by(der: bytes, issuer: x509.Certificate) -> bool:
    crl = x509.load_der_x509_crl(der)
    algorithm, parameters = algorithm_of(crl)
    return holds(issuer.public_key(), crl.signature, crl.tbs_certlist_bytes, algorithm, parameters)


def _in_scope(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    for extension in crl.extensions:
        if isinstance(extension.value, x509.DeltaCRLIndicator):
            return False
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            point = extension.value
            if point.indirect_crl or point.only_contains_attribute_certs or point.only_some_reasons:
                return False
            authority = _is_authority(certificate)
            if (authority and point.only_contains_user_certs) or (not authority and point.only_contains_ca_certs):
                return False
            if point.relative_name or (point.full_name and not set(point.full_name) & set(_points(certificate))):
                return False
    return True


def _points(certificate: x509.Certificate) -> Iterator[x509.GeneralName]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return
    for point in points:
        yield from point.full_name or ()


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _single_time(response: ocsp.OCSPResponse, extension: ObjectIdentifier) -> datetime | None:
    try:
        value = response.single_extensions.get_extension_for_oid(extension).value
    except (x509.ExtensionNotFound, ValueError):  # ValueError: several single responses in one
        return None
    if isinstance(value, x509.InvalidityDate):
        return value.invalidity_date_utc
    if not isinstance(value, x509.UnrecognizedExtension):
        return None
    moment = asn1_core.GeneralizedTime.load(value.value).native
    return moment if isinstance(moment, datetime) and moment.tzinfo is not None else None
