"""A certificate path as a report tells it: each certificate, where the path ended, whose word on revocation counted."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from trust import PathCheck, PathStatus, RevocationEvidence, Statement, common_name, judge_revocation, statements
from verifier.paths import der
from verifier.report_values import CertificateReport, PathReport, RevocationUsed

_PATHLESS = (PathStatus.UNTRUSTED,)


def path_report(
    check: PathCheck, at: datetime, *, embedded: RevocationEvidence, everything: RevocationEvidence
) -> PathReport:
    """The path of `check`, judged for `at`. The last certificate is the anchor unless no path was found."""
    found = check.status not in _PATHLESS
    told = []
    for place, certificate in enumerate(check.chain):
        last = place == len(check.chain) - 1
        issuer = None if last else check.chain[place + 1]
        told.append(_certificate(certificate, issuer, at, embedded, everything, anchor=last and found))
    return PathReport(status=check.status.value, at=at, detail=check.detail, certificates=tuple(told))


def _certificate(
    certificate: x509.Certificate,
    issuer: x509.Certificate | None,
    at: datetime,
    embedded: RevocationEvidence,
    everything: RevocationEvidence,
    *,
    anchor: bool,
) -> CertificateReport:
    finding = None if issuer is None else judge_revocation(certificate, issuer, everything, at=at)
    used = None
    if issuer is not None and finding is not None and finding.by is not None:
        used = _used(finding.by, certificate, issuer, embedded, everything)
    return CertificateReport(
        name=common_name(certificate) or "",
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        sha256=hashlib.sha256(der(certificate)).hexdigest(),
        key=key_name(certificate),
        signed_with=_signed_with(certificate),
        anchor=anchor,
        standing=None if finding is None else finding.state,
        revocation=used,
    )


def _signed_with(certificate: x509.Certificate) -> str:
    """The hash it was signed with; the algorithm's number where it is one that nobody here knows."""
    try:
        algorithm = certificate.signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError, TypeError):
        algorithm = None
    return algorithm.name if algorithm is not None else certificate.signature_algorithm_oid.dotted_string


def key_name(certificate: x509.Certificate) -> str:
    """RSA 2048, EC secp256r1; else the kind of key."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey")


def _used(
    by: Statement,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    embedded: RevocationEvidence,
    everything: RevocationEvidence,
) -> RevocationUsed:
    piece = next((one for one in _pieces(by, everything) if by in _said(by, one, certificate, issuer, everything)), b"")
    inside = piece in embedded.ocsp_responses or piece in embedded.crls
    return RevocationUsed(
        kind=by.kind,
        source="embedded" if inside else "fetched",
        status=by.status,
        this_update=by.this_update,
        next_update=by.next_update,
        produced_at=by.produced_at,
        responder=by.issuer,
        sha256=hashlib.sha256(piece).hexdigest() if piece else "",
        revoked_at=by.revoked_at,
        reason=by.reason,
    )


def _pieces(by: Statement, everything: RevocationEvidence) -> tuple[bytes, ...]:
    return everything.ocsp_responses if by.kind == "ocsp" else everything.crls


def _said(
    by: Statement,
    piece: bytes,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    everything: RevocationEvidence,
) -> Iterator[Statement]:
    """What this piece alone says; helping certificates stay, as a responder's may be among them."""
    alone = RevocationEvidence(
        ocsp_responses=(piece,) if by.kind == "ocsp" else (),
        crls=(piece,) if by.kind == "crl" else (),
        certificates=everything.certificates,
    )
    yield from statements(alone, certificate, issuer)
