"""What a whole run found, for docs/measurements."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from drill.outcome import Outcome
from soak.record import FOLDER, machine


def write(outcomes: Sequence[Outcome], seconds: float) -> Path:
    """Replace the page of the drills of the seal's key; returns it."""
    page = FOLDER / "drill-hsm.md"
    rows = "\n".join(
        f"| `{one.name}` | {one.did} | {one.seconds:.0f} s | {one.lost} | {one.doubled} | "
        f"{'**no**: ' + '; '.join(one.wrong) if one.wrong else 'yes' if one.held else '**no**'} |"
        for one in outcomes
    )
    page.write_text(
        "# Drills of the seal's key\n\n"
        f"Written by `make drill`; not edited by hand. {datetime.now(UTC):%Y-%m-%d}, {seconds:.0f} s.\n\n"
        f"{machine()}.\n\n"
        f"| Drill | What was done and found | Took | Lost | Doubled | Holds |\n|---|---|---|---|---|---|\n{rows}\n\n"
        f"lost {sum(one.lost for one in outcomes)}, doubled {sum(one.doubled for one in outcomes)}\n",
        "utf-8",
    )
    return page
