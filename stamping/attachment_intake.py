"""Separate attachments taken in: each may be sealed at all, and has its empty field before the officer signs."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from office import may_use
from register import add_revision
from signer import SignerError, make_appendix_ready
from stamping.attachments import attachments_sha256
from stamping.desk import Desk
from stamping.foreign_files import must_be_rewritten
from stamping.intake import Intake
from stamping.reasons import unsealable
from stamping.refusal import Refusal, ruled
from stamping.tables import attachments
from stamping.wording import check_words
from templates import appendix_box
from verifier import SEAL_FIELD

MOST_ATTACHMENTS: Final = 20
LARGEST_TOTAL: Final = 50 * 1024 * 1024
"""Bytes of all attachments of one document: the seal worker holds a whole bundle at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttachment:
    """A file of its own that belongs to a document, under the title it is listed by."""

    title: str
    pdf: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Of the file as it was handed in (hex)."""
        return hashlib.sha256(self.pdf).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyAttachment:
    """An attachment with its empty seal field."""

    n: int
    title: str
    pdf: bytes = field(repr=False)
    pages: int
    original_sha256: str

    @property
    def sha256(self) -> str:
        """Of the file with its empty field (hex): what the officer approves."""
        return hashlib.sha256(self.pdf).hexdigest()


def asked(new: Sequence[NewAttachment]) -> Mapping[str, Any]:
    """What a request with attachments asks for, to know it again; nothing where it has none."""
    return {"attachments": [{"title": one.title, "sha256": one.sha256} for one in new]} if new else {}


def check(new: Sequence[NewAttachment]) -> None:
    """What can be said before anything is looked up. Raises `Refusal` attachments-invalid."""
    if len(new) > MOST_ATTACHMENTS or sum(len(one.pdf) for one in new) > LARGEST_TOTAL:
        raise Refusal(
            "attachments-invalid",
            f"Một văn bản có nhiều nhất {MOST_ATTACHMENTS} văn bản kèm theo, tổng cộng không quá "
            f"{LARGEST_TOTAL // 1024**2} MiB.",
            f"A document has at most {MOST_ATTACHMENTS} attachments, {LARGEST_TOTAL // 1024**2} MiB in all.",
            count=len(new),
        )
    seen: dict[str, int] = {}
    for n, one in enumerate(new, start=1):
        if not one.title.strip() or len(one.title) > 300:
            raise Refusal(
                "attachments-invalid",
                f"Văn bản kèm theo thứ {n}: hãy ghi tên, không quá 300 ký tự.",
                f"Attachment {n}: give it a title of at most 300 characters.",
                attachment=n,
            )
        check_words("attachments-invalid", title=one.title)
        if (first := seen.setdefault(one.sha256, n)) != n:
            raise Refusal(
                "attachments-invalid",
                f"Văn bản kèm theo thứ {n} và thứ {first} là cùng một tệp.",
                f"Attachments {first} and {n} are the same file.",
                attachment=n,
            )


def make_ready_all(desk: Desk, intake: Intake, new: Sequence[NewAttachment]) -> tuple[ReadyAttachment, ...]:
    """Read and prepared, each in locked processes. All or none.

    Raises `Refusal` unsealable, which names the attachment; attachments-invalid where nobody would seal them;
    seal-not-active.
    """
    if not new:
        return ()
    if intake.seal is None:
        raise Refusal(
            "attachments-invalid",
            f"Thủ tục {intake.procedure.code} không có bước đóng dấu nên không ký số được văn bản kèm theo.",
            f"Procedure {intake.procedure.code} has no stamping stage: nobody would sign its attachments.",
        )
    ruling = may_use(
        desk.office(),
        seal_id=intake.seal.id,
        organisation=intake.organisation.code,
        procedure=intake.procedure.code,
        on=intake.at,
        purpose="appendix",
    )
    if not ruling.allowed:
        raise ruled(ruling, "seal-not-active", seal=intake.seal.id)
    ready = tuple(_ready(desk, intake, n, one) for n, one in enumerate(new, start=1))
    if len({one.sha256 for one in ready}) != len(ready):
        raise Refusal(
            "attachments-invalid", "Hai văn bản kèm theo là cùng một tệp.", "Two attachments are the same file."
        )
    return ready


def _ready(desk: Desk, intake: Intake, n: int, new: NewAttachment) -> ReadyAttachment:
    try:
        made = make_appendix_ready(
            new.pdf,
            rewrite=must_be_rewritten(desk, new.pdf, intake.organisation.name),
            mark_pt=appendix_box(intake.procedure.symbol),
            field=(SEAL_FIELD, "Chữ ký số của cơ quan trên văn bản kèm theo"),
        )
    except (SignerError, Refusal) as error:
        why = unsealable(error) if isinstance(error, SignerError) else error
        raise Refusal(
            why.code,
            f"Văn bản kèm theo thứ {n} “{new.title}”: {why.text_vi}",
            f"Attachment {n} {new.title!r}: {why.text_en}",
            **why.detail,
            attachment=n,
        ) from error
    return ReadyAttachment(n=n, title=new.title, pdf=made.pdf, pages=made.pages, original_sha256=new.sha256)


def listed(ready: Sequence[ReadyAttachment]) -> str | None:
    """The hash under which the officer approves them; None for none."""
    return attachments_sha256((one.n, one.sha256, one.title) for one in ready) if ready else None


def keep(
    connection: Connection, desk: Desk, document_id: str, ready: Sequence[ReadyAttachment], intake: Intake
) -> None:
    """Store them with their document, in the caller's transaction."""
    for one in ready:
        sha256 = desk.files.put(one.pdf)
        connection.execute(
            attachments.insert().values(
                document_id=document_id,
                n=one.n,
                title=one.title,
                pages=one.pages,
                size=len(one.pdf),
                original_sha256=one.original_sha256,
                generated_sha256=sha256,
            )
        )
        add_revision(
            connection, document_id=document_id, kind="appendix", sha256=sha256, size=len(one.pdf), at=intake.at
        )
