"""The mark of a separate attachment: text alone, at the top right of its first page (NĐ 30/2020, PL I, 8.b and PL III).

The organisation's signature on an attachment shows no picture of the seal: number and symbol of the document, and when
it was signed, Vietnamese time, in letters like Times, upright, size 10, black (AC-39).
"""

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
_WIDEST_NUMBER: Final = "888888"
"""More than an office ever counts in a year; every digit is as wide as every other."""
_WIDEST_TIME: Final = datetime(2028, 12, 28, 23, 58, 58, tzinfo=VIETNAM)


def appendix_text(number: str, signed_at: datetime) -> str:
    """What the mark says: `Số: 12/UBND-VX; 22/11/2026; 09:15:30 +07:00`."""
    moment = signed_at.astimezone(VIETNAM)
    return f"Số: {number}; {moment:%d/%m/%Y; %H:%M:%S} +07:00"


def appendix_box(symbol: str) -> tuple[float, float]:
    """Points, width and height, that hold the mark of any document with this symbol."""
    widest = appendix_text(f"{_WIDEST_NUMBER}/{symbol}", _WIDEST_TIME)
    return width(widest, REGULAR, _SIZE) + 2 * _AIR, (ASCENT + DESCENT) * _SIZE + 2 * _AIR


def appendix_mark(number: str, signed_at: datetime, *, width_pt: float, height_pt: float) -> DrawnMark:
    """The text, ending at the right edge of a box of this size. Raises MarkInvalid where it does not fit."""
    text = appendix_text(number, signed_at)
    if width(text, REGULAR, _SIZE) + 2 * _AIR > width_pt + _ROUNDING or height_pt < (ASCENT + DESCENT) * _SIZE:
        raise MarkInvalid(
            "too_large",
            "Ô ký số của phụ lục không đủ chỗ cho số, ký hiệu và thời gian ký.",
            "The attachment's signature field has no room for number, symbol and time of signing.",
            found=width_pt,
        )
    pen = Pen(size=(width_pt, height_pt))
    pen.right(width_pt - _AIR, _AIR + DESCENT * _SIZE, text, REGULAR, _SIZE)
    return DrawnMark(pdf=pen.finish(), width_pt=width_pt, height_pt=height_pt)
