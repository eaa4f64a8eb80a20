"""What must hold before the seal's key is touched (Decree 30, article 32.2.d; AC-64). Every refusal here costs no key
operation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final

from cryptography.x509 import Certificate
from sqlalchemy import Connection, RowMapping, bindparam, select

from office import Seal
from register import Revision, outgoing, revision_of_bytes
from stamping import attachments
from stamping.certificates import establish
from stamping.confirmations import STEP_UP_LIFE, check_custody, list_sha256, purposes
from stamping.desk import Desk
from stamping.history import row_of
from stamping.judgement import judge_approval, stored
from stamping.limits import check_daily_limit
from stamping.parts import PAPER, Part
from stamping.reading import ReadAhead
from stamping.refusal import Refusal, not_found
from stamping.tables import confirmation_documents
from store import FileDamaged, FileMissing, read

_CONFIRMED: Final = (
    select(
        confirmation_documents.c.document_id,
        confirmation_documents.c.approved_sha256,
        confirmation_documents.c.attachments_sha256,
    )
    .where(confirmation_documents.c.confirmation_id == bindparam("confirmation"))
    .order_by(confirmation_documents.c.position)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """A document that may be sealed: its row, the stored judgement of the officer's signature, the seal, and the bytes
    of the paper with those of its attachments."""

    document: RowMapping
    judgement: RowMapping
    seal: Seal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPaper:
    """An approved document: the stored judgement of the officer's signature, and its bytes."""

    judgement: RowMapping
    pdf: bytes


class Clearing:
    """Checks documents of one confirmed list, from the database and the files alone; trusts nothing a caller could say.

    What is the same for all of them is asked once: the institution in force, whether a certificate is good now.
    """

    def __init__(self, desk: Desk, confirmation: RowMapping, reading: ReadAhead) -> None:
        self.desk = replace(desk, office=cache(desk.office))
        self.established = cache(lambda certificate: establish(self.desk, certificate, self._now))
        """`establish` for a certificate, as of now."""
        self._now = desk.clock()
        self._confirmation = confirmation
        self._reading = reading
        self._list: Mapping[str, str | None] | None = None

    def clear(self, document_id: str, approved_sha256: str) -> Cleared:
        """Check it all. Raises `Refusal`."""
        desk, confirmation, now = self.desk, self._confirmation, self._now
        with read(desk.engine) as connection:
            document = row_of(connection, document_id)
            # 1 the custodian confirmed this list, in person, freshly
            confirmed_with = self._listed(connection).get(document_id)
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
            known = _known(connection, document, approved_sha256)
        paper = _signed_paper(desk, document, known, now, self._reading, self.established)
        if confirmed_with != document["attachments_sha256"]:
            raise attachments.changed(document["number"])
        parts = (Part(n=PAPER, pdf=paper.pdf, sha256=approved_sha256), *_attached(desk, document))
        # 7 the seal may be used now by this custodian, for this organisation and procedure
        organisation, procedure = document["organisation"], document["procedure"]
        for purpose in purposes(document):
            check_custody(
                desk, confirmation["custodian_id"], document["seal_id"], organisation, procedure, now, purpose=purpose
            )
        seal = desk.office().seal(document["seal_id"])
        if seal is None:
            raise not_found("con dấu", "seal", document["seal_id"])
        # 8 its key has not been used more often today than the office allows
        check_daily_limit(desk, seal, now, uses=len(parts))
        return Cleared(document=document, judgement=paper.judgement, seal=seal, parts=parts)

    def _listed(self, connection: Connection) -> Mapping[str, str | None]:
        if self._list is None:
            self._list = _check_confirmation(connection, self._confirmation)
        return self._list


def _attached(desk: Desk, document: RowMapping) -> tuple[Part, ...]:
    """The attachments, as the officer's signature binds them (`judge_approval`), byte for byte."""
    rows = attachments.of(desk, document["id"], document["attachments_sha256"])
    if attachments.listed_sha256(rows) != document["attachments_sha256"]:
        raise attachments.changed(document["number"])
    try:
        return tuple(
            Part(n=row["n"], pdf=desk.files.get(row["generated_sha256"]), sha256=row["generated_sha256"])
            for row in rows
        )
    except (FileDamaged, FileMissing) as error:
        raise attachments.changed(document["number"]) from error


def signed_paper(desk: Desk, document: RowMapping, approved_sha256: str, now: datetime) -> SignedPaper:
    """The competent officer signed these very bytes and may do so: what holds before any stamp, of light or of ink.

    Raises `Refusal`.
    """
    with read(desk.engine) as connection:
        known = _known(connection, document, approved_sha256)
    with ReadAhead(desk, ()) as reading:
        return _signed_paper(desk, document, known, now, reading, lambda one: establish(desk, one, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the rows say of an approved file: the stored judgement, and whose revision its bytes are."""

    sha256: str
    judgement: RowMapping
    revision: Revision | None


def _known(connection: Connection, document: RowMapping, approved_sha256: str) -> _Known:
    # 3 the officer's signature was judged valid for exactly these bytes
    if document["approved_sha256"] != approved_sha256:
        raise _bytes_changed(document["id"])
    return _Known(
        sha256=approved_sha256,
        judgement=stored(connection, document["id"], approved_sha256),
        revision=revision_of_bytes(connection, approved_sha256),
    )


def _signed_paper(
    desk: Desk,
    document: RowMapping,
    known: _Known,
    now: datetime,
    reading: ReadAhead,
    established: Callable[[Certificate], object],
) -> SignedPaper:
    # 4 the bytes are the same
    try:
        pdf = reading.file(known.sha256)
    except (FileDamaged, FileMissing) as error:
        raise _bytes_changed(document["id"]) from error
    # 5 the officer's signature in these very bytes, and that this officer may approve this paper on the day it was
    #   signed: the stored judgement is a row, and rows can be written
    judged = judge_approval(desk, pdf, known.sha256, document, now, reading.facts(known.sha256, pdf))
    if judged.officer.id != known.judgement["officer_id"]:
        raise _bytes_changed(document["id"])
    # ... and they are this document's: the register's rows cannot be rewritten, so one approval is sealed under one id
    revision = known.revision
    if revision is None or (revision.document_id, revision.kind) != (document["id"], "approved"):
        raise _bytes_changed(document["id"])
    # 6 the certificate is still good today: one revoked or expired since must be looked at by a person first
    established(judged.certificate)
    return SignedPaper(judgement=known.judgement, pdf=pdf)


def number_missing() -> Refusal:
    """The document is in no register (AC-7)."""
    return Refusal(
        "number-missing",
        "Văn bản chưa có số trong sổ đăng ký văn bản đi.",
        "The document has no number in the outgoing register.",
    )


def _check_confirmation(connection: Connection, confirmation: RowMapping) -> Mapping[str, str | None]:
    """Gives, for each document of the list, the hash of the attachments that the custodian was shown with it."""
    rows = connection.execute(_CONFIRMED, {"confirmation": confirmation["id"]}).all()
    fresh = confirmation["created_at"] - STEP_UP_LIFE <= confirmation["stepped_up_at"] <= confirmation["created_at"]
    if not fresh or list_sha256(tuple(row) for row in rows) != confirmation["list_sha256"]:
        raise Refusal(
            "confirmation-required",
            "Xác nhận của văn thư không khớp với danh sách đã xem. Hãy xác nhận lại.",
            "The custodian's confirmation does not fit the list that was shown. Confirm it again.",
            confirmation=confirmation["id"],
        )
    return {row.document_id: row.attachments_sha256 for row in rows}


def _bytes_changed(document_id: str) -> Refusal:
    return Refusal(
        "bytes-changed",
        "Tệp đã thay đổi sau khi người có thẩm quyền ký. Không đóng dấu.",
        "The file has changed since the officer signed it. It was not sealed.",
        document=document_id,
    )
