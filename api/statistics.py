"""/api/v1/statistics: what the office publishes about its own work, as JSON and CSV."""

from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from api import formats
from api.callers import Caller, Serving, may, of_organisation
from api.description import files
from api.problems import Problem
from api.service import Service
from api.statistics_json import StatisticsJson, statistics_json
from api.written import Day
from stamping import figures, statistics, statistics_sheet

router = APIRouter(prefix="/api/v1", tags=["statistics"])
Reader = Annotated[Caller, Depends(may("documents:read", "auditor", "clerk"))]
From = Annotated[Day | None, Query(alias="from", description="First day (Viet Nam); left out: eleven months back")]
Until = Annotated[Day | None, Query(description="The day after the last; left out: tomorrow")]
Organisation = Annotated[str | None, Query(max_length=100, description="Its code; left out: all of the office")]

_MONTHS: Final = 12


@router.get("/statistics", summary="Figures of a period", response_model=StatisticsJson)
def as_json(
    service: Serving, caller: Reader, since: From = None, until: Until = None, organisation: Organisation = None
) -> Response:
    """On-time rate, time per stage, papers per procedure, share done electronically; no person is in it."""
    organisation = of_organisation(caller, organisation)
    found = figures_of(service, period_of(service, since, until), organisation)
    return JSONResponse(statistics_json(found).model_dump(mode="json", by_alias=True))


@router.get("/statistics.csv", summary="The same as a sheet", response_class=Response, responses=files("text/csv"))
def as_csv(
    service: Serving, caller: Reader, since: From = None, until: Until = None, organisation: Organisation = None
) -> Response:
    """One figure a line: part, item, name, figure, unit, value."""
    period = period_of(service, since, until)
    return csv_response(figures_of(service, period, of_organisation(caller, organisation)))


def csv_response(found: figures.Statistics) -> Response:
    """The sheet as a file to keep."""
    name = f"thong-ke-{found.period.since.isoformat()}-{found.period.until.isoformat()}.csv"
    return Response(
        statistics_sheet.as_csv(found),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def figures_of(service: Service, period: figures.Period, organisation: str | None) -> figures.Statistics:
    """Count now. Raises `Busy` where others are counting, `Problem` not-found for an organisation nobody knows."""
    office = service.desk.office()
    if organisation is not None and office.organisation(organisation) is None:
        raise Problem(
            "not-found",
            404,
            f"Tệp khai báo của cơ quan không có cơ quan {organisation}.",
            f"The office's file has no organisation {organisation!r}.",
        )
    with service.countings.passing():
        return statistics.of_period(service.desk.engine, office, period, at=service.now(), organisation=organisation)


def period_of(service: Service, since: date | None, until: date | None) -> figures.Period:
    """What was asked for; twelve months up to today where nothing was. Raises `Problem` request-invalid."""
    today = formats.local(service.now()).date()
    try:
        end = until or today + timedelta(days=1)
        return figures.Period(since=since or _months_back(end - timedelta(days=1), _MONTHS - 1), until=end)
    except (figures.PeriodInvalid, OverflowError):
        raise Problem("request-invalid", 422, figures.PeriodInvalid.text_vi, figures.PeriodInvalid.text_en) from None


def _months_back(day: date, months: int) -> date:
    """The first day of the month that many months before."""
    number = day.year * 12 + day.month - 1 - months
    return date(max(1, number // 12), number % 12 + 1, 1)
