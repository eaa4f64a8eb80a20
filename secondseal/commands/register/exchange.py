"""`secondseal register exchange`: metadata of issued documents by the names of Decree 30, annex VI."""

import argparse
from pathlib import Path
from typing import Any

from secondseal.commands.register.desk import desk_of, written
from secondseal.commands.register.exports import selected, selection
from secondseal.settings import Settings
from stamping import exchange


def add(verbs: Any) -> None:
    """exchange."""
    parser = verbs.add_parser(
        "exchange",
        help="metadata of issued documents as JSON or XML, with the names and lengths of Decree 30, annex VI",
        epilog="Example: secondseal register exchange --since 2026-11-01 --until 2026-11-30 --format xml -o 11.xml",
    )
    parser.add_argument("--format", choices=("json", "xml"), default="json")
    parser.add_argument("--organisation", help="its code; default: every organisation of the office")
    selection(parser)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.set_defaults(act=_exchange)


def _exchange(options: argparse.Namespace, settings: Settings) -> int:
    desk = desk_of(settings)
    with written(options.out) as out:
        count = exchange.write(desk, selected(options), options.format, out)
    print(f"{options.out}: {count} văn bản · documents")
    return 0
