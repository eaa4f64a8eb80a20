"""A desk where test papers are made and judged: keys and services of the loopback PKI, papers signed by pyHanko."""

import io
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlparse

from asn1crypto import tsp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from secondseal.demo.pki import Pki
from tests.pki.fixtures import MakeKey
from tests.verifier.papers import as_asn1, make_paper, sign
from trust import NetworkPolicy, RevocationClient, RevocationEvidence, TrustStore, read_token
from verifier import OFFICER_FIELD, SEAL_FIELD, Report, Verdict, collect, judge, report, verify_facts
from verifier.gather import gather

OFFICE = "UBND tỉnh Thử Nghiệm"
DATA = {"paper": "Giấy chứng nhận", "organisation": OFFICE, "number": "01/GCN-UBND", "code": "0" * 27}


class LoopbackTimeStamper(TimeStamper):
    """pyHanko's client interface over one plain POST."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        headers = {"Content-Type": "application/timestamp-query"}
        request = urllib.request.Request(self._url, data=req.dump(), headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return tsp.TimeStampResp.load(answer.read())


class Desk:
    """Makes papers and judges them. One per test session; what is expensive is made once."""

    def __init__(self, pki: Pki, make_key: MakeKey) -> None:
        self.pki = pki
        self.key = make_key
        self.time = LoopbackTimeStamper(pki.tsa_url)
        self.store = TrustStore.load(pki.anchors_pem, pki.intermediates_pem)
        self.client = client_of(pki)
        self._made: dict[str, bytes] = {}

    @cached_property
    def officer(self) -> Any:
        return self.key("person", organisation=OFFICE)

    @cached_property
    def seal(self) -> Any:
        return self.key("organisation", name=OFFICE, organisation=OFFICE)

    def once(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The paper called `name`, made at its first use."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    # papers

    @property
    def paper(self) -> bytes:
        return self.once("paper", lambda: make_paper(data=DATA))

    @property
    def approved(self) -> bytes:
        """The officer's B-LT signature; the seal's field is still empty."""
        return self.once("approved", lambda: self.sign_lt(self.paper, self.officer, OFFICER_FIELD))

    @property
    def sealed(self) -> bytes:
        """Both signatures, B-LT."""
        return self.once("sealed", lambda: self.sign_lt(self.approved, self.seal, SEAL_FIELD))

    @property
    def archived(self) -> bytes:
        """Both signatures, B-LTA."""
        return self.once("archived", lambda: self.archive(self.sealed))

    def sign_t(self, pdf: bytes, key: Any, field: str, **how: Any) -> bytes:
        """Sign with a timestamp."""
        return sign(pdf, key, field, timestamper=self.time, **how)

    def sign_lt(self, pdf: bytes, key: Any, field: str, **how: Any) -> bytes:
        """Sign with a timestamp and embed the evidence for the signer and the time authority."""
        return self.add_evidence(self.sign_t(pdf, key, field, **how), key)

    def evidence(self, key: Any) -> RevocationEvidence:
        found = self.client.collect((key.certificate, *key.chain), now=datetime.now(UTC))
        authority = next(c for c in self.pki.chain if c.subject == self.pki.tsa.issuer)
        return found.merged(self.client.collect((self.pki.tsa, authority), now=datetime.now(UTC)))

    def add_evidence(self, pdf: bytes, key: Any, evidence: RevocationEvidence | None = None) -> bytes:
        from asn1crypto import crl as asn1_crl
        from asn1crypto import ocsp as asn1_ocsp
        from asn1crypto import x509 as asn1_x509

        found = evidence or self.evidence(key)
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            PdfFileReader(io.BytesIO(pdf)).embedded_signatures[-1].pkcs7_content,
            certs=[asn1_x509.Certificate.load(der) for der in found.certificates],
            ocsps=[asn1_ocsp.OCSPResponse.load(der) for der in found.ocsp_responses],
            crls=[asn1_crl.CertificateList.load(der) for der in found.crls],
        )
        return written(writer)

    def archive(self, pdf: bytes) -> bytes:
        """Add a document timestamp."""
        stamper = PdfTimeStamper(self.time)
        return bytes(stamper.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), "sha256").getvalue())

    # judging

    def judge(self, pdf: bytes, *, online: bool = False, store: TrustStore | None = None, **how: Any) -> Verdict:
        """Gather, collect and judge in this process."""
        client = self.client if online else None
        return verify_facts(gather(pdf), store=store or self.store, client=client, **how)

    def report(self, pdf: bytes, *, online: bool = False, at: datetime | None = None) -> tuple[Report, Verdict]:
        """The technical report on a file, and the verdict it tells of."""
        facts, now = gather(pdf), at or datetime.now(UTC)
        evidence = collect(facts, self.store, self.client if online else None, now)
        verdict = judge(facts, evidence, store=self.store, at=now)
        return report(facts, evidence, verdict, store=self.store), verdict


def client_of(pki: Pki) -> RevocationClient:
    """A client that may ask exactly this PKI."""
    port = urlparse(pki.url).port or 80
    return RevocationClient(
        NetworkPolicy(allowed_hosts=("127.0.0.1",), allow_loopback=True, allowed_ports=(port,), total_timeout_s=5)
    )


def written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def time_of(verdict: Verdict, place: int = 0) -> datetime:
    moment = verdict.signatures[place].signed_at
    assert moment is not None
    return moment


def token_time(der: bytes) -> datetime:
    return read_token(der).gen_time


__all__ = ["DATA", "OFFICE", "Desk", "as_asn1", "client_of", "time_of", "token_time", "written"]
