"""States of a dossier until its paper is made. The table of moves is the only place that says what may follow what."""

from typing import Final, Literal

DossierState = Literal["received", "appraised", "supplement_requested", "refused", "withdrawn"]

DOSSIER_MOVES: Final[dict[DossierState, frozenset[DossierState]]] = {
    "received": frozenset({"appraised", "supplement_requested", "refused", "withdrawn"}),
    "appraised": frozenset({"supplement_requested", "refused", "withdrawn"}),
    # what was handed in later is appraised anew
    "supplement_requested": frozenset({"received", "refused", "withdrawn"}),
    "refused": frozenset(),
    "withdrawn": frozenset(),
}
