"""The database: SQLite by default, PostgreSQL by setting; one writer at a time on both (docs/decisions/0040)."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import SQLITE_BUSY
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError as SqliteError
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import Pool

from .clock import now
from .errors import DatabaseUrlInvalid, WorkerElsewhere, WriterBusy

BUSY_TIMEOUT_MS: Final = 30_000
"""How long a writer waits for the writer before it, in milliseconds."""

_WRITER_LOCK: Final = 0x5EA1_2026
"""The PostgreSQL advisory lock every writer of this service holds until it commits."""

_WRITES: Final = "secondseal_writes"
"""Noted on a writer's connection until it has begun: how long it may wait, in milliseconds."""
_THREADS: Final = 40
"""Connections a SQLite pool keeps: one for every thread a web process answers with. Opening one costs more than most
transactions: its settings, its reading of the schema, and every statement is prepared anew."""
_LOCK_NOT_AVAILABLE: Final = "55P03"
"""PostgreSQL's state of a statement whose `lock_timeout` is over."""

_BEGIN_WRITING: Final = ("PRAGMA query_only=OFF", "BEGIN IMMEDIATE")
_BEGIN_READING: Final = ("PRAGMA query_only=ON", "BEGIN")

_turns: Final[WeakKeyDictionary[Pool, threading.Lock]] = WeakKeyDictionary()
_turns_lock: Final = threading.Lock()
"""Whose turn it is to write, of the threads that share a pool."""


def open_database(url: str) -> Engine:
    """Open `sqlite:///path` or `postgresql://user@host/name`.

    SQLite: write-ahead log, foreign keys on, every commit synced to the disk. Raises DatabaseUrlInvalid for another
    kind and for a SQLite database in memory, which would forget the register.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise DatabaseUrlInvalid(url.partition(":")[0]) from None
    kind = address.get_backend_name()
    if kind == "sqlite":
        if address.database in (None, "", ":memory:"):
            raise DatabaseUrlInvalid("sqlite in memory")
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            address.set(drivername=f"sqlite+{_Sqlite.driver}"),
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
            pool_size=_THREADS,
            hide_parameters=True,  # an error's text goes to logs, a row's values must not
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    if kind == "postgresql":
        return create_engine(address.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
    raise DatabaseUrlInvalid(kind)


@contextmanager
def write(engine: Engine, *, wait_ms: int = BUSY_TIMEOUT_MS) -> Iterator[Connection]:
    """The one writing transaction: commits at the end, rolls back on any exception.

    It waits its turn *before* it reads, so that what it read is still true when it writes (number series, heads of
    chains): `BEGIN IMMEDIATE` on SQLite, an advisory lock on PostgreSQL. Keep it short; no network inside. Raises
    WriterBusy where its turn does not come within `wait_ms`, of threads and of other processes together.
    """
    # The threads of one process wait here, holding no connection: else fifty that wait would hold all the pool has, and
    # the one whose turn it is could not read beside its own transaction (the office in force).
    until = time.monotonic() + wait_ms / 1000
    turn = _turn(engine)
    if not turn.acquire(timeout=wait_ms / 1000):
        raise WriterBusy(wait_ms)
    try:
        # 0 would be no limit to PostgreSQL
        with _begun(engine, max(1, int((until - time.monotonic()) * 1000)), wait_ms) as connection:
            yield connection
    finally:
        turn.release()


@contextmanager
def _begun(engine: Engine, left_ms: int, wait_ms: int) -> Iterator[Connection]:
    with ExitStack() as held:
        try:
            connection = held.enter_context(engine.connect())
            connection.connection.info[_WRITES] = left_ms
            held.enter_context(connection.begin())
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {left_ms}")
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})
        except OperationalError as error:
            if _taken(error):
                raise WriterBusy(wait_ms) from error
            raise
        yield connection


def _taken(error: OperationalError) -> bool:
    """Whether another writer had not ended by the time one may wait."""
    cause = error.orig
    if isinstance(cause, SqliteError):
        return cause.sqlite_errorcode == SQLITE_BUSY
    return getattr(cause, "sqlstate", None) == _LOCK_NOT_AVAILABLE


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """A reading transaction over one unchanging picture of the database; writing in it is refused by the database."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.begin() as connection:
        yield connection


def database_now(connection: Connection) -> datetime:
    """This instant, in UTC, by the one clock all machines on a database share: its own."""
    if connection.dialect.name == "postgresql":
        # not now(): that one stands still at the transaction's beginning, before it waited for its turn
        at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return at.astimezone(UTC)
    return now()


@contextmanager
def only_worker(engine: Engine, name: str) -> Iterator[Callable[[], None]]:
    """Be the one seal worker of this name on this database. Raises WorkerElsewhere where another session is.

    Gives a check to call before each document: it raises sqlalchemy's DBAPIError once the session, and the lock with
    it, is lost. A SQLite database stands on one machine, where the caller's lock file does the same: nothing is held.
    """
    with _session_lock(engine, f"worker {name}") as (held, connection):
        if not held:
            raise WorkerElsewhere(name)
        yield lambda: _alive(connection)


@contextmanager
def only_here(engine: Engine, what: str) -> Iterator[bool]:
    """True to the one process on this database that does `what` now; False to the others, who leave it to that one.

    The claim goes with the process that made it. On SQLite always True: its one machine has one worker.
    """
    with _session_lock(engine, what) as (held, _):
        yield held


@contextmanager
def _session_lock(engine: Engine, what: str) -> Iterator[tuple[bool, Connection | None]]:
    """A PostgreSQL advisory lock of a session of its own: whether it is held, and the session."""
    if engine.dialect.name != "postgresql":
        yield True, None
        return
    key = int.from_bytes(hashlib.sha256(f"secondseal {what}".encode()).digest()[:8], signed=True)
    # outside a transaction: one left open would keep the database from tidying up
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))
        try:
            yield held, connection
        finally:
            connection.invalidate()  # ends the session, and its lock: never back into the pool with it


def _alive(connection: Connection | None) -> None:
    if connection is not None:
        connection.execute(text("SELECT 1"))


def _turn(engine: Engine) -> threading.Lock:
    with _turns_lock:
        return _turns.setdefault(engine.pool, threading.Lock())


def _prepare_sqlite(connection: SqliteConnection, _record: Any) -> None:
    # The driver must not open transactions by itself: `_begin_sqlite` says which kind is wanted.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # else INSERT OR REPLACE deletes rows past the triggers that forbid it
    ):
        connection.execute(f"PRAGMA {pragma}")
    _to_write_ahead_log(connection)


def _to_write_ahead_log(connection: SqliteConnection) -> None:
    """Several processes may open a fresh database at once; for this change SQLite itself does not wait its turn."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except SqliteError as error:
            if error.sqlite_errorcode != SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


class _Sqlite(SQLiteDialect_pysqlite):
    """SQLite as the toolkit speaks it, and every transaction begins as a reader's or a writer's.

    Not by listening to the engine's "begin": an engine with any listener asks for listeners at every statement.
    """

    driver = "secondseal"
    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        wait_ms = dbapi_connection.info.pop(_WRITES, None)
        driver = dbapi_connection.dbapi_connection
        driver.execute(f"PRAGMA busy_timeout={wait_ms or BUSY_TIMEOUT_MS}")
        for statement in _BEGIN_WRITING if wait_ms else _BEGIN_READING:
            driver.execute(statement)


registry.register(f"sqlite.{_Sqlite.driver}", __name__, _Sqlite.__name__)
