"""Writing a row so that its later absence or change shows: the row, and its hash in the journal's chain."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, Table, insert, select

from . import tables
from .canonical import GENESIS, row_hash

# Statements used for every document are built once, not per call.
_HEAD: Final = select(tables.journal.c.seq, tables.journal.c.row_hash).order_by(tables.journal.c.seq.desc()).limit(1)


def record(connection: Connection, table: Table, row: Mapping[str, object]) -> str:
    """Insert `row` (every column present, None where empty) into an append-only `table` and bind it in the journal.

    Gives the row's key. The connection is the one of `store.write`: the head read here is still the head when the
    next row is written.
    """
    values = dict(row)
    missing = set(table.c.keys()) - set(row)
    # Values go beside the statement, not into it, so that it is compiled once.
    if missing == {"id"}:
        values["id"] = connection.execute(insert(table).returning(table.c.id), values).scalar_one()
    elif missing:
        raise ValueError(f"{table.name}: no value for {sorted(missing)}")
    else:
        connection.execute(insert(table), values)
    key = row_key(table, values)
    previous_seq, previous_hash = head(connection)
    entry: dict[str, object] = {
        "seq": previous_seq + 1,
        "source": table.name,
        "key": key,
        "content_hash": row_hash(values),
        "previous_hash": previous_hash,
    }
    entry["row_hash"] = row_hash(entry)
    connection.execute(insert(tables.journal), entry)
    return key


def head(connection: Connection) -> tuple[int, str]:
    """The journal's last sequence number (0 while empty) and hash."""
    row = connection.execute(_HEAD).first()
    return (row.seq, row.row_hash) if row else (0, GENESIS)


def row_key(table: Table, row: Mapping[str, object]) -> str:
    """How the journal names a row: the value of its one primary key column."""
    (column,) = table.primary_key.columns
    return str(row[column.name])
