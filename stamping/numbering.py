"""Numbers for papers that something else prints: reserved before, used later or voided with a reason (Đ.15).

Paper and electronic documents take their numbers from the same series. A number reserved here stands in the register
at once; whoever asked for it may die, and it is listed as open until it is used or voided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import register
from register import NotationTaken, NumberSpent, RegisterError, numbers
from stamping.desk import BookDesk
from stamping.intake import acting, configured_series, procedure_of, take_number
from stamping.once import Once
from stamping.reach import EVERYTHING, Reach
from stamping.refusal import Refusal
from stamping.wording import check_words
from store import VIETNAM, read, write


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNumber:
    """A number asked for: for a `procedure`'s papers, or by its `symbol` where no procedure is concerned."""

    organisation: str
    procedure: str | None = None
    symbol: str | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """A number as it was given; `notation` is how it is printed, None where its symbol was never kept."""

    id: int
    organisation: str
    year: int
    number: int
    symbol: str | None
    notation: str | None
    reserved_by: str | None
    purpose: str | None
    reserved_at: datetime


def reserve(desk: BookDesk, new: NewNumber, actor: str, once: Once | None = None) -> Reserved:
    """Reserve a number. Raises `Refusal` dossier-invalid (unknown procedure, bad symbol), forbidden (unknown
    organisation), paper-data-invalid (unreadable words), idempotency-conflict."""
    check_words("paper-data-invalid", purpose=new.purpose)
    now = desk.clock()
    symbol = symbol_of(desk, new.organisation, procedure=new.procedure, symbol=new.symbol)
    with write(desk.engine) as connection:
        if once and (kept := once.earlier(connection)) is not None:
            return _reserved(numbers.find(connection, kept["number_id"]))
        year = now.astimezone(VIETNAM).year
        kind, value = take_number(
            connection,
            organisation=new.organisation,
            year=year,
            symbol=symbol,
            configured=configured_series(desk, new.organisation, symbol, now),
            by=actor,
            purpose=new.purpose or None,
            at=now,
        )
        number_id = numbers.unspent(
            connection, organisation=new.organisation, kind=kind, year=year, number=value, symbol=symbol
        )
        if once:
            once.keep(connection, now, {"number_id": number_id})
        return _reserved(numbers.find(connection, number_id))


def void(
    desk: BookDesk, number_id: int, reason: str, actor: str, once: Once | None = None, reach: Reach = EVERYTHING
) -> Reserved:
    """Huỷ số: why a reserved number will never stand on a paper. Raises `Refusal` number-missing, number-taken."""
    if not reason.strip():
        raise Refusal("paper-data-invalid", "Hãy ghi lý do huỷ số.", "Give the reason.")
    check_words("paper-data-invalid", lines=True, reason=reason)
    try:
        with write(desk.engine) as connection:
            found = numbers.find(connection, number_id)
            if not reach.covers(organisation=found.organisation):
                raise numbers.unknown(number_id)
            if once and once.done(connection):
                return _reserved(found)
            numbers.void(
                connection,
                organisation=found.organisation,
                kind=found.kind,
                year=found.year,
                number=found.number,
                reason=reason.strip(),
                voided_by=actor[:64],
                at=desk.clock(),
            )
            if once:
                once.keep(connection, desk.clock())
            return _reserved(found)
    except RegisterError as error:
        raise number_refused(error) from error


def open_numbers(
    desk: BookDesk, *, organisation: str | None = None, year: int | None = None, after: int = 0, limit: int = 200
) -> tuple[Reserved, ...]:
    """Numbers reserved, neither used nor voided, oldest first; `after` is an id to go on from."""
    with read(desk.engine) as connection:
        found = numbers.open_numbers(connection, organisation=organisation, year=year, after=after, limit=limit)
    return tuple(_reserved(one) for one in found)


def symbol_of(desk: BookDesk, organisation: str, *, procedure: str | None, symbol: str | None) -> str:
    """The symbol printed after a number. Raises `Refusal`: not exactly one given, unknown, no symbol of Decree 30."""
    acting(desk.office(), organisation, desk.clock())
    if (procedure is None) == (symbol is None):
        raise Refusal(
            "dossier-invalid",
            "Hãy nêu thủ tục hoặc ký hiệu, chỉ một trong hai.",
            "Name the procedure or the symbol, one of the two.",
        )
    found = symbol if procedure is None else procedure_of(desk, procedure).symbol
    assert found is not None
    try:
        shown = numbers.notation(1, found)
    except ValueError:
        shown = ""
    if len(found) > 30 or not desk.office().patterns.notation.fits(shown):
        raise Refusal(
            "dossier-invalid",
            f"“{found[:40]}” không phải ký hiệu văn bản, ví dụ QĐ-UBND.",
            f"{found[:40]!r} is no symbol of a document, e.g. QĐ-UBND.",
            symbol=found[:40],
        )
    return found


def number_refused(error: RegisterError) -> Refusal:
    """What the register refuses about a number, as the stage says it: the register's own sentences (PL VI)."""
    code = "number-taken" if isinstance(error, NotationTaken | NumberSpent) else "number-missing"
    detail: Mapping[str, object] = {"refused": type(error).__name__}
    return Refusal(code, error.text_vi, error.text_en, **detail)


def _reserved(one: numbers.OpenNumber) -> Reserved:
    return Reserved(
        id=one.id,
        organisation=one.organisation,
        year=one.year,
        number=one.number,
        symbol=one.symbol,
        notation=register.numbers.notation(one.number, one.symbol) if one.symbol else None,
        reserved_by=one.reserved_by,
        purpose=one.purpose,
        reserved_at=one.reserved_at,
    )
