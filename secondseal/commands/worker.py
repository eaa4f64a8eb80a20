"""`secondseal worker`: the seal worker alone."""

import argparse
import sys

from secondseal.settings import load_settings
from secondseal.worker import WorkerRunning, run_worker


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: everything is in the settings."""
    parser.set_defaults()


def run(_options: argparse.Namespace) -> int:
    """Serve until ended."""
    try:
        run_worker(load_settings())
    except WorkerRunning as error:
        print(f"secondseal worker: {error}", file=sys.stderr)
        return 1
    return 0
