"""The institution, version by version: in order, decided once, under the journal, its files found by the audit."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from register import Mover, ProposalClosed, ProposalStale, ProposalUnknown, audit, office_versions
from store import FolderFiles, read, write

ONE = Mover(account="quan-tri-1", name="Đinh Văn Mẫu", officer_id="chanh-van-phong")
TWO = Mover(account="quan-tri-2", name="Bùi Thị Mẫu")
NOON = datetime(2026, 11, 29, 5, 0, tzinfo=UTC)


def propose(engine: Engine, words: str, *, base: int, files: dict[str, str] | None = None) -> int:
    with write(engine) as connection:
        return office_versions.propose(
            connection,
            text=words,
            files=files or {},
            base=base,
            summary="[]",
            needs_second=True,
            why="thử nghiệm",
            by=ONE,
            at=NOON,
        )


def confirm(engine: Engine, number: int, *, at: datetime = NOON) -> int:
    with write(engine) as connection:
        return office_versions.confirm(connection, number, by=TWO, note="đã xem", at=at)


def test_versions_are_counted_from_one_and_the_newest_is_in_force(both: Engine) -> None:
    with read(both) as connection:
        assert office_versions.newest(connection) is None
        assert office_versions.in_force(connection) is None
    first = propose(both, "# một\n", base=0)
    assert confirm(both, first) == 1
    second, rival = propose(both, "# hai\n", base=1), propose(both, "# hai rưỡi\n", base=1)
    assert confirm(both, second, at=NOON + timedelta(hours=1)) == 2
    with pytest.raises(ProposalStale) as stale:
        confirm(both, rival)
    assert (stale.value.base, stale.value.newest) == (1, 2)
    with read(both) as connection:
        now = office_versions.in_force(connection)
        assert now is not None
        assert (now.number, now.proposal.text, now.proposal.by, now.decision.name) == (2, "# hai\n", ONE, TWO.name)
        assert [one.id for one in office_versions.pending(connection)] == [rival]
        assert [one.id for one in office_versions.history(connection)] == [rival, second, first]
        assert [one.id for one in office_versions.history(connection, before=rival, limit=1)] == [second]
        assert [one.number for one in office_versions.versions(connection)] == [2, 1]
        assert [one.number for one in office_versions.versions(connection, before=2, limit=5)] == [1]
        assert office_versions.version(connection, 1).proposal.text == "# một\n"
        with pytest.raises(ProposalUnknown):
            office_versions.version(connection, 3)


def test_the_office_of_a_day_is_found_again(both: Engine) -> None:
    """What was in force at a moment: from its confirmation until the next one's."""
    confirm(both, propose(both, "# một\n", base=0))
    confirm(both, propose(both, "# hai\n", base=1), at=NOON + timedelta(days=1))
    with read(both) as connection:

        def at(moment: datetime) -> int | None:
            found = office_versions.version_at(connection, moment)
            return found.number if found else None

        assert [at(NOON + timedelta(hours=hours)) for hours in (-1, 0, 23, 24, 500)] == [None, 1, 1, 2, 2]


def test_a_proposal_is_decided_once(both: Engine) -> None:
    confirm(both, propose(both, "# một\n", base=0))
    rejected, withdrawn = propose(both, "# hai\n", base=1), propose(both, "# ba\n", base=1)
    with write(both) as connection:
        office_versions.reject(connection, rejected, by=TWO, note="chưa có quyết định")
        office_versions.withdraw(connection, withdrawn, by=ONE)
    for number, outcome in ((1, "confirmed"), (rejected, "rejected"), (withdrawn, "withdrawn")):
        with pytest.raises(ProposalClosed) as closed:
            confirm(both, number)
        assert closed.value.outcome == outcome
    with pytest.raises(ProposalUnknown):
        confirm(both, 99)
    with read(both) as connection:
        assert office_versions.newest(connection) == 1


def test_of_two_confirmed_at_once_one_comes_into_force(both: Engine) -> None:
    confirm(both, propose(both, "# một\n", base=0))
    rivals = [propose(both, f"# {number}\n", base=1) for number in range(6)]
    ended: list[object] = []

    def try_one(number: int) -> None:
        try:
            ended.append(confirm(both, number))
        except ProposalStale as error:
            ended.append(type(error))

    threads = [threading.Thread(target=try_one, args=(number,)) for number in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended.count(2) == 1
    assert ended.count(ProposalStale) == 5


def test_the_database_itself_keeps_the_rules(both: Engine) -> None:
    """AC-50: no row is changed or removed, no version without a confirmation, no second decision."""
    confirm(both, propose(both, "# một\n", base=0))
    propose(both, "# hai\n", base=1)
    decision = (
        "INSERT INTO register_office_decisions"
        " (proposal_id, outcome, decided_by, decided_name, decided_at, note, version) VALUES"
    )
    for statement in (
        "UPDATE register_office_proposals SET text = 'khác'",
        "DELETE FROM register_office_decisions",
        f"{decision} (1, 'rejected', 'a', 'a', '2026-01-01', '', NULL)",
        f"{decision} (2, 'rejected', 'a', 'a', '2026-01-01', '', 2)",
        f"{decision} (2, 'confirmed', 'a', 'a', '2026-01-01', '', NULL)",
        f"{decision} (2, 'confirmed', 'a', 'a', '2026-01-01', '', 1)",
    ):
        with write(both) as connection, pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(text(statement))


def test_the_audit_finds_what_was_altered_and_which_file_is_gone(database: Engine, tmp_path: Path) -> None:
    """AC-50: who changed the office, and the files a version names, are part of the register."""
    files = FolderFiles(tmp_path / "files")
    kept = files.put(b"chung thu")
    confirm(database, propose(database, "# một\n", base=0, files={"seal.pem": kept}))
    gone = propose(database, "# hai\n", base=1, files={"seal.pem": files.put(b"khac")})

    def found() -> set[str]:
        with read(database) as connection:
            return {remark.code for remark in audit(connection, files, None).findings}

    assert found() == set()
    with read(database) as connection:
        proposal = office_versions.proposal(connection, gone)
    place = files.place(proposal.files["seal.pem"])
    place.chmod(0o600)
    place.write_bytes(b"sua")
    assert found() == {"file_damaged"}
    place.unlink()
    assert found() == {"file_missing"}
    with write(database) as connection:
        connection.execute(text("DROP TRIGGER register_office_proposals_no_update"))
        connection.execute(text("UPDATE register_office_proposals SET why = 'khác', files = 'rác' WHERE id = 2"))
    assert found() == {"row_altered"}


def test_a_confirmation_is_bound_to_all_that_comes_into_force(database: Engine) -> None:
    one = propose(database, "# một\n", base=0, files={"a": "0" * 64})
    other = propose(database, "# một\n", base=0, files={"a": "1" * 64})
    again = propose(database, "# một\n", base=0, files={"a": "0" * 64})
    with read(database) as connection:
        digests = {office_versions.proposal(connection, number).digest for number in (one, other, again)}
    assert len(digests) == 3


def test_no_other_files_have_the_digest_of_these(database: Engine) -> None:
    """A file may be named in several lines; else a signature over one set of files would hold for another."""
    good, evil, third, fourth = ("1" * 64, "2" * 64, "3" * 64, "4" * 64)
    confirmed = {"m": third, "seal.pem": good, f"t {fourth}\nseal.pem": evil}
    swapped = {f"m {third}\nseal.pem {good}\nt": fourth, "seal.pem": evil}
    number = propose(database, "# một\n", base=0, files=confirmed)
    with read(database) as connection:
        proposal = office_versions.proposal(connection, number)
    assert replace(proposal, files=swapped).digest != proposal.digest
