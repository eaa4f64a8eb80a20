"""`python -m drill [NAME...]`: a line each, kept in docs/measurements if all; status 1 where anything was lost, doubled
or wrong. `--papers 20 --most 4 --away 5` are for a short look at drills of a standing office."""

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import page
from drill import card, hsm_away, standing_drills, worker
from drill.outcome import Outcome
from drill.progress import say

_THE_REST = "the rest"
_SHORTER = ("--papers", "--most", "--away")
NAMES = (hsm_away.NAME, *worker.DRILLS, *card.ROOM_DRILLS, *standing_drills.DRILLS)


def played(names: Sequence[str], shorter: Sequence[str] = ()) -> Iterator[Outcome]:
    """Each drill's outcome, as it ends; of one that cannot be carried out too. Those of the worker share one office;
    those of a standing office come last, two side by side, with the options `shorter`."""
    alone = [name for name in names if name not in standing_drills.DRILLS]
    with ExitStack() as open_until_the_end:
        room: worker.WorkerRoom | None = None
        for number, name in enumerate(alone):
            say(f"{name} begins; {len(names) - number - 1} more wait")
            began = time.monotonic()
            try:
                if name in worker.DRILLS and room is None:
                    folder = open_until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="secondseal-drill-"))
                    room = open_until_the_end.enter_context(worker.open_room(Path(folder)))
                outcome = _carried_out(name, room)
            except Exception:  # noqa: BLE001  one that fails, however, keeps no other from being carried out and told
                outcome = failed(name, time.monotonic() - began)
            yield outcome
    yield from standing_drills.apart([name for name in names if name in standing_drills.DRILLS], shorter)


def failed(name: str, seconds: float) -> Outcome:
    """Of the exception in hand."""
    why = traceback.format_exc()[-4000:]
    return Outcome(name=name, did="not carried out", seconds=seconds, lost=0, doubled=0, wrong=(why,))


def _carried_out(name: str, room: worker.WorkerRoom | None) -> Outcome:
    """Raises `DrillFailed` and whatever else it comes upon."""
    if room is not None and name in worker.DRILLS:
        return worker.DRILLS[name](room)
    return card.apart(name) if name in card.ROOM_DRILLS else hsm_away.drill()


def main() -> int:
    """Carry them out one after the other."""
    parser = argparse.ArgumentParser(prog="drill", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
    for option in _SHORTER:
        parser.add_argument(option)
    given = parser.parse_args()
    named = given.names
    shorter = [word for one in _SHORTER if (value := getattr(given, one[2:])) for word in (one, value)]
    if shorter and not named:
        parser.error("the page of measurements is of the whole: name drills to make them shorter")
    began = time.monotonic()
    outcomes = []
    try:
        for outcome in played(named or NAMES, shorter):
            outcomes.append(outcome)
            print(outcome, flush=True)
    except Exception:  # noqa: BLE001  what the others found is written down all the same
        outcomes.append(failed(_THE_REST, time.monotonic() - began))
        print(outcomes[-1], flush=True)
    if not named:
        outcomes.sort(key=lambda one: (*NAMES, _THE_REST).index(one.name))
        print(f"written to {kept(outcomes, time.monotonic() - began)}")
    not_held = [one.name for one in outcomes if not one.held]
    told = f"; not held: {', '.join(not_held)}" if not_held else ""
    print(f"{len(outcomes)} drills, {time.monotonic() - began:.0f} s{told}")
    print(_counts(outcomes))
    return 1 if not_held else 0


def _counts(outcomes: Sequence[Outcome]) -> str:
    return f"lost {sum(one.lost for one in outcomes)}, doubled {sum(one.doubled for one in outcomes)}"


def _in_a_cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def kept(outcomes: Sequence[Outcome], seconds: float, folder: Path = page.FOLDER) -> Path:
    """Write the page of measurements into `folder`; gives it."""
    rows = []
    for one in outcomes:
        held = "yes" if one.held else "**no**" + "".join(f"; {_in_a_cell(found)}" for found in one.wrong)
        rows.append((f"`{one.name}`", one.did, f"{one.seconds:.0f} s", str(one.lost), str(one.doubled), held))
    return page.write(
        "drill",
        title="Drills of approving and sealing, and of the seal's key",
        command="make drill",
        seconds=seconds,
        head=("Drill", "What was done and found", "Took", "Lost", "Doubled", "Holds"),
        rows=rows,
        end=_counts(outcomes),
        folder=folder,
    )


if __name__ == "__main__":
    sys.exit(main())
