"""A scan from which an electronic copy may be made: colour, 200 dpi or more, in the paper's own size."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from signer import ScanReason, Unsealable, check_scan
from signer.scan import scan_faults

FOREIGN = Path(__file__).parents[1] / "corpus" / "foreign"
_INCH = 72


def scan(
    *modes: str, dpi: float = 200, size: tuple[float, float] = A4, strips: int = 1, share: float = 1.0, turned: int = 0
) -> bytes:
    """A page for each mode (RGB, L), filled by one picture of it, or by strips."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=size, invariant=True, pdfVersion=(1, 4))
    for mode in modes:
        wide, high = size[0] * share, size[1] * share / strips
        picture = Image.new(mode, (round(wide / _INCH * dpi), round(high / _INCH * dpi)), "white")
        for strip in range(strips):
            sheet.drawImage(ImageReader(picture), 0, strip * high, wide, high)
        sheet.setPageRotation(turned)
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def fax() -> bytes:
    """One bit a pixel."""
    out = io.BytesIO()
    Image.new("1", (1654, 2339), 1).save(out, "PDF", resolution=200)
    return out.getvalue()


def reasons(pdf: bytes, **how: Any) -> list[tuple[str, int]]:
    return [(fault.reason.value, fault.found["page"]) for fault in scan_faults(pdf, "1.4", **how)]


@pytest.mark.parametrize(
    "how", [{}, {"dpi": 300}, {"strips": 7}, {"turned": 90}, {"size": (A4[1], A4[0])}, {"share": 0.97}]
)
def test_ac40_what_may_be_copied(how: dict[str, Any]) -> None:
    """One picture or strips, lying or standing, with a scanner's narrow edge."""
    assert reasons(scan("RGB", **how)) == []


@pytest.mark.parametrize(
    ("pdf", "found"),
    [
        pytest.param(scan("RGB", "L"), [("not_colour", 2)], id="grey"),
        pytest.param(fax(), [("not_colour", 1)], id="black and white"),
        pytest.param(scan("RGB", dpi=150), [("too_coarse", 1)], id="150 dpi"),
        pytest.param(scan("RGB", dpi=198), [("too_coarse", 1)], id="198 dpi"),
        pytest.param(scan("RGB", size=A5), [("wrong_size", 1)], id="reduced to A5"),
        pytest.param(scan("RGB", size=(A4[0] * 1.03, A4[1] * 1.03)), [("wrong_size", 1)], id="3 % larger"),
        pytest.param(scan("RGB", share=0.5), [("not_scanned", 1)], id="half a page"),
    ],
)
def test_ac40_what_may_not(pdf: bytes, found: list[tuple[str, int]]) -> None:
    """Each with its page."""
    assert reasons(pdf) == found


def test_ac40_the_papers_own_size_counts() -> None:
    """An A5 sheet is copied as A5; within 2 %."""
    assert reasons(scan("RGB", size=A5), paper_mm=(148, 210)) == []
    assert reasons(scan("RGB", size=(A4[0] * 1.015, A4[1] * 0.985))) == []


def test_ac40_read_in_a_locked_process_and_said_in_words() -> None:
    """The corpus's scan may be copied, a word processor's paper is none; what cannot be read is refused."""
    assert check_scan((FOREIGN / "scan.pdf").read_bytes()) == ()
    (fault,) = check_scan((FOREIGN / "libreoffice-letter.pdf").read_bytes())
    assert fault.reason is ScanReason.NOT_SCANNED
    assert fault.text_vi == "Trang 1 không phải ảnh quét của cả trang giấy."
    (coarse,) = check_scan(scan("RGB", dpi=150))
    assert (coarse.reason, coarse.found) == (ScanReason.TOO_COARSE, {"page": 1, "dpi": 150})
    assert "150 dpi" in coarse.text_en
    with pytest.raises(Unsealable):
        check_scan(b"no pdf")


def test_ac40_an_older_pdf_is_said() -> None:
    """PDF 1.4 or later."""
    (fault,) = scan_faults(scan("RGB"), "1.3")
    assert (fault.reason, fault.found) == (ScanReason.PDF_TOO_OLD, {"version": "1.3"})
