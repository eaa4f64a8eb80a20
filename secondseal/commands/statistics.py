"""`secondseal statistics`: what the office's work comes to in a period, on the terminal, as JSON or as CSV."""

import argparse
import sys
from datetime import date, timedelta

from api import statistics_json, statistics_words
from office import OfficeInvalid
from secondseal.institution import institution
from secondseal.settings import load_settings
from secondseal.wiring import now, open_existing
from stamping import figures, statistics, statistics_sheet
from store import vietnam_date
from web import catalogue


def arguments(parser: argparse.ArgumentParser) -> None:
    """--from, --until, --organisation, --json or --csv."""
    parser.add_argument(
        "--from", dest="since", type=date.fromisoformat, metavar="DAY", help="first day; default: 1 January"
    )
    parser.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="day after the last; default: tomorrow")
    parser.add_argument("--organisation", metavar="CODE", help="of one organisation; default: of all")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="as GET /api/v1/statistics answers")
    shape.add_argument("--csv", action="store_true", help="one figure a line")


def run(options: argparse.Namespace) -> int:
    """Exit status 1 for a period or an organisation that cannot be, and where the office's file cannot be used."""
    settings = load_settings()
    at = now()
    until = options.until or vietnam_date(at) + timedelta(days=1)
    try:
        office = institution(settings)
    except OSError as error:
        print(f"{settings.office}: không đọc được tệp · cannot be read ({error.strerror})", file=sys.stderr)
        return 1
    except OfficeInvalid as error:
        print(f"{error.text_vi}\n{error.text_en}", file=sys.stderr)
        return 1
    if options.organisation is not None and office.organisation(options.organisation) is None:
        print(
            f"Tệp khai báo không có cơ quan {options.organisation}. · No organisation {options.organisation!r}.",
            file=sys.stderr,
        )
        return 1
    try:
        period = figures.Period(since=options.since or (until - timedelta(days=1)).replace(month=1, day=1), until=until)
    except (figures.PeriodInvalid, OverflowError):
        print(f"{figures.PeriodInvalid.text_vi}\n{figures.PeriodInvalid.text_en}", file=sys.stderr)
        return 1
    found = statistics.of_period(
        open_existing(settings.database), office, period, at=at, organisation=options.organisation
    )
    if options.json:
        print(statistics_json.statistics_json(found).model_dump_json(by_alias=True, indent=2))
    elif options.csv:
        sys.stdout.buffer.write(statistics_sheet.as_csv(found))
    else:
        print("\n".join(_told(found)))
    return 0


def _told(found: figures.Statistics) -> list[str]:
    words, deadlines = catalogue(), found.deadlines
    number, share = statistics_words.number, statistics_words.share

    def both(key: str) -> str:
        return f"{words.say('vi', key)} · {words.say('en', key)}"

    def time(spread: figures.Spread) -> str:
        median, p90 = (statistics_words.working(value, found.day_s, "en") for value in (spread.median, spread.p90))
        return f"{median} (9/10: {p90}; n = {spread.count})"

    return [
        f"{found.period.since:%d/%m/%Y} – {found.period.until - timedelta(days=1):%d/%m/%Y}",
        f"{both('statistics.received')}: {number(found.papers, 'en')}",
        f"{both('statistics.rate')}: {share(deadlines.rate, 'en')} "
        f"({deadlines.on_time}/{deadlines.on_time + deadlines.late})",
        f"{both('statistics.overdue')}: {number(deadlines.overdue, 'en')}",
        f"{both('statistics.electronic')}: {share(found.electronic, 'en')}",
        f"{both('statistics.passage_all')}: {time(found.settling.working)}",
        *(f"{both(f'statistics.passage_{name}')}: {time(one.working)}" for name, one in found.passages.items()),
        *(f"{one.name}: {number(one.deadlines.papers, 'en')}" for one in found.procedures),
    ]
