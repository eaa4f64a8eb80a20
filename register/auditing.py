"""`audit`: the whole register re-read against its chains, its signed checkpoints and the stored files (AC-50)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, Select, String, Table, cast, func, select

from store import FileDamaged, FileMissing, Files

from . import tables
from .canonical import GENESIS, row_hash
from .checkpoints import Checkpoint, CheckpointInvalid, kept_checkpoints, open_checkpoint
from .journal import row_key
from .report import FINDINGS, NOTES, AuditReport, Remark

_AT_A_TIME: Final = 2000
"""Rows held in memory at once."""

_CHAINS: Final = {
    tables.seal_log.name: {"chain_en": "Seal log", "chain_vi": "Nhật ký con dấu"},
    tables.journal.name: {"chain_en": "Journal", "chain_vi": "Nhật ký sổ"},
}

_AnyRow = Row[*tuple[Any, ...]]
_AnySelect = Select[*tuple[Any, ...]]


def audit(
    connection: Connection,
    files: Files,
    checkpoint_public_key: Ed25519PublicKey | None,
    *,
    kept_notes: Sequence[str] = (),
) -> AuditReport:
    """Read everything again and say what is missing or altered. Use a `store.read` transaction.

    `kept_notes` are checkpoint texts kept outside this database: they show even a cut that took the checkpoints with
    it. Rows after the last checkpoint are held by their chain alone (note `not_yet_signed`).
    """
    work = _Audit(connection=connection, files=files)
    work.read_checkpoints(checkpoint_public_key, kept_notes)  # 1 what was signed
    seal_log_rows = work.walk(tables.seal_log)  # 2 the seal log's chain, meeting every checkpoint
    journal_rows = work.walk(tables.journal)  # 3 the journal's chain, likewise
    work.say_unmet_checkpoints()
    for table in tables.JOURNALLED:  # 4 every row as the journal has it
        work.compare(table)
    work.check_entries()  # 5 every concluded entry has its sealed file, every sealed file its entry
    work.check_files()  # 6 the bytes of every revision
    numbers = work.check_numbers()  # 7 every number accounted for
    return AuditReport(
        seal_log_rows=seal_log_rows,
        journal_rows=journal_rows,
        checkpoints=work.checkpoints,
        files=len(work.referenced),
        numbers=numbers,
        findings=tuple(work.findings),
        notes=tuple(work.notes),
    )


@dataclass(kw_only=True)
class _Audit:
    """What an audit has seen so far."""

    connection: Connection
    files: Files
    findings: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    checkpoints: int = 0
    unmet: dict[tuple[str, int, str], Checkpoint] = field(default_factory=dict)
    covered: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_CHAINS, 0))
    referenced: set[str] = field(default_factory=set)

    def find(self, code: str, subject: object, **detail: str) -> None:
        vi, en = (text.format(subject=subject, **detail) for text in FINDINGS[code])
        self.findings.append(Remark(code=code, subject=str(subject), text_vi=vi, text_en=en))

    def note(self, code: str, subject: object, **detail: str) -> None:
        vi, en = (text.format(subject=subject, **detail) for text in NOTES[code])
        self.notes.append(Remark(code=code, subject=str(subject), text_vi=vi, text_en=en))

    def read_checkpoints(self, public_key: Ed25519PublicKey | None, kept_notes: Sequence[str]) -> None:
        held = kept_checkpoints(self.connection)
        self.checkpoints = len(held)
        if public_key is None:
            if held or kept_notes:
                self.find("checkpoint_unchecked", "")
            return
        stored: list[tuple[Checkpoint | None, str]] = [(row, row.note) for row in held]
        for position, (row, text) in enumerate([*stored, *((None, text) for text in kept_notes)], start=1):
            try:
                point = open_checkpoint(text, public_key)
            except CheckpointInvalid as error:
                self.find("checkpoint_invalid", position, why=error.text_en, why_vi=error.text_vi)
                continue
            if row is not None and row != point:
                self.find("checkpoint_invalid", position, why="altered in its table", why_vi="đã bị sửa trong bảng.")
            for chain, seq, head in (
                (tables.seal_log.name, point.seal_log_seq, point.seal_log_head),
                (tables.journal.name, point.journal_seq, point.journal_head),
            ):
                self.unmet[chain, seq, head] = point
                self.covered[chain] = max(self.covered[chain], seq)

    def walk(self, table: Table) -> int:
        """Follow a chain from its beginning; gives its rows. After a break it goes on from what is there."""
        names, columns = _CHAINS[table.name], table.c.keys()
        last, previous, count = 0, GENESIS, 0
        self.unmet.pop((table.name, 0, GENESIS), None)
        for row in self._stream(table, select(table).order_by(table.c.seq)):
            values = dict(zip(columns, row, strict=True))
            stored = values.pop("row_hash")
            seq = values["seq"]
            count += 1
            if seq != last + 1:
                self.find("chain_gap", f"{last + 1}–{seq - 1}", **names)
            elif values["previous_hash"] != previous:
                self.find("chain_unchained", seq, **names)
            if row_hash(values) != stored:
                self.find("chain_altered", seq, **names)
            last, previous = seq, stored
            if self.unmet:
                self.unmet.pop((table.name, seq, stored), None)
        if last > self.covered[table.name]:
            self.note("not_yet_signed", f"{self.covered[table.name] + 1}–{last}", **names)
        return count

    def say_unmet_checkpoints(self) -> None:
        for (chain, seq, _), point in sorted(self.unmet.items(), key=lambda item: item[0]):
            self.find("checkpoint_unmet", seq, time=f"{point.time:%Y-%m-%d %H:%M:%S} UTC", **_CHAINS[chain])

    def compare(self, table: Table) -> None:
        """Every row of `table` against the journal, and every journalled key against the table."""
        journal = tables.journal
        (key_column,) = table.primary_key.columns
        columns = table.c.keys()
        journalled = (journal.c.source == table.name) & (journal.c.key == cast(key_column, String))
        for row in self._stream(table, select(table, journal.c.content_hash).outerjoin(journal, journalled)):
            values = dict(zip(columns, row, strict=False))
            subject = f"{table.name} {row_key(table, values)}"
            if row[-1] is None:
                self.find("row_unrecorded", subject)
            elif row_hash(values) != row[-1]:
                self.find("row_altered", subject)
        missing = select(journal.c.key).where(
            journal.c.source == table.name,
            journal.c.key.not_in(select(cast(key_column, String)).select_from(table)),
        )
        for (key,) in self._stream(journal, missing):
            self.find("row_missing", f"{table.name} {key}")

    def check_entries(self) -> None:
        log, revisions = tables.seal_log, tables.revisions
        opened: set[str] = set()
        for seq, event, entry_id in self._stream(
            log, select(log.c.seq, log.c.event, log.c.entry_id).order_by(log.c.seq)
        ):
            if event == "reserve":
                opened.add(entry_id)
            elif event != "wet" and entry_id not in opened:
                self.find("entry_unknown", seq)
            else:
                opened.discard(entry_id)
        for entry_id in sorted(opened):
            self.note("entry_open", entry_id)
        is_sealed = (revisions.c.sha256 == log.c.hash_after) & (revisions.c.kind == "sealed")
        is_sealed &= revisions.c.document_id == log.c.document_id
        concluded = select(log.c.seq, log.c.hash_after, revisions.c.id).outerjoin(revisions, is_sealed)
        for seq, sha256, known in self._stream(log, concluded.where(log.c.event == "conclude").order_by(log.c.seq)):
            self.check_file(sha256)
            if known is None:
                self.find("entry_without_revision", seq)
        # Later sealed revisions only add evidence (B-LTA); the first one is the seal itself.
        first = select(revisions.c.document_id, func.min(revisions.c.ordinal).label("ordinal"))
        seal = first.where(revisions.c.kind == "sealed").group_by(revisions.c.document_id).subquery()
        unlogged = (
            select(revisions.c.document_id)
            .join(seal, (seal.c.document_id == revisions.c.document_id) & (seal.c.ordinal == revisions.c.ordinal))
            .outerjoin(log, (log.c.hash_after == revisions.c.sha256) & (log.c.event == "conclude"))
            .where(log.c.seq.is_(None))
        )
        for (document_id,) in self._stream(revisions, unlogged):
            self.find("sealed_without_entry", document_id)

    def check_files(self) -> None:
        column = tables.revisions.c.sha256
        for (sha256,) in self._stream(tables.revisions, select(column).distinct().order_by(column)):
            self.check_file(sha256)
        for name in self.files:
            if name not in self.referenced:
                self.note("file_unknown", name)

    def check_file(self, sha256: str) -> None:
        if sha256 in self.referenced:
            return
        self.referenced.add(sha256)
        try:
            self.files.check(sha256)
        except FileDamaged:
            self.find("file_damaged", sha256)
        except (FileMissing, ValueError):  # ValueError: the row was edited into no hash at all
            self.find("file_missing", sha256)

    def check_numbers(self) -> int:
        numbers, counters, voids, outgoing = tables.numbers, tables.counters, tables.voids, tables.outgoing
        series = (numbers.c.organisation, numbers.c.kind, numbers.c.year)
        query = (
            select(*series, numbers.c.number, voids.c.reason, outgoing.c.document_id)
            .outerjoin(voids, voids.c.number_id == numbers.c.id)
            .outerjoin(outgoing, outgoing.c.number_id == numbers.c.id)
            .order_by(*series, numbers.c.number)
        )
        last: dict[tuple[str, str, int], int] = {}
        count = 0
        for organisation, kind, year, number, reason, document_id in self._stream(numbers, query):
            name = f"{kind} ({organisation}, {year})"
            expected = last.get((organisation, kind, year), 0) + 1
            if number != expected:
                self.find("number_gap", f"{expected}–{number - 1}/{name}")
            if reason is not None:
                self.note("number_voided", f"{number:02d}/{name}", reason=reason)
            elif document_id is None:
                self.note("number_open", f"{number:02d}/{name}")
            last[organisation, kind, year] = number
            count += 1
        held = {(row[0], row[1], row[2]): row[3] for row in self._stream(counters, select(counters))}
        for key in sorted(held.keys() | last.keys()):
            if held.get(key) != last.get(key):
                self.find("counter_wrong", f"{key[1]} ({key[0]}, {key[2]})")
        issues = tables.issues
        late = select(issues.c.document_id).where(issues.c.issued_at > issues.c.issue_by)
        for (document_id,) in self._stream(issues, late):
            self.note("issued_late", document_id)
        return count

    def _stream(self, table: Table, query: _AnySelect) -> Iterator[_AnyRow]:
        """Rows a few at a time. A value edited into something its column cannot hold ends the reading: a finding."""
        try:
            yield from self.connection.execute(query, execution_options={"yield_per": _AT_A_TIME})
        except (ValueError, TypeError):
            self.find("rows_unreadable", table.name)
