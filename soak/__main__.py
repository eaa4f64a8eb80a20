"""`python -m soak [--short] [ROOM...]`: a table, kept in docs/measurements if whole; status 1 where a line fails."""

import argparse
import importlib
import sys
import time
from pathlib import Path

from bench import page
from soak.finding import SHORT, WHOLE, Finding

FOLDER = Path(__file__).parent
NOT_ROOMS = {"__init__", "__main__", "finding", "flat"}


def rooms() -> list[str]:
    """The modules here that run something."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in NOT_ROOMS)


def main() -> int:
    """Run, print, write."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("rooms", nargs="*", choices=[*rooms(), []], metavar="ROOM", help=", ".join(rooms()))
    parser.add_argument("--short", action="store_true", help="a few seconds' worth; nothing is written")
    wanted = parser.parse_args()
    size = SHORT if wanted.short else WHOLE
    holds = True
    for room in wanted.rooms or rooms():
        began = time.monotonic()

        def say(line: str, began: float = began) -> None:
            print(f"    {time.monotonic() - began:5.0f} s  {line}", file=sys.stderr, flush=True)

        found: list[Finding] = []
        for finding in importlib.import_module(f"soak.{room}").findings(size, say):
            found.append(finding)
            print(f"{'holds' if finding.holds else 'FAILS'}  {finding.name}: {finding.value}", flush=True)
            if not finding.holds:
                print(f"       asked: {finding.asked}", flush=True)
        holds = holds and all(finding.holds for finding in found)
        if not wanted.short:
            print(f"written to {_kept(room, found, time.monotonic() - began)}")
    return 0 if holds else 1


def _kept(room: str, found: list[Finding], seconds: float) -> Path:
    return page.write(
        f"soak-{room}",
        title=f"Soak: {room}",
        command=f"make soak ROOM={room}",
        seconds=seconds,
        head=("What", "Found", "Asked", "Holds"),
        rows=((one.name, one.value, one.asked, "yes" if one.holds else "**no**") for one in found),
    )


if __name__ == "__main__":
    sys.exit(main())
