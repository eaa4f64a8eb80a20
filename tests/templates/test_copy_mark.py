"""The mark of a copy: text alone, Times-like, upright, size 10, black (NĐ 30/2020, PL I, part II, box 14)."""

import io
import unicodedata
from datetime import UTC, datetime

import pikepdf
import pypdfium2 as pdfium
import pytest

from templates import CopyKind, GlyphMissing, MarkInvalid, copy_box, copy_mark
from tests.templates.test_mark import inked, shown

AT = datetime(2026, 11, 22, 17, 15, 30, tzinfo=UTC)
"""In Viet Nam the next day."""
OFFICE = "Ủy ban nhân dân xã Mẫu"


@pytest.mark.parametrize(
    ("kind", "symbol", "words"),
    [(CopyKind.WHOLE, "SY", "SAO Y"), (CopyKind.RECORD, "SL", "SAO LỤC"), (CopyKind.EXTRACT, "TrS", "TRÍCH SAO")],
)
def test_the_text_of_each_kind_and_nothing_else(kind: CopyKind, symbol: str, words: str) -> None:
    """Kind of copy, organisation, time in Viet Nam; no picture; symbols SY, SL, TrS. A name in NFD is composed."""
    assert kind.value == symbol
    wide, high = copy_box(kind, OFFICE)
    mark = copy_mark(kind, unicodedata.normalize("NFD", OFFICE), AT, width_pt=wide, height_pt=high)
    with pdfium.PdfDocument(mark.pdf) as document:
        assert document[0].get_textpage().get_text_bounded() == f"{words}; {OFFICE}; 23/11/2026; 00:15:30 +07:00"
    with pikepdf.open(io.BytesIO(mark.pdf)) as pdf:
        resources = pdf.pages[0].Resources
        assert "/XObject" not in resources
        (font,) = resources.Font.values()
        assert "Tinos" in str(font.BaseFont)
        assert "/FontFile2" in font.FontDescriptor
        assert b" 10 Tf" in pdf.pages[0].Contents.read_bytes()
    picture = shown(mark.pdf)
    assert all(channel[0] < 40 for channel in picture.getextrema()), "black"
    left, top, right, bottom = inked(picture)
    assert right / 6 == pytest.approx(wide - 1, abs=0.5), "it ends at the right edge"
    assert left > 0
    assert 0 < top < bottom < high * 6


def test_what_does_not_fit_or_cannot_be_drawn_is_refused() -> None:
    """A longer name than the box was made for; a letter that the typeface has not."""
    wide, high = copy_box(CopyKind.WHOLE, OFFICE)
    with pytest.raises(MarkInvalid) as caught:
        copy_mark(CopyKind.EXTRACT, OFFICE, AT, width_pt=wide, height_pt=high)
    assert "bản sao" in caught.value.text_vi
    with pytest.raises(GlyphMissing):
        copy_mark(CopyKind.WHOLE, "Xã \U0001f600", AT, width_pt=800, height_pt=high)
