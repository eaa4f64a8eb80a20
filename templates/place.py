"""Where the two marks stand: the officer's signature between post and name, the seal over its left third."""

from dataclasses import dataclass
from typing import Final

from templates.sheet import HEIGHT, MM, WIDTH, Rect

SIGNATURE_WIDTH: Final = 50 * MM
SIGNATURE_HEIGHT: Final = 22 * MM

CLEARANCE: Final = 2 * MM
"""Free paper above and below the seal, so that it touches neither the post nor the name."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A rectangle on a page (0-based), in points."""

    page: int
    rect: Rect


def room_for(seal_diameter_mm: float) -> float:
    """The height to leave between post and name, in points."""
    return max(seal_diameter_mm * MM, SIGNATURE_HEIGHT) + 2 * CLEARANCE


def marks(*, page: int, centre: tuple[float, float], seal_diameter_mm: float) -> tuple[Place, Place]:
    """The officer's and the seal's rectangles around the middle of the space between post and name.

    cx = sx + w/3 - D/2, cy = sy: a third of the signature lies under the seal, on its left (NĐ 30/2020, PL I, 8.a).
    A seal that would leave the page is shifted, never scaled.
    """
    x, y = centre
    left = x - SIGNATURE_WIDTH / 2
    officer = (left, y - SIGNATURE_HEIGHT / 2, left + SIGNATURE_WIDTH, y + SIGNATURE_HEIGHT / 2)
    diameter = seal_diameter_mm * MM
    seal_left = min(max(left + SIGNATURE_WIDTH / 3 - diameter, 0.0), WIDTH - diameter)
    seal_bottom = min(max(y - diameter / 2, 0.0), HEIGHT - diameter)
    seal = (seal_left, seal_bottom, seal_left + diameter, seal_bottom + diameter)
    return Place(page=page, rect=officer), Place(page=page, rect=seal)
