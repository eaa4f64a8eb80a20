"""`python -m drill [NAME...]`: one line a drill, then the sum; ends with 1 when anything was lost, doubled or wrong."""

import argparse
import sys
import time

from drill import hsm_away
from drill.outcome import DrillFailed, Outcome

DRILLS = {
    hsm_away.NAME: hsm_away.drill,
}


def main() -> int:
    """Run them one after the other."""
    parser = argparse.ArgumentParser(prog="drill", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*DRILLS, []], metavar="NAME", help=", ".join(DRILLS))
    wanted = parser.parse_args().names or list(DRILLS)
    outcomes: list[Outcome] = []
    began = time.monotonic()
    for name in wanted:
        try:
            outcome = DRILLS[name]()
        except DrillFailed as error:
            outcome = Outcome(name=name, did="not carried out", seconds=0, lost=0, doubled=0, wrong=(str(error),))
        outcomes.append(outcome)
        print(outcome, flush=True)
    lost, doubled = sum(one.lost for one in outcomes), sum(one.doubled for one in outcomes)
    failed = [one.name for one in outcomes if not one.held]
    print(
        f"{len(outcomes)} drills in {time.monotonic() - began:.0f} s"
        + (f"; not held: {', '.join(failed)}" if failed else "")
    )
    print(f"lost {lost}, doubled {doubled}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
