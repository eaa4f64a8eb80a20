"""`secondseal register export`: the outgoing register as a sheet."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from register import as_csv, outgoing
from secondseal.settings import Settings
from secondseal.wiring import open_existing
from store import read


def add(verbs: Any) -> None:
    """export --organisation --year -o."""
    export = verbs.add_parser(
        "export",
        help="the outgoing register of one organisation and year as CSV, ten columns (Decree 30, annex IV)",
        epilog="Example: secondseal register export --organisation H05.X1 --year 2026 -o so-van-ban-di.csv",
    )
    export.add_argument("--organisation", required=True)
    export.add_argument("--year", type=int, default=datetime.now().astimezone().year)
    export.add_argument("-o", "--out", type=Path, required=True)
    export.set_defaults(act=_export)


def _export(options: argparse.Namespace, settings: Settings) -> int:
    with read(open_existing(settings.database)) as connection:
        rows = outgoing.entries(connection, organisation=options.organisation, year=options.year)
    options.out.write_bytes(as_csv(rows))
    print(f"{options.out}: {len(rows)}")
    return 0
