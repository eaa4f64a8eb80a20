"""Is this a scan from which an electronic copy of a paper may be made (NĐ 30/2020, PL I, part II; AC-40)?

In colour, 200 dpi or more, in the paper's own size, PDF 1.4 or later. Only for the locked process: PDFium unpacks what
a stranger wrote.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium_c

from .sheet import PDFIUM

A4_MM: Final = (210.0, 297.0)
_LEAST_DPI: Final = 200
_WHOLE_PIXELS: Final = 0.995
"""A page is not a whole number of pixels wide."""
_SIZE: Final = 0.02
_COVERED: Final = 0.9
"""Of the page's area, by its pictures: scanners leave no more than a narrow edge."""
_SMALL: Final = 0.01
"""Share of the page below which a picture is a logo or a stamp, not the scan."""
_COLOUR_BITS: Final = 24
_GREY: Final = (pdfium_c.FPDF_COLORSPACE_DEVICEGRAY, pdfium_c.FPDF_COLORSPACE_CALGRAY)
_MM: Final = 72 / 25.4


class ScanReason(StrEnum):
    """Why it is none; the value is the stable code."""

    PDF_TOO_OLD = "pdf_too_old"
    NOT_SCANNED = "not_scanned"
    NOT_COLOUR = "not_colour"
    TOO_COARSE = "too_coarse"
    WRONG_SIZE = "wrong_size"


_SENTENCES: Final[dict[ScanReason, tuple[str, str]]] = {
    ScanReason.PDF_TOO_OLD: (
        "Tệp là PDF phiên bản {version}; bản sao phải từ 1.4 trở lên.",
        "The file is PDF {version}; a copy is 1.4 or later.",
    ),
    ScanReason.NOT_SCANNED: (
        "Trang {page} không phải ảnh quét của cả trang giấy.",
        "Page {page} is not a scan of a whole sheet.",
    ),
    ScanReason.NOT_COLOUR: ("Trang {page} không quét màu.", "Page {page} was not scanned in colour."),
    ScanReason.TOO_COARSE: (
        "Trang {page} quét ở {dpi} dpi; cần từ 200 dpi.",
        "Page {page} was scanned at {dpi} dpi; it takes 200 or more.",
    ),
    ScanReason.WRONG_SIZE: (
        "Trang {page} có khổ {width_mm} x {height_mm} mm, không đúng khổ giấy {paper_width_mm} x {paper_height_mm} mm "
        "(tỷ lệ 100%).",
        "Page {page} is {width_mm} x {height_mm} mm, not the paper's {paper_width_mm} x {paper_height_mm} mm (100 %).",
    ),
}


@dataclass(frozen=True, slots=True)
class ScanFault:
    """What is wrong, and what was found: page from 1, millimetres, dots per inch."""

    reason: ScanReason
    found: dict[str, Any]

    @property
    def text_vi(self) -> str:
        """A sentence for the clerk."""
        return _SENTENCES[self.reason][0].format(**self.found)

    @property
    def text_en(self) -> str:
        """The same in English."""
        return _SENTENCES[self.reason][1].format(**self.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    share: float
    dpi: float
    colour: bool


def scan_faults(pdf: bytes, version: str, paper_mm: tuple[float, float] = A4_MM) -> tuple[ScanFault, ...]:
    """Page by page, in order; none for a scan that is as it should be. `version` as in `Inspection.pdf_version`,
    `paper_mm` the size of the sheet that was scanned, either way round."""
    faults = []
    if tuple(int(part) for part in version.split(".")) < (1, 4):
        faults.append(ScanFault(ScanReason.PDF_TOO_OLD, {"version": version}))
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            for index in range(len(document)):
                page = document[index]
                faults += _of_page(index + 1, page.get_size(), _pictures(page), paper_mm)
                page.close()
        finally:
            document.close()
    return tuple(faults)


def _of_page(
    page: int, size: tuple[float, float], pictures: list[_Picture], paper_mm: tuple[float, float]
) -> list[ScanFault]:
    faults = []
    width, height = size[0] / _MM, size[1] / _MM
    if any(
        abs(is_mm / should_mm - 1) > _SIZE
        for is_mm, should_mm in zip(sorted((width, height)), sorted(paper_mm), strict=True)
    ):
        found = {"width_mm": round(width, 1), "height_mm": round(height, 1)}
        paper = {"paper_width_mm": paper_mm[0], "paper_height_mm": paper_mm[1]}
        faults.append(ScanFault(ScanReason.WRONG_SIZE, {"page": page, **found, **paper}))
    coloured = [one for one in pictures if one.colour]
    if sum(one.share for one in pictures) < _COVERED:
        faults.append(ScanFault(ScanReason.NOT_SCANNED, {"page": page}))
    elif sum(one.share for one in coloured) < _COVERED:
        faults.append(ScanFault(ScanReason.NOT_COLOUR, {"page": page}))
    elif (dpi := min(one.dpi for one in coloured)) < _LEAST_DPI * _WHOLE_PIXELS:
        faults.append(ScanFault(ScanReason.TOO_COARSE, {"page": page, "dpi": round(dpi)}))
    return faults


def _pictures(page: pypdfium2.PdfPage) -> list[_Picture]:
    """What is drawn straight on the page; a picture inside a form says nothing of its size here and does not count."""
    area = math.prod(page.get_size())
    found = []
    for one in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=1):
        a, b, c, d, _, _ = one.get_matrix().get()
        wide, high = math.hypot(a, b), math.hypot(c, d)
        pixels = one.get_px_size()
        share = abs(a * d - b * c) / area
        if share < _SMALL or not all(pixels):
            continue
        kind = one.get_metadata()
        found.append(
            _Picture(
                share=share,
                dpi=72 * min(pixels[0] / wide, pixels[1] / high),
                colour=kind.bits_per_pixel >= _COLOUR_BITS and kind.colorspace not in _GREY,
            )
        )
    return found
