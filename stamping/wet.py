"""In ra, đóng dấu ướt: an approved document is printed and stamped by hand (Decree 30, article 18.5; AC-12).

The fall-back for the day the seal's key cannot be used. It stands in the same book as every other use of the seal, is
done by the same person in the same way (custody, fresh authentication for exactly this document), and excludes the
electronic seal for good: one document is sealed or stamped by hand, never both.
"""

import secrets
from datetime import datetime

from register import SealUse, outgoing, seal_log
from stamping import entries
from stamping.checks import number_missing, signed_paper
from stamping.confirmations import check_custody, check_step_up, custodian_of, list_changed, list_sha256
from stamping.desk import Desk
from stamping.documents import view_of
from stamping.history import move, row_of
from stamping.refusal import Refusal, not_found
from stamping.tables import confirmations
from stamping.views import DocumentView
from stamping.wording import check_words
from store import read, write

MOST_COPIES = 99


def stamp(
    desk: Desk,
    document_id: str,
    list_digest: str,
    *,
    copies: int,
    reason: str,
    custodian_id: str,
    account: str,
    stepped_up_at: datetime | None,
) -> DocumentView:
    """Record that the custodian printed the approved document and stamped it by hand: it is issued with this.

    `list_digest` is the hash of the list that holds this one document as it was shown, `stepped_up_at` when this
    person last proved who they are for it, `copies` how many prints were stamped, `reason` why on paper. No key is
    used. Raises `Refusal` confirmation-required, forbidden, seal-not-active, list-changed, not-approved, wrong-state,
    bytes-changed, number-missing, paper-data-invalid and, of the officer's certificate, certificate-*.
    """
    now = desk.clock()
    check_step_up(stepped_up_at, now)
    if not reason.strip() or not 1 <= copies <= MOST_COPIES:
        raise Refusal(
            "paper-data-invalid",
            f"Hãy ghi lý do đóng dấu ướt và số bản, từ 1 đến {MOST_COPIES}.",
            f"Give the reason for stamping by hand and the number of prints, 1 to {MOST_COPIES}.",
        )
    check_words("paper-data-invalid", lines=True, reason=reason)
    custodian = custodian_of(desk, custodian_id)
    with read(desk.engine) as connection:
        document = row_of(connection, document_id)
    _check_waits(document["state"], document["number"], document_id)
    approved = document["approved_sha256"]
    if list_sha256([(document_id, approved, document["attachments_sha256"])]) != list_digest:
        raise list_changed()
    check_custody(desk, custodian.id, document["seal_id"], document["organisation"], document["procedure"], now)
    paper = signed_paper(desk, document, approved, now)
    seal = desk.office().seal(document["seal_id"])
    if seal is None:
        raise not_found("con dấu", "seal", document["seal_id"])
    confirmation = secrets.token_hex(16)
    with write(desk.engine) as connection:
        if outgoing.find(connection, document_id) is None:
            raise number_missing()
        move(
            connection,
            document_id,
            "wet_stamped",
            expected=("approved",),
            at=now,
            actor=custodian.name,
            detail={"confirmation": confirmation, "seal": seal.id, "copies": copies, "reason": reason.strip()},
            sealed_at=now,
            sealed_by=custodian.name,
            problem=None,
        )
        connection.execute(
            confirmations.insert().values(
                id=confirmation,
                custodian_id=custodian.id,
                custodian_name=custodian.name,
                account=account,
                seal_id=seal.id,
                list_sha256=list_digest,
                stepped_up_at=stepped_up_at,
                created_at=now,
            )
        )
        seal_log.wet(
            connection,
            SealUse(
                entry_id=secrets.token_hex(16),
                document_id=document_id,
                notation=document["number"],
                purpose="issue",
                seal_id=seal.id,
                seal_version=seal.version,
                # a stamp of rubber: no certificate was used
                certificate_serial="",
                certificate_sha256="",
                custodian=custodian.id,
                confirmation_id=confirmation,
                officer=paper.judgement["officer_id"],
                officer_certificate_sha256=paper.judgement["certificate_sha256"],
                hash_before=approved,
            ),
            detail=f"{copies} bản giấy: {reason.strip()}",
            at=now,
        )
        entries.issue(connection, desk, document, custodian.name[:64], now)
        return view_of(connection, document_id)


def _check_waits(state: str, number: str, document_id: str) -> None:
    if state == "approved":
        return
    if state in {"generated", "awaiting_approval"}:
        raise Refusal(
            "not-approved",
            f"Văn bản {number} chưa có chữ ký số của người có thẩm quyền.",
            f"Document {number} does not bear the competent officer's digital signature.",
            document=document_id,
            state=state,
        )
    raise Refusal(
        "wrong-state",
        f"Văn bản {number} đang ở trạng thái “{state}”: văn bản đã hoặc đang đóng dấu số thì không đóng dấu ướt, "
        "và ngược lại.",
        f"Document {number} is {state!r}: what is or is being sealed electronically is not stamped by hand as well.",
        document=document_id,
        state=state,
    )
