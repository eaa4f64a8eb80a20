"""A register of any size, filled past its acts but by its own rules: rows, leaves and tiles as `journal.record` makes
them, many at a time. The audit that follows a fill says whether they are."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, insert

from register import log, new_code, tables
from register.canonical import content_hash
from register.journal import row_key
from store import write
from tests.register.papers import SERIES

BEGAN: Final = datetime(2026, 1, 2, 2, 0, tzinfo=UTC)
LEAVES_EACH: Final = 4
"""Rows of a document without files: number, line, issue, standing."""
_AT_A_TIME: Final = 2500
"""Documents in one transaction."""

Rows = Iterator[tuple[Table, Mapping[str, Any]]]


def fill(engine: Engine, documents: int, said: Callable[[int], None] = lambda _done: None) -> list[str]:
    """Register this many documents in a series of their own; gives their public codes. `said` hears how many are
    done."""
    codes = [new_code() for _ in range(documents)]
    done = 0
    ids = {table.name: _first_id(engine, table) for table in (tables.numbers, tables.status_events)}
    numbered = zip(count(1), codes, strict=False)
    while part := list(islice(numbered, _AT_A_TIME)):
        with write(engine) as connection:
            _write(connection, [row for number, code in part for row in _document(number, code, ids)])
        done += len(part)
        said(done)
    with write(engine) as connection:
        connection.execute(insert(tables.counters), {**_SERIES, "last": documents})
    return codes


_SERIES: Final = {**SERIES, "kind": "BIG"}


def _first_id(engine: Engine, table: Table) -> Iterator[int]:
    with engine.connect() as connection:
        last = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table.name}").scalar_one()
    return count(int(last) + 1)


def _document(number: int, code: str, ids: Mapping[str, Iterator[int]]) -> Rows:
    at = BEGAN + timedelta(seconds=number)
    document_id, number_id = secrets.token_hex(16), next(ids[tables.numbers.name])
    yield tables.numbers, {"id": number_id, **_SERIES, "number": number, "reserved_at": at}
    yield (
        tables.outgoing,
        {
            "document_id": document_id,
            "number_id": number_id,
            "organisation": _SERIES["organisation"],
            "year": _SERIES["year"],
            "notation": f"{number:02d}/BIG-UBND",
            "dated": at.date(),
            "type_name": "GIẤY CHỨNG NHẬN",
            "subject": "Đăng ký hộ kinh doanh",
            "signer": "Trần Thị Mẫu",
            "recipients": "Phạm Thị Mẫu",
            "keeper": "VT",
            "copies": 1,
            "note": "",
            "code": code,
            "dossier": f"000.00.16.H05-260102-{number:07d}",
            "result_ordinal": 1,
            "registered_at": at,
        },
    )
    yield tables.issues, {"document_id": document_id, "issued_at": at, "issue_by": at + timedelta(days=1)}
    yield (
        tables.status_events,
        {
            "id": next(ids[tables.status_events.name]),
            "document_id": document_id,
            "event": "in_force",
            "other_document_id": None,
            "decision_number": "",
            "decision_date": None,
            "reason": "",
            "recorded_by": "van-thu",
            "recorded_at": at,
        },
    )


def _write(connection: Connection, rows: list[tuple[Table, Mapping[str, Any]]]) -> None:
    first = log.size(connection)
    leaves, by_table = [], dict[Table, list[Mapping[str, Any]]]()
    for leaf, (table, row) in enumerate(rows, start=first):
        # A column added since is empty here, as it is in rows of before.
        whole = {**dict.fromkeys(table.c.keys()), **row}
        salt = secrets.token_bytes(log.SALT_BYTES)
        committed = log.commitment(salt, leaf, content_hash(whole))
        leaves.append(
            {"leaf": leaf, "source": table.name, "key": row_key(table, row), "salt": salt, "commitment": committed}
        )
        by_table.setdefault(table, []).append(whole)
    for table, many in by_table.items():
        connection.execute(insert(table), many)
    connection.execute(insert(tables.log), leaves)
    for size in range(first + 1, first + len(rows) + 1):
        if size % log.WIDTH == 0:
            log.keep_whole_tiles(connection, size)
