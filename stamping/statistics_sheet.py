"""The statistics as a sheet: one figure a line, so that a spreadsheet can filter and turn it. No person is in it."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from register import inert
from stamping.figures import Deadlines, Duration, Spread, Statistics

COLUMNS: Final = ("part", "item", "name", "figure", "unit", "value")


def as_csv(statistics: Statistics) -> bytes:
    """CSV in UTF-8 with a byte order mark. Times are in seconds, shares from 0 to 1, unknown values are empty."""
    text = io.StringIO(newline="")
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for line in _lines(statistics):
        sheet.writerow([inert(cell) for cell in line])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _lines(found: Statistics) -> Iterator[tuple[str, ...]]:
    yield "period", "", "", "from", "day", found.period.since.isoformat()
    yield "period", "", "", "until", "day", found.period.until.isoformat()
    yield "period", "", "", "organisation", "code", found.organisation or ""
    yield "period", "", "", "at", "time", found.at.isoformat(timespec="seconds")
    yield "all", "", "", "papers", "papers", str(found.papers)
    yield from _standings("all", "", "", found.deadlines)
    for state, number in sorted(found.states.items()):
        yield "state", state, "", "papers", "papers", str(number)
    for passage, duration in found.passages.items():
        yield from _duration("passage", passage, "", duration)
    yield from _duration("settling", "", "", found.settling)
    for way, number in sorted(found.ways.items()):
        yield "way", way, "", "papers", "papers", str(number)
    yield "all", "", "", "electronic", "share", _share(found.electronic)
    for month in found.months:
        yield from _standings("month", f"{month.month:%Y-%m}", "", month.deadlines)
    for one in found.procedures:
        yield from _standings("procedure", one.code, one.name, one.deadlines)
        yield from _duration("procedure", one.code, one.name, one.settling)


def _standings(part: str, item: str, name: str, found: Deadlines) -> Iterator[tuple[str, ...]]:
    for figure in ("on_time", "late", "running", "overdue", "without", "stopped"):
        yield part, item, name, figure, "papers", str(getattr(found, figure))
    yield part, item, name, "rate", "share", _share(found.rate)


def _duration(part: str, item: str, name: str, found: Duration) -> Iterator[tuple[str, ...]]:
    yield part, item, name, "timed", "papers", str(found.elapsed.count)
    for kind, spread in (("working", found.working), ("elapsed", found.elapsed)):
        yield from ((part, item, name, f"{kind}_{figure}", "seconds", value) for figure, value in _spread(spread))


def _spread(found: Spread) -> Iterator[tuple[str, str]]:
    for figure in ("median", "p90", "mean"):
        value = getattr(found, figure)
        yield figure, "" if value is None else str(value)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
