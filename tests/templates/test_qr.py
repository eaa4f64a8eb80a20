"""The QR symbol of TT 01/2023/TT-VPCP, read back from a scan-like rendering by an independent reader."""

import pypdfium2 as pdfium
import pytest
import segno
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from templates import PaperDataInvalid, RenderedPaper, masked, read_qr_text, render
from templates.masking import best_symbol
from tests.templates.examples import NAME, issue, long_paper, sample_data, sample_paper
from tests.templates.reading import MM, read


def scan(paper: RenderedPaper, dpi: int = 200) -> Image.Image:
    with pdfium.PdfDocument(paper.pdf) as document:
        return document[0].render(scale=dpi / 72).to_pil().convert("L")


def decode(picture: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return str(found.text)


EXPECTED = {
    "url": "https://hcc.example/v/7K3M9QXV2TBN8RWC4HZD6FYJ5PS",
    "dossier": "000.00.16.H05-261119-0007",
    "procedure": "1.001612",
    "holder_id": "*********002",
    "paper": "Giấy chứng nhận đăng ký hộ kinh doanh",
    "system": "Second Seal, xã Mẫu",
    "exported_at": "2026-11-21T09:15:30+07:00",
    "validity": "Không thời hạn; toàn quốc",
}


def test_ac91_every_field_from_a_200_dpi_scan() -> None:
    text = decode(scan(sample_paper()))
    assert text == sample_paper().qr_text
    assert read_qr_text(text) == EXPECTED


def test_ac91_read_from_a_poor_scan() -> None:
    """Blurred, two degrees askew, squeezed to grey."""
    # On a larger ground, for turned about its middle the page would lose its corner.
    ground = ImageOps.expand(scan(sample_paper()).filter(ImageFilter.GaussianBlur(0.6)), 100, fill=255)
    poor = ground.rotate(2, Image.Resampling.BICUBIC, fillcolor=255)
    assert read_qr_text(decode(poor)) == EXPECTED


def test_ac91_read_from_the_long_paper() -> None:
    assert decode(scan(long_paper())) == long_paper().qr_text


def test_ac91_wholly_in_the_left_margin() -> None:
    symbol = read(sample_paper().pdf)[0].rules[0]
    left, bottom, right, top = (edge / MM for edge in symbol)
    assert left >= 4 - 0.1
    assert right <= 26 + 0.1
    assert 297 - top >= 5 - 0.1
    assert 297 - bottom <= 27 + 0.1
    assert right - left + 0.1 >= 20


def test_ac92_identity_number_masked_unless_the_office_says_otherwise() -> None:
    assert "000000000002" not in sample_paper().qr_text
    full = render(NAME, sample_data(), issue(holder_id_in_qr="full"))
    assert read_qr_text(full.qr_text)["holder_id"] == "000000000002"
    assert masked("012345678901") == "*********901"
    assert masked("123") == "***"
    assert masked("") == ""


def test_text_is_a_plain_ascii_address() -> None:
    assert sample_paper().qr_text.isascii()
    assert " " not in sample_paper().qr_text


def test_too_much_for_the_symbol_is_refused() -> None:
    with pytest.raises(PaperDataInvalid) as caught:
        render(NAME, sample_data(), issue(validity="Ủy ban " * 40))
    assert caught.value.problems[0][0] == "issue.validity"


def test_mask_penalty_agrees_with_segno() -> None:
    """segno's own choice among the eight masks, module by module, is the oracle for the whole-symbol arithmetic."""
    for text in (sample_paper().qr_text, "https://hcc.example/v/ABC", "0" * 120, "Mẫu " * 30):
        mine = best_symbol(text)
        theirs = segno.make_qr(text, error="l", boost_error=True)
        assert (mine.version, mine.correction) == (theirs.version, theirs.error)
        rows = tuple("".join(map(str, row)) for row in theirs.matrix)
        assert mine.rows == rows


def test_ac91_the_finest_symbol_allowed_is_still_read() -> None:
    """Version 15, 77 modules on 22 mm: 0.29 mm each."""
    paper = render(NAME, sample_data(), issue(validity="x" * 230))
    assert best_symbol(paper.qr_text).version == 15
    assert decode(scan(paper)) == paper.qr_text
