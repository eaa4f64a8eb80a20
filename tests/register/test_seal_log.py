"""Nhật ký sử dụng con dấu: each use reserved and closed once, released documents exactly once."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from register import EntryClosed, SealUse, log, seal_log
from register.tables import seal_log as rows
from store import read, write
from tests.register.papers import NOON, Paper, seal_use


def reserved(engine: Engine) -> SealUse:
    use = seal_use(Paper())
    with write(engine) as connection:
        seal_log.reserve(connection, use, at=NOON)
    return use


def test_an_entry_is_reserved_then_concluded(both: Engine) -> None:
    """Rules 1.5: everything the log must hold."""
    use = reserved(both)
    with write(both) as connection:
        seal_log.conclude(
            connection,
            use.entry_id,
            hash_after="af" * 32,
            tsa_serial="7a",
            tsa_time=NOON,
            at=NOON + timedelta(seconds=2),
        )
    with read(both) as connection:
        first, second = seal_log.entries_of(connection, use.document_id)
    assert (first.seq, first.event, first.key_operation, first.hash_after) == (1, "reserve", False, None)
    assert (second.seq, second.event, second.key_operation, second.hash_after) == (2, "conclude", True, "af" * 32)
    assert (second.tsa_serial, second.tsa_time) == ("7a", NOON)
    assert {name: getattr(second, name) for name in vars(use)} == vars(use)
    assert second.previous_hash == first.row_hash


def test_a_rows_hash_is_computed_as_documented(both: Engine) -> None:
    """docs/decisions/0042: SHA-256 over canonical JSON, reproducible without our code."""
    use = reserved(both)
    with read(both) as connection:
        (row,) = seal_log.entries_of(connection, use.document_id)
    values = {name: value for name, value in vars(row).items() if value is not None and name != "row_hash"}
    values["time"] = "2026-11-22T05:00:00.000000Z"
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert row.row_hash == hashlib.sha256(text.encode()).hexdigest()


def test_repeating_a_step_changes_nothing(database: Engine) -> None:
    use = reserved(database)
    with write(database) as connection:
        assert seal_log.reserve(connection, use).seq == 1
        done = seal_log.conclude(connection, use.entry_id, hash_after="af" * 32)
        assert seal_log.conclude(connection, use.entry_id, hash_after="af" * 32) == done
        assert seal_log.head(connection) == (2, done.row_hash)


def test_several_entries_are_one_chain_in_their_order(both: Engine) -> None:
    """Reserved and concluded together; what is there already stays, whatever is beside it."""
    papers = [Paper(), Paper(), Paper()]
    uses = [seal_use(one, entry_id=f"{n}" * 32) for n, one in enumerate(papers)]
    with write(both) as connection:
        first = seal_log.reserve(connection, uses[1], at=NOON)
        made = seal_log.reserve_all(connection, uses, at=NOON)
        assert [row.entry_id for row in made] == [one.entry_id for one in uses]
        assert [row.seq for row in made] == [2, 1, 3]
        assert made[1] == first
        ends = [seal_log.Conclusion(entry_id=one.entry_id, hash_after=one.entry_id * 2) for one in uses]
        done = seal_log.conclude_all(connection, ends[:2], at=NOON)
        again = seal_log.conclude_all(connection, ends, at=NOON)
        assert again[:2] == done
        assert [row.seq for row in again] == [4, 5, 6]
    with read(both) as connection:
        found = [row for one in papers for row in seal_log.entries_of(connection, one.document_id)]
        lines = sorted(found, key=lambda one: one.seq)
        assert [row.previous_hash for row in lines[1:]] == [row.row_hash for row in lines[:-1]]
        assert log.size(connection) == 6
    with pytest.raises(EntryClosed), write(both) as connection:
        seal_log.conclude_all(connection, [replace(ends[0], hash_after="ff" * 32)])


def test_an_entry_is_closed_once(database: Engine) -> None:
    use = reserved(database)
    with write(database) as connection:
        seal_log.interrupted(connection, use.entry_id, key_operation=True, detail="power cut")
        for act in (
            lambda: seal_log.conclude(connection, use.entry_id, hash_after="af" * 32),
            lambda: seal_log.failed(connection, use.entry_id, key_operation=False, detail="x"),
            lambda: seal_log.interrupted(connection, use.entry_id, key_operation=True, detail="x"),
            lambda: seal_log.reserve(connection, use),
            lambda: seal_log.wet(connection, use, detail="x"),
            lambda: seal_log.conclude(connection, "unknown", hash_after="af" * 32),
        ):
            with pytest.raises(EntryClosed):
                act()


def test_an_entry_id_serves_one_use(database: Engine) -> None:
    use = reserved(database)
    with pytest.raises(EntryClosed), write(database) as connection:
        seal_log.reserve(connection, replace(use, hash_before="11" * 32))


def test_a_document_is_released_once(both: Engine) -> None:
    """Exactly once: the database refuses a second conclusion of the same document's issue."""
    use = reserved(both)
    again = replace(use, entry_id="another")
    with write(both) as connection:
        seal_log.conclude(connection, use.entry_id, hash_after="af" * 32)
        seal_log.reserve(connection, again)
    with pytest.raises(IntegrityError), write(both) as connection:
        seal_log.conclude(connection, again.entry_id, hash_after="bf" * 32)
    with write(both) as connection:
        seal_log.failed(connection, again.entry_id, key_operation=False, detail="sealed already")


def test_a_restarted_worker_finds_what_it_left_open(database: Engine) -> None:
    first, second, third = (reserved(database) for _ in range(3))
    with write(database) as connection:
        seal_log.failed(connection, second.entry_id, key_operation=False, detail="TSA unreachable")
    with read(database) as connection:
        assert [row.entry_id for row in seal_log.open_entries(connection)] == [first.entry_id, third.entry_id]


def test_a_wet_stamp_stands_in_the_same_log(database: Engine) -> None:
    """AC-12."""
    use = seal_use(Paper())
    with write(database) as connection:
        row = seal_log.wet(connection, use, detail="in ra, đóng dấu ướt theo Đ.18.5")
    assert (row.event, row.key_operation) == ("wet", False)
    with read(database) as connection:
        assert seal_log.open_entries(connection) == ()


def test_many_at_once_make_one_unbroken_chain(both: Engine) -> None:
    """AC-50."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda _: reserved(both), range(40)))
    with read(both) as connection:
        chain = seal_log.open_entries(connection)
    assert [row.seq for row in chain] == list(range(1, 41))
    assert [row.previous_hash for row in chain[1:]] == [row.row_hash for row in chain[:-1]]


def test_the_database_knows_the_events(database: Engine) -> None:
    values = {**vars(seal_use(Paper())), "seq": 1, "time": NOON, "key_operation": True, "detail": ""}
    values |= {"previous_hash": "0" * 64, "row_hash": "1" * 64}
    for event in ("opened", "conclude"):  # unknown; concluded without a result
        with pytest.raises(IntegrityError), write(database) as connection:
            connection.execute(insert(rows).values(**values, event=event))
