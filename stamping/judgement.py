"""The officer's signature, judged in full when it arrives; the judgement is bound to the file by its SHA-256."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, RowMapping, bindparam, insert, select

from office import Office, Officer, may_approve
from signer import Level
from stamping.attachments import approved_with, changed
from stamping.desk import Desk
from stamping.history import to_json
from stamping.refusal import Refusal, ruled
from stamping.tables import judgements
from verifier import OFFICER_FIELD, DocumentFacts, Paths, Verdict, collect, judge

_KEEP: Final = insert(judgements)
_STORED: Final = select(judgements).where(
    judgements.c.document_id == bindparam("document"), judgements.c.sha256 == bindparam("file"), judgements.c.accepted
)
_STILL_OPEN: Final = frozenset({"not_sealed"})
"""Findings about the whole file that say only that our own seal is still to come."""


_NO_TIME: Final = frozenset({"no_proven_time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found about one officer's signature in the file with this SHA-256 (hex)."""

    sha256: str
    at: datetime
    officer: Officer
    certificate: x509.Certificate
    signed_at: datetime
    verdict: Verdict


@lru_cache(maxsize=128)
def certificate_sha256(certificate: x509.Certificate) -> str:
    """Fingerprint by which the office knows an officer's certificate (hex)."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def authorise(office: Office, certificate: x509.Certificate, document: RowMapping, at: datetime) -> Officer:
    """The officer of this certificate, if the office in force lets them approve this paper on this date (AC-5, AC-64).

    Raises `Refusal` officer-not-authorised, also when it is another officer than the one the paper names.
    """
    ruling = may_approve(
        office,
        certificate_sha256=certificate_sha256(certificate),
        organisation=document["organisation"],
        procedure=document["procedure"],
        on=at,
    )
    if not ruling.allowed or ruling.officer is None:
        raise ruled(ruling, "officer-not-authorised")
    if ruling.officer.id != document["officer_id"]:
        raise Refusal(
            "officer-not-authorised",
            f"Văn bản ghi tên người ký là {document['officer_name']}, nhưng chứng thư này của {ruling.officer.name}.",
            f"The paper names {document['officer_name']} as its signer, but this certificate belongs to "
            f"{ruling.officer.name}.",
            officer=ruling.officer.id,
        )
    return ruling.officer


def judge_approval(
    desk: Desk, pdf: bytes, sha256: str, document: RowMapping, at: datetime, facts: DocumentFacts | None = None
) -> Judgement:
    """Judge the one signature of an approved paper as strictly as a citizen's verification does. `facts`: where these
    bytes have been read in the sandbox already.

    Accepted only when the officer's signature is TOTAL_PASSED and nothing else is wrong with the file than that it
    has no seal yet. Raises `Refusal` not-approved, certificate-expired, certificate-revoked, officer-not-authorised;
    bytes-changed where the signature was made for other attachments than the document's.
    """
    facts = facts or desk.sandbox.gather(pdf)
    paths = Paths(desk.store)
    evidence = collect(facts, store=desk.store, client=desk.sources.revocation, now=at, paths=paths)
    verdict = judge(facts, evidence, policy=desk.policy, store=desk.store, at=at, paths=paths)
    found = [signature for signature in verdict.signatures if signature.field == OFFICER_FIELD]
    if not found:
        raise Refusal(
            "not-approved",
            "Văn bản chưa có chữ ký số của người có thẩm quyền.",
            "The paper does not bear the competent officer's digital signature.",
        )
    signature = found[0]
    found_wrong = {finding.code for finding in signature.findings}
    # an office at B-B has chosen to prove no time; everything else must still pass
    untimed = desk.level is Level.B_B and signature.word == "warning" and found_wrong <= _NO_TIME
    if signature.indication != "TOTAL_PASSED" and not untimed:
        _refuse_signature(signature.sub_indication, [finding.code for finding in signature.findings])
    worse = [finding.code for finding in verdict.findings if finding.code not in _STILL_OPEN]
    if worse or verdict.word not in {"genuine", "warning"}:
        raise Refusal(
            "not-approved",
            "Không đóng dấu được: tệp không còn nguyên như khi người có thẩm quyền ký.",
            "Cannot seal: the file is not as it was when the officer signed it.",
            verdict=verdict.word,
            findings=worse,
        )
    if signature.signed_at is None:
        raise _no_proven_time()
    # the officer approved the paper with exactly these attachments, or with none
    reason = next(one.reason for one in facts.signatures if one.field == OFFICER_FIELD)
    if approved_with(reason) != document["attachments_sha256"]:
        raise changed(document["number"])
    certificate = x509.load_der_x509_certificate(_signer_certificate(facts, OFFICER_FIELD))
    officer = authorise(desk.office(), certificate, document, signature.signed_at)
    return Judgement(
        sha256=sha256,
        at=at,
        officer=officer,
        certificate=certificate,
        signed_at=signature.signed_at,
        verdict=verdict,
    )


def keep(connection: Connection, document_id: str, judgement: Judgement) -> None:
    """Store an accepted judgement (TT 15/2025 article 5.10: the result of the check is kept)."""
    connection.execute(
        _KEEP,
        {
            "document_id": document_id,
            "sha256": judgement.sha256,
            "at": judgement.at,
            "accepted": True,
            "officer_id": judgement.officer.id,
            "certificate_sha256": certificate_sha256(judgement.certificate),
            "certificate": judgement.certificate.public_bytes(Encoding.DER),
            "signed_at": judgement.signed_at,
            "verdict": to_json(judgement.verdict.as_json()),
        },
    )


def stored(connection: Connection, document_id: str, sha256: str) -> RowMapping:
    """The stored judgement of exactly these bytes. Raises `Refusal` not-approved when there is none."""
    row = connection.execute(_STORED, {"document": document_id, "file": sha256}).mappings().first()
    if row is None:
        raise Refusal(
            "not-approved",
            "Không đóng dấu được: chữ ký của người có thẩm quyền chưa được kiểm tra xong.",
            "Cannot seal: the officer's signature has not been verified.",
            document=document_id,
        )
    return row


def _no_proven_time() -> Refusal:
    return Refusal(
        "not-approved",
        "Không đóng dấu được: không rõ thời điểm người có thẩm quyền ký.",
        "Cannot seal: it is not known when the officer signed.",
    )


def _refuse_signature(sub_indication: str | None, findings: list[str]) -> None:
    code, vi, en = {
        "REVOKED": (
            "certificate-revoked",
            "chứng thư của người ký đã bị thu hồi",
            "the signer's certificate was revoked",
        ),
        "REVOKED_NO_POE": (
            "certificate-revoked",
            "chứng thư của người ký đã bị thu hồi",
            "the signer's certificate was revoked",
        ),
        "EXPIRED": ("certificate-expired", "chứng thư của người ký đã hết hạn", "the signer's certificate had expired"),
        "TRY_LATER": (
            "revocation-unknown",
            "chưa kiểm tra được chứng thư của người ký có bị thu hồi hay không",
            "it could not be checked whether the signer's certificate was revoked",
        ),
    }.get(
        sub_indication or "",
        ("not-approved", "chữ ký của người có thẩm quyền không hợp lệ", "the officer's signature is not valid"),
    )
    raise Refusal(
        code, f"Không đóng dấu được: {vi}.", f"Cannot seal: {en}.", sub_indication=sub_indication, findings=findings
    )


def _signer_certificate(facts: DocumentFacts, field: str) -> bytes:
    for signature in facts.signatures:
        if signature.field == field and signature.mechanism.certificate is not None:
            return signature.mechanism.certificate
    raise Refusal(
        "not-approved",
        "Chữ ký không mang chứng thư của người ký.",
        "The signature does not carry its signer's certificate.",
        field=field,
    )
