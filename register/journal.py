"""Writing a row so that its later absence or change shows: the row, and its leaf in the log, in one transaction."""

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import Connection, Insert, Table, insert

from . import log
from .canonical import content_hash


def record(connection: Connection, table: Table, row: Mapping[str, object]) -> str:
    """Insert `row` (every column present, None where empty) into an append-only `table` and bind it in the log.

    Gives the row's key. The connection is the one of `store.write`: where the log ends now it still ends when the leaf
    is written.
    """
    (key,) = record_all(connection, table, [row])
    return key


def record_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> Sequence[str]:
    """`record` for several rows, which become leaves in this order; gives their keys."""
    if not rows:
        return ()
    written = [dict(row) for row in rows]
    columns = frozenset(table.c.keys())
    missing = {name for row in rows for name in columns - row.keys()}
    # Values go beside the statement, not into it, so that it is compiled once.
    if missing == {"id"}:
        given = connection.execute(_inserting(table, numbered=True), written).scalars()
        for row, number in zip(written, given, strict=True):
            row["id"] = number
    elif missing:
        raise ValueError(f"{table.name}: no value for {sorted(missing)}")
    else:
        connection.execute(_inserting(table, numbered=False), written)
    keys = [row_key(table, row) for row in written]
    log.append_all(connection, table.name, [(key, content_hash(row)) for key, row in zip(keys, written, strict=True)])
    return keys


def row_key(table: Table, row: Mapping[str, object]) -> str:
    """How the log names a row: the value of its one primary key column."""
    (column,) = table.primary_key.columns
    return str(row[column.name])


@cache
def _inserting(table: Table, *, numbered: bool) -> Insert:
    """Built once a table, not per row; `numbered`: the database gives the ids, in the rows' order."""
    return insert(table).returning(table.c.id, sort_by_parameter_order=True) if numbered else insert(table)
