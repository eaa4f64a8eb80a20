"""Procedures, the stages they pass, and the number series their results are counted in."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, cast

from .period import Moment, Period
from .section import Section

Stage = Literal["received", "appraised", "approved", "stamped", "returned"]
"""Tiếp nhận, thẩm định, phê duyệt, đóng dấu, trả kết quả."""

_MOST_DAYS: Final = 1000
"""Each is stepped over wherever a dossier comes in."""

FIVE_STAGES: Final[tuple[Stage, ...]] = ("received", "appraised", "approved", "stamped", "returned")
"""5 tại chỗ."""
FOUR_STAGES: Final[tuple[Stage, ...]] = ("received", "appraised", "approved", "returned")
"""4 tại chỗ: this office puts no seal on the result; another one does, or nobody."""


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """An administrative procedure (TTHC). `paper` is the template of its result, None where another program makes it.

    `symbol` stands after the number, e.g. "GCN-UBND"; `working_days` is the time it may take. `stages` are what its
    dossiers pass here.
    """

    code: str
    name: str
    paper: str | None
    working_days: int
    symbol: str
    stages: tuple[Stage, ...] = FIVE_STAGES

    @property
    def stamped(self) -> bool:
        """Whether its papers get the seal here."""
        return "stamped" in self.stages


@dataclass(frozen=True, kw_only=True)
class NumberSeries:
    """How an organisation counts the papers of a symbol: `kind` is the key of the counter in the register.

    Two symbols with the same kind share one counter. `period` lets a series change on a day (AC-123).
    """

    organisation: str
    symbol: str
    kind: str
    period: Period

    def counts(self, organisation: str, symbol: str, on: Moment) -> bool:
        """Whether this is the series of that symbol there then."""
        return (self.organisation, self.symbol) == (organisation, symbol) and self.period.holds(on)


@dataclass(frozen=True, kw_only=True)
class Mandate:
    """A decision the whole stage rests on."""

    number: str
    date: date
    subject: str


def read_stages(section: Section, *, otherwise: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """The key `stages`: all five in their order, or without the stamping."""
    stages = section.texts("stages")
    if not stages:
        return otherwise
    if stages not in {FIVE_STAGES, FOUR_STAGES}:
        shown = " / ".join(", ".join(known) for known in (FIVE_STAGES, FOUR_STAGES))
        section.problem("stages", f"chỉ nhận: {shown}", f"must be one of: {shown}")
        return otherwise
    return cast("tuple[Stage, ...]", stages)


def read_procedure(section: Section, stages: tuple[Stage, ...]) -> Procedure:
    """One [[procedures]] table; `stages` are the office's, where the procedure names none of its own."""
    procedure = Procedure(
        code=section.text("code"),
        name=section.text("name"),
        paper=section.optional_text("paper"),
        working_days=section.count("working_days", otherwise=1),
        symbol=section.optional_text("symbol") or "UBND",
        stages=read_stages(section, otherwise=stages),
    )
    if "working_days" not in section.table:
        section.problem("working_days", "thiếu mục bắt buộc", "is required")
    if procedure.working_days > _MOST_DAYS:
        section.problem("working_days", f"nhiều nhất {_MOST_DAYS}", f"must be {_MOST_DAYS} at most")
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
