"""The loopback PKI's OCSP and time stamps with less work, for load tests (CPU: OCSP 0.4 ms, a time stamp 16 ms).

    with QuickAuthority(pki.folder):        # in place of `with pki:`, on the PKI's own port
    python -m tests.pki.quick_authority FOLDER      # the same as a process, until its standard input ends

Same certificates and the same keys (P-256, kept loaded), `cryptography` for OCSP and asn1crypto for TSTInfo instead of
certomancer; CRLs and authority certificates are the PKI's own services'.
"""

import hashlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from secondseal.demo.pki_folder import PkiFolder
from secondseal.demo.pki_server import Answering
from secondseal.demo.pki_services import AUTHORITIES, Answer, PkiServices, ServiceDown
from tests.trust.hand_made_token import attribute, binding_v2

_POLICY = "1.2.3.4.1"


class QuickServices(PkiServices):
    """`PkiServices`, its OCSP and time stamps answered by keys that stay loaded."""

    def __init__(self, folder: PkiFolder) -> None:
        super().__init__(folder)
        self._state = folder.state
        self._responder = {
            one: (folder.certificate(f"ocsp-{one}"), _p256(folder, f"ocsp-{one}")) for one in AUTHORITIES
        }
        self._stamper = Stamper(folder.certificate("tsa"), _p256(folder, "tsa"))
        self._issuers = {one: folder.certificate(one) for one in AUTHORITIES}

    def answer(self, path: str, body: bytes) -> Answer:
        """Answer one request; what is neither OCSP nor a time stamp is left to the PKI's own services."""
        parts = path.strip("/").split("/")
        state = self._state()
        now = (datetime.now(UTC) + timedelta(seconds=state.clock_shift_s)).replace(microsecond=0)
        if len(parts) == 2 and parts[0] == "ocsp" and parts[1] in AUTHORITIES:
            if "ocsp" in state.down:
                raise ServiceDown("ocsp")
            return Answer(body=self._status(parts[1], body, now), media_type="application/ocsp-response")
        if parts == ["tsa"] and body:
            if "tsa" in state.down:
                raise ServiceDown("tsa")
            return Answer(body=self._stamper.reply(body, now), media_type="application/timestamp-reply")
        return super().answer(path, body)

    def _status(self, authority: str, body: bytes, now: datetime) -> bytes:
        asked = ocsp.load_der_ocsp_request(body)
        signer, key = self._responder[authority]
        state = self._state()
        entry = state.by_serial(authority, asked.serial_number)
        issuer = self._issuers[authority]
        if entry is None or not _names(asked, issuer):
            return ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED).public_bytes(
                Encoding.DER
            )
        revoked = entry.revoked_at is not None and entry.revoked_at <= now
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                asked.issuer_name_hash,
                asked.issuer_key_hash,
                asked.serial_number,
                asked.hash_algorithm,
                ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
                now,
                now + timedelta(seconds=state.ocsp_life_s),
                entry.revoked_at if revoked else None,
                x509.ReasonFlags[entry.reason or "unspecified"] if revoked else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, signer)
            .certificates([signer])
        )
        for extension in asked.extensions:
            if isinstance(extension.value, x509.OCSPNonce):
                builder = builder.add_extension(extension.value, critical=False)
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


class Stamper:
    """Time stamps (RFC 3161) over whatever imprint is asked, by one key."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._certificate = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
        self._binding = binding_v2(certificate)
        self._signer = {"issuer": self._certificate.issuer, "serial_number": self._certificate.serial_number}

    def reply(self, body: bytes, now: datetime) -> bytes:
        """The response to a request, DER. Raises ValueError where it is none."""
        request = tsp.TimeStampReq.load(body)
        told: dict[str, object] = {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": request["message_imprint"],
            "serial_number": secrets.randbits(63) + 1,
            "gen_time": now,
        }
        if request["nonce"].native is not None:
            told["nonce"] = request["nonce"]
        content = tsp.TSTInfo(told).dump()
        attributes = cms.CMSAttributes(
            [
                attribute("content_type", "tst_info"),
                attribute("message_digest", hashlib.sha256(content).digest()),
                self._binding,
            ]
        )
        signed = {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": cms.SignerIdentifier("issuer_and_serial_number", self._signer),
                    "digest_algorithm": {"algorithm": "sha256"},
                    "signed_attrs": attributes,
                    "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                    "signature": self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
                }
            ],
        }
        if request["cert_req"].native:
            signed["certificates"] = [self._certificate]
        token = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})
        response: bytes = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()
        return response


class QuickAuthority:
    """Within the block it answers on the port of the PKI in `folder`, from a thread. Raises OSError if it is taken."""

    def __init__(self, folder: Path) -> None:
        self._folder = PkiFolder(folder)
        self._server: Answering | None = None

    def __enter__(self) -> Self:
        self._server = Answering(self._folder, QuickServices(self._folder))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._server is not None:
            self._server.close()


@contextmanager
def process(folder: Path) -> Iterator[None]:
    """Within the block a process of its own answers. Raises RuntimeError if it does not come up."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.pki.quick_authority", str(folder)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        try:
            if child.stdout is None or not child.stdout.readline():
                raise RuntimeError(f"the quick authority ended with {child.wait()}")
            yield
        finally:
            child.terminate()


def _p256(folder: PkiFolder, label: str) -> ec.EllipticCurvePrivateKey:
    key = folder.key(label)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{label} has no P-256 key: a PKI of the shape g2 has")
    return key


def _names(asked: ocsp.OCSPRequest, issuer: x509.Certificate) -> bool:
    """Whether the request is about this authority (RFC 6960, 4.1.1: hashes of its name and its key)."""
    digest = hashes.Hash(asked.hash_algorithm)
    digest.update(issuer.subject.public_bytes())
    return digest.finalize() == asked.issuer_name_hash


def main() -> None:
    """Answer until standard input ends: whoever started it is gone."""
    with QuickAuthority(Path(sys.argv[1])):
        print("answers", flush=True)
        while os.read(0, 1024):
            continue


if __name__ == "__main__":
    main()
