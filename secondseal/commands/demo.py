"""`secondseal demo`: the main job once, on real parts."""

import argparse
import sys
from pathlib import Path

from secondseal.demo.office import DemoError
from secondseal.demo.people import DemoFailed
from secondseal.demo.run import run_demo


def arguments(parser: argparse.ArgumentParser) -> None:
    """--out, --pdf."""
    parser.add_argument("--out", type=Path, default=Path("var/demo"), help="where the results go (default var/demo)")
    parser.add_argument("--pdf", type=Path, help="a paper made by another program instead of a generated one")


def run(options: argparse.Namespace) -> int:
    """Exit status 0 only if the sealed paper's verdict is `genuine`."""
    if options.pdf is not None and not options.pdf.is_file():
        print(f"Không có tệp {options.pdf}. · There is no file {options.pdf}.", file=sys.stderr)
        return 2
    try:
        return run_demo(options.out, options.pdf)
    except (DemoError, DemoFailed) as error:
        print(f"Không chạy được · the demo stopped: {error}", file=sys.stderr)
        return 1
