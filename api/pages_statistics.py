"""The statistics as pages: the desk's with plots, and the yearly one for anyone, where the office wants it.

Who approved how fast is for the auditor, and for each officer of themselves (docs/decisions/0048).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api import plots
from api.callers import Serving, desk_person
from api.language import language_of
from api.pages import counted, page, said, text_for
from api.problems import Problem, not_found
from api.service import Service
from api.sessions import Session
from api.statistics import figures_of, period_of
from api.statistics_view import Headline, Picture, Table, view
from api.statistics_words import number, share, working
from stamping import figures, published, statistics

router = APIRouter(include_in_schema=False)
Person = Annotated[Session, Depends(desk_person())]
_SHEET_ROLES: Final = frozenset({"auditor", "clerk"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the form asks for, as typed, and what is wrong with it."""

    since: str
    last: str
    organisation: str
    error: str


@router.get("/desk/statistics")
def desk(
    service: Serving,
    request: Request,
    session: Person,
    since: str = "",
    last: str = "",
    organisation: str = "",
) -> Response:
    """The figures of a period, which a form on the page chooses; both of its days are included."""
    found, error = _asked(service, request, since, last, organisation)
    shown = None if found is None else view(found, language_of(request), _officers(found, session))
    choice = Choice(
        since=since if found is None else found.period.since.isoformat(),
        last=last if found is None else published.last_day(found.period).isoformat(),
        organisation=organisation,
        error=error,
    )
    return page(
        request,
        "desk_statistics.html",
        422 if error else 200,
        found=found,
        shown=shown,
        choice=choice,
        organisations=[(one.code, one.name) for one in service.desk.office().organisations],
        sheet=_sheet(found) if found is not None and session.account.roles & _SHEET_ROLES else "",
    )


@router.get("/statistics")
def yearly(service: Serving, request: Request, year: str = "") -> Response:
    """What anyone may see, year by year. Raises `Problem` not-found where the office does not publish it."""
    if not service.settings.public_statistics:
        raise not_found()
    now = service.now()
    offered = published.years(now)
    period = next((one for one in offered if str(one.since.year) == year), offered[0])

    def count() -> published.Published:
        with service.countings.passing():
            return published.published(statistics.of_period(service.desk.engine, service.desk.office(), period, at=now))

    found = service.yearly.of(period, now, count)
    return page(
        request,
        "statistics.html",
        found=found,
        last=published.last_day(period),
        years=[(one.since.year, one == period) for one in offered],
        headlines=_headlines(request, found),
        procedures=_procedures(request, found) if found.procedures else None,
    )


def _asked(
    service: Service, request: Request, since: str, last: str, organisation: str
) -> tuple[figures.Statistics | None, str]:
    """The figures, or the sentence saying why there are none."""
    try:
        first, end = _day(since), _day(last)
        period = period_of(service, first, end and end + timedelta(days=1))
        return figures_of(service, period, organisation or None), ""
    except (ValueError, OverflowError):
        return None, said(request)("statistics.day_wrong")
    except Problem as problem:
        return None, text_for(request, problem)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _officers(found: figures.Statistics, session: Session) -> Sequence[figures.OfficerFigures] | None:
    account = session.account
    if "auditor" in account.roles:
        return found.officers
    if account.officer_id is not None:
        return [one for one in found.officers if one.id == account.officer_id]
    return None


def _sheet(found: figures.Statistics) -> str:
    address = f"/api/v1/statistics.csv?from={found.period.since}&until={found.period.until}"
    return address if found.organisation is None else f"{address}&organisation={found.organisation}"


def _headlines(request: Request, found: published.Published) -> tuple[Headline, ...]:
    t, language = said(request), language_of(request)
    return (
        Headline(
            name=t("statistics.on_time"), figure=share(found.rate, language), basis=t("statistics.on_time_public")
        ),
        Headline(
            name=t("statistics.settling"),
            figure=working(found.median_s, found.day_s, language),
            basis=t("statistics.settling_public"),
        ),
        Headline(
            name=t("statistics.received"),
            figure=number(found.papers, language),
            basis=t("statistics.settled_of", settled=number(found.settled, language)),
        ),
        Headline(
            name=t("statistics.overdue"), figure=number(found.overdue, language), basis=t("statistics.overdue_public")
        ),
    )


def _procedures(request: Request, found: published.Published) -> Picture:
    t, n, language = said(request), counted(request), language_of(request)
    drawn = tuple(
        plots.Line(
            name=one.name,
            value=one.median_s or 0,
            shown=working(one.median_s, found.day_s, language),
            aside=n("statistics.n_papers", one.papers),
        )
        for one in found.procedures
    )
    rows = [
        (one.name, number(one.papers, language), working(one.median_s, found.day_s, language))
        for one in found.procedures
    ]
    if found.others:
        rows.append((t("statistics.others"), number(found.others, language), "–"))
    told = "; ".join(f"{one.name}: {one.shown}, {one.aside}" for one in drawn)
    return Picture(
        title=t("statistics.typical"),
        note=t("statistics.typical_note"),
        keys=(),
        plot=plots.lines(t("statistics.typical_label", told=told), drawn),
        table=Table(
            name=t("statistics.typical"),
            names_vi=True,
            heads=(t("statistics.procedure"), t("statistics.papers"), t("statistics.median")),
            rows=tuple(rows),
        ),
    )
