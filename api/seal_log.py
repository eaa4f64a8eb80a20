"""The seal register as people read it: its newest rows, with names. Nothing is written here."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from stamping import Desk
from store import metadata, read


@dataclass(frozen=True, slots=True, kw_only=True)
class SealUseRow:
    """One row: when, on which document (`title` also names the attachment it is about), by whom, with what result."""

    seq: int
    at: datetime
    event: str
    document_id: str
    number: str
    title: str
    officer: str
    custodian: str
    detail: str
    hash: str


def newest(desk: Desk, *, limit: int, offset: int) -> tuple[SealUseRow, ...]:
    """The newest rows first."""
    log, papers = metadata.tables["register_seal_log"], metadata.tables["stamping_documents"]
    attached = metadata.tables["stamping_attachments"]
    same_file = (attached.c.document_id == log.c.document_id) & (attached.c.generated_sha256 == log.c.hash_before)
    office = desk.office()
    custodians = {one.id: one.name for one in office.custodians}
    officers = {one.id: one.name for one in office.officers}
    with read(desk.engine) as connection:
        rows = (
            connection.execute(
                select(log, papers.c.title, attached.c.title.label("attached"))
                .outerjoin(papers, papers.c.id == log.c.document_id)
                .outerjoin(attached, same_file)
                .order_by(log.c.seq.desc())
                .limit(limit)
                .offset(offset)
            )
            .mappings()
            .all()
        )
    return tuple(
        SealUseRow(
            seq=row["seq"],
            at=row["time"],
            event=row["event"],
            document_id=row["document_id"],
            number=row["notation"],
            title=" · ".join(filter(None, (row["title"], row["attached"]))),
            officer=officers.get(row["officer"], row["officer"]),
            custodian=custodians.get(row["custodian"], row["custodian"]),
            detail=row["detail"],
            hash=row["row_hash"],
        )
        for row in rows
    )
