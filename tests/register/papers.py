"""Papers carried through the register as the stage does it, without the stage."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, Engine

from register import Registration, SealUse, add_revision, new_code, numbers, outgoing, seal_log, status
from store import Files, write

SERIES = {"organisation": "M01.X1", "kind": "GCN", "year": 2026}
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper's identity in the register."""

    document_id: str = field(default_factory=lambda: secrets.token_hex(16))
    code: str = field(default_factory=new_code)


def register_paper(connection: Connection, paper: Paper, *, dossier: str | None = None) -> str | None:
    """Number, registration and nothing else; gives the result code."""
    number = numbers.reserve(connection, **SERIES, at=NOON)  # type: ignore[arg-type]
    return outgoing.add(connection, registration(paper, number, dossier=dossier), at=NOON)


def registration(paper: Paper, number: int, *, dossier: str | None = None, symbol: str = "GCN-UBND") -> Registration:
    """A line of the register."""
    return Registration(
        document_id=paper.document_id,
        **SERIES,  # type: ignore[arg-type]
        number=number,
        symbol=symbol,
        dated=date(2026, 11, 22),
        type_name="GIẤY CHỨNG NHẬN",
        subject="Đăng ký hộ kinh doanh",
        signer="Trần Thị Mẫu",
        recipients="Phạm Thị Mẫu",
        keeper="VT",
        copies=1,
        code=paper.code,
        dossier=dossier,
    )


def seal_use(paper: Paper, *, entry_id: str | None = None, hash_before: str = "0" * 64) -> SealUse:
    """A use of the demo office's second seal on a paper."""
    return SealUse(
        entry_id=entry_id or secrets.token_hex(8),
        document_id=paper.document_id,
        notation="01/GCN-UBND",
        purpose="issue",
        seal_id="x1-2",
        seal_version=1,
        certificate_serial="5ea1",
        certificate_sha256="5e" * 32,
        custodian="van-thu",
        confirmation_id="c1",
        officer="pho-chu-tich",
        officer_certificate_sha256="0f" * 32,
        hash_before=hash_before,
    )


def issue_paper(engine: Engine, files: Files) -> Paper:
    """A paper from its number to its issue, in three transactions."""
    paper = Paper()
    generated, approved, sealed = (
        f"{kind} {paper.document_id}".encode() for kind in ("generated", "approved", "sealed")
    )
    with write(engine) as connection:
        register_paper(connection, paper)
        keep(connection, files, paper, "generated", generated)
    with write(engine) as connection:
        keep(connection, files, paper, "approved", approved)
        use = seal_use(paper, hash_before=files.put(approved))
        seal_log.reserve(connection, use, at=NOON)
    with write(engine) as connection:
        sha256 = keep(connection, files, paper, "sealed", sealed)
        seal_log.conclude(
            connection, use.entry_id, hash_after=sha256, tsa_serial="7a", tsa_time=NOON, at=NOON + timedelta(seconds=1)
        )
        outgoing.mark_issued(connection, paper.document_id, issued_at=NOON, issue_by=NOON + timedelta(days=1))
        status.bring_into_force(connection, paper.document_id, by="van-thu", at=NOON)
    return paper


def keep(connection: Connection, files: Files, paper: Paper, kind: str, content: bytes) -> str:
    """A revision: its file and its line."""
    sha256 = files.put(content)
    add_revision(
        connection,
        document_id=paper.document_id,
        kind=kind,  # type: ignore[arg-type]
        sha256=sha256,
        size=len(content),
        at=NOON,
    )
    return sha256
