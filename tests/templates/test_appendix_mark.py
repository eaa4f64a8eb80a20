"""The mark of a separate attachment: text alone, Times-like, upright, size 10, black (NĐ 30/2020, PL I, 8.b)."""

import io
from datetime import UTC, datetime

import pikepdf
import pypdfium2 as pdfium
import pytest

from templates import MarkInvalid, appendix_box, appendix_mark
from tests.templates.test_mark import inked, shown

AT = datetime(2026, 11, 22, 2, 15, 30, tzinfo=UTC)


def test_ac39_the_text_and_nothing_else() -> None:
    wide, high = appendix_box("UBND-VX")
    mark = appendix_mark("12/UBND-VX", AT, width_pt=wide, height_pt=high)
    assert (mark.width_pt, mark.height_pt) == (wide, high)
    with pdfium.PdfDocument(mark.pdf) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert text == "Số: 12/UBND-VX; 22/11/2026; 09:15:30 +07:00"
    with pikepdf.open(io.BytesIO(mark.pdf)) as pdf:
        resources = pdf.pages[0].Resources
        assert "/XObject" not in resources
        (font,) = resources.Font.values()
        assert "Tinos" in str(font.BaseFont)
        assert "/FontFile2" in font.FontDescriptor
        assert b" 10 Tf" in pdf.pages[0].Contents.read_bytes()
    left, top, right, bottom = inked(shown(mark.pdf))
    assert right / 6 == pytest.approx(wide - 1, abs=0.5), "it ends at the right edge"
    assert left / 6 > 10, "a short number leaves room on the left"
    assert 0 < top < bottom < high * 6
    picture = shown(mark.pdf)
    assert all(channel[0] < 40 for channel in picture.getextrema()), "black"


def test_a_box_holds_the_longest_number_of_its_symbol_and_no_other() -> None:
    wide, high = appendix_box("GCN-UBND")
    assert appendix_mark("999999/GCN-UBND", AT, width_pt=wide, height_pt=high).width_pt == wide
    with pytest.raises(MarkInvalid):
        appendix_mark("9999999/GCN-UBND", AT, width_pt=wide, height_pt=high)
