"""The custodian's personal confirmation of one shown list (Decree 30, article 32.2.c: văn thư must stamp in person).

Nothing here touches a key. What is confirmed is exactly what was shown: each document by its id and the SHA-256 of
its approved file, in the order shown, under one hash.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, insert, select

from office import Custodian, Purpose, may_stamp
from stamping import key_waits
from stamping.desk import Desk
from stamping.documents import views_of
from stamping.history import Moved, move_all, problem_from_json, rows_of
from stamping.lists import check_list
from stamping.once import Once
from stamping.refusal import Problem, Refusal, not_found, ruled
from stamping.tables import confirmation_documents, confirmations, documents
from stamping.views import ConfirmationView, DocumentView, PendingList, SealResult
from store import read, write

STEP_UP_LIFE: Final = timedelta(minutes=5)
"""How fresh the custodian's own authentication must be (the public interface of POST /api/v1/seals)."""
"""One human act covers a list a person can look through (rules: batch stamping against "trực tiếp")."""
_QUEUE: Final = insert(confirmation_documents)


def list_sha256(items: Iterable[Sequence[str | None]]) -> str:
    """Hash of a shown list: SHA-256 (hex) over one line "<id> <approved sha256>\\n" a document, as shown; where a
    document has attachments "<id> <approved sha256> <attachments sha256>\\n"."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(f"{' '.join(part for part in item if part is not None)}\n".encode())
    return digest.hexdigest()


def pending(desk: Desk, custodian_id: str) -> PendingList:
    """What this custodian may stamp now: approved documents of the seals in their custody, oldest deadline first.

    Never one whose procedure has no stamping stage: such a document has no seal, or had one before the office changed.
    """
    custodian = custodian_of(desk, custodian_id)
    unstamped = [procedure.code for procedure in desk.office().procedures if not procedure.stamped]
    with read(desk.engine) as connection:
        rows = (
            connection.execute(
                select(documents)
                .where(
                    documents.c.state == "approved",
                    documents.c.seal_id.in_(custodian.seals),
                    documents.c.procedure.not_in(unstamped),
                )
                .order_by(documents.c.due_at, documents.c.created_at, documents.c.id)
            )
            .mappings()
            .all()
        )
        shown = views_of(connection, rows)
    seals = {view.seal_id for view in shown}
    return PendingList(
        documents=shown,
        seal_id=seals.pop() if len(seals) == 1 else None,
        list_sha256=list_sha256(view.list_item for view in shown),
        refusals=_refusals(desk, custodian_id, shown),
    )


def _refusals(desk: Desk, custodian_id: str, shown: Sequence[DocumentView]) -> dict[str, Problem]:
    """What the confirmation would answer, once for each seal, organisation and procedure: a seal may have gone out of
    use, or its organisation ended, while papers waited for it."""
    now = desk.clock()
    asked: dict[tuple[str, str, str, bool], Problem | None] = {}
    found: dict[str, Problem | None] = {}
    for view in shown:
        case = (view.seal_id, view.organisation, view.procedure, view.attachments_sha256 is not None)
        if case not in asked:
            try:
                for purpose in _purposes(attached=case[3]):
                    check_custody(desk, custodian_id, *case[:3], now, purpose=purpose)
                asked[case] = None
            except Refusal as refusal:
                asked[case] = refusal.problem
        found[view.id] = asked[case]
    return {identity: problem for identity, problem in found.items() if problem is not None}


def confirm(
    desk: Desk,
    document_ids: Sequence[str],
    list_digest: str,
    *,
    custodian_id: str,
    account: str,
    stepped_up_at: datetime | None,
    once: Once | None = None,
) -> str:
    """Record the confirmation and queue the documents for the seal worker; give the confirmation's id.

    All of the list or nothing. `stepped_up_at` is when this person last proved who they are for this list.
    Raises `Refusal` confirmation-required, forbidden, seal-not-active, list-changed, not-approved.
    """
    now = desk.clock()
    check_step_up(stepped_up_at, now)
    check_list(document_ids)
    custodian = custodian_of(desk, custodian_id)
    identity = secrets.token_hex(16)
    with write(desk.engine) as connection:
        if once and (kept := once.earlier(connection)) is not None:
            return str(kept["confirmation"])
        rows = rows_of(connection, document_ids)
        _check_list(rows, list_digest)
        seal_id = _one_seal(rows)
        for organisation, procedure, purpose in sorted(
            {(row["organisation"], row["procedure"], purpose) for row in rows for purpose in purposes(row)}
        ):
            check_custody(desk, custodian.id, seal_id, organisation, procedure, now, purpose=purpose)
        connection.execute(
            confirmations.insert().values(
                id=identity,
                custodian_id=custodian.id,
                custodian_name=custodian.name,
                account=account,
                seal_id=seal_id,
                list_sha256=list_digest,
                stepped_up_at=stepped_up_at,
                created_at=now,
            )
        )
        detail = {"confirmation": identity, "seal": seal_id, "list_sha256": list_digest}
        moved = [Moved(document_id=one, detail=detail, columns={"problem": None}) for one in document_ids]
        move_all(connection, moved, "confirmed", expected=("approved",), at=now, actor=custodian.name)
        connection.execute(
            _QUEUE,
            [
                {
                    "confirmation_id": identity,
                    "document_id": row["id"],
                    "position": position,
                    "approved_sha256": row["approved_sha256"],
                    "attachments_sha256": row["attachments_sha256"],
                    "state": "queued",
                    "attempt": 0,
                }
                for position, row in enumerate(rows)
            ],
        )
        if once:
            once.keep(connection, now, {"confirmation": identity})
    return identity


def purposes(row: RowMapping) -> tuple[Purpose, ...]:
    """What the seal is used for on a document: to issue it, and on its attachments where it has any."""
    return _purposes(attached=row["attachments_sha256"] is not None)


def _purposes(*, attached: bool) -> tuple[Purpose, ...]:
    return ("issue", "appendix") if attached else ("issue",)


def check_custody(
    desk: Desk,
    custodian_id: str,
    seal_id: str,
    organisation: str,
    procedure: str,
    at: datetime,
    *,
    purpose: Purpose = "issue",
) -> None:
    """May this custodian issue papers of this organisation and procedure under this seal now? Raises `Refusal`."""
    ruling = may_stamp(
        desk.office(),
        custodian_id=custodian_id,
        seal_id=seal_id,
        organisation=organisation,
        procedure=procedure,
        purpose=purpose,
        on=at,
    )
    if not ruling.allowed:
        code = ruling.code if ruling.code in {"seal-not-active", "forbidden"} else "forbidden"
        raise ruled(ruling, code, seal=seal_id)


def view(desk: Desk, confirmation_id: str) -> ConfirmationView:
    """A confirmed list and what has become of each of its documents."""
    with read(desk.engine) as connection:
        row = connection.execute(select(confirmations).where(confirmations.c.id == confirmation_id)).mappings().first()
        if row is None:
            raise not_found("lần đóng dấu", "confirmation", confirmation_id)
        results = _results(connection, confirmation_id)
        finished = all(result.state in {"sealed", "failed"} for result in results)
        waits = None if finished else key_waits.shown(connection, row["seal_id"], row["created_at"], desk.clock())
    return ConfirmationView(
        id=row["id"],
        custodian_id=row["custodian_id"],
        custodian_name=row["custodian_name"],
        seal_id=row["seal_id"],
        created_at=row["created_at"],
        finished=finished,
        waits=waits,
        documents=results,
    )


def _results(connection: Connection, confirmation_id: str) -> tuple[SealResult, ...]:
    found = connection.execute(
        select(
            confirmation_documents.c.document_id,
            confirmation_documents.c.state,
            confirmation_documents.c.problem,
            documents.c.number,
            documents.c.title,
            documents.c.holder,
        )
        .join(documents, documents.c.id == confirmation_documents.c.document_id)
        .where(confirmation_documents.c.confirmation_id == confirmation_id)
        .order_by(confirmation_documents.c.position)
    ).mappings()
    return tuple(
        SealResult(
            document_id=row["document_id"],
            number=row["number"],
            title=row["title"],
            holder=row["holder"],
            state=row["state"],
            problem=problem_from_json(row["problem"]),
        )
        for row in found
    )


def check_step_up(stepped_up_at: datetime | None, now: datetime) -> None:
    """The custodian has just proved who they are. Raises `Refusal` confirmation-required."""
    if stepped_up_at is None or not now - STEP_UP_LIFE <= stepped_up_at <= now:
        raise Refusal(
            "confirmation-required",
            "Hãy xác thực lại rồi đóng dấu: lần xác thực gần nhất đã quá 5 phút.",
            "Authenticate again before stamping: your last authentication is older than 5 minutes.",
        )


def custodian_of(desk: Desk, custodian_id: str) -> Custodian:
    """The custodian of this id. Raises `Refusal` forbidden."""
    custodian = desk.office().custodian(custodian_id)
    if custodian is not None:
        return custodian
    raise Refusal(
        "forbidden",
        "Bạn không được giao giữ và sử dụng con dấu.",
        "You have not been given custody of a seal.",
        custodian=custodian_id,
    )


def _check_list(rows: Sequence[RowMapping], list_digest: str) -> None:
    for row in rows:
        if row["state"] != "approved":
            raise Refusal(
                "not-approved" if row["approved_sha256"] is None else "list-changed",
                f"Văn bản {row['number']} không ở trạng thái chờ đóng dấu (đang là “{row['state']}”).",
                f"Document {row['number']} does not wait to be stamped (it is {row['state']!r}).",
                document=row["id"],
                state=row["state"],
            )
    if list_sha256((row["id"], row["approved_sha256"], row["attachments_sha256"]) for row in rows) != list_digest:
        raise list_changed()


def list_changed() -> Refusal:
    """What is confirmed is not what was shown."""
    return Refusal(
        "list-changed",
        "Danh sách đã thay đổi so với danh sách bạn xem. Chưa có gì được đóng dấu; hãy xem lại danh sách.",
        "The list is not the one you were shown. Nothing was stamped; look at the list again.",
    )


def _one_seal(rows: Sequence[RowMapping]) -> str:
    seals = {str(row["seal_id"]) for row in rows}
    if len(seals) != 1:
        raise Refusal(
            "list-changed",
            "Danh sách có văn bản của nhiều con dấu. Mỗi lần chỉ đóng một con dấu.",
            "The list holds documents of more than one seal. Stamp with one seal at a time.",
            seals=sorted(seals),
        )
    return seals.pop()
