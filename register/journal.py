"""Writing a row so that its later absence or change shows: the row, and its leaf in the log, in one transaction."""

from collections.abc import Mapping
from functools import cache

from sqlalchemy import Connection, Insert, Table, insert

from . import log
from .canonical import content_hash


def record(connection: Connection, table: Table, row: Mapping[str, object]) -> str:
    """Insert `row` (every column present, None where empty) into an append-only `table` and bind it in the log.

    Gives the row's key. The connection is the one of `store.write`: where the log ends now it still ends when the leaf
    is written.
    """
    values = dict(row)
    missing = set(table.c.keys()) - set(row)
    # Values go beside the statement, not into it, so that it is compiled once.
    if missing == {"id"}:
        values["id"] = connection.execute(_inserting(table, numbered=True), values).scalar_one()
    elif missing:
        raise ValueError(f"{table.name}: no value for {sorted(missing)}")
    else:
        connection.execute(_inserting(table, numbered=False), values)
    key = row_key(table, values)
    log.append(connection, table.name, key, content_hash(values))
    return key


def row_key(table: Table, row: Mapping[str, object]) -> str:
    """How the log names a row: the value of its one primary key column."""
    (column,) = table.primary_key.columns
    return str(row[column.name])


@cache
def _inserting(table: Table, *, numbered: bool) -> Insert:
    """Built once a table, not per row; `numbered`: the database gives the id."""
    return insert(table).returning(table.c.id) if numbered else insert(table)
