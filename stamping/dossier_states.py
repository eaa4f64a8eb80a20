"""States of a dossier until its paper is made, and the stage it has come to with the papers made for it.

The table of moves is the only place that says what may follow what; the stage is worked out and written nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from stamping.states import STOPPED, Stage, State

DossierState = Literal["received", "appraised", "supplement_requested", "refused", "withdrawn"]

DOSSIER_MOVES: Final[dict[DossierState, frozenset[DossierState]]] = {
    "received": frozenset({"appraised", "supplement_requested", "refused", "withdrawn"}),
    "appraised": frozenset({"supplement_requested", "refused", "withdrawn"}),
    # what was handed in later is appraised anew
    "supplement_requested": frozenset({"received", "refused", "withdrawn"}),
    "refused": frozenset(),
    "withdrawn": frozenset(),
}

Standing = Literal[
    "under_way", "supplement_requested", "ready", "completed", "refused", "withdrawn", "replaced", "recalled"
]
"""`ready`: every paper is stamped and waits to be handed over; `completed`: every one was. `refused`: the dossier, or
its newest paper by the officer. `replaced`, `recalled`: what was issued is no longer in force and nothing else is."""

ReturnWay = Literal["counter", "online", "post"]
"""How the applicant chose to get the result: tại quầy, trực tuyến, qua bưu chính."""

PENDING: Final[frozenset[State]] = frozenset({"generated", "awaiting_approval", "approved", "confirmed"})
"""Of a paper that is on its way; every other that did not stop was issued."""

STAMPED: Final[frozenset[State]] = frozenset({"sealed", "wet_stamped"})
"""Of a paper that waits to be handed over."""

_STAGE: Final[dict[State, Stage]] = {
    "generated": "appraised",
    "awaiting_approval": "appraised",
    "approved": "approved",
    "confirmed": "approved",
    "sealed": "stamped",
    "wet_stamped": "stamped",
    "returned": "returned",
}
_STANDS: Final[dict[Stage, Standing]] = {"stamped": "ready", "returned": "completed"}
_ORDER: Final[tuple[Stage, ...]] = ("received", "appraised", "approved", "stamped", "returned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The last stage that is done, and how the dossier stands."""

    stage: Stage
    standing: Standing


def where(state: DossierState, appraised: bool, papers: Sequence[tuple[State, bool]]) -> Where:
    """`papers`: the state of each and whether it was returned, in the order they were made.

    The slowest counts; one sent back, refused or withdrawn counts no more, and one replaced or recalled only where
    nothing else is left.
    """
    own: Stage = "appraised" if appraised else "received"
    match state:
        case "supplement_requested" | "refused" | "withdrawn":
            return Where(stage=own, standing=state)
    going = [_STAGE[paper] for paper, _ in papers if paper in _STAGE]
    if going:
        stage = min(going, key=_ORDER.index)
        return Where(stage=stage, standing=_STANDS.get(stage, "under_way"))
    gone = [(paper, returned) for paper, returned in papers if paper not in STOPPED]
    if gone:
        standing: Standing = "recalled" if any(paper == "recalled" for paper, _ in gone) else "replaced"
        return Where(stage="returned" if any(returned for _, returned in gone) else "stamped", standing=standing)
    refused = bool(papers) and papers[-1][0] == "refused"
    return Where(stage=own, standing="refused" if refused else "under_way")
