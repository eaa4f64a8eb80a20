"""Does a later signature's mark hide something? Text boxes come from PDFium, shares from the rectangles.

The seal belongs over a third of the signature (Decree 30/2020, annex I 8.a), which looks like an overlay attack, so the
line is drawn here: at most 40 % of an earlier signature's rectangle, and no character of anything else.
"""

import ctypes
from collections.abc import Sequence

import pypdfium2
import pypdfium2.raw as pdfium

from verifier.facts import Box, Covered

MARK_SHARE_LIMIT = 0.40
"""A later mark over more of an earlier signature's rectangle than this hides it."""

Rect = tuple[float, float, float, float]


def overlap(earlier: Rect, later: Rect) -> float:
    """Share (0 to 1) of `earlier` that lies under `later`."""
    width = min(earlier[2], later[2]) - max(earlier[0], later[0])
    height = min(earlier[3], later[3]) - max(earlier[1], later[1])
    area = (earlier[2] - earlier[0]) * (earlier[3] - earlier[1])
    return width * height / area if width > 0 and height > 0 and area > 0 else 0.0


def covered_marks(field: str, boxes: Sequence[Box], earlier: Sequence[Box]) -> tuple[Covered, ...]:
    """Earlier signatures' rectangles that the marks of `field` reach into, whatever the share."""
    found = []
    for box in boxes:
        for before in earlier:
            share = overlap(before.rect, box.rect) if before.page == box.page else 0.0
            if share > 0:
                found.append(Covered(field=field, page=box.page, what="mark", share=round(share, 4), text=""))
    return tuple(found)


def covered_text(field: str, boxes: Sequence[Box], before: bytes) -> tuple[Covered, ...]:
    """Text of `before` (the file as it stood without this mark) whose character centres lie under the marks of `field`.

    Raises pypdfium2.PdfiumError or IndexError where PDFium cannot read the page: then nothing is known.
    """
    found = []
    document = pypdfium2.PdfDocument(before)
    try:
        for page_number in sorted({box.page for box in boxes}):
            page = document[page_number]
            text_page = page.get_textpage()
            try:
                for box in boxes:
                    hidden = _under(text_page, box.rect) if box.page == page_number else ""
                    if hidden:
                        found.append(Covered(field=field, page=page_number, what="text", share=1.0, text=hidden[:40]))
            finally:
                text_page.close()
                page.close()
    finally:
        document.close()
    return tuple(found)


def _under(text_page: pypdfium2.PdfTextPage, rect: Rect) -> str:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    hidden = []
    for index in range(text_page.count_chars()):
        if not pdfium.FPDFText_GetCharBox(text_page.raw, index, left, right, bottom, top):
            continue
        x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
        if rect[0] < x < rect[2] and rect[1] < y < rect[3] and right.value > left.value:
            hidden.append(chr(pdfium.FPDFText_GetUnicode(text_page.raw, index)))
    return "".join(hidden).strip()
