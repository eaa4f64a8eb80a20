"""A mark, prepared once: its one-page PDF becomes form-XObject objects whose numbers are still open.

Drawing and font subsetting are 40 % of what a signing library spends on a visible signature; a mark that is the same
for every paper is taken apart once and written under new object numbers for each.
"""

import io
import threading
from collections import OrderedDict
from dataclasses import dataclass

import pikepdf

from .errors import MarkUnusable
from .order import Mark

_KEPT = 64
"""Prepared marks kept in memory: an office has a few seals and some dozens of officers."""

Piece = bytes | int
"""Literal bytes, or the index of an object of the same mark."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedMark:
    """Objects 0..n-1 of one mark; object 0 is the form XObject."""

    objects: tuple[tuple[Piece, ...], ...]
    width: float
    height: float

    def bodies(self, first_number: int) -> list[bytes]:
        """The objects' bytes (between `obj` and `endobj`), numbered from `first_number`."""
        return [
            b"".join(piece if isinstance(piece, bytes) else b"%d 0 R" % (first_number + piece) for piece in pieces)
            for pieces in self.objects
        ]


class _Marks:
    """Bounded, least recently used first out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, PreparedMark] = OrderedDict()

    def get(self, mark: Mark) -> PreparedMark:
        with self._lock:
            found = self._kept.get(mark.sha256)
            if found is not None:
                self._kept.move_to_end(mark.sha256)
                return found
        made = _prepare(mark)
        with self._lock:
            self._kept[mark.sha256] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made


_marks = _Marks()


def prepared(mark: Mark) -> PreparedMark:
    """The mark ready to be written. Raises `MarkUnusable` when it is not a one-page PDF of the stated size (± 1 pt)."""
    ready = _marks.get(mark)
    if abs(ready.width - mark.width_pt) > 1 or abs(ready.height - mark.height_pt) > 1:
        raise MarkUnusable(f"page {ready.width} x {ready.height}, stated {mark.width_pt} x {mark.height_pt} pt")
    return ready


def _prepare(mark: Mark) -> PreparedMark:
    try:
        with pikepdf.open(io.BytesIO(mark.pdf), suppress_warnings=True) as pdf:
            if len(pdf.pages) != 1:
                raise MarkUnusable(f"{len(pdf.pages)} pages, not one")
            form = pdf.pages[0].as_form_xobject()
            x0, y0, x1, y1 = (float(n) for n in form["/BBox"])
            if (x0, y0) != (0, 0):
                raise MarkUnusable(f"page from {x0}, {y0}, not from 0, 0")
            return PreparedMark(objects=_Relocation(form).objects(), width=x1, height=y1)
    except pikepdf.PdfError as error:
        raise MarkUnusable(str(error)) from error


class _Relocation:
    """Writes an object and everything it refers to with relative numbers."""

    def __init__(self, first: pikepdf.Object) -> None:
        self._index: dict[tuple[int, int], int] = {}
        self._waiting: list[pikepdf.Object] = []
        self._refer(first)

    def objects(self) -> tuple[tuple[Piece, ...], ...]:
        done: list[tuple[Piece, ...]] = []
        while len(done) < len(self._waiting):
            done.append(tuple(_joined(self._body(self._waiting[len(done)]))))
        return tuple(done)

    def _refer(self, target: pikepdf.Object) -> int:
        index = self._index.get(target.objgen)
        if index is None:
            index = self._index[target.objgen] = len(self._waiting)
            self._waiting.append(target)
        return index

    def _body(self, target: pikepdf.Object) -> list[Piece]:
        if isinstance(target, pikepdf.Stream):
            raw = target.read_raw_bytes()
            entries = {key: value for key, value in target.stream_dict.items() if key != "/Length"}
            pieces: list[Piece] = [b"<<"]
            for key, value in entries.items():
                pieces += [pikepdf.Name(key).unparse() + b" ", *self._value(value)]
            return [*pieces, b"/Length %d>>stream\n" % len(raw), raw, b"\nendstream"]
        return self._direct(target)

    def _value(self, value: object) -> list[Piece]:
        if isinstance(value, pikepdf.Object):
            return [self._refer(value)] if value.is_indirect else self._direct(value)
        return [pikepdf.Array([value]).unparse()[1:-1].strip()]  # a number or boolean, in PDF's own notation

    def _direct(self, value: pikepdf.Object) -> list[Piece]:
        if isinstance(value, pikepdf.Dictionary):
            pieces: list[Piece] = [b"<<"]
            for key, item in value.items():
                pieces += [pikepdf.Name(key).unparse() + b" ", *self._value(item)]
            return [*pieces, b">>"]
        if isinstance(value, pikepdf.Array):
            pieces = [b"["]
            for item in value:
                pieces += [*self._value(item), b" "]
            return [*pieces, b"]"]
        return [value.unparse(resolved=True)]


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring literal pieces as one."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, bytes) and isinstance(last, bytes):
            joined[-1] = last + piece
        else:
            joined.append(piece)
    return joined
