"""A page as it is seen, as a map of what is already printed on it.

Built from the rendered page and its text boxes together, so scans, lines, stamps and invisible text of a scanner count
alike. Coordinates: points from the lower left corner of the page as shown (after /Rotate, inside the crop box).
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

import pypdfium2

from .order import Rect

_SCALE = 0.5
"""Pixels per point: 36 dpi, fine enough for a line of 6 pt."""
_INK = 150
"""Darker than this (0 black, 255 white) is printed; watermarks and paper tints are lighter."""
_SPECKS = 0.003
"""Share of dark pixels that is dust of a scanner, not content."""
PDFIUM = threading.Lock()
"""PDFium is not thread-safe."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One page. `rows[y][x]`: how many pixels left of x are printed in the pixel row y from the bottom."""

    index: int
    width: float
    height: float
    rotation: int
    origin: tuple[float, float]
    rows: list[list[int]]
    names: tuple[Rect, ...]

    def is_free(self, rect: Rect) -> bool:
        """Whether nothing is printed inside the rectangle and it lies on the page."""
        x0, y0, x1, y1 = rect
        if x0 < 0 or y0 < 0 or x1 > self.width or y1 > self.height:
            return False
        lines = range(int(y0 * _SCALE), min(len(self.rows), int(y1 * _SCALE) + 1))
        printed = sum(self._between(y, x0, x1) for y in lines)
        return printed <= _SPECKS * (x1 - x0) * (y1 - y0) * _SCALE * _SCALE

    def is_free_disc(self, x: float, y: float, radius: float) -> bool:
        """Whether nothing is printed inside the circle and it lies on the page."""
        if x < radius or y < radius or x + radius > self.width or y + radius > self.height:
            return False
        printed = 0
        for line in range(int((y - radius) * _SCALE), min(len(self.rows), int((y + radius) * _SCALE) + 1)):
            beside = radius**2 - ((line + 0.5) / _SCALE - y) ** 2
            if beside > 0:
                half = beside**0.5
                printed += self._between(line, x - half, x + half)
        return printed <= _SPECKS * 3.14 * (radius * _SCALE) ** 2

    def free_height_above(self, y: float, x0: float, x1: float) -> float:
        """How far up from `y` the strip between x0 and x1 is empty, points."""
        line = int(y * _SCALE) + 1
        while line < len(self.rows) and not self._between(line, x0, x1):
            line += 1
        return max(0.0, line / _SCALE - y)

    def user_space(self, rect: Rect) -> Rect:
        """From the page as seen to the page's own user space, for /Rect."""
        x0, y0, x1, y1 = rect
        wide, high = self.width, self.height
        turned = {
            0: (x0, y0, x1, y1),
            90: (high - y1, x0, high - y0, x1),
            180: (wide - x1, high - y1, wide - x0, high - y0),
            270: (y0, wide - x1, y1, wide - x0),
        }[self.rotation]
        dx, dy = self.origin
        return (turned[0] + dx, turned[1] + dy, turned[2] + dx, turned[3] + dy)

    def seen(self, rect: Rect) -> Rect:
        """From the page's own user space to the page as seen; the other way than `user_space`."""
        size = (self.width, self.height) if self.rotation in {0, 180} else (self.height, self.width)
        return _seen(rect, self.origin, size, self.rotation)

    def _between(self, line: int, x0: float, x1: float) -> int:
        row = self.rows[line]
        last = len(row) - 1
        return row[min(last, max(0, int(x1 * _SCALE) + 1))] - row[min(last, max(0, int(x0 * _SCALE)))]


def sheets_from_last(pdf: bytes, name: str, *, limit: int = 3) -> Iterator[Sheet]:
    """The last pages, last first, with every place where `name` is printed."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            document.init_forms()
            count = len(document)
            found = [_sheet(document[index], index, name) for index in range(count - 1, max(-1, count - 1 - limit), -1)]
        finally:
            document.close()
    yield from found


def sheet_at(pdf: bytes, index: int) -> Sheet:
    """The page of this index, from 0; there must be one."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            document.init_forms()
            return _sheet(document[index], index, "")
        finally:
            document.close()


def seen_by(page: pypdfium2.PdfPage) -> Callable[[Rect], Rect]:
    """From the page's own user space to the page as seen."""
    left, bottom, right, top = page.get_cropbox()
    size, rotation = (right - left, top - bottom), page.get_rotation()
    return lambda rect: _seen(rect, (left, bottom), size, rotation)


def _seen(rect: Rect, origin: tuple[float, float], size: tuple[float, float], rotation: int) -> Rect:
    """`size`: width and height of the page before it is turned."""
    (left, bottom), (wide, high) = origin, size
    x0, y0, x1, y1 = rect[0] - left, rect[1] - bottom, rect[2] - left, rect[3] - bottom
    return {
        0: (x0, y0, x1, y1),
        90: (y0, wide - x1, y1, wide - x0),
        180: (wide - x1, high - y1, wide - x0, high - y0),
        270: (high - y1, x0, high - y0, x1),
    }[rotation]


def _sheet(page: pypdfium2.PdfPage, index: int, name: str) -> Sheet:
    rotation = page.get_rotation()
    wide, high = page.get_size()
    left, bottom, _, _ = page.get_cropbox()
    seen = seen_by(page)
    image = page.render(scale=_SCALE, grayscale=True, may_draw_forms=True).to_pil()
    columns, lines = image.size
    pixels = image.tobytes()
    dark = [[pixel < _INK for pixel in pixels[y * columns : (y + 1) * columns]] for y in range(lines - 1, -1, -1)]

    text = page.get_textpage()
    for position in range(text.count_rects()):
        x0, y0, x1, y1 = seen(text.get_rect(position))
        for line in range(max(0, int(y0 * _SCALE)), min(lines, int(y1 * _SCALE) + 1)):
            for column in range(max(0, int(x0 * _SCALE)), min(columns, int(x1 * _SCALE) + 1)):
                dark[line][column] = True
    names = tuple(seen(rect) for rect in _printed(text, name))
    text.close()
    page.close()
    return Sheet(
        index=index,
        width=wide,
        height=high,
        rotation=rotation,
        origin=(left, bottom),
        rows=[[0, *accumulate(row)] for row in dark],
        names=names,
    )


def _printed(text: pypdfium2.PdfTextPage, name: str) -> Iterator[Rect]:
    if not name.strip():
        return
    searcher = text.search(name)
    while (found := searcher.get_next()) is not None:
        start, count = found
        boxes = [text.get_charbox(start + i) for i in range(count)]
        yield (
            min(b[0] for b in boxes),
            min(b[1] for b in boxes),
            max(b[2] for b in boxes),
            max(b[3] for b in boxes),
        )
