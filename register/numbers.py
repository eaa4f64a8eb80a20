"""Number series: one per organisation, kind and year, from 01, without gaps and without doubles (NĐ 30/2020 Đ.15)."""

import re
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, bindparam, insert, select, update

from store import now

from . import journal, tables
from .errors import NumberSpent, NumberUnknown

NOTATION: Final = re.compile(r"\d{2,}/[A-ZĐ0-9]+(-[A-ZĐ0-9]+)*")
"""A printed number and symbol (AC-27)."""


def _where(table: Table, *names: str) -> list[ColumnElement[bool]]:
    # Parameters are led by "its_": an UPDATE keeps the columns' own names for itself.
    return [table.c[name] == bindparam(f"its_{name}") for name in names]


# Statements used for every document are built once, not per call.
_NEXT: Final = (
    update(tables.counters)
    .where(*_where(tables.counters, "organisation", "kind", "year"))
    .values(last=tables.counters.c.last + 1)
    .returning(tables.counters.c.last)
)
_USE: Final = (
    select(tables.numbers.c.id, tables.voids.c.number_id.label("voided"), tables.outgoing.c.number_id.label("used"))
    .outerjoin(tables.voids, tables.voids.c.number_id == tables.numbers.c.id)
    .outerjoin(tables.outgoing, tables.outgoing.c.number_id == tables.numbers.c.id)
    .where(*_where(tables.numbers, "organisation", "kind", "year", "number"))
)


def reserve(connection: Connection, *, organisation: str, kind: str, year: int, at: datetime | None = None) -> int:
    """The next number of the series. It is given only if the caller's `store.write` transaction commits (AC-8).

    `kind` is the key of the series ("" where an office keeps one series for all its documents). A number once
    committed is either registered (`outgoing.add`) or voided with a reason: no gap stays unexplained.
    """
    series = {"organisation": organisation, "kind": kind, "year": year}
    number = connection.execute(_NEXT, {f"its_{name}": value for name, value in series.items()}).scalar_one_or_none()
    if number is None:
        number = 1
        connection.execute(insert(tables.counters), {**series, "last": number})
    journal.record(connection, tables.numbers, {**series, "number": number, "reserved_at": at or now()})
    return int(number)


def void(
    connection: Connection,
    *,
    organisation: str,
    kind: str,
    year: int,
    number: int,
    reason: str,
    voided_by: str,
    at: datetime | None = None,
) -> None:
    """Huỷ số: say for good why a reserved number was never issued. Raises NumberUnknown, NumberSpent."""
    if not reason.strip():
        raise ValueError("a voided number needs its reason")
    number_id = unspent(connection, organisation=organisation, kind=kind, year=year, number=number)
    row = {"number_id": number_id, "reason": reason, "voided_by": voided_by, "voided_at": at or now()}
    journal.record(connection, tables.voids, row)


def unspent(connection: Connection, *, organisation: str, kind: str, year: int, number: int) -> int:
    """The row id of a reserved number neither used nor voided. Raises NumberUnknown, NumberSpent."""
    series = {"organisation": organisation, "kind": kind, "year": year, "number": number}
    row = connection.execute(_USE, {f"its_{name}": value for name, value in series.items()}).first()
    shown = f"{number:02d}/{kind} ({organisation}, {year})"
    if row is None:
        raise NumberUnknown(f"Số {shown} chưa từng được cấp.", f"Number {shown} was never reserved.")
    if row.voided is not None:
        raise NumberSpent(f"Số {shown} đã huỷ.", f"Number {shown} was voided.")
    if row.used is not None:
        raise NumberSpent(f"Số {shown} đã dùng cho văn bản khác.", f"Number {shown} stands on another document.")
    return int(row.id)


def notation(number: int, symbol: str) -> str:
    """The number as printed: `notation(1, "GCN-UBND")` is "01/GCN-UBND" (AC-27). Raises ValueError on a bad symbol."""
    shown = f"{number:02d}/{symbol}"
    if number < 1 or not NOTATION.fullmatch(shown):
        raise ValueError(f"{shown!r} is no number and symbol of Decree 30")
    return shown
