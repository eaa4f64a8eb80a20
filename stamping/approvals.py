"""Approval lists: what one officer signs with their own token in one go.

The eight steps of signing are cut in two here: the service prepares each paper for the officer's certificate and
keeps the prepared state; the signature value comes back from the agent and is redeemed once (house rule: prepare,
then redeem once). The officer's PIN and key never come here (AC-65).
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlalchemy import Connection, RowMapping, Select, select

from register import add_revision
from signer import (
    Level,
    Order,
    Placement,
    PreparedSignature,
    Scheme,
    SignedDocument,
    SignerError,
    WrongSignature,
    complete,
    preflight,
    prepare,
)
from stamping.certificates import Established, establish
from stamping.desk import Desk
from stamping.documents import note_problem, view_of
from stamping.history import move, problem_from_json, problem_to_json, row_of, to_json
from stamping.judgement import authorise, certificate_sha256, judge_approval, keep
from stamping.marks import officer_mark_for
from stamping.reasons import time_authority_away, unsealable
from stamping.refusal import Refusal, not_found
from stamping.tables import approval_documents, approvals, documents
from stamping.views import ApprovalDocument, ApprovalTicket, ApprovalView, DocumentView
from store import read, write
from trust import TimeAuthorityUnreachable, TimestampRejected
from verifier import OFFICER_FIELD

LIFE: Final = timedelta(minutes=30)
"""How long a ticket is good for: two hundred papers on a slow token take about ten minutes."""
LONGEST_LIST: Final = 500


def open_list(desk: Desk, document_ids: Sequence[str], officer_id: str, actor: str) -> ApprovalTicket:
    """Open a list of documents for one officer; all of them must wait for that officer's approval.

    Raises `Refusal` wrong-state, forbidden, not-found.
    """
    if not 1 <= len(document_ids) <= LONGEST_LIST or len(set(document_ids)) != len(document_ids):
        raise Refusal(
            "list-changed",
            f"Danh sách phải có từ 1 đến {LONGEST_LIST} văn bản, không trùng nhau.",
            f"A list holds 1 to {LONGEST_LIST} documents, each once.",
            count=len(document_ids),
        )
    now = desk.clock()
    identity, ticket = secrets.token_hex(16), secrets.token_urlsafe(32)
    with write(desk.engine) as connection:
        name = ""
        for document_id in document_ids:
            row = row_of(connection, document_id)
            if row["officer_id"] != officer_id:
                raise Refusal(
                    "forbidden",
                    f"Văn bản {row['number']} do {row['officer_name']} ký.",
                    f"Document {row['number']} is to be signed by {row['officer_name']}.",
                    document=document_id,
                )
            if row["state"] != "awaiting_approval":
                raise Refusal(
                    "wrong-state",
                    f"Văn bản {row['number']} không còn chờ ký (đang là “{row['state']}”).",
                    f"Document {row['number']} no longer waits to be signed (it is {row['state']!r}).",
                    document=document_id,
                    state=row["state"],
                )
            name = row["officer_name"]
        connection.execute(
            approvals.insert().values(
                id=identity,
                officer_id=officer_id,
                officer_name=name,
                actor=actor,
                ticket_sha256=hashlib.sha256(ticket.encode()).hexdigest(),
                created_at=now,
                expires_at=now + LIFE,
            )
        )
        connection.execute(
            approval_documents.insert(),
            [
                {"approval_id": identity, "document_id": document_id, "position": position, "state": "waiting"}
                for position, document_id in enumerate(document_ids)
            ],
        )
    return ApprovalTicket(id=identity, ticket=ticket, expires_at=now + LIFE)


def check_ticket(desk: Desk, approval_id: str, ticket: str) -> bool:
    """Is this the secret of that list, and is the list still open?"""
    with read(desk.engine) as connection:
        row = connection.execute(select(approvals).where(approvals.c.id == approval_id)).mappings().first()
    if row is None or desk.clock() >= row["expires_at"]:
        return False
    return hmac.compare_digest(row["ticket_sha256"], hashlib.sha256(ticket.encode()).hexdigest())


def use_certificate(desk: Desk, approval_id: str, certificate_der: bytes) -> ApprovalView:
    """Prepare every open document of the list for this certificate.

    The certificate is known, authorised and checked for revocation before anything is prepared (TT 15/2025 article
    5.1). What concerns one paper alone stays on its row; what concerns the certificate refuses the whole list.
    """
    now = desk.clock()
    try:
        certificate = x509.load_der_x509_certificate(certificate_der)
        scheme = scheme_of(certificate)
    except ValueError as error:
        raise Refusal(
            "certificate-unknown",
            "Dữ liệu gửi lên không phải là chứng thư dùng để ký được.",
            "What was sent is not a certificate that can sign.",
        ) from error
    with read(desk.engine) as connection:
        approval = _open_row(connection, desk, approval_id)
        rows = _items(connection, approval_id)
    todo = [row for row in rows if row["state"] != "signed"]
    if todo:
        authorise(desk, certificate, todo[0], now)
    established = establish(desk, certificate, now)
    done: list[tuple[str, PreparedSignature | None, Refusal | None]] = []
    for row in todo:
        try:
            prepared = _prepare(desk, row, certificate, scheme, established)
        except Refusal as refusal:
            done.append((row["document_id"], None, refusal))
        else:
            done.append((row["document_id"], prepared, None))
    with write(desk.engine) as connection:
        connection.execute(
            approvals.update()
            .where(approvals.c.id == approval["id"])
            .values(certificate=certificate_der, certificate_sha256=certificate_sha256(certificate))
        )
        for document_id, ready, problem in done:
            connection.execute(
                approval_documents.update()
                .where(
                    approval_documents.c.approval_id == approval_id,
                    approval_documents.c.document_id == document_id,
                    approval_documents.c.state != "signed",
                )
                .values(
                    state="prepared" if ready else "failed",
                    prepared=ready.to_bytes() if ready else None,
                    to_sign=_to_sign(ready) if ready else None,
                    problem=problem_to_json(problem.problem if problem else None),
                )
            )
    return view(desk, approval_id)


def scheme_of(certificate: x509.Certificate) -> Scheme:
    """The scheme an officer's token signs with: PKCS#1 v1.5 as state practice has it (docs/decisions), ECDSA by curve.

    Raises `ValueError` for a key nobody may sign with.
    """
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        return "rsa-pkcs1v15-sha256"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return "ecdsa-sha256"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
        return "ecdsa-sha384"
    raise ValueError("neither RSA of 2048 bits or more nor P-256 or P-384")


def view(desk: Desk, approval_id: str) -> ApprovalView:
    """The list as it stands, with what the token must sign for each prepared document."""
    with read(desk.engine) as connection:
        approval = connection.execute(select(approvals).where(approvals.c.id == approval_id)).mappings().first()
        if approval is None:
            raise not_found("đợt ký", "approval list", approval_id)
        rows = _items(connection, approval_id)
    items = tuple(_item(row) for row in rows)
    over = all(item.state == "signed" for item in items)
    expired = desk.clock() >= approval["expires_at"]
    return ApprovalView(
        id=approval["id"],
        officer_id=approval["officer_id"],
        officer_name=approval["officer_name"],
        certificate_sha256=approval["certificate_sha256"],
        created_at=approval["created_at"],
        expires_at=approval["expires_at"],
        state="finished" if over else "expired" if expired else "open",
        documents=items,
    )


def prepared_file(desk: Desk, approval_id: str, document_id: str) -> bytes:
    """The prepared PDF with the hole where the signature goes, for the agent to recompute and the officer to read."""
    with read(desk.engine) as connection:
        return _prepared(connection, approval_id, document_id).pdf_with_hole


def submit(desk: Desk, approval_id: str, document_id: str, signature: bytes) -> DocumentView:
    """Redeem one signature value: complete, time-stamp, judge in full, store; the document becomes `approved`.

    Repeating the same value answers the same; another value for a signed document is refused. When the time authority
    or the revocation service is away nothing is stored and the same value may be sent again.
    Raises `Refusal` signature-invalid, time-authority-unreachable, revocation-unknown, certificate-revoked,
    officer-not-authorised, approval-closed, wrong-state.
    """
    fingerprint = hashlib.sha256(signature).hexdigest()
    with read(desk.engine) as connection:
        item = _item_row(connection, approval_id, document_id)
        if item["state"] == "signed":
            if item["signature_sha256"] == fingerprint:
                return view_of(connection, document_id)
            raise Refusal(
                "approval-closed",
                "Văn bản này đã được ký trong đợt này.",
                "This document has already been signed in this list.",
                document=document_id,
            )
        _open_row(connection, desk, approval_id)
        prepared = _prepared(connection, approval_id, document_id)
    try:
        signed = _complete(desk, prepared, signature)
        judgement = judge_approval(desk, signed.pdf, signed.sha256, item, desk.clock())
    except Refusal as refusal:
        note_problem(desk, document_id, refusal.problem)
        raise
    sha256 = desk.files.put(signed.pdf)
    now = desk.clock()
    with write(desk.engine) as connection:
        claimed = connection.execute(
            approval_documents.update()
            .where(
                approval_documents.c.approval_id == approval_id,
                approval_documents.c.document_id == document_id,
                approval_documents.c.state == "prepared",
            )
            .values(state="signed", signature_sha256=fingerprint, signed_at=now, problem=None)
        )
        if claimed.rowcount != 1:
            raise Refusal(
                "approval-closed",
                "Văn bản này vừa được ký trong một lần gửi khác.",
                "This document has just been signed by another request.",
                document=document_id,
            )
        move(
            connection,
            document_id,
            "approved",
            expected=("awaiting_approval",),
            at=now,
            actor=judgement.officer.name,
            detail={"sha256": sha256, "level": signed.level.label, "signed_at": judgement.signed_at.isoformat()},
            approved_sha256=sha256,
            approved_at=judgement.signed_at,
            problem=None,
        )
        keep(connection, document_id, judgement)
        add_revision(connection, document_id=document_id, kind="approved", sha256=sha256, size=len(signed.pdf), at=now)
        return view_of(connection, document_id)


def _prepare(
    desk: Desk, row: RowMapping, certificate: x509.Certificate, scheme: Scheme, established: Established
) -> PreparedSignature:
    officer = authorise(desk, certificate, row, established.at)
    pdf = desk.files.get(row["generated_sha256"])
    placement = _place(pdf)
    order = Order(
        field=OFFICER_FIELD,
        placement=None,
        mark=officer_mark_for(desk, officer, placement),
        signed_at=established.at,
        name=officer.name,
        reason=f"Phê duyệt {row['number']}",
        location=row["organisation_name"],
        role="officer",
        level=officer_level(desk),
    )
    try:
        return prepare(pdf, order, certificate, established.chain, scheme)
    except SignerError as error:
        raise unsealable(error) from error


def _place(pdf: bytes) -> Placement:
    """Where the prepared field for the officer stands."""
    try:
        field = preflight(pdf).field(OFFICER_FIELD)
    except SignerError as error:
        raise unsealable(error) from error
    if field is None or field.placement is None:
        raise Refusal(
            "unsealable",
            "Văn bản không có ô chữ ký dành cho người có thẩm quyền.",
            "The paper has no field prepared for the officer's signature.",
        )
    return field.placement


def officer_level(desk: Desk) -> Level:
    """The officer's signature is time-stamped wherever the office time-stamps at all; evidence comes with the seal."""
    return Level.B_B if desk.level is Level.B_B else Level.B_T


def _complete(desk: Desk, prepared: PreparedSignature, signature: bytes) -> SignedDocument:
    try:
        return complete(prepared, signature, level=officer_level(desk), sources=desk.sources)
    except WrongSignature as error:
        raise Refusal(
            "signature-invalid",
            "Chữ ký gửi lên không khớp với văn bản và chứng thư. Chưa có gì được lưu; hãy ký lại.",
            "The signature does not fit the document and the certificate. Nothing was stored; sign again.",
        ) from error
    except (TimeAuthorityUnreachable, TimestampRejected) as error:
        raise time_authority_away() from error


def _open_row(connection: Connection, desk: Desk, approval_id: str) -> RowMapping:
    row = connection.execute(select(approvals).where(approvals.c.id == approval_id)).mappings().first()
    if row is None:
        raise not_found("đợt ký", "approval list", approval_id)
    if desk.clock() >= row["expires_at"]:
        raise Refusal(
            "approval-closed",
            "Đợt ký đã hết thời gian. Mở đợt ký mới cho các văn bản còn lại; văn bản đã ký vẫn giữ nguyên.",
            "This list has expired. Open a new one for what is left; what was signed stays signed.",
        )
    return row


def _query(approval_id: str) -> Select[Any]:
    # `prepared` holds a whole PDF: it is read for one document at a time, never for a list
    return (
        select(
            approval_documents.c.document_id,
            approval_documents.c.state,
            approval_documents.c.to_sign,
            approval_documents.c.signature_sha256,
            approval_documents.c.problem,
            *(column for column in documents.c if column.name not in {"id", "state", "problem"}),
        )
        .join(documents, documents.c.id == approval_documents.c.document_id)
        .where(approval_documents.c.approval_id == approval_id)
    )


def _items(connection: Connection, approval_id: str) -> Sequence[RowMapping]:
    return connection.execute(_query(approval_id).order_by(approval_documents.c.position)).mappings().all()


def _item_row(connection: Connection, approval_id: str, document_id: str) -> RowMapping:
    row = (
        connection.execute(_query(approval_id).where(approval_documents.c.document_id == document_id))
        .mappings()
        .first()
    )
    if row is None:
        raise not_found("văn bản trong đợt ký", "document of this list:", document_id)
    return row


def _prepared(connection: Connection, approval_id: str, document_id: str) -> PreparedSignature:
    _item_row(connection, approval_id, document_id)
    blob = connection.execute(
        select(approval_documents.c.prepared).where(
            approval_documents.c.approval_id == approval_id, approval_documents.c.document_id == document_id
        )
    ).scalar_one()
    if blob is None:
        raise Refusal(
            "approval-closed",
            "Văn bản này chưa được chuẩn bị cho chứng thư nào.",
            "This document has not been prepared for a certificate.",
            document=document_id,
        )
    return PreparedSignature.from_bytes(blob)


def _to_sign(prepared: PreparedSignature) -> str:
    return to_json(
        {
            "file_sha256": hashlib.sha256(prepared.pdf_with_hole).hexdigest(),
            "byte_range": prepared.byte_range,
            "document_digest": prepared.document_digest.hex(),
            "signed_attributes": prepared.signed_attributes.hex(),
            "digest": prepared.digest.hex(),
            "scheme": prepared.scheme,
        }
    )


def _item(row: RowMapping) -> ApprovalDocument:
    todo = json.loads(row["to_sign"]) if row["to_sign"] else None
    return ApprovalDocument(
        id=row["document_id"],
        title=row["title"],
        number=row["number"],
        holder=row["holder"],
        pages=row["pages"],
        state=row["state"],
        problem=problem_from_json(row["problem"]),
        file_sha256=todo["file_sha256"] if todo else None,
        byte_range=tuple(todo["byte_range"]) if todo else None,
        document_digest=todo["document_digest"] if todo else None,
        signed_attributes=bytes.fromhex(todo["signed_attributes"]) if todo else None,
        digest=todo["digest"] if todo else None,
        scheme=todo["scheme"] if todo else None,
    )
