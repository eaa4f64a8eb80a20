"""What an office's statistics are made of: frozen values. docs/statistics.md says of each exactly how it is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Literal

from register import Way
from stamping.states import State
from store import VIETNAM

SMALLEST_SHARE: Final = 5
"""Below this many papers nothing is published in parts (docs/decisions/0048)."""

Passage = Literal["appraisal", "approval", "stamping", "return"]
"""The way from one stage to the next, named by what is done on it: received -> appraised -> approved -> stamped ->
returned."""

PASSAGES: Final[tuple[Passage, ...]] = ("appraisal", "approval", "stamping", "return")


class PeriodInvalid(ValueError):
    """A period that does not begin before it ends, or is longer than ten years."""

    text_vi = "Ngày đầu phải trước ngày cuối, và kỳ thống kê không dài quá 10 năm."
    text_en = "The period must begin before it ends and be no longer than ten years."

    def __init__(self) -> None:
        super().__init__(self.text_en)


_LONGEST_DAYS: Final = 3_660


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days in Viet Nam from `since` to the day before `until`. Raises `PeriodInvalid`."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if not 0 < (self.until - self.since).days <= _LONGEST_DAYS or self.until.year > _LAST_YEAR:
            raise PeriodInvalid

    @property
    def begin(self) -> datetime:
        """The first instant."""
        return datetime.combine(self.since, time.min, VIETNAM)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.until, time.min, VIETNAM)


_LAST_YEAR: Final = 9_998


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long something took, over `count` papers, in whole seconds; None of them where there is no paper.

    `median`: the middle one, of an even number the mean of the middle two. `p90`: the shortest time within which nine
    papers in ten were done (nearest rank). `mean`: the arithmetic mean.
    """

    count: int
    median: int | None
    p90: int | None
    mean: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """The same times counted twice: in the office's working time, and as they passed on the clock."""

    working: Spread
    elapsed: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Every paper stands in exactly one of these.

    `on_time`, `late`: stamped or returned, up to its deadline or after it. `running`, `overdue`: neither yet, the
    deadline ahead or past. `without`: it has no deadline. `stopped`: sent back, refused or withdrawn.
    """

    on_time: int = 0
    late: int = 0
    running: int = 0
    overdue: int = 0
    without: int = 0
    stopped: int = 0

    @property
    def papers(self) -> int:
        """All of them."""
        return self.on_time + self.late + self.running + self.overdue + self.without + self.stopped

    @property
    def rate(self) -> float | None:
        """On time among what was settled under a deadline, 0 to 1; None where nothing was."""
        settled = self.on_time + self.late
        return self.on_time / settled if settled else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFigures:
    """Papers received in one month in Viet Nam; `month` is its first day."""

    month: date
    states: Mapping[State, int]
    deadlines: Deadlines


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureFigures:
    """Papers of one procedure; `settling` is the time from receipt to the stamp (or the return, where that came
    first)."""

    code: str
    name: str
    deadlines: Deadlines
    settling: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerFigures:
    """Papers one officer approved, and the time from appraisal to approval."""

    id: str
    name: str
    approving: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The figures of the papers received in a period, as they stand at the moment `at`.

    `organisation` None: all of the office. `day_s`: working seconds of one working day. `ways`: how the lines that
    the outgoing register got in the period were stamped.
    """

    period: Period
    organisation: str | None
    at: datetime
    day_s: int
    states: Mapping[State, int]
    deadlines: Deadlines
    passages: Mapping[Passage, Duration]
    settling: Duration
    months: tuple[MonthFigures, ...]
    procedures: tuple[ProcedureFigures, ...]
    officers: tuple[OfficerFigures, ...]
    ways: Mapping[Way, int]

    @property
    def papers(self) -> int:
        """How many were received."""
        return self.deadlines.papers

    @property
    def settled(self) -> int:
        """How many of them were stamped or returned."""
        return self.settling.elapsed.count

    @property
    def electronic(self) -> float | None:
        """Sealed electronically among all that got a stamp, 0 to 1; None where nothing did."""
        stamped = sum(self.ways.get(way, 0) for way in STAMPED)
        return self.ways.get("electronic", 0) / stamped if stamped else None


STAMPED: Final[tuple[Way, ...]] = ("electronic", "wet", "paper")
