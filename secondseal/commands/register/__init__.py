"""`secondseal register ...`: the books and their numbers. One module a noun."""

import argparse
import sys

from secondseal.commands.register import audit, exchange, exports, numbers, paper
from secondseal.settings import load_settings
from stamping import Refusal


def arguments(parser: argparse.ArgumentParser) -> None:
    """Every module adds its verbs; each verb says which function carries it out (`act`)."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for noun in (audit, exports, exchange, numbers, paper):
        noun.add(verbs)


def run(options: argparse.Namespace) -> int:
    """Exit status 1 when the register refuses, with what to do."""
    try:
        return int(options.act(options, load_settings()))
    except Refusal as refusal:
        print(f"{refusal.text_vi}\n{refusal.text_en}", file=sys.stderr)
        for problem in refusal.detail.get("problems", ()):  # type: ignore[attr-defined]
            print(f"- {problem}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: không đọc hoặc ghi được · cannot be used ({error.strerror})", file=sys.stderr)
    return 1
