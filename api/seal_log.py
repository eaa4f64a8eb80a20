"""The seal register as people read it: its newest rows, with names. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, select

from stamping import Desk
from store import metadata, read

COLUMNS: Final = (
    "seq",
    "time",
    "event",
    "entry_id",
    "purpose",
    "seal_id",
    "seal_version",
    "certificate_serial",
    "certificate_sha256",
    "custodian",
    "confirmation_id",
    "document_id",
    "notation",
    "officer",
    "officer_certificate_sha256",
    "hash_before",
    "hash_after",
    "key_operation",
    "tsa_serial",
    "tsa_time",
    "detail",
    "previous_hash",
    "row_hash",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealUseRow:
    """One row: when, on which document, by whom, with what result."""

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
    office = desk.office()
    custodians = {one.id: one.name for one in office.custodians}
    officers = {one.id: one.name for one in office.officers}
    with read(desk.engine) as connection:
        rows = (
            connection.execute(
                select(log, papers.c.title)
                .outerjoin(papers, papers.c.id == log.c.document_id)
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
            title=row["title"] or "",
            officer=officers.get(row["officer"], row["officer"]),
            custodian=custodians.get(row["custodian"], row["custodian"]),
            detail=row["detail"],
            hash=row["row_hash"],
        )
        for row in rows
    )


def all_rows(engine: Engine) -> Sequence[tuple[object, ...]]:
    """Every row with every column of `COLUMNS`, oldest first, for export."""
    log = metadata.tables["register_seal_log"]
    with read(engine) as connection:
        found = connection.execute(select(*(log.c[name] for name in COLUMNS)).order_by(log.c.seq)).all()
    return [tuple(row) for row in found]
