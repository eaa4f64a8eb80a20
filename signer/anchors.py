"""Where a text is printed on the pages of a PDF, as a reader's search would find it.

Letters are compared composed (NFC), white space of any kind and length as one space; a text is found as whole words
only. Only for the locked process: PDFium reads what a stranger wrote.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium_c

from .order import Rect
from .sheet import PDFIUM, seen_by


@dataclass(frozen=True, slots=True)
class Found:
    """A text on a page (from 0); `rect` in points as the page is shown."""

    page: int
    rect: Rect


def places_of(pdf: bytes, texts: tuple[str, ...], *, page: int | None = None) -> tuple[tuple[Found, ...], ...]:
    """For each text where it is printed, from the first page on, or on `page` (from 0) only. What lies beside the page
    is not printed."""
    wanted = [_plain(text) for text in texts]
    found: list[list[Found]] = [[] for _ in texts]
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            for index in range(len(document)) if page is None else (page,):
                size = document.get_page_size(index)
                letters = _letters(document[index])
                text = "".join(letter for letter, _ in letters)
                for places, one in zip(found, wanted, strict=True):
                    for start in _starts(text, one):
                        rect = _around([box for _, box in letters[start : start + len(one)] if box])
                        if rect[0] >= 0 and rect[1] >= 0 and rect[2] <= size[0] and rect[3] <= size[1]:
                            places.append(Found(index, rect))
        finally:
            document.close()
    return tuple(tuple(places) for places in found)


def _starts(text: str, wanted: str) -> Iterator[int]:
    start = text.find(wanted) if wanted else -1
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(wanted) : start + len(wanted) + 1]
        if not (before.isalnum() and wanted[0].isalnum()) and not (after.isalnum() and wanted[-1].isalnum()):
            yield start
        start = text.find(wanted, start + 1)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _letters(page: pypdfium2.PdfPage) -> list[tuple[str, Rect | None]]:
    """What is printed, letter by letter, each with its box; one space without a box between words."""
    seen = seen_by(page)
    text = page.get_textpage()
    letters: list[tuple[str, Rect | None]] = []
    for index in range(text.count_chars()):
        letter = chr(pdfium_c.FPDFText_GetUnicode(text, index) or 0x20)
        if letter.isspace():
            if letters and letters[-1][0] != " ":
                letters.append((" ", None))
            continue
        box: Rect = seen(text.get_charbox(index))
        if letters and (before := letters[-1][1]) is not None:
            whole = unicodedata.normalize("NFC", letters[-1][0] + letter)
            if len(whole) == 1:  # a letter and its mark, written as two
                letters[-1] = (whole, _around([before, box]))
                continue
        letters.append((letter, box))
    text.close()
    page.close()
    return [(one, box) for whole, box in letters for one in unicodedata.normalize("NFC", whole)]


def _around(boxes: list[Rect]) -> Rect:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
