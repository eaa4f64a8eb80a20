"""What the loopback PKI answers: OCSP, CRL, time stamps, authority certificates. Bytes in, bytes out.

OCSP answers and time stamps are made by certomancer, so that our client is checked against another's reading of the
RFCs; keys stay loaded between answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import tsp as asn1_tsp
from asn1crypto import x509 as asn1_x509
from certomancer.services import RevocationInfoInterface, SimpleOCSPResponder, TimeStamper, choose_signed_digest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from secondseal.demo.pki_folder import PkiFolder, PkiState, ServiceName
from secondseal.demo.pki_shapes import PrivateKey

CRL_LIFE = timedelta(days=7)
AUTHORITIES = ("root", "subca")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The body of an HTTP answer and its media type; `status` 404 where nothing is known by that address."""

    body: bytes
    media_type: str
    status: int = 200


class ServiceDown(Exception):
    """This service was told to stop answering: the connection is closed without a word."""


class PkiServices:
    """Answers for one folder, with the newest state for every question."""

    def __init__(self, folder: PkiFolder, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder = folder
        self._clock = clock
        self._certificates = {a: folder.certificate(a) for a in AUTHORITIES}
        self._responders = {a: _Helper.load(folder, f"ocsp-{a}") for a in AUTHORITIES}
        self._tsa = _Helper.load(folder, "tsa")
        self._authority_keys: dict[str, PrivateKey] = {}
        self._crls: dict[str, tuple[PkiState, datetime, bytes]] = {}

    def answer(self, path: str, body: bytes) -> Answer:
        """Answer one request by its path (`/ocsp/<a>`, `/crl/<a>.crl`, `/crt/<a>.crt`, `/tsa`)."""
        state = self._folder.state()
        now = (self._clock() + timedelta(seconds=state.clock_shift_s)).replace(microsecond=0)
        match path.strip("/").split("/"):
            case ["ocsp", authority] if authority in AUTHORITIES:
                return Answer(
                    body=self._ocsp(_up(state, "ocsp"), authority, body, now), media_type="application/ocsp-response"
                )
            case ["crl", name] if name.removesuffix(".crl") in AUTHORITIES:
                crl = self._crl(_up(state, "crl"), name.removesuffix(".crl"), now)
                return Answer(body=crl, media_type="application/pkix-crl")
            case ["crt", name] if name.removesuffix(".crt") in AUTHORITIES:
                der = self._certificates[name.removesuffix(".crt")].public_bytes(serialization.Encoding.DER)
                return Answer(body=der, media_type="application/pkix-cert")
            case ["tsa"] if body:
                return Answer(body=self._stamp(_up(state, "tsa"), body, now), media_type="application/timestamp-reply")
            case ["health"]:
                return Answer(body=b"ok\n", media_type="text/plain")
        return Answer(body=b"", media_type="text/plain", status=404)

    def _ocsp(self, state: PkiState, authority: str, body: bytes, now: datetime) -> bytes:
        helper = self._responders[authority]
        responder = SimpleOCSPResponder(
            responder_cert=helper.certificate,
            responder_key=helper.key,
            signature_algo=helper.algorithm,
            at_time=now,
            revinfo_interface=_Statuses(state, authority, _asn1(self._certificates[authority])),
            validity=timedelta(seconds=state.ocsp_life_s),
        )
        response: bytes = responder.build_ocsp_response(asn1_ocsp.OCSPRequest.load(body)).dump()
        return response

    def _stamp(self, _state: PkiState, body: bytes, now: datetime) -> bytes:
        stamper = TimeStamper(
            tsa_cert=self._tsa.certificate,
            tsa_key=self._tsa.key,
            signature_algo=self._tsa.algorithm,
            fixed_dt=now,
        )
        reply: bytes = stamper.request_tsa_response(asn1_tsp.TimeStampReq.load(body)).dump()
        return reply

    def _crl(self, state: PkiState, authority: str, now: datetime) -> bytes:
        kept = self._crls.get(authority)
        if kept is not None and kept[0] is state and now - kept[1] < timedelta(minutes=1):
            return kept[2]
        if authority not in self._authority_keys:  # loading an RSA key takes time: only when first needed
            self._authority_keys[authority] = self._folder.key(authority)
        issuer = self._certificates[authority]
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.subject)
            .last_update(now)
            .next_update(now + CRL_LIFE)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        )
        identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        known = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        builder = builder.add_extension(known, critical=False)
        for entry in state.issued:
            if entry.issuer != authority or entry.revoked_at is None or entry.revoked_at > now:
                continue
            revoked = x509.RevokedCertificateBuilder().serial_number(entry.serial).revocation_date(entry.revoked_at)
            if entry.reason:
                reason = x509.CRLReason(x509.ReasonFlags[entry.reason])
                revoked = revoked.add_extension(reason, critical=False)
            builder = builder.add_revoked_certificate(revoked.build())
        crl = builder.sign(self._authority_keys[authority], hashes.SHA256())
        der = crl.public_bytes(serialization.Encoding.DER)
        self._crls[authority] = (state, now, der)
        return der


@dataclass(frozen=True, kw_only=True)
class _Helper:
    certificate: asn1_x509.Certificate
    key: asn1_keys.PrivateKeyInfo
    algorithm: object

    @classmethod
    def load(cls, folder: PkiFolder, label: str) -> "_Helper":
        der = folder.key(label).private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        certificate = _asn1(folder.certificate(label))
        algorithm = choose_signed_digest("sha256", certificate.public_key)
        return cls(certificate=certificate, key=asn1_keys.PrivateKeyInfo.load(der), algorithm=algorithm)


class _Statuses(RevocationInfoInterface):
    def __init__(self, state: PkiState, authority: str, issuer: asn1_x509.Certificate) -> None:
        self._state = state
        self._authority = authority
        self._issuer = issuer

    def get_issuer_cert(self) -> asn1_x509.Certificate:
        return self._issuer

    def check_revocation_status(
        self, cid: asn1_ocsp.CertId, at_time: datetime
    ) -> tuple[asn1_ocsp.CertStatus, list[asn1_ocsp.SingleResponseExtension]]:
        entry = self._state.by_serial(self._authority, cid["serial_number"].native)
        if entry is None:
            return asn1_ocsp.CertStatus("unknown"), []
        if entry.revoked_at is None or entry.revoked_at > at_time:
            return asn1_ocsp.CertStatus("good"), []
        info = {"revocation_time": entry.revoked_at, "revocation_reason": entry.reason or "unspecified"}
        return asn1_ocsp.CertStatus(name="revoked", value=asn1_ocsp.RevokedInfo(info)), []


def _up(state: PkiState, name: ServiceName) -> PkiState:
    if name in state.down:
        raise ServiceDown(name)
    return state


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
