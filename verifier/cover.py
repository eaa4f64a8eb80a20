"""Does a later signature's mark hide something? Text boxes and ink come from PDFium, shares from the rectangles.

The seal belongs over a third of the signature (Decree 30/2020, annex I 8.a), which looks like an overlay attack, so the
line is drawn here: at most 40 % of an earlier signature's rectangle, no character of anything else, and no picture or
drawing either (a scanned paper has no characters).
"""

import ctypes
from collections.abc import Iterator, Sequence

import pypdfium2
import pypdfium2.raw as pdfium

from verifier.facts import Box, Covered

INK_LIMIT = 0.02
"""Share of a mark's rectangle that may be inked below it: a thin ruled line passes, a line of scanned text does not."""

_DARK = bytes(1 if level < 176 else 0 for level in range(256))

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


def covered_content(field: str, boxes: Sequence[Box], before: bytes) -> tuple[Covered, ...]:
    """What the page itself shows under the marks of `field`, in `before`, the file as it stood without them.

    "text": characters whose centres lie there; "drawing": the share of the rectangle that is inked by anything else.

    Raises pypdfium2.PdfiumError or IndexError where PDFium cannot read the page: then nothing is known.
    """
    found = []
    document = pypdfium2.PdfDocument(before)
    try:
        for page_number in sorted({box.page for box in boxes}):
            page = document[page_number]
            text_page = page.get_textpage()
            drawn = _object_rects(page)
            try:
                for box in boxes:
                    if box.page != page_number:
                        continue
                    hidden = _under(text_page, box.rect) if _is_near(text_page, drawn, box.rect) else ""
                    if hidden:
                        found.append(Covered(field=field, page=page_number, what="text", share=1.0, text=hidden[:40]))
                    ink = _ink(page, drawn, box.rect)
                    if ink > INK_LIMIT:
                        share = round(ink, 4)
                        found.append(Covered(field=field, page=page_number, what="drawing", share=share, text=""))
            finally:
                text_page.close()
                page.close()
    finally:
        document.close()
    return tuple(found)


def _is_near(text_page: pypdfium2.PdfTextPage, drawn: list[tuple[bool, Rect]], rect: Rect) -> bool:
    """Whether a character may lie under the rectangle. Asking each of them is half the cost of a mark."""
    return any(_meets(found, rect) for _, found in drawn) or any(
        _meets(found, rect) for found in _text_rects(text_page)
    )


def _under(text_page: pypdfium2.PdfTextPage, rect: Rect) -> str:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    hidden: list[str] = []
    for index in range(text_page.count_chars()):
        if not pdfium.FPDFText_GetCharBox(text_page.raw, index, left, right, bottom, top):
            continue
        x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
        if rect[0] < x < rect[2] and rect[1] < y < rect[3] and right.value > left.value:
            hidden.append(chr(pdfium.FPDFText_GetUnicode(text_page.raw, index)))
    return "".join(hidden).strip()


def _text_rects(text_page: pypdfium2.PdfTextPage) -> Iterator[Rect]:
    """Rectangles around the characters that have a size, a few for each line."""
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    for index in range(pdfium.FPDFText_CountRects(text_page.raw, 0, -1)):
        if pdfium.FPDFText_GetRect(text_page.raw, index, left, top, right, bottom):
            yield left.value, bottom.value, right.value, top.value


def _object_rects(page: pypdfium2.PdfPage) -> list[tuple[bool, Rect]]:
    """Whether it is text, and the rectangle, of each text, picture, drawing and form of the page."""
    found = []
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for index in range(pdfium.FPDFPage_CountObjects(page.raw)):
        drawn = pdfium.FPDFPage_GetObject(page.raw, index)
        if not pdfium.FPDFPageObj_GetBounds(drawn, left, bottom, right, top):
            raise pypdfium2.PdfiumError("an object of the page has no bounds")
        is_text = pdfium.FPDFPageObj_GetType(drawn) == pdfium.FPDF_PAGEOBJ_TEXT
        found.append((is_text, (left.value, bottom.value, right.value, top.value)))
    return found


def _ink(page: pypdfium2.PdfPage, drawn: list[tuple[bool, Rect]], rect: Rect) -> float:
    """Share of the rectangle that pictures and drawings of the page darken; rendered only where there are any."""
    if not any(_meets(found, rect) for is_text, found in drawn if not is_text):
        return 0.0
    left, bottom, right, top = page.get_bbox()
    crop = (rect[0] - left, rect[1] - bottom, right - rect[2], top - rect[3])
    if min(crop) < 0 or page.get_rotation():
        crop = (0.0, 0.0, 0.0, 0.0)  # a mark beyond the page's edge, or a turned page: measure the whole page
    bitmap = page.render(scale=1, crop=crop, grayscale=True, draw_annots=False, may_draw_forms=False)
    try:
        pixels = bytes(bitmap.buffer).translate(_DARK)
        rows: Iterator[bytes] = (
            pixels[row * bitmap.stride : row * bitmap.stride + bitmap.width] for row in range(bitmap.height)
        )
        area: int = max(1, bitmap.width * bitmap.height)
        return sum(row.count(1) for row in rows) / area
    finally:
        bitmap.close()


def _meets(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
