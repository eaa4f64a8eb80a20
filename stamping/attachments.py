"""Separate attachments of a document: which they are, under one hash, and the words by which the officer signs them.

The list of a document's attachments is bound by the officer: the reason in their signature names how many there are and
the list's hash (Decree 30, annex I, 8.b asks for the organisation's signature alone on the attachments themselves).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, select

from stamping.desk import Desk
from stamping.history import row_of
from stamping.refusal import Refusal, not_found
from stamping.tables import attachments
from stamping.views import AttachmentRevision, AttachmentView
from store import read

_BOUND: Final = re.compile(r" cùng \d+ văn bản kèm theo, danh mục SHA-256 ([0-9a-f]{64})$")


def attachments_sha256(items: Iterable[tuple[int, str, str]]) -> str:
    """Hash of a document's attachments: SHA-256 (hex) over one line "<n> <sha256> <title>\\n" each, in order.

    `n` counts from 1, `sha256` is of the file with its empty seal field, as the officer saw it.
    """
    digest = hashlib.sha256()
    for n, sha256, title in items:
        digest.update(f"{n} {sha256} {title}\n".encode())
    return digest.hexdigest()


def approval_reason(document: RowMapping, attached: Sequence[RowMapping]) -> str:
    """Why the officer signs, as it stands in their signature: the paper, and with it its attachments.

    Raises `Refusal` bytes-changed when the rows are not those the document was made with.
    """
    words = f"Phê duyệt {document['number']}"
    listed = listed_sha256(attached)
    if listed != document["attachments_sha256"]:
        raise changed(document["number"])
    return f"{words} cùng {len(attached)} văn bản kèm theo, danh mục SHA-256 {listed}" if listed else words


def approved_with(reason: str | None) -> str | None:
    """The hash of the attachments that a signature's reason names; None where it names none."""
    found = _BOUND.search(reason or "")
    return found.group(1) if found else None


def listed_sha256(attached: Sequence[RowMapping]) -> str | None:
    """The hash of these rows; None for none."""
    items = [(row["n"], row["generated_sha256"], row["title"]) for row in attached]
    return attachments_sha256(items) if items else None


def rows_of(connection: Connection, document_id: str, listed: str | None) -> Sequence[RowMapping]:
    """The attachments of a document, in order; `listed` is its `attachments_sha256`. Asks nothing where that is None:
    the document has none."""
    return rows_of_all(connection, [document_id])[document_id] if listed else ()


def of(desk: Desk, document_id: str, listed: str | None) -> Sequence[RowMapping]:
    """`rows_of` in a transaction of its own."""
    if listed is None:
        return ()
    with read(desk.engine) as connection:
        return rows_of(connection, document_id, listed)


def rows_of_all(connection: Connection, document_ids: Sequence[str]) -> Mapping[str, Sequence[RowMapping]]:
    """The attachments of each document, in one query; asks nothing for no document."""
    found: dict[str, list[RowMapping]] = {one: [] for one in document_ids}
    if found:
        query = select(attachments).where(attachments.c.document_id.in_(found))
        for row in connection.execute(query.order_by(attachments.c.document_id, attachments.c.n)).mappings():
            found[row["document_id"]].append(row)
    return found


def views_of(rows: Sequence[RowMapping]) -> tuple[AttachmentView, ...]:
    """Rows as others see them."""
    return tuple(
        AttachmentView(
            n=row["n"],
            title=row["title"],
            pages=row["pages"],
            size=row["size"],
            original_sha256=row["original_sha256"],
            revisions={
                name: row[f"{name}_sha256"] for name in ("generated", "sealed") if row[f"{name}_sha256"] is not None
            },
            sealed_at=row["sealed_at"],
        )
        for row in rows
    )


def file(
    desk: Desk, document_id: str, n: int, revision: AttachmentRevision | None = None
) -> tuple[bytes, AttachmentRevision, str]:
    """The PDF of an attachment, the newest if no revision is named; which one it is; its SHA-256 (hex).

    Raises `Refusal` not-found.
    """
    with read(desk.engine) as connection:
        listed = row_of(connection, document_id)["attachments_sha256"]
        row = next((one for one in rows_of(connection, document_id, listed) if one["n"] == n), None)
    if row is None:
        raise not_found("văn bản kèm theo số", "attachment", str(n))
    wanted: tuple[AttachmentRevision, ...] = (revision,) if revision else ("sealed", "generated")
    for name in wanted:
        if row[f"{name}_sha256"] is not None:
            return desk.files.get(row[f"{name}_sha256"]), name, row[f"{name}_sha256"]
    raise not_found("bản", "revision", str(revision))


def mark_sealed(connection: Connection, document_id: str, n: int, sha256: str, at: datetime) -> None:
    """The attachment's sealed file exists, in the caller's transaction."""
    connection.execute(
        attachments.update()
        .where(attachments.c.document_id == document_id, attachments.c.n == n)
        .values(sealed_sha256=sha256, sealed_at=at)
    )


def changed(number: str) -> Refusal:
    """The attachments are not those that belong to this document."""
    return Refusal(
        "bytes-changed",
        f"Văn bản kèm theo của {number} không còn đúng như khi người có thẩm quyền ký. Không đóng dấu.",
        f"The attachments of {number} are not those the officer approved. Nothing was sealed.",
    )
