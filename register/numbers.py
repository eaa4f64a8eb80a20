"""Number series: one per organisation, kind and year, from 01, without gaps and without doubles (NĐ 30/2020 Đ.15)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, bindparam, insert, select, update

from store import now

from . import journal, tables
from .errors import NumberSpent, NumberUnknown

NOTATION: Final = re.compile(r"\d{2,}/[A-ZĐ0-9]+(-[A-ZĐ0-9]+)*")
"""A printed number and symbol (AC-27)."""

_LARGEST: Final = 2**31 - 1

SHARED: Final = ""
"""The one series of an organisation and year, for papers of every kind, electronic or not (Đ.15.1)."""


@dataclass(frozen=True, kw_only=True)
class OpenNumber:
    """A number as it was given. `symbol`, `reserved_by` and `purpose` are None for those that were reserved before the
    register kept them."""

    id: int
    organisation: str
    kind: str
    year: int
    number: int
    symbol: str | None
    reserved_by: str | None
    purpose: str | None
    reserved_at: datetime

    @property
    def shown(self) -> str:
        """As printed, as far as its symbol is known."""
        return f"{self.number:02d}/{self.symbol or self.kind}".rstrip("/")


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
_SYMBOL: Final = select(tables.symbols.c.kind).where(*_where(tables.symbols, "organisation", "year", "symbol"))
_USE: Final = (
    select(
        tables.numbers.c.id,
        tables.numbers.c.symbol,
        tables.voids.c.number_id.label("voided"),
        tables.outgoing.c.number_id.label("used"),
    )
    .outerjoin(tables.voids, tables.voids.c.number_id == tables.numbers.c.id)
    .outerjoin(tables.outgoing, tables.outgoing.c.number_id == tables.numbers.c.id)
    .where(*_where(tables.numbers, "organisation", "kind", "year", "number"))
)


def series_of(connection: Connection, *, organisation: str, year: int, symbol: str, configured: str = SHARED) -> str:
    """The series (its `kind`) that papers of this symbol are counted in that year.

    `configured` is what the office's file says, by default the one series an organisation has for all its papers. A
    symbol once counted in a year stays in its series until the year ends: a change in the file takes effect on 1
    January, and no number and symbol is given twice (docs/decisions/0047).
    """
    asked = {"its_organisation": organisation, "its_year": year, "its_symbol": symbol}
    kept = connection.execute(_SYMBOL, asked).scalar_one_or_none()
    return configured if kept is None else str(kept)


def reserve(
    connection: Connection,
    *,
    organisation: str,
    kind: str,
    year: int,
    symbol: str | None = None,
    reserved_by: str | None = None,
    purpose: str | None = None,
    at: datetime | None = None,
) -> int:
    """The next number of the series. It is given only if the caller's `store.write` transaction commits (AC-8).

    `kind` is the key of the series ("" where an office keeps one series for all its documents), `symbol` what stands
    after the number in print. A number once committed is either registered (`outgoing.add`) or voided with a reason:
    no gap stays unexplained.
    """
    series = {"organisation": organisation, "kind": kind, "year": year}
    number = connection.execute(_NEXT, {f"its_{name}": value for name, value in series.items()}).scalar_one_or_none()
    if number is None:
        number = 1
        connection.execute(insert(tables.counters), {**series, "last": number})
    if symbol is not None:
        _keep_symbol(connection, organisation=organisation, year=year, symbol=symbol, kind=kind)
    journal.record(
        connection,
        tables.numbers,
        {
            **series,
            "number": number,
            "reserved_at": at or now(),
            "symbol": symbol,
            "reserved_by": reserved_by,
            "purpose": purpose,
        },
    )
    return int(number)


def _keep_symbol(connection: Connection, *, organisation: str, year: int, symbol: str, kind: str) -> None:
    row = {"organisation": organisation, "year": year, "symbol": symbol}
    if connection.execute(_SYMBOL, {f"its_{name}": value for name, value in row.items()}).first() is None:
        connection.execute(insert(tables.symbols), {**row, "kind": kind})


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


def unspent(
    connection: Connection, *, organisation: str, kind: str, year: int, number: int, symbol: str | None = None
) -> int:
    """The row id of a reserved number neither used nor voided. Raises NumberUnknown, NumberSpent; `symbol`: also when
    the number was reserved to be printed with another symbol (NumberSpent)."""
    series = {"organisation": organisation, "kind": kind, "year": year, "number": number}
    asked = {f"its_{name}": value for name, value in series.items()}
    # a number longer than its column is no error of the database, it was just never given
    row = connection.execute(_USE, asked).first() if 0 < number <= _LARGEST else None
    shown = f"{number:02d}{f'/{kind}' if kind else ''} ({organisation}, {year})"
    if row is None:
        raise NumberUnknown(f"Số {shown} chưa từng được cấp.", f"Number {shown} was never reserved.")
    if row.voided is not None:
        raise NumberSpent(f"Số {shown} đã huỷ.", f"Number {shown} was voided.")
    if row.used is not None:
        raise NumberSpent(f"Số {shown} đã dùng cho văn bản khác.", f"Number {shown} stands on another document.")
    if symbol is not None and row.symbol not in {None, symbol}:
        raise NumberSpent(
            f"Số {shown} đã cấp cho ký hiệu {row.symbol}, không dùng cho {symbol} được.",
            f"Number {shown} was reserved for the symbol {row.symbol} and cannot stand before {symbol}.",
        )
    return int(row.id)


def open_numbers(
    connection: Connection,
    *,
    organisation: str | None = None,
    year: int | None = None,
    after: int = 0,
    limit: int | None = None,
) -> tuple[OpenNumber, ...]:
    """Numbers reserved, neither used nor voided, in the order they were given; `after` is an `id` to go on from."""
    table = tables.numbers
    query = (
        select(table)
        .outerjoin(tables.voids, tables.voids.c.number_id == table.c.id)
        .outerjoin(tables.outgoing, tables.outgoing.c.number_id == table.c.id)
        .where(tables.voids.c.number_id.is_(None), tables.outgoing.c.number_id.is_(None), table.c.id > after)
        .order_by(table.c.id)
    )
    if organisation is not None:
        query = query.where(table.c.organisation == organisation)
    if year is not None:
        query = query.where(table.c.year == year)
    if limit is not None:
        query = query.limit(limit)
    return tuple(OpenNumber(**row._mapping) for row in connection.execute(query))


def find(connection: Connection, number_id: int) -> OpenNumber:
    """A number by its row id, whatever became of it. Raises NumberUnknown."""
    row = connection.execute(select(tables.numbers).where(tables.numbers.c.id == number_id)).first()
    if row is None:
        raise unknown(number_id)
    return OpenNumber(**row._mapping)


def unknown(number_id: int) -> NumberUnknown:
    """What is said of a row id that no number has."""
    return NumberUnknown(f"Không có lượt cấp số {number_id}.", f"There is no reservation {number_id}.")


def notation(number: int, symbol: str) -> str:
    """The number as printed: `notation(1, "GCN-UBND")` is "01/GCN-UBND" (AC-27). Raises ValueError on a bad symbol."""
    shown = f"{number:02d}/{symbol}"
    if number < 1 or not NOTATION.fullmatch(shown):
        raise ValueError(f"{shown!r} is no number and symbol of Decree 30")
    return shown
