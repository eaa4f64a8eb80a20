"""`python -m bench [--json FILE] [ROOM...]`: one table, and the same as JSON."""

import argparse
import importlib
import json
from pathlib import Path

from bench.figure import Figure

FOLDER = Path(__file__).parent
NOT_ROOMS = {
    "__init__",
    "__main__",
    "big_register",
    "figure",
    "page",
    "rates",
    "register_acts",
    "served_office",
    "stopwatch",
    "turns",
    "verify_known",
    "verify_papers",
}


def rooms() -> list[str]:
    """The modules here that measure something."""
    return sorted(
        path.stem for path in FOLDER.glob("*.py") if path.stem not in NOT_ROOMS and not path.stem.endswith("_peer")
    )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("rooms", nargs="*", choices=[*rooms(), []], metavar="ROOM", help=", ".join(rooms()))
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write {name: {value, unit, against}}")
    wanted = parser.parse_args()
    found: dict[str, Figure] = {}
    print(f"{'name':28} {'value':>10} {'unit':10} against")
    for room in wanted.rooms or rooms():
        for figure in importlib.import_module(f"bench.{room}").figures():
            found[figure.name] = figure
            print(f"{figure.name:28} {figure.value:10.3f} {figure.unit:10} {figure.against}", flush=True)
    if wanted.json:
        written = {f.name: {"value": round(f.value, 4), "unit": f.unit, "against": f.against} for f in found.values()}
        wanted.json.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
