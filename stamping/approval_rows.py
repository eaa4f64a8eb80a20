"""Rows of approval lists, and what of them is shown."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from signer import PreparedSignature
from stamping import attachments
from stamping.desk import Desk
from stamping.history import problem_from_json, problem_to_json, to_json
from stamping.judgement import certificate_sha256
from stamping.refusal import Problem, Refusal, not_found
from stamping.tables import approval_documents, approvals, documents
from stamping.views import ApprovalDocument

# Statements used for every document are built once, not per call.
_LIST: Final = select(approvals).where(approvals.c.id == bindparam("approval"))
_OF_LIST: Final = (
    # `prepared` holds a whole PDF: it is read for one document at a time, never for a list
    select(
        approval_documents.c.document_id,
        approval_documents.c.state,
        approval_documents.c.to_sign,
        approval_documents.c.signature_sha256,
        approval_documents.c.problem,
        *(column for column in documents.c if column.name not in {"id", "state", "problem"}),
    )
    .join(documents, documents.c.id == approval_documents.c.document_id)
    .where(approval_documents.c.approval_id == bindparam("approval"))
)
_ITEMS: Final = _OF_LIST.order_by(approval_documents.c.position)
_ITEM: Final = _OF_LIST.where(approval_documents.c.document_id == bindparam("document"))
_PREPARED: Final = select(approval_documents.c.prepared).where(
    approval_documents.c.approval_id == bindparam("approval"),
    approval_documents.c.document_id == bindparam("document"),
)
_FORGET_EXPIRED: Final = (
    update(approval_documents)
    .where(
        approval_documents.c.approval_id.in_(select(approvals.c.id).where(approvals.c.expires_at < bindparam("now"))),
        approval_documents.c.prepared.is_not(None),
    )
    .values(prepared=None)
)
_OPEN: Final = insert(approvals)
_ITEM_OF_NEW: Final = insert(approval_documents)
_USE_CERTIFICATE: Final = update(approvals).where(approvals.c.id == bindparam("approval"))
_PREPARE: Final = update(approval_documents).where(
    approval_documents.c.approval_id == bindparam("approval"),
    approval_documents.c.document_id == bindparam("document"),
    approval_documents.c.state != "signed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What came of preparing one document of a list: exactly one of the two."""

    document_id: str
    prepared: PreparedSignature | None
    problem: Problem | None

    def columns(self) -> dict[str, str | bytes | None]:
        """As it is kept on the document's row of the list."""
        ready = self.prepared
        return {
            "state": "prepared" if ready else "failed",
            "prepared": ready.to_bytes() if ready else None,
            "to_sign": to_sign(ready) if ready else None,
            "problem": problem_to_json(self.problem),
        }


def list_row(connection: Connection, approval_id: str) -> RowMapping | None:
    """A list, expired or not; None where there is none."""
    return connection.execute(_LIST, {"approval": approval_id}).mappings().first()


def open_row(connection: Connection, desk: Desk, approval_id: str) -> RowMapping:
    """A list that has not expired. Raises `Refusal` not-found, approval-closed."""
    row = list_row(connection, approval_id)
    if row is None:
        raise not_found("đợt ký", "approval list", approval_id)
    if desk.clock() >= row["expires_at"]:
        raise Refusal(
            "approval-closed",
            "Đợt ký đã hết thời gian. Mở đợt ký mới cho các văn bản còn lại; văn bản đã ký vẫn giữ nguyên.",
            "This list has expired. Open a new one for what is left; what was signed stays signed.",
        )
    return row


def item_rows(connection: Connection, approval_id: str) -> Sequence[RowMapping]:
    """The list's documents in its order, each with its own columns and the list's state of it."""
    return connection.execute(_ITEMS, {"approval": approval_id}).mappings().all()


def item_row(connection: Connection, approval_id: str, document_id: str) -> RowMapping:
    """One document of the list. Raises `Refusal` not-found."""
    row = connection.execute(_ITEM, {"approval": approval_id, "document": document_id}).mappings().first()
    if row is None:
        raise not_found("văn bản trong đợt ký", "document of this list:", document_id)
    return row


def prepared_of(connection: Connection, approval_id: str, document_id: str) -> PreparedSignature:
    """The kept prepared state of one document. Raises `Refusal` approval-closed where there is none."""
    item_row(connection, approval_id, document_id)
    blob = connection.execute(_PREPARED, {"approval": approval_id, "document": document_id}).scalar_one()
    if blob is None:
        raise Refusal(
            "approval-closed",
            "Văn bản này chưa được chuẩn bị cho chứng thư nào.",
            "This document has not been prepared for a certificate.",
            document=document_id,
        )
    return PreparedSignature.from_bytes(blob)


def open_anew(
    connection: Connection,
    row: Mapping[str, object],
    document_ids: Sequence[str],
    certificate: x509.Certificate | None = None,
    ready: Ready | None = None,
) -> None:
    """A new list, `row` of `stamping_approvals`, with its documents; `ready` is what one document was made to for
    `certificate`."""
    # a prepared state holds a whole PDF; those of lists that have expired serve nobody any more
    connection.execute(_FORGET_EXPIRED, {"now": row["created_at"]})
    connection.execute(_OPEN, {**row, **_certificate(certificate)} if certificate else row)
    waiting = ready.columns() if ready else {"state": "waiting"}
    items = [
        {"approval_id": row["id"], "document_id": document_id, "position": position, **waiting}
        for position, document_id in enumerate(document_ids)
    ]
    connection.execute(_ITEM_OF_NEW, items)


def keep_prepared(
    connection: Connection, approval_id: str, certificate: x509.Certificate, done: Iterable[Ready]
) -> None:
    """The list is prepared for this certificate; what is signed already stays."""
    connection.execute(_USE_CERTIFICATE, {"approval": approval_id, **_certificate(certificate)})
    for one in done:
        connection.execute(_PREPARE, {"approval": approval_id, "document": one.document_id, **one.columns()})


def _certificate(certificate: x509.Certificate) -> dict[str, object]:
    return {
        "certificate": certificate.public_bytes(Encoding.DER),
        "certificate_sha256": certificate_sha256(certificate),
    }


def to_sign(prepared: PreparedSignature) -> str:
    """What the token must sign, as it is kept and shown."""
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


def shown(row: RowMapping, attached: Sequence[RowMapping]) -> ApprovalDocument:
    """A row as others see it, with its attachments: the officer approves the paper including them."""
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
        attachments=attachments.views_of(attached),
    )
