"""The loopback PKI's OCSP and time stamps with less work, for load tests (CPU: OCSP 0.4 ms, a time stamp 0.3 ms).

    with QuickAuthority(pki.folder):        # in place of `with pki:`, on the PKI's own port
    python -m tests.pki.quick_authority FOLDER      # the same as a process, until its standard input ends

Same certificates and the same keys (P-256, kept loaded), `cryptography` for OCSP, DER by hand for time stamps
instead of certomancer; CRLs and authority certificates are the PKI's own services'.
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

_SEQUENCE, _SET, _OCTETS = 0x30, 0x31, 0x04
_VERSION_1, _VERSION_3 = core.Integer(1).dump(), core.Integer(3).dump()
_POLICY = core.ObjectIdentifier("1.2.3.4.1").dump()
_TST_INFO, _SIGNED_DATA = cms.ContentType("tst_info").dump(), cms.ContentType("signed_data").dump()
_MESSAGE_DIGEST = cms.CMSAttributeType("message_digest").dump()
_SHA256 = cms.DigestAlgorithm({"algorithm": "sha256"}).dump()
_SHA256_ECDSA = cms.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()
_GRANTED = tsp.PKIStatusInfo({"status": "granted"}).dump()


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
    """Time stamps (RFC 3161) over whatever imprint is asked, by one key.

    What is the same in all of them is encoded once; the rest is put between it, DER by hand.
    """

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._certificates = _tagged(0xA0, certificate.public_bytes(Encoding.DER))
        named = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
        self._signer = _tagged(_SEQUENCE, named.issuer.dump() + core.Integer(named.serial_number).dump())
        self._attributes = (attribute("content_type", "tst_info").dump(), binding_v2(certificate).dump())

    def reply(self, body: bytes, now: datetime) -> bytes:
        """The response to a request, DER. Raises ValueError where it is none."""
        request = tsp.TimeStampReq.load(body)
        serial = core.Integer(secrets.randbits(63) + 1).dump()
        moment = _tagged(0x18, now.strftime("%Y%m%d%H%M%SZ").encode())
        # an absent nonce dumps as nothing
        told = (_VERSION_1, _POLICY, request["message_imprint"].dump(), serial, moment, request["nonce"].dump())
        content = _tagged(_SEQUENCE, b"".join(told))
        digest = _tagged(_OCTETS, hashlib.sha256(content).digest())
        with_digest = _tagged(_SEQUENCE, _MESSAGE_DIGEST + _tagged(_SET, digest))
        attributes = b"".join(sorted((*self._attributes, with_digest)))  # DER: a set in the order of its encodings
        signature = self._key.sign(_tagged(_SET, attributes), ec.ECDSA(hashes.SHA256()))
        signer = (
            _VERSION_1,
            self._signer,
            _SHA256,
            _tagged(0xA0, attributes),
            _SHA256_ECDSA,
            _tagged(_OCTETS, signature),
        )
        signed = (
            _VERSION_3,
            _tagged(_SET, _SHA256),
            _tagged(_SEQUENCE, _TST_INFO + _tagged(0xA0, _tagged(_OCTETS, content))),
            self._certificates if request["cert_req"].native else b"",
            _tagged(_SET, _tagged(_SEQUENCE, b"".join(signer))),
        )
        token = _tagged(_SEQUENCE, _SIGNED_DATA + _tagged(0xA0, _tagged(_SEQUENCE, b"".join(signed))))
        return _tagged(_SEQUENCE, _GRANTED + token)


def _tagged(tag: int, content: bytes) -> bytes:
    """A DER element."""
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


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
