"""The migrations make exactly the tables the rooms declare, and protect what is written once."""

import importlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine, MetaData, Table, inspect, text
from sqlalchemy.exc import IntegrityError

from store import applied_revision, differences, metadata, migrate, migration, write

ROOMS_WITH_TABLES = [path.parent.name for path in Path().glob("*/tables.py")]


def test_migrations_make_exactly_the_rooms_tables(both: Engine) -> None:
    for room in ROOMS_WITH_TABLES:
        importlib.import_module(f"{room}.tables")
    assert differences(both, metadata) == []


def test_every_table_is_named_after_its_room() -> None:
    for room in ROOMS_WITH_TABLES:
        importlib.import_module(f"{room}.tables")
    assert {name.partition("_")[0] for name in metadata.tables} <= set(ROOMS_WITH_TABLES)


def test_migrating_again_changes_nothing(both: Engine) -> None:
    before = applied_revision(both)
    migrate(both)
    assert applied_revision(both) == before is not None


def test_the_newest_migration_is_where_the_history_ends() -> None:
    """`migrate` leaves a database alone that has it, and asks the files' names which it is."""
    history = Config()
    history.set_main_option("script_location", str(Path(migration.__file__).parent / "migrations"))
    assert migration.newest_revision() == ScriptDirectory.from_config(history).get_current_head()


def test_a_database_of_a_later_version_is_refused(database: Engine) -> None:
    with write(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CommandError, match="9999"):
        migrate(database)


def test_two_processes_starting_together_migrate_once(empty_database: Engine) -> None:
    assert applied_revision(empty_database) is None
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrate(empty_database), range(4)))
    assert "register_seal_log" in inspect(empty_database).get_table_names()


def test_append_only_tables_refuse_update_and_delete(both: Engine) -> None:
    """AC-50: the database itself refuses, whoever asks."""
    from register.tables import APPEND_ONLY

    with write(both) as connection:
        for table in metadata.sorted_tables:
            if table in APPEND_ONLY:
                connection.execute(text(_any_row(table)))
        for table in APPEND_ONLY:
            column = next(iter(table.c)).name
            for statement in (f"UPDATE {table.name} SET {column} = {column}", f"DELETE FROM {table.name}"):
                with pytest.raises(IntegrityError, match="append-only"), connection.begin_nested():
                    connection.execute(text(statement))


def test_no_row_is_replaced_past_the_triggers(database: Engine) -> None:
    """AC-50: SQLite's INSERT OR REPLACE deletes, too."""
    row = _any_row(metadata.tables["register_numbers"])
    with write(database) as connection:
        connection.execute(text(row))
        with pytest.raises(IntegrityError, match="append-only"), connection.begin_nested():
            connection.execute(text(row.replace("INSERT", "INSERT OR REPLACE")))


def test_events_and_what_refers_to_them_outlive_the_change_of_their_table(empty_database: Engine) -> None:
    """0017: a line may be a dossier's. On SQLite the table is made anew under the rows of another."""
    migrate(empty_database, "0014")
    with write(empty_database) as connection:
        for name in ("api_clients", "stamping_documents", "stamping_events", "api_webhooks", "api_deliveries"):
            connection.execute(text(_any_row(Table(name, MetaData(), autoload_with=connection, resolve_fks=False))))
    migrate(empty_database)
    with write(empty_database) as connection:
        kept = [connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in EVENTS]
        assert kept == [1, 1]
        for statement in ("UPDATE stamping_events SET actor = 'x'", "DELETE FROM stamping_events"):
            with pytest.raises(IntegrityError, match="append-only"), connection.begin_nested():
                connection.execute(text(statement))
        for of in ("NULL, NULL", "'2026-01-01', '2026-01-01'"):
            with pytest.raises(IntegrityError, match="of_one"), connection.begin_nested():
                connection.execute(
                    text(
                        "INSERT INTO stamping_events (seq, document_id, dossier, at, event, actor, detail) "
                        f"VALUES (2, {of}, '2026-01-01', 'x', 'x', 'x')"
                    )
                )


def test_recovery_codes_from_before_they_were_encrypted_end(empty_database: Engine) -> None:
    """0020: a copy of the database may have given them away."""
    migrate(empty_database, "0019")
    with write(empty_database) as connection:
        for name in ("api_accounts", "api_recovery_codes"):
            connection.execute(text(_any_row(Table(name, MetaData(), autoload_with=connection, resolve_fks=False))))
    migrate(empty_database)
    with write(empty_database) as connection:
        assert connection.execute(text("SELECT count(*) FROM api_recovery_codes")).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM api_accounts")).scalar_one() == 1


EVENTS = ("stamping_events", "api_deliveries")


def _any_row(table: Table) -> str:
    """A row the table takes: 1 for every number, one text everywhere else, so that references meet."""
    values = []
    for column in table.c:
        plain = {"INTEGER": "1", "BOOLEAN": "'1'"}.get(str(column.type), "'2026-01-01'")
        values.append({"event": "'wet'", "outcome": "'confirmed'"}.get(column.name, plain))
    return f"INSERT INTO {table.name} ({', '.join(table.c.keys())}) VALUES ({', '.join(values)})"
