"""`secondseal trust ...`: the authorities relied on. Only who may write the list's file may change it: no process of
the service does."""

import argparse
import sys

from secondseal.commands.trust import acts, reading
from secondseal.settings import load_settings


def arguments(parser: argparse.ArgumentParser) -> None:
    """Every module adds its verbs; each verb says which function carries it out (`act`)."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for group in (reading, acts):
        group.add(verbs)


def run(options: argparse.Namespace) -> int:
    """Exit status 0 only if what was asked for was done; 1 with what to do instead."""
    settings = load_settings()
    try:
        return int(options.act(options, settings))
    except acts.Refused as error:
        for told in error.told:
            print(f"{told.vi}\n{told.en}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: không đọc hoặc ghi được · cannot be used ({error.strerror})", file=sys.stderr)
    except ValueError as error:
        print(f"secondseal trust {options.verb}: {error}", file=sys.stderr)
    return 1
