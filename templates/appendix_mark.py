"""The mark of a separate attachment: text alone, at the top right of its first page (NĐ 30/2020, PL I, 8.b and PL III).

The organisation's signature on an attachment shows no picture of the seal: number and symbol of the document, and when
it was signed, Vietnamese time (AC-39).
"""

from datetime import datetime
from typing import Final

from templates.errors import MarkInvalid
from templates.mark import DrawnMark
from templates.text_mark import WIDEST_TIME, moment_text, text_box, text_mark

_WIDEST_NUMBER: Final = "888888"
"""More than an office ever counts in a year."""


def appendix_text(number: str, signed_at: datetime) -> str:
    """What the mark says: `Số: 12/UBND-VX; 22/11/2026; 09:15:30 +07:00`."""
    return f"Số: {number}; {moment_text(signed_at)}"


def appendix_box(symbol: str) -> tuple[float, float]:
    """Points, width and height, that hold the mark of any document with this symbol."""
    return text_box(appendix_text(f"{_WIDEST_NUMBER}/{symbol}", WIDEST_TIME))


def appendix_mark(number: str, signed_at: datetime, *, width_pt: float, height_pt: float) -> DrawnMark:
    """The text, ending at the right edge of a box of this size. Raises MarkInvalid where it does not fit."""
    too_large = MarkInvalid(
        "too_large",
        "Ô ký số của phụ lục không đủ chỗ cho số, ký hiệu và thời gian ký.",
        "The attachment's signature field has no room for number, symbol and time of signing.",
        found=width_pt,
    )
    return text_mark(appendix_text(number, signed_at), width_pt=width_pt, height_pt=height_pt, too_large=too_large)
