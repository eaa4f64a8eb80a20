"""Counts the papers received in a period: on time or not, time per stage, per procedure, per officer.

Pure over rows (`count`); `of_period` reads them: one pass over the period's documents as a stream, one question to the
register. Held in memory are eight bytes a paper and duration, not the papers.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from sqlalchemy import Engine, func, select

from office import Office, WorkingTime
from register import Way, ways, wet_times
from stamping.figures import (
    PASSAGES,
    Deadlines,
    Duration,
    MonthFigures,
    OfficerFigures,
    Passage,
    Period,
    ProcedureFigures,
    Spread,
    Statistics,
)
from stamping.states import STOPPED, State
from stamping.tables import documents
from store import read, vietnam_date

Standing = Literal["on_time", "late", "running", "overdue", "without", "stopped"]
_AT_ONCE: Final = 2_000
"""Rows held while streaming."""


class Paper(NamedTuple):
    """What is read of a document. `stamped_at`: by the seal's key, or by hand on a print."""

    procedure: str
    procedure_name: str
    officer_id: str
    officer_name: str
    state: State
    due_at: datetime | None
    received_at: datetime
    appraised_at: datetime
    approved_at: datetime | None
    stamped_at: datetime | None
    returned_at: datetime | None

    @property
    def settled_at(self) -> datetime | None:
        """When the citizen's result was there: stamped, or handed over where that came first."""
        if self.stamped_at is None or self.returned_at is None:
            return self.stamped_at or self.returned_at
        return min(self.stamped_at, self.returned_at)

    def standing(self, at: datetime) -> Standing:
        """Where it stands against its deadline; done at the very moment of the deadline is done on time."""
        if self.state in STOPPED:
            return "stopped"
        if self.due_at is None:
            return "without"
        settled = self.settled_at
        if settled is not None:
            return "on_time" if settled <= self.due_at else "late"
        return "overdue" if at > self.due_at else "running"


def of_period(
    engine: Engine, office: Office, period: Period, *, at: datetime, organisation: str | None = None
) -> Statistics:
    """The figures of one organisation, or of all, as they stand at `at` (aware)."""
    wet = wet_times()
    query = (
        select(
            documents.c.procedure,
            documents.c.procedure_name,
            documents.c.officer_id,
            documents.c.officer_name,
            documents.c.state,
            documents.c.due_at,
            documents.c.received_at,
            documents.c.appraised_at,
            documents.c.approved_at,
            func.coalesce(documents.c.sealed_at, wet.c.at, type_=documents.c.sealed_at.type),
            documents.c.returned_at,
        )
        .outerjoin(wet, wet.c.document_id == documents.c.id)
        .where(documents.c.received_at >= period.begin, documents.c.received_at < period.end)
        .order_by(documents.c.received_at)
    )
    if organisation is not None:
        query = query.where(documents.c.organisation == organisation)
    with read(engine) as connection:
        lines = ways(connection, begin=period.begin, end=period.end, organisation=organisation)
        found = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
        return count(
            (Paper(*row) for row in found), office=office, period=period, at=at, organisation=organisation, lines=lines
        )


def count(
    papers: Iterable[Paper],
    *,
    office: Office,
    period: Period,
    at: datetime,
    organisation: str | None = None,
    lines: Mapping[Way, int] | None = None,
) -> Statistics:
    """Count papers that were received in `period`; `lines` is the register's own count, by way of stamping."""
    clock = WorkingTime(office, period.since, max(period.since, vietnam_date(at)))
    tally = _Tally()
    for paper in papers:
        tally.add(paper, clock, at)
    return Statistics(
        period=period,
        organisation=organisation,
        at=at,
        day_s=clock.day_s,
        states=dict(tally.states),
        deadlines=_deadlines(tally.standings),
        passages={passage: tally.passages[passage].duration() for passage in PASSAGES},
        settling=tally.settling.duration(),
        months=tuple(
            MonthFigures(
                month=month,
                states=dict(tally.month_states[month]),
                deadlines=_deadlines(tally.month_standings[month]),
            )
            for month in _months(period, at)
        ),
        procedures=tuple(
            sorted(
                (
                    ProcedureFigures(
                        code=code,
                        name=name,
                        deadlines=_deadlines(tally.procedure_standings[code]),
                        settling=tally.procedure_settling[code].duration(),
                    )
                    for code, name in tally.procedure_names.items()
                ),
                key=lambda one: (-one.deadlines.papers, one.code),
            )
        ),
        officers=tuple(
            sorted(
                (
                    OfficerFigures(id=one, name=name, approving=tally.approving[one].duration())
                    for one, name in tally.officer_names.items()
                ),
                key=lambda one: (-one.approving.elapsed.count, one.id),
            )
        ),
        ways=dict(lines or {}),
    )


class _Mark(NamedTuple):
    """A moment on both clocks: Unix time, and working seconds since the calendar's beginning."""

    second: int
    worked: int


class _Times:
    """Durations of one kind, in seconds."""

    __slots__ = ("_elapsed", "_working")

    def __init__(self) -> None:
        self._working = array("I")
        self._elapsed = array("I")

    def add(self, start: _Mark, end: _Mark) -> None:
        # A later stage is never earlier; where a clock was set back between two, no time passed.
        self._working.append(max(0, end.worked - start.worked))
        self._elapsed.append(max(0, end.second - start.second))

    def duration(self) -> Duration:
        return Duration(working=spread(self._working), elapsed=spread(self._elapsed))


@dataclass(slots=True)
class _Tally:
    states: Counter[State] = field(default_factory=Counter)
    standings: Counter[Standing] = field(default_factory=Counter)
    passages: defaultdict[Passage, _Times] = field(default_factory=lambda: defaultdict(_Times))
    settling: _Times = field(default_factory=_Times)
    month_states: defaultdict[date, Counter[State]] = field(default_factory=lambda: defaultdict(Counter))
    month_standings: defaultdict[date, Counter[Standing]] = field(default_factory=lambda: defaultdict(Counter))
    procedure_names: dict[str, str] = field(default_factory=dict)
    procedure_standings: defaultdict[str, Counter[Standing]] = field(default_factory=lambda: defaultdict(Counter))
    procedure_settling: defaultdict[str, _Times] = field(default_factory=lambda: defaultdict(_Times))
    officer_names: dict[str, str] = field(default_factory=dict)
    approving: defaultdict[str, _Times] = field(default_factory=lambda: defaultdict(_Times))

    def add(self, paper: Paper, clock: WorkingTime, at: datetime) -> None:
        standing = paper.standing(at)
        month = vietnam_date(paper.received_at).replace(day=1)
        self.states[paper.state] += 1
        self.standings[standing] += 1
        self.month_states[month][paper.state] += 1
        self.month_standings[month][standing] += 1
        self.procedure_names[paper.procedure] = paper.procedure_name  # as the newest paper has it
        self.procedure_standings[paper.procedure][standing] += 1
        received, appraised = _mark(clock, paper.received_at), _mark(clock, paper.appraised_at)
        approved = None if paper.approved_at is None else _mark(clock, paper.approved_at)
        stamped = None if paper.stamped_at is None else _mark(clock, paper.stamped_at)
        returned = None if paper.returned_at is None else _mark(clock, paper.returned_at)
        stages = (received, appraised, approved, stamped, returned)
        for passage, start, end in zip(PASSAGES, stages, stages[1:], strict=False):
            if start is not None and end is not None:
                self.passages[passage].add(start, end)
        if approved is not None:
            self.officer_names[paper.officer_id] = paper.officer_name
            self.approving[paper.officer_id].add(appraised, approved)
        settled = min(stamped, returned) if stamped and returned else stamped or returned
        if settled is not None and standing != "stopped":
            self.settling.add(received, settled)
            self.procedure_settling[paper.procedure].add(received, settled)


def _mark(clock: WorkingTime, moment: datetime) -> _Mark:
    second = int(moment.timestamp())
    return _Mark(second, clock.at(second))


def spread(seconds: Iterable[int]) -> Spread:
    """Median, 90th percentile and mean of durations in whole seconds; halves are rounded up."""
    ordered = sorted(seconds)
    number = len(ordered)
    if not number:
        return Spread(count=0, median=None, p90=None, mean=None)
    middle = ordered[number // 2] + ordered[(number - 1) // 2]
    return Spread(
        count=number,
        median=(middle + 1) // 2,
        p90=ordered[(9 * number + 9) // 10 - 1],
        mean=(2 * sum(ordered) + number) // (2 * number),
    )


def _deadlines(standings: Mapping[Standing, int]) -> Deadlines:
    return Deadlines(**{str(standing): number for standing, number in standings.items()})


def _months(period: Period, at: datetime) -> Iterable[date]:
    """The months of the period that have begun, also those without a paper."""
    month = period.since.replace(day=1)
    last = min(period.until - timedelta(days=1), vietnam_date(at))
    while month <= last:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)
