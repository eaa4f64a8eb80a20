"""The pen: the few strokes a paper needs, on a reportlab canvas. Every other module says where, this one draws."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from reportlab.pdfgen.canvas import Canvas

from templates.sheet import HEIGHT, WIDTH
from templates.tags import ARTIFACT, END, Structure, Tag
from templates.text import Line
from templates.typeface import ASCENT, DESCENT, EMBEDDING, REGULAR, check, load, width


class Pen:
    """Draws black text and rules. Coordinates are points from the lower left corner of the page."""

    def __init__(
        self,
        *,
        size: tuple[float, float] = (WIDTH, HEIGHT),
        out: IO[bytes] | None = None,
        structure: Structure | None = None,
    ) -> None:
        """`size` of every page in points; `out` takes the bytes where they are not asked for (`close`); `structure`
        learns what is drawn under which tag, None: nothing is tagged."""
        load()
        self._structure = structure
        self._page = 0
        self._open = False
        self._buffer = io.BytesIO()
        # invariant: no clock and no random identifier in the bytes; initialFontName: no unembedded Helvetica.
        self._canvas = Canvas(
            out or self._buffer, pagesize=size, pageCompression=1, invariant=1, initialFontName=REGULAR
        )

    @contextmanager
    def tagged(self, tag: Tag) -> Iterator[None]:
        """What is drawn inside belongs to this tag. One inside another is not for this pen."""
        if self._structure is None:
            yield
            return
        assert not self._open
        self._canvas.addLiteral(self._structure.begin(tag, self._page))
        self._open = True
        yield
        self._open = False
        self._canvas.addLiteral(END)

    @contextmanager
    def _artifact(self) -> Iterator[None]:
        """What is drawn under no tag is no part of what is read."""
        if self._structure is None or self._open:
            yield
            return
        self._canvas.addLiteral(ARTIFACT)
        yield
        self._canvas.addLiteral(END)

    def text(self, x: float, baseline: float, text: str, face: str, size: float) -> None:
        """One string from `x` on its baseline. Raises GlyphMissing rather than draw an empty box."""
        check(text, "page")
        with self._artifact():
            self._canvas.setFont(face, size)
            self._canvas.drawString(x, baseline, text)

    def centred(self, centre: float, baseline: float, text: str, face: str, size: float) -> float:
        """One string around `centre`; returns its width."""
        length = width(text, face, size)
        self.text(centre - length / 2, baseline, text, face, size)
        return length

    def right(self, x: float, baseline: float, text: str, face: str, size: float) -> None:
        """One string that ends at `x`."""
        self.text(x - width(text, face, size), baseline, text, face, size)

    def line(self, x: float, baseline: float, line: Line, size: float, *, measure: float | None = None) -> None:
        """One broken line from `x`; with `measure` its spaces are stretched to fill it (not a paragraph's last)."""
        extra = 0.0
        if measure is not None and not line.last and line.spaces:
            extra = (measure - line.indent - line.width) / line.spaces
        strokes = self._canvas.beginText(x + line.indent, baseline)
        strokes.setWordSpace(extra)
        for piece in line.pieces:
            check(piece.text, "page")
            strokes.setFont(piece.face, size)
            strokes.textOut(piece.text)
        if extra:
            strokes.setWordSpace(0)
        with self._artifact():
            self._canvas.drawText(strokes)

    def rule(self, x0: float, x1: float, y: float, *, weight: float = 0.75) -> None:
        """A level line."""
        self._stroke(x0, y, x1, y, weight)

    def upright(self, x: float, y0: float, y1: float, *, weight: float = 0.5) -> None:
        """A plumb line."""
        self._stroke(x, y0, x, y1, weight)

    def _stroke(self, x0: float, y0: float, x1: float, y1: float, weight: float) -> None:
        with self._artifact():
            self._canvas.setLineWidth(weight)
            self._canvas.line(x0, y0, x1, y1)

    def next_page(self, size: tuple[float, float] | None = None) -> None:
        """Finish this page and begin another, of the same size where none is given."""
        self._canvas.showPage()
        self._page += 1
        if size:
            self._canvas.setPageSize(size)

    def finish(self) -> bytes:
        """Finish the last page and hand over the bytes."""
        self.close()
        return self._buffer.getvalue()

    def close(self) -> None:
        """Finish the last page; the bytes are in `out`."""
        self._canvas.showPage()
        with EMBEDDING:
            self._canvas.save()


def baseline_of(top: float, leading: float, size: float) -> float:
    """Where the letters stand in a line box that begins at `top`: the leading is shared above and below."""
    return top - (leading - size * (ASCENT + DESCENT)) / 2 - size * ASCENT
