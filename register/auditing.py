"""`audit`: the whole register re-read against its log, its signed checkpoints and the stored files (AC-50)."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, String, Table, case, cast, exists, func, or_, select
from sqlalchemy.exc import OperationalError

from store import FileDamaged, FileMissing, Files

from . import office_versions, tables
from .canonical import GENESIS, content_hash, row_hash
from .journal import row_key
from .log import commitment
from .log_check import AnyRow, AnySelect, LogCheck
from .report import FINDINGS, NOTES, AuditReport, Remark

_AT_A_TIME: Final = 2000
"""Rows held in memory at once."""
_MOVED_AMONG: Final = 500
"""Rows that do not fit their leaf, up to which each is tried against the others' places."""

Progress = Callable[[str, int], None]
"""Hears which part of the audit is at work and how many rows or files it has read."""
SignedBy = Callable[[bytes], frozenset[str]]
"""The SHA-256 (hexadecimal) of the certificates that signed a file."""


def audit(
    connection: Connection,
    files: Files,
    checkpoint_public_key: Ed25519PublicKey | None,
    *,
    kept_notes: Sequence[str] = (),
    signed_by: SignedBy | None = None,
    progress: Progress = lambda _part, _count: None,
) -> AuditReport:
    """Read everything again and say what is missing or altered. Use a `store.read` transaction.

    `kept_notes` are checkpoint texts kept outside this database: they show even a cut that took the checkpoints with
    it. Leaves after the last checkpoint are held by nothing but the database (note `not_yet_signed`). With `signed_by`,
    stored files that no entry accounts for are looked at for the seals' signatures.
    """
    began = time.monotonic()
    work = _Audit(connection=connection, files=files, signed_by=signed_by, progress=progress)
    log = LogCheck(connection=connection, said=work)
    with work.reading(tables.checkpoints):
        log.read_checkpoints(checkpoint_public_key, kept_notes)  # 1 what was signed
    with work.reading(tables.log):
        log.walk(lambda count: progress("log", count))  # 2 the log, meeting every checkpoint
    with work.reading(tables.seal_log):
        work.walk_seal_log()  # 3 the seal log's own chain
    for table in (*tables.JOURNALLED, tables.seal_log):  # 4 every row as its leaf has it, every leaf's row
        with work.reading(table):
            work.compare(table)
    work.check_sources()
    work.say_moved()
    with work.reading(tables.seal_log):
        work.check_entries()  # 5 every concluded entry has its sealed file, every sealed file its entry
    with work.reading(tables.revisions):
        work.check_files()  # 6 the bytes of every revision, and of what each version of the office names
    with work.reading(tables.numbers):
        work.check_numbers()  # 7 every number accounted for
    return AuditReport(
        seal_log_rows=work.seal_log_rows,
        log_entries=log.leaves,
        checkpoints=log.checkpoints,
        proven=log.proven,
        files=len(work.referenced),
        numbers=work.numbers,
        seconds=round(time.monotonic() - began, 3),
        findings=tuple(work.findings),
        notes=tuple(work.notes),
    )


@dataclass(frozen=True, kw_only=True)
class _Misfit:
    """A row that does not fit the leaf that names it."""

    subject: str
    leaf: int
    salt: bytes
    content: bytes
    committed: bytes

    def fits(self, leaf: int) -> bool:
        return commitment(self.salt, leaf, self.content) == self.committed


class _Left:
    """What a worker left that ended between keeping the sealed file and closing its entry: the file the entry was for,
    with the seal behind it. Each entry accounts for one such file."""

    def __init__(self, entries: Iterable[AnyRow]) -> None:
        self._entries: dict[int, dict[str, list[str]]] = {}
        for entry_id, sha256, size in entries:
            self._entries.setdefault(size, {}).setdefault(sha256, []).append(entry_id)

    def entry_of(self, content: bytes) -> str | None:
        """The entry that `content` was made under, spent with this."""
        for size, of_hash in self._entries.items():
            if size < len(content) and (left := of_hash.get(hashlib.sha256(content[:size]).hexdigest())):
                return left.pop(0)
        return None


@dataclass(kw_only=True)
class _Audit:
    """What an audit has seen so far."""

    connection: Connection
    files: Files
    signed_by: SignedBy | None
    progress: Progress
    findings: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    referenced: set[str] = field(default_factory=set)
    misfits: list[_Misfit] = field(default_factory=list)
    seal_log_rows: int = 0
    numbers: int = 0

    def find(self, code: str, subject: object, **detail: str) -> None:
        vi, en = (text.format(subject=subject, **detail) for text in FINDINGS[code])
        self.findings.append(Remark(code=code, subject=str(subject), text_vi=vi, text_en=en))

    def note(self, code: str, subject: object, **detail: str) -> None:
        vi, en = (text.format(subject=subject, **detail) for text in NOTES[code])
        self.notes.append(Remark(code=code, subject=str(subject), text_vi=vi, text_en=en))

    @contextmanager
    def reading(self, table: Table) -> Iterator[None]:
        """A value edited into something its column cannot hold ends this part of the audit: a finding, never a crash
        that hides all the others."""
        try:
            yield
        except (ValueError, TypeError, OverflowError, RecursionError):
            self.find("rows_unreadable", table.name)
        except OperationalError as error:
            if "decode" not in str(error.orig):  # SQLite: a text that is no UTF-8
                raise
            self.find("rows_unreadable", table.name)

    def walk_seal_log(self) -> None:
        """Follow the seal log's chain from its beginning. After a break it goes on from what is there."""
        table = tables.seal_log
        columns = table.c.keys()
        last, previous = 0, GENESIS
        for row in self.stream(table, select(table).order_by(table.c.seq)):
            values = dict(zip(columns, row, strict=True))
            stored = values.pop("row_hash")
            seq = values["seq"]
            self.seal_log_rows += 1
            if seq != last + 1:
                self.find("chain_gap", f"{last + 1}–{seq - 1}")
            elif values["previous_hash"] != previous:
                self.find("chain_unchained", seq)
            if row_hash(values) != stored:
                self.find("chain_altered", seq)
            last, previous = seq, stored
        self.progress(table.name, self.seal_log_rows)

    def compare(self, table: Table) -> None:
        """Every row of `table` against its leaf, and every leaf's key against the table."""
        log = tables.log
        (key_column,) = table.primary_key.columns
        columns = table.c.keys()
        logged = (log.c.source == table.name) & (log.c.key == cast(key_column, String))
        query = select(table, log.c.leaf, log.c.salt, log.c.commitment).outerjoin(log, logged)
        count = bound = 0
        for row in self.stream(table, query):
            values = dict(zip(columns, row, strict=False))
            leaf, salt, committed = row[-3:]
            count += 1
            if count % _AT_A_TIME == 0:
                self.progress(table.name, count)
            if leaf is None:
                self.find("row_unrecorded", f"{table.name} {row_key(table, values)}")
                continue
            bound += 1
            content = content_hash(values)
            if commitment(salt, leaf, content) != committed:
                subject = f"{table.name} {row_key(table, values)}"
                misfit = _Misfit(subject=subject, leaf=leaf, salt=salt, content=content, committed=committed)
                self.misfits.append(misfit)
        self.progress(table.name, count)
        missing = select(log.c.key).where(
            log.c.source == table.name,
            # no key at all is in no list, but not outside it either
            or_(log.c.key.is_(None), log.c.key.not_in(select(cast(key_column, String)).where(key_column.is_not(None)))),
        )
        for (key,) in self.stream(log, missing):
            bound += 1
            self.find("row_missing", f"{table.name} {key}")
        leaves = select(func.count()).select_from(log).where(log.c.source == table.name)
        twice = bound - self.connection.execute(leaves).scalar_one()
        if twice > 0:
            self.find("row_twice", table.name, count=str(twice))

    def check_sources(self) -> None:
        """No leaf stands for what nobody compares."""
        log = tables.log
        known = [table.name for table in (*tables.JOURNALLED, tables.seal_log)]
        strange = select(log.c.leaf).where(or_(log.c.source.is_(None), log.c.source.not_in(known)))
        for (leaf,) in self.stream(log, strange.order_by(log.c.leaf)):
            self.find("leaf_unknown", leaf)

    def say_moved(self) -> None:
        """A row that fits another misfit's place was moved; any other was altered."""
        places = [one.leaf for one in self.misfits] if len(self.misfits) <= _MOVED_AMONG else []
        for one in self.misfits:
            at = next((leaf for leaf in places if one.fits(leaf)), None)
            if at is None:
                self.find("row_altered", one.subject)
            else:
                self.find("row_moved", one.subject, now=str(one.leaf), written=str(at))

    def check_entries(self) -> None:
        log, revisions = tables.seal_log, tables.revisions
        opened: set[str] = set()
        for seq, event, entry_id in self.stream(
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
        is_sealed = (revisions.c.sha256 == log.c.hash_after) & (revisions.c.document_id == log.c.document_id)
        is_sealed &= revisions.c.kind == case((log.c.purpose == "appendix", "appendix_sealed"), else_="sealed")
        concluded = select(log.c.seq, log.c.hash_after, revisions.c.id).outerjoin(revisions, is_sealed)
        for seq, sha256, known in self.stream(log, concluded.where(log.c.event == "conclude").order_by(log.c.seq)):
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
        for (document_id,) in self.stream(revisions, unlogged):
            self.find("sealed_without_entry", document_id)
        self.check_attachments()

    def check_attachments(self) -> None:
        """A document and its separate attachments are sealed as one: all of them, or none (AC-39)."""
        log, revisions = tables.seal_log, tables.revisions
        same = (log.c.document_id == revisions.c.document_id) & (log.c.event == "conclude")
        issued = exists().where(same, log.c.purpose == "issue")
        sealed = exists().where(same, log.c.purpose == "appendix", log.c.hash_before == revisions.c.sha256)
        torn = select(revisions.c.document_id).distinct().where(revisions.c.kind == "appendix", issued != sealed)
        for (document_id,) in self.stream(revisions, torn.order_by(revisions.c.document_id)):
            self.find("bundle_torn", document_id)
        logged = exists().where(same, log.c.purpose == "appendix", log.c.hash_after == revisions.c.sha256)
        unlogged = select(revisions.c.document_id).where(revisions.c.kind == "appendix_sealed", ~logged)
        for (document_id,) in self.stream(revisions, unlogged):
            self.find("sealed_without_entry", document_id)

    def check_files(self) -> None:
        column = tables.revisions.c.sha256
        for (sha256,) in self.stream(tables.revisions, select(column).distinct().order_by(column)):
            self.check_file(sha256)
            if len(self.referenced) % 100 == 0:
                self.progress("files", len(self.referenced))
        for sha256 in office_versions.file_hashes(self.connection):
            self.check_file(sha256)
        self.progress("files", len(self.referenced))
        certificate = tables.seal_log.c.certificate_sha256
        seals = {row[0] for row in self.stream(tables.seal_log, select(certificate).distinct())}
        left = _Left(self.unreleased())
        for name in self.files:
            if name in self.referenced:
                continue
            content = self.files.get(name) if self.signed_by is not None else b""
            if self.signed_by is None or not seals & self.signed_by(content):
                self.note("file_unknown", name)
            elif (entry_id := left.entry_of(content)) is not None:
                self.note("file_unreleased", name, entry=entry_id)
            else:
                self.find("key_use_without_entry", name)

    def unreleased(self) -> Iterator[AnyRow]:
        """Entries that used the key, or may have, and released nothing: their id, the hash and size of the file that
        was to be sealed."""
        log, revisions = tables.seal_log, tables.revisions
        before = (revisions.c.sha256 == log.c.hash_before) & (revisions.c.kind == "approved")
        before &= revisions.c.document_id == log.c.document_id
        query = select(log.c.entry_id, log.c.hash_before, revisions.c.size).join(revisions, before)
        ended = log.c.event.in_(("interrupted", "failed")) & log.c.key_operation
        yield from self.stream(log, query.where(ended).order_by(log.c.seq))

    def check_file(self, sha256: str) -> None:
        if sha256 in self.referenced:
            return
        self.referenced.add(sha256)
        try:
            self.files.check(sha256)
        except FileDamaged:
            self.find("file_damaged", sha256)
        except (FileMissing, ValueError, TypeError):  # the row was edited into no hash at all
            self.find("file_missing", sha256)

    def check_numbers(self) -> None:
        numbers, counters, voids, outgoing = tables.numbers, tables.counters, tables.voids, tables.outgoing
        series = (numbers.c.organisation, numbers.c.kind, numbers.c.year)
        query = (
            select(*series, numbers.c.number, voids.c.reason, outgoing.c.document_id)
            .outerjoin(voids, voids.c.number_id == numbers.c.id)
            .outerjoin(outgoing, outgoing.c.number_id == numbers.c.id)
            .order_by(*series, numbers.c.number)
        )
        last: dict[tuple[str, str, int], int] = {}
        for organisation, kind, year, number, reason, document_id in self.stream(numbers, query):
            name = f"{kind} ({organisation}, {year})"
            expected = last.get((organisation, kind, year), 0) + 1
            if number != expected:
                self.find("number_gap", f"{expected}–{number - 1}/{name}")
            if reason is not None:
                self.note("number_voided", f"{number:02d}/{name}", reason=reason)
            elif document_id is None:
                self.note("number_open", f"{number:02d}/{name}")
            last[organisation, kind, year] = number
            self.numbers += 1
        held = {(row[0], row[1], row[2]): row[3] for row in self.stream(counters, select(counters))}
        for key in sorted(held.keys() | last.keys()):
            if held.get(key) != last.get(key):
                self.find("counter_wrong", f"{key[1]} ({key[0]}, {key[2]})")
        issues = tables.issues
        late = select(issues.c.document_id).where(issues.c.issued_at > issues.c.issue_by)
        for (document_id,) in self.stream(issues, late):
            self.note("issued_late", document_id)

    def stream(self, table: Table, query: AnySelect) -> Iterator[AnyRow]:
        """Rows a few at a time. A value edited into something its column cannot hold ends the reading: a finding."""
        with self.reading(table):
            yield from self.connection.execute(query, execution_options={"yield_per": _AT_A_TIME})
