"""The statistics as programs get them: documented models. No citizen and no officer is named in them."""

from datetime import date
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.formats import local
from stamping import figures

_Share = Annotated[float, Field(ge=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class SpreadJson(_Model):
    """Whole seconds; null where no paper went this way. `p90`: nine papers in ten took no longer (nearest rank)."""

    median: int | None
    p90: int | None
    mean: int | None


class DurationJson(_Model):
    """Over `count` papers. `working`: seconds of the office's working time; `elapsed`: seconds on the clock."""

    count: int
    working: SpreadJson
    elapsed: SpreadJson

    @classmethod
    def of(cls, found: figures.Duration) -> Self:
        """From what was counted."""
        return cls(
            count=found.elapsed.count,
            working=SpreadJson.model_validate(found.working),
            elapsed=SpreadJson.model_validate(found.elapsed),
        )


class DeadlinesJson(_Model):
    """Each paper stands in exactly one. `rate` is on_time / (on_time + late); null where both are 0."""

    on_time: int = Field(description="stamped or returned up to its deadline")
    late: int = Field(description="stamped or returned after its deadline")
    running: int = Field(description="neither yet, the deadline ahead")
    overdue: int = Field(description="neither yet, the deadline past")
    without: int = Field(description="has no deadline")
    stopped: int = Field(description="sent back, refused or withdrawn")
    rate: _Share | None


class MonthJson(_Model):
    """Papers received in this month (YYYY-MM, Viet Nam)."""

    month: str
    papers: int
    states: dict[str, int]
    deadlines: DeadlinesJson


class ProcedureJson(_Model):
    """Papers of one procedure. `settling`: receipt to stamp (or return, where that came first)."""

    code: str
    name: str
    papers: int
    deadlines: DeadlinesJson
    settling: DurationJson


class WaysJson(_Model):
    """Lines of the outgoing register in the period. `electronic_share`: electronic / (electronic + wet + paper)."""

    electronic: int = Field(description="sealed by the seal's key")
    wet: int = Field(description="printed and stamped by hand")
    paper: int = Field(description="registered without any file")
    pending: int = Field(description="registered with a file, not stamped yet")
    cancelled: int = Field(description="the number was cancelled")
    electronic_share: _Share | None


class StatisticsJson(_Model):
    """Papers received from `from` to the day before `until` (Viet Nam), as they stand at `at`."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    since: date = Field(serialization_alias="from")
    until: date
    organisation: str | None
    at: AwareDatetime
    working_day_seconds: int
    papers: int
    settled: int
    states: dict[str, int]
    deadlines: DeadlinesJson
    passages: dict[str, DurationJson] = Field(description="appraisal, approval, stamping, return")
    settling: DurationJson
    months: list[MonthJson]
    procedures: list[ProcedureJson]
    ways: WaysJson


def statistics_json(found: figures.Statistics) -> StatisticsJson:
    """What was counted, without its officers."""
    return StatisticsJson(
        since=found.period.since,
        until=found.period.until,
        organisation=found.organisation,
        at=local(found.at),
        working_day_seconds=found.day_s,
        papers=found.papers,
        settled=found.settled,
        states=dict(sorted(found.states.items())),
        deadlines=DeadlinesJson.model_validate(found.deadlines),
        passages={passage: DurationJson.of(duration) for passage, duration in found.passages.items()},
        settling=DurationJson.of(found.settling),
        months=[
            MonthJson(
                month=f"{one.month:%Y-%m}",
                papers=one.deadlines.papers,
                states=dict(sorted(one.states.items())),
                deadlines=DeadlinesJson.model_validate(one.deadlines),
            )
            for one in found.months
        ],
        procedures=[
            ProcedureJson(
                code=one.code,
                name=one.name,
                papers=one.deadlines.papers,
                deadlines=DeadlinesJson.model_validate(one.deadlines),
                settling=DurationJson.of(one.settling),
            )
            for one in found.procedures
        ],
        ways=WaysJson(
            electronic=found.ways.get("electronic", 0),
            wet=found.ways.get("wet", 0),
            paper=found.ways.get("paper", 0),
            pending=found.ways.get("pending", 0),
            cancelled=found.ways.get("cancelled", 0),
            electronic_share=found.electronic,
        ),
    )
