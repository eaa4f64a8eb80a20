"""One writer at a time, one unchanging picture for readers, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier, Event

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from store import DatabaseUrlInvalid, UtcDateTime, WorkerElsewhere, WriterBusy, only_worker, open_database, read, write

sample = Table("sample", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime))


@pytest.fixture
def engine(empty_database: Engine) -> Engine:
    with write(empty_database) as connection:
        sample.create(connection)
    return empty_database


def test_sqlite_is_durable_and_checks_references(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'deep' / 'folder' / 'test.db'}")
    with read(engine) as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://user:secret@host/db", "no url: secret"])
def test_a_database_that_cannot_keep_a_register_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUrlInvalid) as refused:
        open_database(url)
    assert "secret" not in str(refused.value)


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    def fail() -> None:
        with write(engine) as connection:
            connection.execute(insert(sample).values(id=1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with read(engine) as connection:
        assert connection.execute(select(sample.c.id)).all() == []


def test_a_reading_transaction_cannot_write(engine: Engine) -> None:
    with pytest.raises(DBAPIError), read(engine) as connection:
        connection.execute(insert(sample).values(id=1))
    with write(engine) as connection:
        connection.execute(insert(sample).values(id=1))


def test_a_reader_sees_one_picture_while_another_writes(engine: Engine) -> None:
    with read(engine) as reader:
        assert reader.execute(select(sample.c.id)).all() == []
        with write(engine) as writer:
            writer.execute(insert(sample).values(id=1))
        assert reader.execute(select(sample.c.id)).all() == []


def test_a_writer_waits_for_the_writer_before_it(engine: Engine) -> None:
    """What a writer reads is still true when it writes: read-then-write needs no further lock."""
    inside, order = Event(), []

    def first() -> None:
        with write(engine) as connection:
            inside.set()
            connection.execute(insert(sample).values(id=1))
            order.append("first")

    def second() -> None:
        inside.wait(5)
        with write(engine) as connection:
            order.append(f"second sees {connection.execute(select(text('count(*)')).select_from(sample)).scalar_one()}")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(second), pool.submit(first)]:
            done.result(timeout=20)
    assert order == ["first", "second sees 1"]


def test_instants_come_back_in_utc_to_the_microsecond(engine: Engine) -> None:
    moment = datetime(2026, 11, 22, 9, 15, 30, 123456, tzinfo=timezone(timedelta(hours=7)))
    with write(engine) as connection:
        connection.execute(insert(sample).values(id=1, at=moment))
        connection.execute(insert(sample).values(id=2, at=None))
    with read(engine) as connection:
        first, second = connection.execute(select(sample.c.at).order_by(sample.c.id)).scalars()
    assert first == moment
    assert first.tzinfo is UTC or first.utcoffset() == timedelta(0)
    assert second is None


def test_a_time_without_its_zone_is_not_stored(engine: Engine) -> None:
    with pytest.raises(StatementError, match="zone"), write(engine) as connection:
        connection.execute(insert(sample).values(id=1, at=datetime(2026, 11, 22)))  # noqa: DTZ001


@pytest.mark.parametrize("empty_database", ["postgresql"], indirect=True)
def test_a_database_has_one_seal_worker_whichever_machine_it_runs_on(empty_database: Engine) -> None:
    other = open_database(empty_database.url.render_as_string(hide_password=False))
    try:
        with only_worker(empty_database) as check:
            check()
            with pytest.raises(WorkerElsewhere), only_worker(other):
                pass
        with only_worker(other) as check:  # free again with the first one's session
            check()
    finally:
        other.dispose()


@pytest.mark.parametrize("empty_database", ["postgresql"], indirect=True)
def test_a_worker_whose_session_is_lost_learns_of_it_and_another_may_begin(empty_database: Engine) -> None:
    other = open_database(empty_database.url.render_as_string(hide_password=False))
    lost = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    try:
        with only_worker(empty_database) as check:
            with other.connect() as connection:
                assert connection.scalar(lost)
            with pytest.raises(DBAPIError):
                check()
            with only_worker(other):
                pass
    finally:
        other.dispose()


def test_more_writers_than_connections_each_take_their_turn_and_read_beside_it(engine: Engine) -> None:
    """A writer reads the office in force beside its own transaction: those that wait must leave it a connection."""
    everybody = Barrier(40)

    def one(number: int) -> int:
        everybody.wait()
        with write(engine) as connection:
            connection.execute(insert(sample).values(id=number))
            with read(engine) as beside:
                return len(beside.execute(select(sample)).all())

    with ThreadPoolExecutor(40) as pool:
        seen = list(pool.map(one, range(40)))
    assert sorted(seen) == list(range(40)), "each sees what those before it committed"


@pytest.mark.parametrize("holder", ["a thread of this process", "another process's connection"])
def test_a_writer_whose_turn_does_not_come_is_told_so_and_leaves_nothing(engine: Engine, holder: str) -> None:
    """Never without a limit: of a thread that waits for threads, and of one that waits in the database."""
    another = open_database(engine.url.render_as_string(hide_password=False))
    ahead = engine if holder == "a thread of this process" else another

    def late() -> None:
        with write(engine, wait_ms=200) as connection:
            connection.execute(insert(sample).values(id=2))

    try:
        with ThreadPoolExecutor(1) as pool, write(ahead) as connection:
            connection.execute(insert(sample).values(id=1))
            with pytest.raises(WriterBusy):
                pool.submit(late).result(timeout=20)
        late()  # and its turn is free for the next
        with read(engine) as connection:
            assert connection.execute(select(sample.c.id).order_by(sample.c.id)).scalars().all() == [1, 2]
    finally:
        another.dispose()
