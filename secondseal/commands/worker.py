"""`secondseal worker`: the seal worker alone."""

import argparse
import sys

from secondseal.serve import AFRESH
from secondseal.settings import load_settings
from secondseal.worker import WorkerRunning, run_worker


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: everything is in the settings."""
    parser.set_defaults()


def run(_options: argparse.Namespace) -> int:
    """Serve until ended; exit status 75 asks for a fresh start."""
    try:
        return AFRESH if run_worker(load_settings()) else 0
    except WorkerRunning as error:
        print(f"secondseal worker: {error}", file=sys.stderr)
        return 1
