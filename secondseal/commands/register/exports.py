"""`secondseal register export`: the outgoing register and the seal register as files."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from register import BOOKS, FORMATS, Selection
from secondseal.commands.register.desk import desk_of, written
from secondseal.settings import Settings
from secondseal.wiring import now
from store import read, vietnam_date


def add(verbs: Any) -> None:
    """export [--book] [--format] [--organisation] [--year | --since --until] -o."""
    export = verbs.add_parser(
        "export",
        help="the outgoing register (ten columns, Decree 30, annex IV) or the seal register as CSV, XLSX or PDF",
        epilog="Example: secondseal register export --organisation H05.X1 --year 2026 -o so-van-ban-di.pdf",
    )
    export.add_argument("--book", choices=BOOKS, default="outgoing", help="default: outgoing")
    export.add_argument("--format", choices=FORMATS, help="default: as the file's name ends, else csv")
    export.add_argument("--organisation", help="its code; default: every organisation of the office")
    selection(export)
    export.add_argument("-o", "--out", type=Path, required=True)
    export.set_defaults(act=_export)


def selection(parser: argparse.ArgumentParser) -> None:
    """--year, or --since and --until."""
    parser.add_argument("--year", type=int, help="default: this year, where no days are named")
    parser.add_argument("--since", type=date.fromisoformat, metavar="DAY", help="first day, such as 2026-01-31")
    parser.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="last day, included")


def selected(options: argparse.Namespace) -> Selection:
    """What was asked for."""
    year = options.year
    if year is None and options.since is None and options.until is None:
        year = vietnam_date(now()).year
    return Selection(organisation=options.organisation, year=year, since=options.since, until=options.until)


def _export(options: argparse.Namespace, settings: Settings) -> int:
    from api import exports  # the drawing of papers: nothing the audit needs

    ending = options.out.suffix.lower().removeprefix(".")
    export = exports.Export(
        book=options.book,
        format=options.format or (ending if ending in FORMATS else "csv"),
        selection=selected(options),
        at=now(),
        system=settings.system,
    )
    desk = desk_of(settings)
    with written(options.out) as out, read(desk.engine) as connection:
        count = exports.write_book(connection, desk.office(), export, out)
    what = "trang · pages" if export.format == "pdf" else "dòng · lines"
    print(f"{options.out}: {count} {what}")
    return 0
