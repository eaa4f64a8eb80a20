"""`secondseal paper ...`: the catalogue of result papers, and the office's own. One module a group of verbs."""

import argparse
import sys

from secondseal.commands.paper import checking, rendering, showing, starting
from secondseal.papers import told
from secondseal.settings import load_settings
from templates import FolderInvalid, PaperDataInvalid, PaperError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Every module adds its verbs; each verb says which function carries it out (`act`)."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for group in (rendering, starting, checking, showing):
        group.add(verbs)


def run(options: argparse.Namespace) -> int:
    """Exit status 1 when a name is unknown, data or a folder is not right, or a file cannot be read or written."""
    settings = load_settings()
    try:
        return int(options.act(options, settings))
    except PaperDataInvalid as error:
        said = [f"{path}: {text_vi} · {text_en}" for path, text_vi, text_en in error.problems]
    except FolderInvalid as error:
        said = [told(fault, error.name) for fault in error.faults]
    except PaperError as error:
        said = [f"{error.text_vi} · {error.text_en}"]
    except OSError as error:
        said = [f"{error.filename}: không đọc hoặc ghi được · cannot be used ({error.strerror})"]
    print("\n".join(said), file=sys.stderr)
    return 1
