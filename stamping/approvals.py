"""Approval lists: what one officer signs with their own token in one go.

The eight steps of signing are cut in two here: the service prepares each paper for the officer's certificate and
keeps the prepared state; the signature value comes back from the agent and is redeemed once (house rule: prepare,
then redeem once). The officer's PIN and key never come here (AC-65).
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, bindparam, insert, select, update

from register import add_revision
from signer import (
    PreparedSignature,
)
from stamping import attachments
from stamping.approval_rows import item_row, item_rows, list_row, open_row, prepared_of, shown, to_sign
from stamping.certificates import establish
from stamping.desk import Desk
from stamping.documents import note_problem, view_of
from stamping.history import move, problem_to_json, row_of
from stamping.judgement import authorise, certificate_sha256, judge_approval, keep
from stamping.lists import check_list
from stamping.officer_signature import completed, prepare_for, scheme_of
from stamping.once import Once
from stamping.refusal import Refusal, not_found
from stamping.tables import approval_documents, approvals
from stamping.versions import Seen
from stamping.views import ApprovalTicket, ApprovalView, DocumentView
from store import read, write

LIFE: Final = timedelta(minutes=30)
"""How long a ticket is good for: two hundred papers on a slow token take about ten minutes."""

# Statements used for every document are built once, not per call.
_FORGET_EXPIRED: Final = (
    update(approval_documents)
    .where(
        approval_documents.c.approval_id.in_(select(approvals.c.id).where(approvals.c.expires_at < bindparam("now"))),
        approval_documents.c.prepared.is_not(None),
    )
    .values(prepared=None)
)
_OPEN: Final = insert(approvals)
_LIST_DOCUMENT: Final = insert(approval_documents)
_USE_CERTIFICATE: Final = update(approvals).where(approvals.c.id == bindparam("approval"))
_OF_LIST: Final = update(approval_documents).where(
    approval_documents.c.approval_id == bindparam("approval"), approval_documents.c.document_id == bindparam("document")
)
_PREPARE: Final = _OF_LIST.where(approval_documents.c.state != "signed")
_CLAIM: Final = _OF_LIST.where(approval_documents.c.state == "prepared")


def open_list(
    desk: Desk,
    document_ids: Sequence[str],
    officer_id: str,
    actor: str,
    once: Once | None = None,
    ticket: str | None = None,
    seen: Seen | None = None,
) -> ApprovalTicket:
    """Open a list of documents for one officer; all of them must wait for that officer's approval.

    `seen`: of a list of one, refused as changed-since where the document is no longer so.

    `ticket` is the secret of the list, where the caller can make the same one again for a repeated request: only its
    hash is kept here. Left out, it is random. Raises `Refusal` wrong-state, forbidden, not-found.
    """
    check_list(document_ids)
    now = desk.clock()
    identity, ticket = secrets.token_hex(16), ticket or secrets.token_urlsafe(32)
    with write(desk.engine) as connection:
        if once and (kept := once.earlier(connection)) is not None:
            return _opened_before(connection, kept["approval"], ticket)
        # a prepared state holds a whole PDF; those of lists that have expired serve nobody any more
        connection.execute(_FORGET_EXPIRED, {"now": now})
        name = ""
        for document_id in document_ids:
            row = row_of(connection, document_id)
            if seen:
                seen.require(view_of(connection, document_id))
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
            _OPEN,
            {
                "id": identity,
                "officer_id": officer_id,
                "officer_name": name,
                "actor": actor,
                "ticket_sha256": hashlib.sha256(ticket.encode()).hexdigest(),
                "created_at": now,
                "expires_at": now + LIFE,
            },
        )
        connection.execute(
            _LIST_DOCUMENT,
            [
                {"approval_id": identity, "document_id": document_id, "position": position, "state": "waiting"}
                for position, document_id in enumerate(document_ids)
            ],
        )
        if once:
            once.keep(connection, now, {"approval": identity})
    return ApprovalTicket(id=identity, ticket=ticket, expires_at=now + LIFE)


def _opened_before(connection: Connection, approval_id: str, ticket: str) -> ApprovalTicket:
    row = connection.execute(select(approvals).where(approvals.c.id == approval_id)).mappings().one()
    if row["ticket_sha256"] != hashlib.sha256(ticket.encode()).hexdigest():
        raise Refusal(
            "idempotency-conflict",
            "Đợt ký của khóa này đã mở bằng mã truy cập hoặc phiên đăng nhập khác; vé của đợt ký không lập lại được.",
            "The list of this key was opened with another token or session; its ticket cannot be made again.",
            approval=approval_id,
        )
    return ApprovalTicket(id=approval_id, ticket=ticket, expires_at=row["expires_at"])


def check_ticket(desk: Desk, approval_id: str, ticket: str) -> bool:
    """Is this the secret of that list, and is the list still open?"""
    with read(desk.engine) as connection:
        row = list_row(connection, approval_id)
    if row is None or desk.clock() >= row["expires_at"]:
        return False
    return hmac.compare_digest(row["ticket_sha256"], hashlib.sha256(ticket.encode()).hexdigest())


def use_certificate(desk: Desk, approval_id: str, certificate_der: bytes, once: Once | None = None) -> ApprovalView:
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
        open_row(connection, desk, approval_id)
        rows = item_rows(connection, approval_id)
    todo = [row for row in rows if row["state"] != "signed"]
    if todo:
        authorise(desk, certificate, todo[0], now)
    established = establish(desk, certificate, now)
    done: list[tuple[str, PreparedSignature | None, Refusal | None]] = []
    for row in todo:
        try:
            prepared = prepare_for(desk, row, certificate, scheme, established)
        except Refusal as refusal:
            done.append((row["document_id"], None, refusal))
        else:
            done.append((row["document_id"], prepared, None))
    with write(desk.engine) as connection:
        if once is None or not once.done(connection):
            _keep_prepared(connection, approval_id, certificate, done)
            if once:
                once.keep(connection, now)
    return view(desk, approval_id)


def unknown(approval_id: str) -> Refusal:
    """What is said of a list nobody opened."""
    return not_found("đợt ký", "approval list", approval_id)


def _keep_prepared(
    connection: Connection,
    approval_id: str,
    certificate: x509.Certificate,
    done: Sequence[tuple[str, PreparedSignature | None, Refusal | None]],
) -> None:
    connection.execute(
        _USE_CERTIFICATE,
        {
            "approval": approval_id,
            "certificate": certificate.public_bytes(Encoding.DER),
            "certificate_sha256": certificate_sha256(certificate),
        },
    )
    for document_id, ready, problem in done:
        connection.execute(
            _PREPARE,
            {
                "approval": approval_id,
                "document": document_id,
                "state": "prepared" if ready else "failed",
                "prepared": ready.to_bytes() if ready else None,
                "to_sign": to_sign(ready) if ready else None,
                "problem": problem_to_json(problem.problem if problem else None),
            },
        )


def view(desk: Desk, approval_id: str) -> ApprovalView:
    """The list as it stands, with what the token must sign for each prepared document."""
    with read(desk.engine) as connection:
        approval = list_row(connection, approval_id)
        if approval is None:
            raise unknown(approval_id)
        rows = item_rows(connection, approval_id)
        with_some = [row["document_id"] for row in rows if row["attachments_sha256"]]
        attached = attachments.rows_of_all(connection, with_some)
    items = tuple(shown(row, attached.get(row["document_id"], ())) for row in rows)
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
        return prepared_of(connection, approval_id, document_id).pdf_with_hole


def submit(
    desk: Desk,
    approval_id: str,
    document_id: str,
    signature: bytes,
    once: Once | None = None,
    *,
    seen: Seen | None = None,
) -> DocumentView:
    """Redeem one signature value: complete, time-stamp, judge in full, store; the document becomes `approved`.

    Repeating the same value answers the same; another value for a signed document is refused. When the time authority
    or the revocation service is away nothing is stored and the same value may be sent again.
    Raises `Refusal` signature-invalid, time-authority-unreachable, revocation-unknown, certificate-revoked,
    officer-not-authorised, approval-closed, wrong-state; changed-since where the document is no longer as `seen`.
    """
    fingerprint = hashlib.sha256(signature).hexdigest()
    with read(desk.engine) as connection:
        item = item_row(connection, approval_id, document_id)
        if item["state"] == "signed":
            if item["signature_sha256"] == fingerprint:
                return view_of(connection, document_id)
            raise Refusal(
                "approval-closed",
                "Văn bản này đã được ký trong đợt này.",
                "This document has already been signed in this list.",
                document=document_id,
            )
        if seen:  # and again below, where nobody comes between: no authority is asked in vain
            seen.require(view_of(connection, document_id))
        open_row(connection, desk, approval_id)
        prepared = prepared_of(connection, approval_id, document_id)
    try:
        signed = completed(desk, prepared, signature)
        judgement = judge_approval(desk, signed.pdf, signed.sha256, item, desk.clock())
    except Refusal as refusal:
        note_problem(desk, document_id, refusal.problem)
        raise
    sha256 = desk.files.put(signed.pdf)
    now = desk.clock()
    with write(desk.engine) as connection:
        if once and once.done(connection):
            return view_of(connection, document_id)
        claimed = connection.execute(
            _CLAIM,
            {
                "approval": approval_id,
                "document": document_id,
                "state": "signed",
                "signature_sha256": fingerprint,
                "signed_at": now,
                "problem": None,
                "prepared": None,
            },
        )
        if claimed.rowcount != 1:
            earlier = item_row(connection, approval_id, document_id)
            if earlier["state"] == "signed" and earlier["signature_sha256"] == fingerprint:
                return view_of(connection, document_id)
            raise Refusal(
                "approval-closed",
                "Văn bản này vừa được ký trong một lần gửi khác.",
                "This document has just been signed by another request.",
                document=document_id,
            )
        if seen:
            seen.require(view_of(connection, document_id))
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
        if once:
            once.keep(connection, now)
        return view_of(connection, document_id)
