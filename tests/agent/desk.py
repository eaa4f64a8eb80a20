"""A service speaking the agent's protocol on loopback, honest unless told how to lie."""

import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from asn1crypto import cms, core, tsp
from cryptography import x509

from agent.members import Problem, decode, encode
from agent.messages import ApprovalList, Attached, CertificateOffer, DocumentOutcome, PreparedDocument, SignatureReply

TITLES = ("Giấy chứng nhận đăng ký hộ kinh doanh", "Giấy xác nhận tình trạng hôn nhân", "Bản sao trích lục khai sinh")


def signed_attributes(digest: bytes, certificate: bytes, *extra: cms.CMSAttribute) -> bytes:
    """The DER SET of RFC 5652, built by asn1crypto."""
    ess = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate).digest()})
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
            cms.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [ess]})]}
            ),
            *extra,
        ]
    ).dump()


ATTACHED = (
    Attached(title="Phụ lục I. Bản vẽ", pages=1, sha256=bytes(32)),
    Attached(title="Phụ lục II. Danh sách", pages=3, sha256=bytes(range(32))),
)


def prepared_pdf(
    text: str, hole: int = 4096, attached: tuple[Attached, ...] = ()
) -> tuple[bytes, tuple[int, int, int, int]]:
    """A file with a signature's hole and the byte range around it. Only the agent reads it."""
    entries = b"/Name(Nguyen Van Mau)" + (reason_entry(approval_reason(attached)) if attached else b"")
    return pdf_around(text, entries, hole)


def approval_reason(attached: tuple[Attached, ...]) -> str:
    """As the service words it."""
    lines = "".join(f"{n} {one.sha256.hex()} {one.title}\n" for n, one in enumerate(attached, 1))
    listed = hashlib.sha256(lines.encode()).hexdigest()
    return f"Phê duyệt 01/GCN-UBND cùng {len(attached)} văn bản kèm theo, danh mục SHA-256 {listed}"


def reason_entry(reason: str) -> bytes:
    """As the signer spells it."""
    return b"/Reason<FEFF" + reason.encode("utf-16-be").hex().upper().encode() + b">"


def pdf_around(
    text: str, entries: bytes, hole: int = 4096, *, before: bytes = b"", opening: bytes = b"<<"
) -> tuple[bytes, tuple[int, int, int, int]]:
    """A signature dictionary with these `entries`; `before` and `opening` stand in front of them, for what lies."""
    head = f"%PDF-1.7\n% {text}\n1 0 obj\n<</Type/Catalog>>".encode() + before + b"\nendobj\n9 0 obj\n" + opening
    head += b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20261129120000+07'00')" + entries
    b = len(head) + 52 + len(b"/Contents")
    c = b + hole + 2
    tail = b">>\nendobj\n%%EOF\n"
    ranges = b"/ByteRange[0 %d %d %d]" % (b, c, len(tail))
    pdf = head + ranges.ljust(52) + b"/Contents<" + b"0" * hole + b">" + tail
    return pdf, (0, b, c, len(tail))


@dataclass
class Desk:
    """State of the service. `lie` changes a prepared document before it is announced; `answer` a PUT's outcome.
    Each paper has what is `attached`; a service that is older than the agent never `names_them`."""

    approval: str = "01JLIST"
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    count: int = 3
    attached: tuple[Attached, ...] = ()
    names_them: bool = True
    scheme: str = "rsa-pkcs1v15-sha256"
    lie: Callable[[PreparedDocument, "Desk"], PreparedDocument] | None = None
    lie_list: Callable[[ApprovalList], ApprovalList] | None = None
    answer: Callable[[str], tuple[int, dict[str, Any]] | None] | None = None
    refuse_certificate: Problem | None = None
    drop_next: int = 0
    certificate: x509.Certificate | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, PreparedDocument] = field(default_factory=dict)
    signatures: dict[str, bytes] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    url: str = ""

    def prepare(self, der: bytes) -> None:
        """As the real service does: every paper for this certificate."""
        self.certificate = x509.load_der_x509_certificate(der)
        for index in range(1, self.count + 1):
            name = f"doc{index}"
            pdf, byte_range = prepared_pdf(f"{name} {der[:8].hex()}", attached=self.attached)
            algorithm = "sha384" if self.scheme == "ecdsa-sha384" else "sha256"
            digest = hashlib.new(algorithm, pdf[: byte_range[1]] + pdf[byte_range[2] :]).digest()
            attributes = signed_attributes(digest, der)
            document = PreparedDocument(
                id=name,
                title=TITLES[(index - 1) % 3],
                number=f"{index:02d}/GCN-UBND",
                holder="Trần Văn Mẫu",
                pages=1,
                file_url=f"/files/{name}.pdf",
                file_sha256=hashlib.sha256(pdf).digest(),
                byte_range=byte_range,
                document_digest=digest,
                signed_attributes=attributes,
                digest=hashlib.new(algorithm, attributes).digest(),
                scheme=self.scheme,  # type: ignore[arg-type]
                attachments=self.attached if self.names_them else None,
            )
            self.files[name] = pdf
            self.documents[name] = self.lie(document, self) if self.lie else document

    def listed(self) -> ApprovalList:
        """What is left to sign."""
        from cryptography.hazmat.primitives.serialization import Encoding

        der = self.certificate.public_bytes(Encoding.DER) if self.certificate else None
        made = ApprovalList(
            id=self.approval,
            officer_name="Nguyễn Văn Mẫu",
            certificate_sha256=hashlib.sha256(der).digest() if der else None,
            expires_at=datetime.now(UTC) + timedelta(minutes=5),
            documents=tuple(d for d in self.documents.values() if d.id not in self.signatures),
        )
        return self.lie_list(made) if self.lie_list and der else made


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_GET  # noqa: N815

    def _serve(self) -> None:
        desk: Desk = self.server.desk  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        desk.calls.append(f"{self.command} {self.path}")
        if desk.drop_next:
            desk.drop_next -= 1
            self.close_connection = True
            return
        status, content, kind = self._answer(desk, body)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, desk: Desk, body: bytes) -> tuple[int, bytes, str]:
        if self.headers["Authorization"] != f"Bearer {desk.ticket}":
            return _problem(Problem(type="urn:secondseal:problem:forbidden", title="Vé không đúng.", status=401))
        here = f"/api/v1/approvals/{desk.approval}"
        if self.path == f"{here}?attachments=named":
            return 200, encode(desk.listed().as_json()), "application/json"
        if self.path == f"{here}/certificate":
            if desk.refuse_certificate:
                return _problem(desk.refuse_certificate)
            desk.prepare(CertificateOffer.from_json(decode(body)).certificate)
            return 204, b"", "application/json"
        if self.path.startswith("/files/"):
            return 200, desk.files[self.path.removeprefix("/files/").removesuffix(".pdf")], "application/pdf"
        if self.path.startswith(f"{here}/documents/"):
            name = self.path.rpartition("/")[2]
            answer = desk.answer(name) if desk.answer else None
            if answer:
                return answer[0], json.dumps(answer[1]).encode(), "application/json"
            desk.signatures[name] = SignatureReply.from_json(decode(body)).signature
            return 200, encode(DocumentOutcome(state="approved").as_json()), "application/json"
        return _problem(Problem(type="urn:secondseal:problem:not-found", title="Không có.", status=404))

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def _problem(problem: Problem) -> tuple[int, bytes, str]:
    return problem.status, encode(problem.as_json()), "application/problem+json"


@contextmanager
def serving_desk() -> Iterator[Desk]:
    """A running service, also without pytest."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    made = Desk(url=f"http://127.0.0.1:{server.server_address[1]}")
    server.desk = made  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A running service."""
    with serving_desk() as made:
        yield made


def with_attributes(document: PreparedDocument, attributes: bytes) -> PreparedDocument:
    """The document asking for other attributes, with the hash that goes with them."""
    algorithm = "sha384" if document.scheme == "ecdsa-sha384" else "sha256"
    return replace(document, signed_attributes=attributes, digest=hashlib.new(algorithm, attributes).digest())


def extra_attribute() -> cms.CMSAttribute:
    """A signing time: harmless by itself, not expected here."""
    return cms.CMSAttribute(
        {"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(datetime.now(UTC))})]}
    )
