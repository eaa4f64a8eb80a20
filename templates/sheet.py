"""The sheet of Decree 30/2020, annex I part I: A4 upright, its margins and the columns of its head. All in points."""

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

Rect = tuple[float, float, float, float]
"""(left, bottom, right, top) in points from the page's lower left corner."""
