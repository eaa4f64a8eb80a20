"""States of a document and the five stages a dossier passes ("5 tại chỗ").

Stages: tiếp nhận (received), thẩm định (appraised), phê duyệt (approved), đóng dấu (stamped), trả kết quả (returned).
The table of moves is the only place that says what may follow what.
"""

from typing import Final, Literal

from office import FIVE_STAGES, FOUR_STAGES

State = Literal[
    "generated",
    "awaiting_approval",
    "approved",
    "confirmed",
    "sealed",
    "wet_stamped",
    "returned",
    "amendment_requested",
    "refused",
    "withdrawn",
    "replaced",
    "recalled",
]
Stage = Literal["received", "appraised", "approved", "stamped", "returned"]
StageState = Literal["done", "now", "todo", "stopped"]

STAGES: Final[tuple[Stage, ...]] = FIVE_STAGES
UNSTAMPED_STAGES: Final[tuple[Stage, ...]] = FOUR_STAGES
"""Of a document that gets no seal here: it is returned as it was approved."""

MOVES: Final[dict[State, frozenset[State]]] = {
    "generated": frozenset({"awaiting_approval", "withdrawn"}),
    "awaiting_approval": frozenset({"approved", "amendment_requested", "refused", "withdrawn"}),
    # back to `approved`: the stamping of a confirmed document failed and the custodian must confirm anew
    # returned at once: only a document that gets no seal here (endings.return_to_citizen)
    "approved": frozenset({"confirmed", "returned", "wet_stamped", "amendment_requested", "withdrawn"}),
    "confirmed": frozenset({"sealed", "approved"}),
    "sealed": frozenset({"returned", "replaced", "recalled"}),
    # printed and stamped by hand (AC-12): issued, and never sealed as well
    "wet_stamped": frozenset({"returned", "replaced", "recalled"}),
    "returned": frozenset({"replaced", "recalled"}),
    "amendment_requested": frozenset(),
    "refused": frozenset(),
    "withdrawn": frozenset(),
    "replaced": frozenset(),
    "recalled": frozenset(),
}

_REACHED: Final[dict[State, int]] = {
    "generated": 2,
    "awaiting_approval": 2,
    "amendment_requested": 2,
    "refused": 2,
    "withdrawn": 2,
    "approved": 3,
    "confirmed": 3,
    "sealed": 4,
    "wet_stamped": 4,
    "returned": 5,
    "replaced": 5,
    "recalled": 5,
}
"""How many of the stages are done in each state, with the stamping and, but for `sealed`, without."""

STOPPED: Final[frozenset[State]] = frozenset({"amendment_requested", "refused", "withdrawn"})


def stage_states(state: State, stages: tuple[Stage, ...] = STAGES) -> tuple[StageState, ...]:
    """State of each of the stages, in order, for a document in `state`."""
    reached = _REACHED[state]
    out: list[StageState] = []
    for index in range(len(stages)):
        if index < reached:
            out.append("done")
        elif index == reached:
            out.append("stopped" if state in STOPPED else "now")
        else:
            out.append("todo")
    return tuple(out)
