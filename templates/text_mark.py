"""A mark of text alone, as the organisation's signature shows on attachments and on copies (NĐ 30/2020, PL I, 8.b and
part II): in letters like Times, upright, size 10, black."""

from datetime import datetime
from typing import Final

from templates.errors import MarkInvalid
from templates.mark import DrawnMark
from templates.pen import Pen
from templates.qr import VIETNAM
from templates.typeface import ASCENT, DESCENT, REGULAR, width

_SIZE: Final = 10.0
_AIR: Final = 1.0
"""Points around the letters."""
_ROUNDING: Final = 0.01
"""Fields are written with three decimals."""
WIDEST_TIME: Final = datetime(2028, 12, 28, 23, 58, 58, tzinfo=VIETNAM)
"""Every digit is as wide as every other."""


def moment_text(signed_at: datetime) -> str:
    """Vietnamese time: `22/11/2026; 09:15:30 +07:00`."""
    return f"{signed_at.astimezone(VIETNAM):%d/%m/%Y; %H:%M:%S} +07:00"


def text_box(widest: str) -> tuple[float, float]:
    """Points, width and height, that hold this text."""
    return width(widest, REGULAR, _SIZE) + 2 * _AIR, (ASCENT + DESCENT) * _SIZE + 2 * _AIR


def text_mark(text: str, *, width_pt: float, height_pt: float, too_large: MarkInvalid) -> DrawnMark:
    """The text, ending at the right edge of a box of this size. Raises `too_large` where it does not fit, GlyphMissing
    for a letter that the typeface has not."""
    if width(text, REGULAR, _SIZE) + 2 * _AIR > width_pt + _ROUNDING or height_pt < (ASCENT + DESCENT) * _SIZE:
        raise too_large
    pen = Pen(size=(width_pt, height_pt))
    pen.right(width_pt - _AIR, _AIR + DESCENT * _SIZE, text, REGULAR, _SIZE)
    return DrawnMark(pdf=pen.finish(), width_pt=width_pt, height_pt=height_pt)
