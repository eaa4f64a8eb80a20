"""What of an office's figures anyone may see: nothing about a person, and nothing so small that it could be one.

Figures are published by calendar year, up to the end of the last month: periods that anyone may choose could be taken
from one another until a single paper is left (docs/decisions/0048).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stamping.figures import SMALLEST_SHARE, Period, ProcedureFigures, Statistics
from store import vietnam_date


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedProcedure:
    """One procedure that had enough papers. `days`: the median of working seconds to settle, None where fewer than
    five were settled."""

    name: str
    papers: int
    median_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The public figures of one year. `rate` and `median_s` are None where they rest on fewer than five papers.

    `others`: papers of the procedures too small to be named, 0 where there are none; never 1 to 4.
    """

    period: Period
    papers: int
    settled: int
    overdue: int
    rate: float | None
    median_s: int | None
    day_s: int
    procedures: tuple[PublishedProcedure, ...]
    others: int


def years(at: datetime) -> tuple[Period, ...]:
    """The periods that are published at a moment, newest first: this year to the end of last month, and two before."""
    today = vietnam_date(at)
    whole = tuple(
        Period(since=date(year, 1, 1), until=date(year + 1, 1, 1)) for year in (today.year - 1, today.year - 2)
    )
    if today.month == 1:
        return whole
    return (Period(since=date(today.year, 1, 1), until=today.replace(day=1)), *whole)


def published(statistics: Statistics) -> Published:
    """The part of the figures that anyone may see."""
    named, others = _foldable(statistics.procedures)
    deadlines = statistics.deadlines
    enough = statistics.papers >= SMALLEST_SHARE
    return Published(
        period=statistics.period,
        papers=statistics.papers,
        settled=statistics.settled,
        overdue=deadlines.overdue,
        rate=deadlines.rate if deadlines.on_time + deadlines.late >= SMALLEST_SHARE else None,
        median_s=_median(statistics.settling.working.count, statistics.settling.working.median),
        day_s=statistics.day_s,
        procedures=tuple(
            PublishedProcedure(
                name=one.name,
                papers=one.deadlines.papers,
                median_s=_median(one.settling.working.count, one.settling.working.median),
            )
            for one in named
            if enough
        ),
        others=others if enough else 0,
    )


def last_day(period: Period) -> date:
    """The last day of a period, as people write it."""
    return period.until - timedelta(days=1)


def _foldable(procedures: Iterable[ProcedureFigures]) -> tuple[list[ProcedureFigures], int]:
    """The procedures with enough papers, and how many papers the others have; so many that no small number is left
    over when what is named is taken from the whole."""
    named = list(procedures)
    others = 0
    while named and (named[-1].deadlines.papers < SMALLEST_SHARE or 0 < others < SMALLEST_SHARE):
        others += named.pop().deadlines.papers
    return named, others


def _median(number: int, median: int | None) -> int | None:
    return median if number >= SMALLEST_SHARE else None
