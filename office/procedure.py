"""Procedures and the number series their results are counted in."""

from dataclasses import dataclass
from datetime import date

from .period import Period
from .section import Section


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """An administrative procedure (TTHC). `paper` is the template of its result, None where another program makes it.

    `symbol` stands after the number, e.g. "GCN-UBND"; `working_days` is the time it may take.
    """

    code: str
    name: str
    paper: str | None
    working_days: int
    symbol: str


@dataclass(frozen=True, kw_only=True)
class NumberSeries:
    """How an organisation counts the papers of a symbol: `kind` is the key of the counter in the register.

    Two symbols with the same kind share one counter. `period` lets a series change on a day (AC-123).
    """

    organisation: str
    symbol: str
    kind: str
    period: Period

    def counts(self, organisation: str, symbol: str, on: date) -> bool:
        """Whether this is the series of that symbol there on that day."""
        return (self.organisation, self.symbol) == (organisation, symbol) and self.period.holds(on)


@dataclass(frozen=True, kw_only=True)
class Mandate:
    """A decision the whole stage rests on."""

    number: str
    date: date
    subject: str


def read_procedure(section: Section) -> Procedure:
    """One [[procedures]] table."""
    procedure = Procedure(
        code=section.text("code"),
        name=section.text("name"),
        paper=section.optional_text("paper"),
        working_days=section.count("working_days", otherwise=1),
        symbol=section.optional_text("symbol") or "UBND",
    )
    if "working_days" not in section.table:
        section.problem("working_days", "thiếu mục bắt buộc", "is required")
    section.finish()
    return procedure


def read_series(section: Section) -> NumberSeries:
    """One [[series]] table."""
    series = NumberSeries(
        organisation=section.text("organisation"),
        symbol=section.text("symbol"),
        kind=section.text("kind"),
        period=section.period("from", "until"),
    )
    section.finish()
    return series


def read_mandate(section: Section) -> Mandate:
    """One [[mandates]] table."""
    mandate = Mandate(number=section.text("number"), date=section.day("date"), subject=section.text("subject"))
    section.finish()
    return mandate
