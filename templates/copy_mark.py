"""The mark of a copy (bản sao): text alone, at the top right of its first page (NĐ 30/2020, PL I, part II, box 14).

The organisation that copies signs; no picture of its seal is shown, only which kind of copy it is, who made it and
when, Vietnamese time.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from templates.errors import MarkInvalid
from templates.mark import DrawnMark
from templates.text_mark import WIDEST_TIME, moment_text, text_box, text_mark
from templates.typeface import clean


class CopyKind(StrEnum):
    """Hình thức sao (NĐ 30/2020, Đ.25 to 27). The value is the symbol in a copy's number."""

    WHOLE = "SY"
    RECORD = "SL"
    EXTRACT = "TrS"

    @property
    def words(self) -> str:
        """As the mark says it."""
        return _WORDS[self]


_WORDS: Final = {CopyKind.WHOLE: "SAO Y", CopyKind.RECORD: "SAO LỤC", CopyKind.EXTRACT: "TRÍCH SAO"}


def copy_text(kind: CopyKind, organisation: str, signed_at: datetime) -> str:
    """What the mark says: `SAO Y; Ủy ban nhân dân xã Mẫu; 22/11/2026; 09:15:30 +07:00`."""
    return f"{kind.words}; {clean(organisation)}; {moment_text(signed_at)}"


def copy_box(kind: CopyKind, organisation: str) -> tuple[float, float]:
    """Points, width and height, that hold this organisation's mark at any time."""
    return text_box(copy_text(kind, organisation, WIDEST_TIME))


def copy_mark(
    kind: CopyKind, organisation: str, signed_at: datetime, *, width_pt: float, height_pt: float
) -> DrawnMark:
    """The text, ending at the right edge of a box of this size. Raises MarkInvalid where it does not fit, GlyphMissing
    for a letter of the name that the typeface has not."""
    too_large = MarkInvalid(
        "too_large",
        "Ô ký số của bản sao không đủ chỗ cho hình thức sao, tên cơ quan và thời gian ký.",
        "The copy's signature field has no room for kind of copy, organisation and time of signing.",
        found=width_pt,
    )
    text = copy_text(kind, organisation, signed_at)
    return text_mark(text, width_pt=width_pt, height_pt=height_pt, too_large=too_large)
