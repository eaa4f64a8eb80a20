"""Values these tests share: the loopback policy, times, hand-made OCSP responses and CRLs with real keys."""

from datetime import UTC, datetime, timedelta

from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from secondseal.demo.pki import Pki
from secondseal.demo.pki_shapes import Issuer
from trust import NetworkPolicy, RevocationEvidence, TrustStore

LOOPBACK = NetworkPolicy(
    allowed_hosts=("127.0.0.1",), allow_loopback=True, connect_timeout_s=1.0, total_timeout_s=2.0, max_bytes=1_000_000
)
NOTHING = RevocationEvidence()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def now() -> datetime:
    """The present, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def store_of(pki: Pki) -> TrustStore:
    """The trust store the PKI's own files make."""
    return TrustStore.load(pki.anchors_pem, pki.intermediates_pem)


def ocsp_response(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    signer: Issuer,
    *,
    this_update: datetime,
    next_update: datetime | None = None,
    revoked_at: datetime | None = None,
    reason: x509.ReasonFlags | None = None,
    nonce: bytes | None = None,
    carried: tuple[x509.Certificate, ...] | None = None,
    archive_cutoff: bytes | None = None,
    invalid_since: bytes | None = None,
    produced_at: datetime | None = None,
) -> bytes:
    """An OCSP response signed by whoever the test says, DER. `archive_cutoff` and `invalid_since` (invalidityDate) are
    DER times."""
    status = ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD
    builder = ocsp.OCSPResponseBuilder().add_response(
        certificate, issuer, hashes.SHA1(), status, this_update, next_update, revoked_at, reason
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    if carried is None or carried:
        builder = builder.certificates([signer.certificate] if carried is None else list(carried))
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    der = builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)
    wanted = {"1.3.6.1.5.5.7.48.1.6": archive_cutoff, "2.5.29.24": invalid_since}
    extensions = {number: value for number, value in wanted.items() if value is not None}
    return der if not extensions and produced_at is None else _signed_again(der, signer, extensions, produced_at)


def _signed_again(der: bytes, signer: Issuer, extensions: dict[str, bytes], produced_at: datetime | None) -> bytes:
    # The builder knows no extensions of single responses, and no time but the present: put in and signed again.
    response = asn1_ocsp.OCSPResponse.load(der)
    basic = response["response_bytes"]["response"].parsed
    data = basic["tbs_response_data"]
    if extensions:
        data["responses"][0]["single_extensions"] = [
            {"extn_id": number, "extn_value": core.ParsableOctetString(value)} for number, value in extensions.items()
        ]
    if produced_at is not None:
        data["produced_at"] = produced_at
    assert isinstance(signer.key, ec.EllipticCurvePrivateKey)
    basic["signature"] = signer.key.sign(data.dump(force=True), ec.ECDSA(hashes.SHA256()))
    response["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    again: bytes = response.dump(force=True)
    return again


def crl(
    issuer: Issuer,
    *,
    this_update: datetime,
    next_update: datetime | None = None,
    revoked: dict[int, tuple[datetime, x509.ReasonFlags | None]] | None = None,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
) -> bytes:
    """A CRL signed by whoever the test says, DER."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(this_update)
        .next_update(next_update or this_update + 7 * DAY)
    )
    for serial, (at, reason) in (revoked or {}).items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)
