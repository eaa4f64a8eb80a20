"""Does a later signature's mark hide something? Text boxes and ink come from PDFium, shares from the rectangles.

The seal belongs over a third of the signature (Decree 30/2020, annex I 8.a), which looks like an overlay attack, so the
line is drawn here: at most 40 % of an earlier signature's rectangle, no character of anything else, and no picture or
drawing either (a scanned paper has no characters). A note or a form's field that can be seen is content like any other.
"""

import ctypes
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from verifier.facts import Box, Covered

INK_LIMIT = 0.02
"""Share of a mark's rectangle that may be inked below it: a thin ruled line passes, a line of scanned text does not."""

_TOUCH = 0.05
"""In pt: rectangles that lie side by side do not overlap, however they were rounded."""
_MANY = 64
_LARGE = 60.0
"""In pt: no letter of a paper is so large; one that is may show anything anywhere in its box."""
_UNSEEN = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)
_EVERYWHERE = (-math.inf, -math.inf, math.inf, math.inf)
_EMPTY = 2
"""PDFium's length, in bytes, of an empty text."""

_DARK = bytes(1 if level < 176 else 0 for level in range(256))

Rect = tuple[float, float, float, float]


def overlap(earlier: Rect, later: Rect) -> float:
    """Share (0 to 1) of `earlier` that lies under `later`."""
    width = min(earlier[2], later[2]) - max(earlier[0], later[0])
    height = min(earlier[3], later[3]) - max(earlier[1], later[1])
    area = (earlier[2] - earlier[0]) * (earlier[3] - earlier[1])
    return width * height / area if width > 0 and height > 0 and area > 0 else 0.0


def covered_marks(
    field: str, boxes: Sequence[Box], earlier: Sequence[tuple[Box, Sequence[Box]]]
) -> tuple[Covered, ...]:
    """Earlier signatures' rectangles that the marks of `field` reach into, whatever the share.

    `earlier`: each with the marks that came between: three of them hide a signature as well as one. The share is what
    all of them hide together.
    """
    found = []
    for before, between in earlier:
        here = [box.rect for box in boxes if box.page == before.page and overlap(before.rect, box.rect) > 0]
        if here:
            others = [box.rect for box in between if box.page == before.page and overlap(before.rect, box.rect) > 0]
            share = round(covered_share(before.rect, [*here, *others]), 4)
            found.append(Covered(field=field, page=before.page, what="mark", share=share, text=""))
    return tuple(found)


def covered_share(rect: Rect, over: Sequence[Rect]) -> float:
    """Share (0 to 1) of `rect` that lies under any of `over`; of very many, no less than that."""
    if len(over) > _MANY:
        return min(1.0, sum(overlap(rect, other) for other in over))
    places = sorted({rect[0], rect[2], *(min(max(x, rect[0]), rect[2]) for one in over for x in (one[0], one[2]))})
    covered = 0.0
    for left, right in pairwise(places):
        top = rect[1]
        for one in sorted((one for one in over if one[0] <= left and right <= one[2]), key=lambda one: one[1]):
            bottom = max(top, one[1])
            top = max(top, min(one[3], rect[3]))
            covered += (right - left) * max(0.0, top - bottom)
    return covered / ((rect[2] - rect[0]) * (rect[3] - rect[1]))


def covered_content(
    field: str, boxes: Sequence[Box], before: bytes, earlier: Collection[str] = ()
) -> tuple[Covered, ...]:
    """What the page itself shows under the marks of `field`, in `before`, the file as it stood without them.

    "text": characters whose centres lie there; "drawing": the share of the rectangle that is inked by anything else, or
    that an annotation takes. `earlier`: the fields signed before, whose marks are not content.

    Raises pypdfium2.PdfiumError or IndexError where PDFium cannot read the page: then nothing is known.
    """
    found = []
    document = pypdfium2.PdfDocument(before)
    try:
        for page_number in sorted({box.page for box in boxes}):
            page = document[page_number]
            text_page = page.get_textpage()
            drawn = _object_rects(page)
            marks = [box.rect for box in boxes if box.page == page_number]
            annotations = _annotation_rects(document, page, marks, {field, *earlier})
            try:
                for box in boxes:
                    if box.page != page_number:
                        continue
                    hidden, large = _under(text_page, box.rect) if _is_near(text_page, drawn, box.rect) else ("", False)
                    if hidden:
                        found.append(Covered(field=field, page=page_number, what="text", share=1.0, text=hidden[:40]))
                    taken = max((overlap(box.rect, found) for _, found in annotations), default=0.0)
                    whole = [(False, box.rect)] if large else drawn
                    ink = _ink(page, whole, box.rect, annotated=any(is_note for is_note, _ in annotations))
                    if ink > INK_LIMIT or taken > 0:
                        share = round(max(ink, taken), 4)
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


def _under(text_page: pypdfium2.PdfTextPage, rect: Rect) -> tuple[str, bool]:
    """The characters whose centres lie there, and whether a very large one reaches there."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    hidden: list[str] = []
    large = False
    for index in range(text_page.count_chars()):
        if not pdfium.FPDFText_GetCharBox(text_page.raw, index, left, right, bottom, top):
            continue
        x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
        if rect[0] < x < rect[2] and rect[1] < y < rect[3] and right.value > left.value:
            hidden.append(chr(pdfium.FPDFText_GetUnicode(text_page.raw, index)))
        if max(right.value - left.value, top.value - bottom.value) > _LARGE:
            large |= _meets((left.value, bottom.value, right.value, top.value), rect)
    return "".join(hidden).strip(), large


def _text_rects(text_page: pypdfium2.PdfTextPage) -> Iterator[Rect]:
    """Rectangles around the characters that have a size, a few for each line."""
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    for index in range(pdfium.FPDFText_CountRects(text_page.raw, 0, -1)):
        if pdfium.FPDFText_GetRect(text_page.raw, index, left, top, right, bottom):
            yield left.value, bottom.value, right.value, top.value


def _object_rects(page: pypdfium2.PdfPage) -> list[tuple[bool, Rect]]:
    """Whether it is text, and the rectangle, of each text, picture, drawing and form of the page.

    A letter of a font that is made of drawings (Type 3) says itself how large it is, and need not keep to it.
    """
    found = []
    size = ctypes.c_size_t()
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for index in range(pdfium.FPDFPage_CountObjects(page.raw)):
        drawn = pdfium.FPDFPage_GetObject(page.raw, index)
        if not pdfium.FPDFPageObj_GetBounds(drawn, left, bottom, right, top):
            raise pypdfium2.PdfiumError("an object of the page has no bounds")
        is_text = pdfium.FPDFPageObj_GetType(drawn) == pdfium.FPDF_PAGEOBJ_TEXT
        if is_text:
            font = pdfium.FPDFTextObj_GetFont(drawn)
            if not (font and pdfium.FPDFFont_GetFontData(font, None, 0, size) and size.value):
                found.append((False, _EVERYWHERE))
        found.append((is_text, (left.value, bottom.value, right.value, top.value)))
    return found


def _annotation_rects(
    document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, marks: Sequence[Rect], names: Collection[str]
) -> list[tuple[bool, Rect]]:
    """Whether it is a note and no field, and the rectangle, of each annotation that can be seen and is content.

    Notes anywhere, fields under `marks`; not links, nor the looks of the signature fields called `names`.
    """
    found = []
    for index in reversed(range(pdfium.FPDFPage_GetAnnotCount(page.raw))):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue  # no dictionary: nothing to draw
        try:
            rect, is_note = _rect_of(annotation), pdfium.FPDFAnnot_GetSubtype(annotation) != pdfium.FPDF_ANNOT_WIDGET
            counts = _can_be_seen(annotation) and (
                is_note or (any(_meets(rect, mark) for mark in marks) and not _signs(document, annotation, names))
            )
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
        if counts:
            found.append((is_note, rect))
        elif is_note and not pdfium.FPDFPage_RemoveAnnot(page.raw, index):  # what is left can be rendered
            raise pypdfium2.PdfiumError("an annotation cannot be taken off the page")
    return found


def _rect_of(annotation: Any) -> Rect:
    box = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(annotation, box):
        return (0.0, 0.0, 0.0, 0.0)
    left, right = sorted((float(box.left), float(box.right)))
    bottom, top = sorted((float(box.bottom), float(box.top)))
    return left + _TOUCH, bottom + _TOUCH, right - _TOUCH, top - _TOUCH


def _can_be_seen(annotation: Any) -> bool:
    """On a screen or on paper."""
    flags = pdfium.FPDFAnnot_GetFlags(annotation)
    on_paper_only = pdfium.FPDF_ANNOT_FLAG_NOVIEW
    hidden = flags & pdfium.FPDF_ANNOT_FLAG_HIDDEN or (
        flags & on_paper_only and not flags & pdfium.FPDF_ANNOT_FLAG_PRINT
    )
    return not hidden and pdfium.FPDFAnnot_GetSubtype(annotation) not in _UNSEEN


def _signs(document: pypdfium2.PdfDocument, widget: Any, names: Collection[str]) -> bool:
    """Whether the widget belongs to a signature field of the form that is one of `names`, or shows nothing."""
    look = pdfium.FPDFAnnot_GetAP(widget, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0)
    if _text(lambda *into: pdfium.FPDFAnnot_GetStringValue(widget, b"FT", *into)) == "Sig" and look <= _EMPTY:
        return True
    if document.formenv is None:
        document.init_forms()
    form = document.formenv
    if form is None or pdfium.FPDFAnnot_GetFormFieldType(form.raw, widget) != pdfium.FPDF_FORMFIELD_SIGNATURE:
        return False
    return look <= _EMPTY or _text(lambda *into: pdfium.FPDFAnnot_GetFormFieldName(form.raw, widget, *into)) in names


def _text(read: Callable[..., int]) -> str:
    """What PDFium writes, in UTF-16, `into` a buffer of so many bytes."""
    size = read(None, 0)
    buffer = ctypes.create_string_buffer(size)
    read(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


def _ink(page: pypdfium2.PdfPage, drawn: list[tuple[bool, Rect]], rect: Rect, *, annotated: bool) -> float:
    """Share of the rectangle that pictures and drawings of the page darken; rendered only where there are any.

    `annotated`: notes are measured as well, for a look without a box draws outside its rectangle.
    """
    if not annotated and not any(_meets(found, rect) for is_text, found in drawn if not is_text):
        return 0.0
    if annotated and min(rect[2] - rect[0], rect[3] - rect[1]) > 4:
        rect = (rect[0] + 1, rect[1] + 1, rect[2] - 1, rect[3] - 1)  # not the frame of a note beside it
    box, turned = page.get_bbox(), page.get_rotation()
    crop = (rect[0] - box[0], rect[1] - box[1], box[2] - rect[2], box[3] - rect[3])
    # What lies about its place is left out where only a part is drawn.
    is_whole = min(crop) < 0 or bool(turned) or any(found == _EVERYWHERE for _, found in drawn)
    part = (0.0, 0.0, 0.0, 0.0) if is_whole else crop
    bitmap = page.render(scale=1, crop=part, grayscale=True, draw_annots=annotated, may_draw_forms=False)
    try:
        first, above, last, below = 0, 0, bitmap.width, bitmap.height
        if is_whole:
            first, above, last, below = _pixels(rect, box, turned, bitmap.width, bitmap.height)
        pixels = bytes(bitmap.buffer).translate(_DARK)
        rows = (pixels[row * bitmap.stride + first : row * bitmap.stride + last] for row in range(above, below))
        area: int = max(1, (last - first) * (below - above))
        return sum(row.count(1) for row in rows) / area
    finally:
        bitmap.close()


def _pixels(rect: Rect, box: Rect, turned: int, width: int, height: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the rectangle in the picture of a page `turned` clockwise by so many degrees."""
    west, south, east, north = rect[0] - box[0], rect[1] - box[1], box[2] - rect[2], box[3] - rect[3]
    across, down = {
        0: ((west, east), (north, south)),
        90: ((south, north), (west, east)),
        180: ((east, west), (south, north)),
        270: ((north, south), (east, west)),
    }[turned]
    left, top = (max(0, min(int(gap[0]), size)) for gap, size in ((across, width), (down, height)))
    right, bottom = (max(0, size - max(0, int(gap[1]))) for gap, size in ((across, width), (down, height)))
    return left, top, max(left, right), max(top, bottom)


def _meets(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
