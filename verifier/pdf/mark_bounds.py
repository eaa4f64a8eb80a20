"""Where the mark of a signature may draw: inside the rectangle of its field, and nowhere else on the page."""

import re
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from verifier.pdf.step import Step, refuse
from verifier.pdf.views import View

_THIN, _FAR = 0.01, 1e6
"""In pt: readers take what is thinner for nothing, and lose count further out."""
_TURNED = 8 | 16
_BORDER = 5
"""In pt."""
_WIDTH = 2
"""Its place in /Border."""
_NOTHING = re.compile(rb"(?:[\0\t\n\f\r ]|%[^\r\n]*(?:[\r\n]|\Z)|[qQn](?![^\0\t\n\f\r %]))*")
"""Content that draws nothing: comments, a state kept and taken back, a path without a stroke."""


def check_bounds(step: Step, widget: Any) -> None:
    """The mark stays inside its rectangle: readers lay the /BBox that /Matrix turns over /Rect, and cut off the rest.

    Without a box PDFium cuts off nothing, and without a rectangle it draws letters at the page's corner.
    """
    look = step.new.entry(widget, "/AP")
    for mark in map(step.new.resolve, dict.values(look)) if look is not None else ():
        if not isinstance(mark, generic.StreamObject):
            refuse("the look of a field is no stream")
        if not _draws_nothing(mark) and _moves(step.new.entry(widget, "/F")):
            refuse("the look of a field does not turn or grow with the page")
        if not _draws_nothing(mark) and not (
            _is_wide(_corners(step.new, widget)) and _is_wide(_turned(step.new, mark))
        ):
            refuse("the look of a field may draw outside its rectangle")


def check_border(step: Step, widget: Any) -> None:
    """A border is drawn by readers themselves, about the rectangle: Ghostscript lays a bar over the page where the
    rectangle is none, and MuPDF a word of its own where it is missing."""
    corners = _corners(step.new, widget)
    if "/Kids" not in widget and not corners:
        refuse("a new field has no rectangle")
    style, border = step.new.entry(widget, "/BS"), step.new.entry(widget, "/Border")
    widths = [step.new.entry(style, "/W") if isinstance(style, generic.DictionaryObject) else None]
    if isinstance(border, generic.ArrayObject) and len(border) > _WIDTH:
        widths.append(step.new.resolve(list.__getitem__(border, _WIDTH)))
    colours = step.new.entry(widget, "/MK")
    coloured = isinstance(colours, generic.DictionaryObject) and any(colours.get(key) for key in ("/BC", "/BG"))
    limit = _BORDER if _is_wide(corners) else 0
    if any(not isinstance(width, int | float | generic.FloatObject) or width > limit for width in widths if width):
        refuse("the border of a new field is too wide")
    if coloured and not limit:
        refuse("a new field without an area has colours")


def _moves(flags: Any) -> bool:
    """Whether readers put the mark outside the rectangle on a turned page (NoRotate), or an enlarged one (NoZoom)."""
    return flags is not None and (not isinstance(flags, generic.NumberObject) or bool(flags & _TURNED))


def _draws_nothing(mark: Any) -> bool:
    """As what invisible signatures are given. Unusual packing is not trusted: another reader may find more in it."""
    if "/DecodeParms" in mark or dict.get(mark, "/Filter") not in (None, "/FlateDecode", ["/FlateDecode"]):
        return False
    return bool(_NOTHING.fullmatch(mark.read_data(DecodePurpose.GENERIC)))


def _numbers(view: View, value: Any, count: int) -> list[float] | None:
    """So many numbers of a size that every reader can hold; None for anything else."""
    numbers = list(map(view.resolve, list.__iter__(value))) if isinstance(value, generic.ArrayObject) else []
    if len(numbers) != count or not all(isinstance(n, generic.NumberObject | generic.FloatObject) for n in numbers):
        return None
    return [float(n) for n in numbers] if all(abs(n) < _FAR for n in numbers) else None


def _corners(view: View, widget: Any) -> list[tuple[float, float]]:
    sides = _numbers(view, view.entry(widget, "/Rect"), 4)
    return [(sides[0], sides[1]), (sides[2], sides[3])] if sides is not None else []


def _turned(view: View, mark: Any) -> list[tuple[float, float]]:
    """The corners of /BBox where /Matrix puts them; none where either is not what it should be."""
    box = _numbers(view, view.entry(mark, "/BBox"), 4)
    matrix = _numbers(view, view.entry(mark, "/Matrix"), 6) if "/Matrix" in mark else [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    if box is None or matrix is None or abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) < _THIN**2:
        return []
    if not _is_wide([(box[0], box[1]), (box[2], box[3])]):
        return []
    a, b, c, d, e, f = matrix
    return [(a * x + c * y + e, b * x + d * y + f) for x in (box[0], box[2]) for y in (box[1], box[3])]


def _is_wide(corners: list[tuple[float, float]]) -> bool:
    """Whether they lie apart in both directions, by more than what readers take for nothing."""
    return bool(corners) and all(max(along) - min(along) >= _THIN for along in zip(*corners, strict=True))
