"""The statistics as the desk's page tells them: headline figures, plots, and each plot's numbers as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from math import floor
from typing import Final

from api import plots
from api.statistics_words import elapsed, number, share, working
from register import Way
from stamping import figures
from web import Language, catalogue

_NAMED: Final = 10
"""Procedures drawn one by one; the rest are one bar, all of them are in the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One figure in large letters: what it is, the figure, what it rests on."""

    name: str
    figure: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text; the first cell of each names it, in Vietnamese on every page where `names_vi`."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names_vi: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A plot, what its shapes mean, and the same as a table. `wide_note`: the note is about what a phone leaves out."""

    title: str
    note: str
    wide_note: bool = False
    keys: tuple[tuple[str, str], ...]
    plot: plots.Plot
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything the desk's page shows; `officers` None for those who may not see them."""

    headlines: tuple[Headline, ...]
    pictures: tuple[Picture, ...]
    officers: Table | None


def view(found: figures.Statistics, language: Language, officers: Sequence[figures.OfficerFigures] | None) -> View:
    """In words of one language; `officers` are those this reader may see, None for none at all."""
    teller = _Teller(found, language)
    return View(
        headlines=teller.headlines(),
        pictures=(teller.months(), teller.passages(), teller.procedures(), teller.ways()),
        officers=None if officers is None else teller.officers(officers),
    )


class _Teller:
    def __init__(self, found: figures.Statistics, language: Language) -> None:
        self.found = found
        self.language: Language = language
        self.t = partial(catalogue().say, language)
        self.n = partial(catalogue().count, language)
        self.share = partial(share, language=language)
        self.number = partial(number, language=language)

    def working(self, seconds: int | None) -> str:
        return working(seconds, self.found.day_s, self.language)

    def headlines(self) -> tuple[Headline, ...]:
        t, found, deadlines = self.t, self.found, self.found.deadlines
        stamped = sum(found.ways.get(way, 0) for way in figures.STAMPED)
        return (
            Headline(
                name=t("statistics.on_time"),
                figure=self.share(deadlines.rate),
                basis=t(
                    "statistics.on_time_of",
                    on_time=self.number(deadlines.on_time),
                    all=self.number(deadlines.on_time + deadlines.late),
                ),
            ),
            Headline(
                name=t("statistics.settling"),
                figure=self.working(found.settling.working.median),
                basis=t("statistics.settling_p90", time=self.working(found.settling.working.p90)),
            ),
            Headline(
                name=t("statistics.overdue"),
                figure=self.number(deadlines.overdue),
                basis=t("statistics.overdue_of", running=self.number(deadlines.running)),
            ),
            Headline(
                name=t("statistics.electronic"),
                figure=self.share(found.electronic),
                basis=t(
                    "statistics.electronic_of",
                    electronic=self.number(found.ways.get("electronic", 0)),
                    all=self.number(stamped),
                ),
            ),
        )

    def months(self) -> Picture:
        t, months = self.t, self.found.months
        late = sum(one.deadlines.late + one.deadlines.overdue for one in months)
        busiest = max(months, key=lambda one: one.deadlines.papers, default=None)
        label = t(
            "statistics.months_label",
            papers=self.number(self.found.papers),
            on_time=self.number(self.found.deadlines.on_time),
            late=self.number(late),
            busiest=_month(busiest.month) if busiest else "–",
            most=self.number(busiest.deadlines.papers if busiest else 0),
        )
        year_at = _year_places([one.month for one in months])
        drawn = tuple(
            plots.Column(
                name=f"{one.month:%m}",
                below=f"{one.month:%Y}" if place in year_at else "",
                parts=(
                    (one.deadlines.on_time, "m2"),
                    (one.deadlines.late + one.deadlines.overdue, "late"),
                    (one.deadlines.running + one.deadlines.without + one.deadlines.stopped, "soft"),
                ),
                over="" if one.deadlines.rate is None else self.share(floor(one.deadlines.rate * 100) / 100),
            )
            for place, one in enumerate(months)
        )
        kinds = ("on_time", "late", "overdue", "running", "without", "stopped")
        return Picture(
            title=t("statistics.months"),
            note=t("statistics.months_note"),
            wide_note=True,
            keys=(
                ("m2", t("statistics.key_on_time")),
                ("late", t("statistics.key_late")),
                ("soft", t("statistics.key_other")),
            ),
            plot=plots.columns(label, drawn),
            table=Table(
                name=t("statistics.months"),
                heads=(t("statistics.month"), *(t(f"statistics.{kind}_head") for kind in kinds), t("statistics.rate")),
                rows=tuple(
                    (
                        _month(one.month),
                        *(self.number(getattr(one.deadlines, kind)) for kind in kinds),
                        self.share(one.deadlines.rate),
                    )
                    for one in months
                ),
            ),
        )

    def passages(self) -> Picture:
        t, timed = self.t, self.found.passages
        drawn = tuple(
            plots.Line(
                name=t(f"statistics.passage_{passage}"),
                value=one.working.median or 0,
                shown=self.working(one.working.median),
                tone="m" if passage == "stamping" else "m2",
                reach=one.working.p90,
                aside=t("statistics.p90_aside", time=self.working(one.working.p90)) if one.working.count else "",
            )
            for passage, one in timed.items()
        )
        told = "; ".join(
            t(
                "statistics.passage_label",
                passage=t(f"statistics.passage_{passage}"),
                median=self.working(one.working.median),
                p90=self.working(one.working.p90),
            )
            for passage, one in timed.items()
        )
        rows = [(t(f"statistics.passage_{passage}"), one) for passage, one in timed.items()]
        rows.append((t("statistics.passage_all"), self.found.settling))
        return Picture(
            title=t("statistics.passages"),
            note=t("statistics.passages_note"),
            keys=(),
            plot=plots.lines(t("statistics.passages_label", told=told), drawn),
            table=Table(
                name=t("statistics.passages"),
                heads=(
                    t("statistics.passage"),
                    t("statistics.papers"),
                    t("statistics.median"),
                    t("statistics.p90"),
                    t("statistics.mean"),
                    t("statistics.median_elapsed"),
                    t("statistics.p90_elapsed"),
                    t("statistics.mean_elapsed"),
                ),
                rows=tuple((name, self.number(one.working.count), *self._times(one)) for name, one in rows),
            ),
        )

    def _times(self, one: figures.Duration) -> tuple[str, ...]:
        return (
            *(self.working(value) for value in (one.working.median, one.working.p90, one.working.mean)),
            *(elapsed(value, self.language) for value in (one.elapsed.median, one.elapsed.p90, one.elapsed.mean)),
        )

    def procedures(self) -> Picture:
        t, every = self.t, self.found.procedures
        named = every if len(every) <= _NAMED + 1 else every[:_NAMED]
        drawn = [
            plots.Line(name=one.name, value=one.deadlines.papers, shown=self.number(one.deadlines.papers))
            for one in named
        ]
        rest = sum(one.deadlines.papers for one in every[len(named) :])
        if rest:
            drawn.append(plots.Line(name=t("statistics.others"), value=rest, shown=self.number(rest), tone="soft"))
        told = "; ".join(f"{one.name}: {one.shown}" for one in drawn)
        return Picture(
            title=t("statistics.procedures"),
            note=t("statistics.procedures_note"),
            keys=(),
            plot=plots.lines(t("statistics.procedures_label", told=told or "0"), drawn),
            table=Table(
                name=t("statistics.procedures"),
                names_vi=True,
                heads=(
                    t("statistics.procedure"),
                    t("statistics.papers"),
                    t("statistics.rate"),
                    t("statistics.late_head"),
                    t("statistics.overdue_head"),
                    t("statistics.median"),
                    t("statistics.p90"),
                ),
                rows=tuple(
                    (
                        f"{one.name} ({one.code})",
                        self.number(one.deadlines.papers),
                        self.share(one.deadlines.rate),
                        self.number(one.deadlines.late),
                        self.number(one.deadlines.overdue),
                        self.working(one.settling.working.median),
                        self.working(one.settling.working.p90),
                    )
                    for one in every
                ),
            ),
        )

    def ways(self) -> Picture:
        t, found = self.t, self.found.ways
        tones: tuple[plots.Tone, ...] = ("m", "soft", "soft", "soft", "soft")
        drawn = tuple(
            plots.Line(
                name=t(f"statistics.way_{way}"),
                value=found.get(way, 0),
                shown=self.number(found.get(way, 0)),
                tone=tone,
            )
            for way, tone in zip(_WAYS, tones, strict=True)
        )
        return Picture(
            title=t("statistics.ways"),
            note=t("statistics.ways_note"),
            keys=(),
            plot=plots.lines("; ".join(f"{one.name}: {one.shown}" for one in drawn), drawn),
            table=Table(
                name=t("statistics.ways"),
                heads=(t("statistics.way"), t("statistics.papers")),
                rows=tuple((one.name, one.shown) for one in drawn),
            ),
        )

    def officers(self, shown: Sequence[figures.OfficerFigures]) -> Table:
        t = self.t
        return Table(
            name=t("statistics.officers"),
            names_vi=True,
            heads=(
                t("statistics.officer"),
                t("statistics.approved"),
                t("statistics.median"),
                t("statistics.p90"),
                t("statistics.median_elapsed"),
                t("statistics.p90_elapsed"),
            ),
            rows=tuple(
                (
                    one.name,
                    self.number(one.approving.working.count),
                    self.working(one.approving.working.median),
                    self.working(one.approving.working.p90),
                    elapsed(one.approving.elapsed.median, self.language),
                    elapsed(one.approving.elapsed.p90, self.language),
                )
                for one in shown
            ),
        )


_WAYS: Final[tuple[Way, ...]] = ("electronic", "wet", "paper", "pending", "cancelled")


def _month(month: date) -> str:
    return f"{month:%m/%Y}"


def _year_places(months: Sequence[date]) -> set[int]:
    """Under which columns the year stands: each January, and the first one unless a January is so near that the two
    would touch."""
    places = {place for place, month in enumerate(months) if month.month == 1}
    return places if places & {0, 1, 2} or not months else places | {0}
