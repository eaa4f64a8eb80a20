"""Where somebody asks for the marks on a paper of another program, instead of the rule's own choice (`placement`).

All three say where the officer's signature goes; the seal follows from it. What is asked for is done exactly or
refused (`PlaceUnusable`): a place that could mean two is an error, never a guess.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class InField:
    """In the middle of an empty signature field that the file has already, under its full name."""

    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtPoint:
    """Its centre: page from 1, millimetres from the left and the upper edge of the page as it is shown."""

    page: int
    x_mm: float
    y_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BetweenLines:
    """Between two printed texts, the post above and the name below, each of which stands once in the file, or on
    `page` (from 1) where that is given."""

    above: str
    below: str
    page: int | None = None


WantedPlace = InField | AtPoint | BetweenLines

_KINDS: Final = {"field": InField, "coordinates": AtPoint, "anchors": BetweenLines}


def as_order(place: WantedPlace) -> dict[str, Any]:
    """For the order to the intake process, as JSON."""
    return {"by": next(by for by, kind in _KINDS.items() if isinstance(place, kind)), **asdict(place)}


def from_order(order: Mapping[str, Any]) -> WantedPlace:
    """The other way round."""
    made: WantedPlace = _KINDS[order["by"]](**{name: value for name, value in order.items() if name != "by"})
    return made
