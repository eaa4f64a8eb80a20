"""What must hold before the seal's key is touched (Decree 30, article 32.2.d; AC-64). Every refusal here costs no key
operation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, bindparam, select

from office import Seal
from register import outgoing, revision_of_bytes
from stamping.certificates import establish
from stamping.confirmations import STEP_UP_LIFE, check_custody, list_sha256
from stamping.desk import Desk
from stamping.history import row_of
from stamping.judgement import judge_approval, stored
from stamping.limits import check_daily_limit
from stamping.refusal import Refusal, not_found
from stamping.tables import confirmation_documents
from store import FileDamaged, FileMissing, read

_CONFIRMED: Final = (
    select(confirmation_documents.c.document_id, confirmation_documents.c.approved_sha256)
    .where(confirmation_documents.c.confirmation_id == bindparam("confirmation"))
    .order_by(confirmation_documents.c.position)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """A document that may be sealed: its row, the stored judgement of the officer's signature, its bytes, the seal."""

    document: RowMapping
    judgement: RowMapping
    pdf: bytes
    seal: Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPaper:
    """An approved document: the stored judgement of the officer's signature, and its bytes."""

    judgement: RowMapping
    pdf: bytes


def clear(desk: Desk, confirmation: RowMapping, document_id: str, approved_sha256: str) -> Cleared:
    """Check it all, from the database and the files alone; trust nothing a caller could say.

    Raises `Refusal`.
    """
    now = desk.clock()
    with read(desk.engine) as connection:
        document = row_of(connection, document_id)
        # 1 the custodian confirmed this list, in person, freshly
        _check_confirmation(connection, confirmation)
        # 2 the document stands where it must, with its number in the register (AC-7)
        if document["state"] != "confirmed":
            raise Refusal(
                "confirmation-required",
                "Văn thư chưa xác nhận đóng dấu văn bản này.",
                "The custodian has not confirmed this document.",
                state=document["state"],
            )
        if not outgoing.holds(connection, document_id):
            raise number_missing()
    # 3 to 6 the officer's signature and the bytes
    paper = signed_paper(desk, document, approved_sha256, now)
    # 7 the seal may be used now by this custodian, for this organisation and procedure
    organisation, procedure = document["organisation"], document["procedure"]
    check_custody(desk, confirmation["custodian_id"], document["seal_id"], organisation, procedure, now)
    seal = desk.office().seal(document["seal_id"])
    if seal is None:
        raise not_found("con dấu", "seal", document["seal_id"])
    # 8 its key has not been used more often today than the office allows
    check_daily_limit(desk, seal, now)
    return Cleared(document=document, judgement=paper.judgement, pdf=paper.pdf, seal=seal)


def signed_paper(desk: Desk, document: RowMapping, approved_sha256: str, now: datetime) -> SignedPaper:
    """The competent officer signed these very bytes and may do so: what holds before any stamp, of light or of ink.

    Raises `Refusal`.
    """
    document_id = document["id"]
    with read(desk.engine) as connection:
        # 3 the officer's signature was judged valid for exactly these bytes
        if document["approved_sha256"] != approved_sha256:
            raise _bytes_changed(document_id)
        judgement = stored(connection, document_id, approved_sha256)
    # 4 the bytes are the same
    try:
        pdf = desk.files.get(approved_sha256)
    except (FileDamaged, FileMissing) as error:
        raise _bytes_changed(document_id) from error
    # 5 the officer's signature in these very bytes, and that this officer may approve this paper on the day it was
    #   signed: the stored judgement is a row, and rows can be written
    judged = judge_approval(desk, pdf, approved_sha256, document, now)
    if judged.officer.id != judgement["officer_id"]:
        raise _bytes_changed(document_id)
    # ... and they are this document's: the register's rows cannot be rewritten, so one approval is sealed under one id
    with read(desk.engine) as connection:
        known = revision_of_bytes(connection, approved_sha256)
    if known is None or (known.document_id, known.kind) != (document_id, "approved"):
        raise _bytes_changed(document_id)
    # 6 the certificate is still good today: one revoked or expired since must be looked at by a person first
    establish(desk, judged.certificate, now)
    return SignedPaper(judgement=judgement, pdf=pdf)


def number_missing() -> Refusal:
    """The document is in no register (AC-7)."""
    return Refusal(
        "number-missing",
        "Văn bản chưa có số trong sổ đăng ký văn bản đi.",
        "The document has no number in the outgoing register.",
    )


def _check_confirmation(connection: Connection, confirmation: RowMapping) -> None:
    rows = connection.execute(_CONFIRMED, {"confirmation": confirmation["id"]}).all()
    fresh = confirmation["created_at"] - STEP_UP_LIFE <= confirmation["stepped_up_at"] <= confirmation["created_at"]
    if not fresh or list_sha256((row[0], row[1]) for row in rows) != confirmation["list_sha256"]:
        raise Refusal(
            "confirmation-required",
            "Xác nhận của văn thư không khớp với danh sách đã xem. Hãy xác nhận lại.",
            "The custodian's confirmation does not fit the list that was shown. Confirm it again.",
            confirmation=confirmation["id"],
        )


def _bytes_changed(document_id: str) -> Refusal:
    return Refusal(
        "bytes-changed",
        "Tệp đã thay đổi sau khi người có thẩm quyền ký. Không đóng dấu.",
        "The file has changed since the officer signed it. It was not sealed.",
        document=document_id,
    )
