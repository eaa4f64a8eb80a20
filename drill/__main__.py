"""`python -m drill [NAME...]`: a line each, kept in docs/measurements if all; status 1 where anything was lost, doubled
or wrong."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import page
from drill import card, hsm_away, standing_drills, worker
from drill.outcome import DrillFailed, Outcome

NAMES = (hsm_away.NAME, *worker.DRILLS, *card.ROOM_DRILLS, *standing_drills.DRILLS)


def played(names: Sequence[str]) -> Iterator[Outcome]:
    """Each drill's outcome, as it ends. Those of the worker share one office; those of a standing office last, side by
    side."""
    with ExitStack() as open_until_the_end:
        room: worker.WorkerRoom | None = None
        for name in names:
            if name in standing_drills.DRILLS:
                continue
            if name in worker.DRILLS and room is None:
                folder = open_until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="secondseal-drill-"))
                room = open_until_the_end.enter_context(worker.open_room(Path(folder)))
            yield _carried_out(name, room)
    yield from standing_drills.apart([name for name in names if name in standing_drills.DRILLS])


def _carried_out(name: str, room: worker.WorkerRoom | None) -> Outcome:
    try:
        if room is not None and name in worker.DRILLS:
            return worker.DRILLS[name](room)
        return card.apart(name) if name in card.ROOM_DRILLS else hsm_away.drill()
    except DrillFailed as error:
        return Outcome(name=name, did="not carried out", seconds=0, lost=0, doubled=0, wrong=(str(error),))


def main() -> int:
    """Carry them out one after the other."""
    parser = argparse.ArgumentParser(prog="drill", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
    named = parser.parse_args().names
    began = time.monotonic()
    outcomes = []
    for outcome in played(named or NAMES):
        outcomes.append(outcome)
        print(outcome, flush=True)
    if not named:
        print(f"written to {_kept(outcomes, time.monotonic() - began)}")
    failed = [one.name for one in outcomes if not one.held]
    print(
        f"{len(outcomes)} drills, {time.monotonic() - began:.0f} s{'; not held: ' if failed else ''}{', '.join(failed)}"
    )
    print(_counts(outcomes))
    return 1 if failed else 0


def _counts(outcomes: Sequence[Outcome]) -> str:
    return f"lost {sum(one.lost for one in outcomes)}, doubled {sum(one.doubled for one in outcomes)}"


def _kept(outcomes: Sequence[Outcome], seconds: float) -> Path:
    rows = []
    for one in outcomes:
        held = "yes" if one.held else "**no**" + "".join(f"; {found}" for found in one.wrong)
        rows.append((f"`{one.name}`", one.did, f"{one.seconds:.0f} s", str(one.lost), str(one.doubled), held))
    return page.write(
        "drill",
        title="Drills of approving and sealing, and of the seal's key",
        command="make drill",
        seconds=seconds,
        head=("Drill", "What was done and found", "Took", "Lost", "Doubled", "Holds"),
        rows=rows,
        end=_counts(outcomes),
    )


if __name__ == "__main__":
    sys.exit(main())
