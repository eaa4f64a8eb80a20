"""Every form of a document is known by its hash, every registered document by its code."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from register import (
    CodeInvalid,
    NewRevision,
    RevisionConflict,
    add_revision,
    add_revisions,
    find_code,
    find_document,
    find_revision,
    grouped,
    revisions_of,
)
from store import Files, FolderFiles, read, write
from tests.register.papers import Paper, issue_paper, keep, register_paper


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return FolderFiles(tmp_path / "files")


def test_each_revision_of_an_issued_paper_is_known(both: Engine, files: Files) -> None:
    paper = issue_paper(both, files)
    with read(both) as connection:
        revisions = revisions_of(connection, paper.document_id)
        known = [find_revision(connection, revision.sha256) for revision in revisions]
        assert find_revision(connection, "0" * 64) is None
    assert [revision.kind for revision in revisions] == ["generated", "approved", "sealed"]
    assert [(item.document_id, item.superseded) for item in known if item] == [
        (paper.document_id, True),
        (paper.document_id, True),
        (paper.document_id, False),
    ]
    sealed = known[-1]
    assert sealed is not None
    assert sealed.newest == sealed.revision == revisions[-1]
    assert (sealed.number, sealed.organisation, sealed.code) == ("01/GCN-UBND", "M01.X1", paper.code)
    assert sealed.status.standing == "in_force"
    assert str(sealed.issued_on) == str(sealed.dated) == "2026-11-22"


def test_evidence_added_later_supersedes_nothing(database: Engine, files: Files) -> None:
    """AC-74: the B-LTA job makes a newer file, the older one stays good."""
    paper = issue_paper(database, files)
    with write(database) as connection:
        before = revisions_of(connection, paper.document_id)[-1]
        newest = keep(connection, files, paper, "sealed", b"sealed, with another timestamp")
        known = find_revision(connection, before.sha256)
    assert known is not None
    assert known.newest.sha256 == newest
    assert not known.superseded


def test_a_code_is_found_however_it_was_typed(database: Engine, files: Files) -> None:
    paper = issue_paper(database, files)
    with read(database) as connection:
        found = find_code(connection, grouped(paper.code).lower())
        assert find_code(connection, Paper().code) is None
        with pytest.raises(CodeInvalid):
            find_code(connection, "123")
    assert found is not None
    assert found.document_id == paper.document_id
    assert found.revision.kind == "sealed"


def test_a_paper_not_yet_registered_is_known_by_its_bytes_alone(database: Engine, files: Files) -> None:
    paper = Paper()
    with write(database) as connection:
        sha256 = keep(connection, files, paper, "received", b"a paper of another program")
        known = find_revision(connection, sha256.upper())
        assert find_document(connection, "another") is None
    assert known is not None
    assert (known.number, known.code, known.status.standing) == (None, None, "not_issued")


def test_recording_again_changes_nothing(database: Engine, files: Files) -> None:
    paper = Paper()
    with write(database) as connection:
        for _ in range(2):
            keep(connection, files, paper, "generated", b"paper")
        assert len(revisions_of(connection, paper.document_id)) == 1


def test_the_same_paper_may_come_twice_but_signed_bytes_belong_to_one_document(database: Engine, files: Files) -> None:
    first, second = Paper(), Paper()
    with write(database) as connection:
        for paper in (first, second):
            register_paper(connection, paper)
            sha256 = keep(connection, files, paper, "received", b"the same upload")
        known = find_revision(connection, sha256)
        assert known is not None
        assert known.document_id == second.document_id
        keep(connection, files, first, "approved", b"signed")
        with pytest.raises(RevisionConflict):
            keep(connection, files, second, "approved", b"signed")


def test_several_forms_are_recorded_in_their_order(both: Engine) -> None:
    """Each document counts its own; what is known stays; signed bytes still belong to one document."""
    a, b = Paper().document_id, Paper().document_id
    first = NewRevision(document_id=a, kind="generated", sha256="a0" * 32, size=1)
    with write(both) as connection:
        known = add_revision(connection, document_id=a, kind="generated", sha256="a0" * 32, size=1)
        forms = [
            first,
            replace(first, kind="approved", sha256="a1" * 32),
            replace(first, document_id=b),
            replace(first, document_id=b, kind="approved", sha256="b1" * 32),
        ]
        made = add_revisions(connection, forms)
        assert made[0] == known
        assert [(one.document_id, one.ordinal) for one in made] == [(a, 1), (a, 2), (b, 1), (b, 2)]
        assert revisions_of(connection, b) == tuple(made[2:])
    twice = [replace(first, document_id=one, kind="sealed", sha256="cc" * 32) for one in (a, b)]
    with pytest.raises(RevisionConflict), write(both) as connection:
        add_revisions(connection, twice)


def test_a_revision_is_of_a_known_kind(database: Engine) -> None:
    with pytest.raises(ValueError, match="kind"), write(database) as connection:
        add_revision(connection, document_id="d", kind="final", sha256="0" * 64, size=1)  # type: ignore[arg-type]
