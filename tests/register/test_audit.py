"""AC-50: deleting, altering, reordering or cutting the register shows, whoever edits the database file."""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, String, cast, select

from register import (
    AuditReport,
    audit,
    keep_note,
    load_public_key,
    numbers,
    read_notes,
    seal_log,
    sign_checkpoint,
    tables,
)
from register.canonical import content_hash, row_hash
from register.log import commitment
from store import Files, FolderFiles, metadata, migrate, open_database, read, write
from tests.register.papers import NOON, SERIES, Paper, issue_paper, keep, register_paper, seal_use

ORIGIN = "mau.example/log"


@dataclass(frozen=True, kw_only=True)
class Office:
    """A register with three issued papers, signed by a checkpoint, and one more paper after it."""

    engine: Engine
    files: Files
    folder: Path
    papers: Sequence[Paper]

    def audit(self, **options: Any) -> AuditReport:
        key_file = self.folder / "key.pem"
        with read(self.engine) as connection:
            return audit(connection, self.files, load_public_key(key_file), **options)

    def edit(self, *statements: str) -> None:
        """Change the database file as someone with full access would: triggers gone, no questions asked."""
        self.engine.dispose()
        with closing(sqlite3.connect(self.folder / "test.db")) as raw:
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                changed = raw.execute(statement).rowcount
                assert changed != 0, statement
            raw.commit()

    def sign(self) -> str:
        with write(self.engine) as connection:
            return sign_checkpoint(connection, key_file=self.folder / "key.pem", origin=ORIGIN, at=NOON).note


@pytest.fixture(scope="module")
def carried_through(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Paper, ...]]:
    """The register's folder and papers, made once."""
    folder = tmp_path_factory.mktemp("office")
    engine = open_database(f"sqlite:///{folder / 'test.db'}")
    migrate(engine)
    files = FolderFiles(folder / "files")
    papers = tuple(issue_paper(engine, files) for _ in range(3))
    Office(engine=engine, files=files, folder=folder, papers=papers).sign()
    issue_paper(engine, files)
    engine.dispose()
    return folder, papers


@pytest.fixture
def office(carried_through: tuple[Path, tuple[Paper, ...]], tmp_path: Path) -> Iterator[Office]:
    folder, papers = carried_through
    copy = tmp_path / "office"
    shutil.copytree(folder, copy)
    engine = open_database(f"sqlite:///{copy / 'test.db'}")
    yield Office(engine=engine, files=FolderFiles(copy / "files"), folder=copy, papers=papers)
    engine.dispose()


def codes(report: AuditReport) -> set[str]:
    assert report.intact == (report.findings == ())
    assert all(finding.text_vi and finding.text_en for finding in report.findings)
    return {finding.code for finding in report.findings}


def test_an_untouched_register_is_intact(office: Office) -> None:
    report = office.audit()
    assert codes(report) == set()
    assert (report.seal_log_rows, report.log_entries, report.checkpoints) == (8, 36, 1)
    assert (report.files, report.numbers) == (12, 4)
    assert {note.code for note in report.notes} == {"not_yet_signed"}
    office.sign()
    assert office.audit().notes == ()
    assert office.audit().as_json()["intact"] is True


def test_an_untouched_register_is_intact_on_postgresql_too(both: Engine, tmp_path: Path) -> None:
    files = FolderFiles(tmp_path / "files")
    issue_paper(both, files)
    with write(both) as connection:
        sign_checkpoint(connection, key_file=tmp_path / "key.pem", origin=ORIGIN)
    with read(both) as connection:
        assert audit(connection, files, load_public_key(tmp_path / "key.pem")).findings == ()


SEAL_LOG_EDITS = {
    "deleted in the middle": ("DELETE FROM register_seal_log WHERE seq = 3", {"chain_gap"}),
    "deleted first": ("DELETE FROM register_seal_log WHERE seq = 1", {"chain_gap", "entry_unknown"}),
    "altered": ("UPDATE register_seal_log SET custodian = 'someone else' WHERE seq = 4", {"chain_altered"}),
    "time altered": (
        "UPDATE register_seal_log SET time = '2026-11-21 05:00:00.000000' WHERE seq = 2",
        {"chain_altered"},
    ),
    "key operation denied": ("UPDATE register_seal_log SET key_operation = 0 WHERE seq = 2", {"chain_altered"}),
    "made unreadable": ("UPDATE register_seal_log SET time = 'never' WHERE seq = 2", {"rows_unreadable"}),
    "hash replaced": (
        "UPDATE register_seal_log SET row_hash = '" + "ab" * 32 + "' WHERE seq = 2",
        {"chain_altered", "chain_unchained"},
    ),
}


@pytest.mark.parametrize("edit", SEAL_LOG_EDITS)
def test_an_edited_seal_log_is_detected(office: Office, edit: str) -> None:
    """AC-50: deleting or altering one row."""
    statement, expected = SEAL_LOG_EDITS[edit]
    office.edit(statement)
    assert expected <= codes(office.audit())


def test_two_leaves_changed_places_are_both_named(office: Office) -> None:
    """Reordered: the rows fit their hashes, but not the places they were written at."""
    office.edit(
        "UPDATE register_log SET leaf = -3 WHERE leaf = 3",
        "UPDATE register_log SET leaf = 3 WHERE leaf = 20",
        "UPDATE register_log SET leaf = 20 WHERE leaf = -3",
    )
    report = office.audit()
    assert codes(report) == {"row_moved", "checkpoint_unmet"}
    moved = [finding for finding in report.findings if finding.code == "row_moved"]
    assert sorted(one.text_en.partition(" was moved: ")[2] for one in moved) == [
        "it stands at leaf 20 and was written at leaf 3.",
        "it stands at leaf 3 and was written at leaf 20.",
    ]


def test_reordered_rows_are_detected(office: Office) -> None:
    office.edit(
        "UPDATE register_seal_log SET seq = -3 WHERE seq = 3",
        "UPDATE register_seal_log SET seq = 3 WHERE seq = 5",
        "UPDATE register_seal_log SET seq = 5 WHERE seq = -3",
    )
    assert {"chain_altered", "chain_unchained", "entry_unknown"} & codes(office.audit())


def test_a_rewritten_row_with_its_hash_made_anew_breaks_the_chain(office: Office) -> None:
    with read(office.engine) as connection:
        row = seal_log.entries_of(connection, office.papers[0].document_id)[1]
    values = {**vars(row), "custodian": "someone else"}
    del values["row_hash"]
    anew = row_hash(values)
    office.edit(f"UPDATE register_seal_log SET custodian = 'someone else', row_hash = '{anew}' WHERE seq = {row.seq}")
    assert codes(office.audit()) == {"chain_unchained", "row_altered"}


def test_a_chain_rewritten_to_its_end_does_not_fit_the_log(office: Office) -> None:
    rewrite_chain(office, lambda values: values | ({"custodian": "someone else"} if values["seq"] == 2 else {}))
    report = office.audit()
    assert codes(report) == {"row_altered"}
    assert {finding.subject for finding in report.findings} == {f"register_seal_log {seq}" for seq in range(2, 9)}


def test_all_later_hashes_recomputed_by_hand_do_not_meet_the_checkpoint(office: Office) -> None:
    """A change, and everything after it hashed anew, chain and log: only what was signed still tells, and where."""
    rewrite_chain(office, lambda values: values | ({"custodian": "someone else"} if values["seq"] == 2 else {}))
    recompute_log(office)
    report = office.audit()
    assert codes(report) == {"checkpoint_unmet"}
    assert report.findings[0].subject == "0–26"
    assert "27" in report.findings[0].text_en


def test_a_checkpoint_met_bounds_where_the_change_was(office: Office) -> None:
    office.sign()
    rewrite_chain(office, lambda values: values | ({"custodian": "someone else"} if values["seq"] == 8 else {}))
    recompute_log(office)
    report = office.audit()
    assert codes(report) == {"checkpoint_unmet"}
    assert report.findings[0].subject == "27–35"


def test_truncation_behind_the_last_checkpoint_is_detected(office: Office) -> None:
    """The whole tail gone, with nothing left that refers to it."""
    document = office.papers[2].document_id
    office.edit("DELETE FROM register_seal_log WHERE seq > 4")
    report = office.audit()
    assert {"row_missing", "sealed_without_entry"} <= codes(report)
    assert any(f.code == "sealed_without_entry" and f.subject == document for f in report.findings)


def test_a_cut_after_the_last_checkpoint_still_leaves_a_sealed_paper_without_entry(office: Office) -> None:
    office.edit("DELETE FROM register_seal_log WHERE seq > 6")
    assert codes(office.audit()) == {"sealed_without_entry", "row_missing"}
    forget_leaves(office, "register_seal_log", "seal_log", "seq")
    assert "row_moved" in codes(office.audit())
    recompute_log(office)
    assert codes(office.audit()) == {"sealed_without_entry"}


def test_the_whole_tail_removed_from_every_table_does_not_meet_the_checkpoint(office: Office) -> None:
    """The last paper before the checkpoint and the one after it, as if they had never been."""
    office.edit("DELETE FROM register_log WHERE leaf >= 18", *tail_of(office, papers=2))
    report = office.audit()
    assert codes(report) == {"checkpoint_unmet", "counter_wrong"}
    office.edit("UPDATE register_counters SET last = 2")
    report = office.audit()
    assert codes(report) == {"checkpoint_unmet"}
    assert report.log_entries == 18


def test_checkpoints_kept_elsewhere_show_a_cut_that_took_the_checkpoints_too(office: Office) -> None:
    notebook = office.folder / "kept" / "checkpoints.txt"
    for _ in range(2):
        issue_paper(office.engine, office.files)
        with write(office.engine) as connection:
            point = sign_checkpoint(connection, key_file=office.folder / "key.pem", origin=ORIGIN)
        for _ in range(2):  # the same note is kept once
            keep_note(notebook, point)
    office.edit(
        *(f"DELETE FROM register_{table}" for table in ("checkpoints", "seal_log", "log", "status_events")),
        *(f"DELETE FROM register_{table}" for table in ("issues", "revisions", "outgoing", "numbers", "counters")),
    )
    assert codes(office.audit()) == set()
    kept = read_notes(notebook)
    assert (len(kept), kept[1]) == (2, point.note)
    assert codes(office.audit(kept_notes=kept)) == {"checkpoint_unmet"}


def test_a_notebook_torn_or_missing_is_not_passed_over(office: Office) -> None:
    notebook = office.folder / "checkpoints.txt"
    assert read_notes(notebook) == ()
    notebook.write_text(office.sign()[:-40] + "\n", encoding="utf-8")
    assert codes(office.audit(kept_notes=read_notes(notebook))) == {"checkpoint_invalid"}
    notebook.write_text("mau.example/log\n12\n", encoding="utf-8")
    assert codes(office.audit(kept_notes=read_notes(notebook))) == {"checkpoint_invalid"}


ROW_EDITS = {
    "status altered": ("UPDATE register_status_events SET event = 'recalled' WHERE id = 1", "row_altered"),
    "status deleted": ("DELETE FROM register_status_events WHERE id = 2", "row_missing"),
    "last status deleted": ("DELETE FROM register_status_events WHERE id = 4", "row_missing"),
    "date altered": ("UPDATE register_outgoing SET dated = '2026-11-21' WHERE number_id = 1", "row_altered"),
    "note added": ("UPDATE register_outgoing SET note = 'x' WHERE number_id = 3", "row_altered"),
    "issue deleted": ("DELETE FROM register_issues WHERE issued_at > '2000'", "row_missing"),
    "number deleted": ("DELETE FROM register_numbers WHERE number = 2", "number_gap"),
    "number altered": ("UPDATE register_numbers SET number = 9 WHERE number = 4", "number_gap"),
    "revision added": (
        "INSERT INTO register_revisions SELECT 99, sha256, 'x', 1, kind, size, recorded_at FROM register_revisions "
        "WHERE id = 1",
        "row_unrecorded",
    ),
    "revision deleted": ("DELETE FROM register_revisions WHERE id = 3", "row_missing"),
    "revision unreadable": ("UPDATE register_revisions SET recorded_at = 'x' WHERE id = 3", "rows_unreadable"),
    "log cut": ("DELETE FROM register_log WHERE leaf > 25", "row_unrecorded"),
    "leaf deleted": ("DELETE FROM register_log WHERE leaf = 9", "log_gap"),
    "leaf altered": ("UPDATE register_log SET commitment = salt WHERE leaf = 9", "row_altered"),
    "leaf given to another row": ("UPDATE register_log SET key = '99' WHERE leaf = 9", "row_missing"),
    "leaf put elsewhere": ("UPDATE register_log SET leaf = 99 WHERE leaf = 9", "log_gap"),
    "leaf of another table": ("UPDATE register_log SET source = 'x' WHERE leaf = 9", "checkpoint_unmet"),
    "counter set back": ("UPDATE register_counters SET last = 3", "counter_wrong"),
    "counter deleted": ("DELETE FROM register_counters", "counter_wrong"),
    "checkpoint altered": ("UPDATE register_checkpoints SET size = 2", "checkpoint_invalid"),
    "checkpoint forged": ("UPDATE register_checkpoints SET note = replace(note, '27', '26')", "checkpoint_invalid"),
}  # fmt: skip


@pytest.mark.parametrize("edit", ROW_EDITS)
def test_edits_anywhere_in_the_register_are_detected(office: Office, edit: str) -> None:
    """AC-50, for every table: numbers, outgoing documents, revisions, status, log, checkpoints."""
    statement, expected = ROW_EDITS[edit]
    office.edit(statement)
    assert expected in codes(office.audit())


def test_a_missing_or_altered_file_is_detected(office: Office) -> None:
    names = list(office.files)
    for name, content in ((names[0], None), (names[1], b"other bytes")):
        path = office.folder / "files" / name[:2] / name
        path.chmod(0o600)
        path.unlink() if content is None else path.write_bytes(content)
    report = office.audit()
    assert codes(report) == {"file_missing", "file_damaged"}
    assert {finding.subject for finding in report.findings} == set(names[:2])


def test_a_concluded_entry_needs_its_sealed_file(office: Office) -> None:
    paper = Paper()
    with write(office.engine) as connection:
        register_paper(connection, paper)
        use = seal_use(paper)
        seal_log.reserve(connection, use)
        seal_log.conclude(connection, use.entry_id, hash_after="af" * 32)
    assert codes(office.audit()) == {"entry_without_revision", "file_missing"}


def test_a_sealed_file_needs_its_entry(office: Office) -> None:
    """A seal that was used past the log."""
    paper = Paper()
    with write(office.engine) as connection:
        register_paper(connection, paper)
        keep(connection, office.files, paper, "sealed", b"sealed in secret")
    assert codes(office.audit()) == {"sealed_without_entry"}


def test_what_a_killed_worker_left_is_accounted_for_by_its_entry_and_no_more(office: Office) -> None:
    """A sealed file kept, its worker killed before the entry was concluded: the entry says so. A second file over the
    same approval, or one over an approval that no such entry names, is a use of the key past the log."""
    paper, other = Paper(), Paper()
    approved, of_other = b"approved by the officer", b"another one's"
    with write(office.engine) as connection:
        for one, content in ((paper, approved), (other, of_other)):
            register_paper(connection, one)
            keep(connection, office.files, one, "approved", content)
        hash_before = hashlib.sha256(approved).hexdigest()
        left = seal_log.reserve(connection, seal_use(paper, hash_before=hash_before))
        seal_log.interrupted(connection, left.entry_id, key_operation=True, detail="killed", at=NOON)
        refused = seal_log.reserve(connection, seal_use(other, hash_before=hashlib.sha256(of_other).hexdigest()))
        seal_log.failed(connection, refused.entry_id, key_operation=False, detail="key not used", at=NOON)

    def looked_at(*contents: bytes) -> tuple[set[str], set[str]]:
        names = [office.files.put(content) for content in contents]
        report = office.audit(signed_by=lambda pdf: frozenset({"5e" * 32} if b"+ seal" in pdf else ()))
        assert {one.subject for one in (*report.findings, *report.notes)} & set(names)
        return codes(report), {note.code for note in report.notes}

    office.sign()
    assert looked_at(approved + b" + seal") == (set(), {"file_unreleased"})
    assert looked_at(approved + b" + seal again")[0] == {"key_use_without_entry"}
    (office.files.place(hashlib.sha256(approved + b" + seal again").hexdigest())).unlink()
    assert looked_at(of_other + b" + seal")[0] == {"key_use_without_entry"}


def test_what_is_in_order_but_worth_knowing_is_noted(office: Office) -> None:
    """AC-3: gaps are explained, late issues shown."""
    with write(office.engine) as connection:
        for reason in ("Người dân rút {hồ sơ}", None):
            number = numbers.reserve(connection, **SERIES)  # type: ignore[arg-type]
            if reason:
                numbers.void(connection, **SERIES, number=number, reason=reason, voided_by="van-thu")  # type: ignore[arg-type]
        seal_log.reserve(connection, seal_use(Paper(), entry_id="left-open"))
    office.files.put(b"nobody's")
    office.sign()
    report = office.audit()
    assert codes(report) == set()
    notes = {note.code: note for note in report.notes}
    assert set(notes) == {"number_voided", "number_open", "entry_open", "file_unknown"}
    assert notes["number_voided"].text_vi == "Số 05/GCN (M01.X1, 2026) đã huỷ: Người dân rút {hồ sơ}"
    assert notes["entry_open"].subject == "left-open"


def test_checkpoints_without_a_key_are_not_believed(office: Office) -> None:
    with read(office.engine) as connection:
        report = audit(connection, office.files, None)
    assert codes(report) == {"checkpoint_unchecked"}


def test_an_empty_register_is_intact(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    migrate(engine)
    with read(engine) as connection:
        report = audit(connection, FolderFiles(tmp_path / "files"), None)
    engine.dispose()
    assert (codes(report), report.notes) == (set(), ())


def rewrite_chain(office: Office, change: Callable[[dict[str, object]], dict[str, object]]) -> None:
    """Rewrite the whole seal log with correct hashes, as someone who knows the code could."""
    with read(office.engine) as connection:
        rows = [row for paper in _documents(office) for row in seal_log.entries_of(connection, paper)]
    previous, statements = "0" * 64, []
    for row in sorted(rows, key=lambda row: row.seq):
        values = change(dict(vars(row))) | {"previous_hash": previous}
        del values["row_hash"]
        previous = row_hash(values)
        statements.append(
            f"UPDATE register_seal_log SET custodian = '{values['custodian']}', "
            f"previous_hash = '{values['previous_hash']}', row_hash = '{previous}' WHERE seq = {row.seq}"
        )
    office.edit(*statements)


def recompute_log(office: Office) -> None:
    """Make every leaf anew from the row it names, with its own salt, as someone who knows the code could."""
    with read(office.engine) as connection:
        leaves = connection.execute(select(tables.log)).all()
        statements = []
        for leaf in leaves:
            table = metadata.tables[leaf.source]
            (key,) = table.primary_key.columns
            row = connection.execute(select(table).where(cast(key, String) == leaf.key)).one()
            anew = commitment(leaf.salt, leaf.leaf, content_hash(dict(row._mapping)))
            statements.append(f"UPDATE register_log SET commitment = X'{anew.hex()}' WHERE leaf = {leaf.leaf}")
    office.edit(*statements)


def forget_leaves(office: Office, source: str, table: str, key: str) -> None:
    """Remove the leaves, at the log's end, of rows that are gone from `table`."""
    office.edit(
        f"DELETE FROM register_log WHERE source = '{source}' AND key NOT IN "
        f"(SELECT CAST({key} AS TEXT) FROM register_{table})",
        # close the ranks, so that no gap shows
        "UPDATE register_log SET leaf = (SELECT count(*) FROM register_log AS b WHERE b.leaf < register_log.leaf)",
    )


def tail_of(office: Office, *, papers: int) -> list[str]:
    """What removes the last papers from every table but the log."""
    with closing(sqlite3.connect(office.folder / "test.db")) as raw:
        documents = [row[0] for row in raw.execute("SELECT document_id FROM register_outgoing ORDER BY number_id DESC")]
    gone = ", ".join(f"'{document}'" for document in documents[:papers])
    children = ("seal_log", "status_events", "issues", "revisions")
    return [
        *(f"DELETE FROM register_{table} WHERE document_id IN ({gone})" for table in children),
        f"DELETE FROM register_outgoing WHERE document_id IN ({gone})",
        "DELETE FROM register_numbers WHERE id NOT IN (SELECT number_id FROM register_outgoing)",
    ]


def _documents(office: Office) -> list[str]:
    with closing(sqlite3.connect(office.folder / "test.db")) as raw:
        return [row[0] for row in raw.execute("SELECT DISTINCT document_id FROM register_seal_log")]


def without_constraints(office: Office, table: str) -> None:
    """The same rows in a table that takes anything."""
    office.edit(
        f"CREATE TABLE bare AS SELECT * FROM {table}", f"DROP TABLE {table}", f"ALTER TABLE bare RENAME TO {table}"
    )


def test_a_row_is_missed_though_its_leaf_names_none_any_more(office: Office) -> None:
    """The key is no part of the leaf's entry, so the signed root still fits without it."""
    without_constraints(office, "register_log")
    office.edit(
        "UPDATE register_log SET key = NULL WHERE source = 'register_status_events' AND key = '1'",
        "DELETE FROM register_status_events WHERE id = 1",
    )
    assert codes(office.audit()) == {"row_missing"}


def test_a_row_written_twice_shows(office: Office) -> None:
    without_constraints(office, "register_status_events")
    office.edit("INSERT INTO register_status_events SELECT * FROM register_status_events WHERE id = 1")
    assert codes(office.audit()) == {"row_twice"}


def test_a_leaf_for_what_nobody_compares_shows(office: Office) -> None:
    office.edit(
        "INSERT INTO register_log SELECT max(leaf) + 1, 'elsewhere', '1', randomblob(16), randomblob(32) "
        "FROM register_log"
    )
    assert codes(office.audit()) == {"leaf_unknown"}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE register_outgoing SET subject = CAST(X'ff' AS TEXT)", "rows_unreadable"),
        ("UPDATE register_revisions SET size = 1.5 WHERE id = 1", "rows_unreadable"),
        ("UPDATE register_revisions SET sha256 = X'ff' WHERE id = 1", "rows_unreadable"),
        ("UPDATE register_log SET leaf = -5 WHERE leaf = 35", "rows_unreadable"),
        ("UPDATE register_log SET leaf = 4611686018427387904 WHERE leaf = 35", "log_gap"),
        ("UPDATE register_log SET salt = 'abc' WHERE leaf = 3", "rows_unreadable"),
        ("UPDATE register_log SET source = 'é' WHERE leaf = 3", "leaf_unknown"),
        ("INSERT INTO register_log_nodes VALUES (1, 0, 'abc')", "rows_unreadable"),
        ("UPDATE register_numbers SET number = 'x' WHERE id = 1", "rows_unreadable"),
        ("UPDATE register_counters SET year = 'x'", "rows_unreadable"),
        ("UPDATE register_checkpoints SET time = 'x'", "rows_unreadable"),
        ("UPDATE register_checkpoints SET note = X'ff'", "rows_unreadable"),
        ("UPDATE register_seal_log SET detail = X'ff'", "rows_unreadable"),
        (
            "INSERT INTO register_office_proposals SELECT 1, 0, 't', 's', replace(hex(zeroblob(50000)), '0', '['), "
            "'[]', 0, 'w', 'a', 'b', '2026-01-01 00:00:00.000000', NULL, NULL",
            "row_unrecorded",
        ),
    ],
)
def test_a_value_no_column_can_hold_is_a_finding_and_never_a_crash(
    office: Office, statement: str, expected: str
) -> None:
    office.edit(statement)
    assert expected in codes(office.audit())
