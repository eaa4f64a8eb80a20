"""The sheet of Decree 30/2020, annex I part I: A4 upright, its margins and the columns of its head. All in points."""

from dataclasses import dataclass
from typing import Final

MM: Final = 72 / 25.4

WIDTH: Final = 210 * MM
HEIGHT: Final = 297 * MM

# Item 3 of the annex: top and bottom 20-25 mm, left 30-35 mm, right 15-20 mm.
TOP: Final = HEIGHT - 20 * MM
BOTTOM: Final = 20 * MM
LEFT: Final = 30 * MM
RIGHT: Final = WIDTH - 15 * MM
MEASURE: Final = RIGHT - LEFT

# The Quốc hiệu at 12 pt is 88.3 mm wide: the right column of the head is just that, the left takes the rest.
RIGHT_COLUMN: Final = (RIGHT - 88.6 * MM, RIGHT)
LEFT_COLUMN: Final = (LEFT, LEFT + 73 * MM)
RIGHT_CENTRE: Final = sum(RIGHT_COLUMN) / 2
LEFT_CENTRE: Final = sum(LEFT_COLUMN) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page's size and the lines its text keeps to, in points."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def measure(self) -> float:
        """How long a line is."""
        return self.right - self.left

    @property
    def centre(self) -> float:
        """The middle of a line."""
        return (self.left + self.right) / 2


UPRIGHT: Final = Sheet(width=WIDTH, height=HEIGHT, left=LEFT, right=RIGHT, top=TOP, bottom=BOTTOM)
# Only where a table of the text needs it (item 2 of the annex); the margins are the same.
ACROSS: Final = Sheet(
    width=HEIGHT, height=WIDTH, left=30 * MM, right=HEIGHT - 15 * MM, top=WIDTH - 20 * MM, bottom=20 * MM
)

Rect = tuple[float, float, float, float]
"""(left, bottom, right, top) in points from the page's lower left corner."""
