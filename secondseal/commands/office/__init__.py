"""`secondseal office ...`: the institution shown, proposed, confirmed. One module a group of verbs."""

import argparse
import sys

from office import OfficeInvalid
from register import CheckpointKeyUnsafe, RegisterError
from secondseal.commands.office import acts, check, deciding, reading
from secondseal.office_edits import EditRefused
from secondseal.settings import load_settings
from stamping import Refusal
from store import StoreError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Every module adds its verbs; each verb says which function carries it out (`act`)."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for group in (check, reading, deciding, acts):
        group.add(verbs)


def run(options: argparse.Namespace) -> int:
    """Exit status 0 only if what was asked for was done; 1 with what to do instead."""
    settings = load_settings()
    try:
        return int(options.act(options, settings))
    except (Refusal, RegisterError, StoreError, OfficeInvalid, EditRefused) as error:
        print(f"{error.text_vi}\n{error.text_en}", file=sys.stderr)
    except CheckpointKeyUnsafe as error:
        print(f"Khoá của sổ không dùng được · The register's key cannot be used: {error}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: không đọc hoặc ghi được · cannot be used ({error.strerror})", file=sys.stderr)
    except ValueError as error:
        print(f"secondseal office {options.verb}: {error}", file=sys.stderr)
    return 1
