"""Approval lists: what one officer signs with their own token in one go.

The eight steps of signing are cut in two here: the service prepares each paper for the officer's certificate and
keeps the prepared state; the signature value comes back from the agent and is redeemed once (house rule: prepare,
then redeem once). The officer's PIN and key never come here (AC-65).
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from sqlalchemy import Connection, RowMapping, bindparam, select, update

from register import add_revision
from signer import Scheme
from stamping import attachments
from stamping.approval_rows import (
    Ready,
    item_row,
    item_rows,
    keep_prepared,
    list_row,
    open_anew,
    open_row,
    prepared_of,
    shown,
)
from stamping.certificates import establish
from stamping.desk import Desk
from stamping.documents import note_problem, view_of
from stamping.history import move, row_of
from stamping.judgement import authorise, judge_approval, keep
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
_OF_LIST: Final = update(approval_documents).where(
    approval_documents.c.approval_id == bindparam("approval"), approval_documents.c.document_id == bindparam("document")
)
_CLAIM: Final = _OF_LIST.where(approval_documents.c.state == "prepared")


def open_list(
    desk: Desk,
    document_ids: Sequence[str],
    officer_id: str | None,
    actor: str,
    once: Once | None = None,
    ticket: str | None = None,
    seen: Seen | None = None,
) -> ApprovalTicket:
    """Open a list of documents for one officer; all of them must wait for that officer's approval.

    `officer_id` may be None and `seen` given for a list of one alone: the officer that the document names; refused as
    changed-since where the document is no longer so.

    `ticket` is the secret of the list, where the caller can make the same one again for a repeated request: only its
    hash is kept here. Left out, it is random. Raises `Refusal` wrong-state, forbidden, not-found.
    """
    check_list(document_ids)
    now = desk.clock()
    ticket = ticket or secrets.token_urlsafe(32)
    with write(desk.engine) as connection:
        if once and (kept := once.earlier(connection)) is not None:
            return _opened_before(connection, kept["approval"], ticket)
        rows = [_waiting(connection, document_id, officer_id, seen) for document_id in document_ids]
        row = _new_list(rows[-1], actor, ticket, now)
        open_anew(connection, row, document_ids)
        if once:
            once.keep(connection, now, {"approval": row["id"]})
    return ApprovalTicket(id=row["id"], ticket=ticket, expires_at=row["expires_at"])


def open_prepared(
    desk: Desk,
    document_id: str,
    officer_id: str | None,
    actor: str,
    certificate_der: bytes,
    once: Once | None = None,
    ticket: str | None = None,
    seen: Seen | None = None,
) -> tuple[ApprovalTicket, ApprovalView]:
    """`open_list` of one document and `use_certificate`, in one writing transaction: of a certificate that is refused
    no list is left. What concerns the paper alone stays on its row of the list. Raises `Refusal` as both do."""
    now = desk.clock()
    ticket = ticket or secrets.token_urlsafe(32)
    with read(desk.engine) as connection:
        if once and (kept := once.earlier(connection)) is not None:
            return _opened_before(connection, kept["approval"], ticket), _view(connection, desk, kept["approval"])
        row = _waiting(connection, document_id, officer_id, seen)
    certificate, scheme = _certificate(certificate_der)
    done = _prepared(desk, {document_id: row}, certificate, scheme, now)
    with write(desk.engine) as connection:
        if once and (kept := once.earlier(connection)) is not None:
            return _opened_before(connection, kept["approval"], ticket), _view(connection, desk, kept["approval"])
        opened = _new_list(_waiting(connection, document_id, officer_id, seen), actor, ticket, now)
        open_anew(connection, opened, [document_id], certificate, *done)
        if once:
            once.keep(connection, now, {"approval": opened["id"]})
        view = _view(connection, desk, opened["id"])
    return ApprovalTicket(id=opened["id"], ticket=ticket, expires_at=opened["expires_at"]), view


def _waiting(connection: Connection, document_id: str, officer_id: str | None, seen: Seen | None) -> RowMapping:
    """The row of a document that waits for this officer's approval (None: for anyone's).

    Raises `Refusal` not-found, changed-since, forbidden, wrong-state.
    """
    row = row_of(connection, document_id)
    if seen:
        seen.require(view_of(connection, document_id))
    if officer_id is not None and row["officer_id"] != officer_id:
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
    return row


def _new_list(document: RowMapping, actor: str, ticket: str, now: datetime) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(16),
        "officer_id": document["officer_id"],
        "officer_name": document["officer_name"],
        "actor": actor,
        "ticket_sha256": hashlib.sha256(ticket.encode()).hexdigest(),
        "created_at": now,
        "expires_at": now + LIFE,
    }


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
    certificate, scheme = _certificate(certificate_der)
    with read(desk.engine) as connection:
        open_row(connection, desk, approval_id)
        rows = {row["document_id"]: row for row in item_rows(connection, approval_id) if row["state"] != "signed"}
    done = _prepared(desk, rows, certificate, scheme, now)
    with write(desk.engine) as connection:
        if once is None or not once.done(connection):
            keep_prepared(connection, approval_id, certificate, done)
            if once:
                once.keep(connection, now)
        return _view(connection, desk, approval_id)


def _certificate(der: bytes) -> tuple[x509.Certificate, Scheme]:
    """And the scheme its key signs with. Raises `Refusal` certificate-unknown."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        return certificate, scheme_of(certificate)
    except ValueError as error:
        raise Refusal(
            "certificate-unknown",
            "Dữ liệu gửi lên không phải là chứng thư dùng để ký được.",
            "What was sent is not a certificate that can sign.",
        ) from error


def _prepared(
    desk: Desk, rows: Mapping[str, RowMapping], certificate: x509.Certificate, scheme: Scheme, now: datetime
) -> list[Ready]:
    """Each of these documents made ready for the certificate, or with what it was refused for."""
    office = desk.office()
    first = next(iter(rows.values()), None)
    if first is not None:  # before any authority is asked
        authorise(office, certificate, first, now)
    established = establish(desk, certificate, now)
    done: list[Ready] = []
    for document_id, row in rows.items():
        try:
            ready = prepare_for(desk, office, document_id, row, certificate, scheme, established)
        except Refusal as refusal:
            done.append(Ready(document_id=document_id, prepared=None, problem=refusal.problem))
        else:
            done.append(Ready(document_id=document_id, prepared=ready, problem=None))
    return done


def unknown(approval_id: str) -> Refusal:
    """What is said of a list nobody opened."""
    return not_found("đợt ký", "approval list", approval_id)


def view(desk: Desk, approval_id: str) -> ApprovalView:
    """The list as it stands, with what the token must sign for each prepared document."""
    with read(desk.engine) as connection:
        return _view(connection, desk, approval_id)


def _view(connection: Connection, desk: Desk, approval_id: str) -> ApprovalView:
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
