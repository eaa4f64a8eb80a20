"""The signatures of a one-stop form: one on the right, or two side by side, in place of the frame's own."""

from collections.abc import Sequence
from typing import Final

from templates.issue import Issue
from templates.paper import Signature
from templates.pen import Pen, baseline_of
from templates.place import Place, marks, room_for
from templates.sheet import LEFT_CENTRE, LEFT_COLUMN, RIGHT_CENTRE, RIGHT_COLUMN
from templates.tags import Tag
from templates.text import Line, balanced
from templates.typeface import BOLD, ITALIC, SINGLE

_SIZE: Final = 13.0
_NOTE: Final = 12.0
_LEADING: Final = _SIZE * SINGLE


class FormSignatures:
    """Capacity in capitals, what is asked for in italics, room, the name. The electronic signatures stand on the right:
    that one is the office's."""

    def __init__(self, issue: Issue, signatures: Sequence[Signature]) -> None:
        self._issue = issue
        columns: tuple[tuple[float, tuple[float, float]], ...] = ((RIGHT_CENTRE, RIGHT_COLUMN),)
        if len(signatures) == 2:
            columns = ((LEFT_CENTRE, LEFT_COLUMN), *columns)
        self._columns = [
            (centre, _set(one, right - left)) for one, (centre, (left, right)) in zip(signatures, columns, strict=True)
        ]
        self._above = max(len(above) for _, (above, _) in self._columns) * _LEADING
        self._below = max(len(names) for _, (_, names) in self._columns) * _LEADING
        self._room = room_for(issue.seal_diameter_mm)

    @property
    def height(self) -> float:
        """The whole block's height, in points."""
        return self._above + self._room + self._below

    def places(self, *, page: int, top: float) -> tuple[Place, Place]:
        """The officer's and the seal's places for a block whose top is here."""
        middle = top - self._above - self._room / 2
        return marks(page=page, centre=(RIGHT_CENTRE, middle), seal_diameter_mm=self._issue.seal_diameter_mm)

    def draw(self, pen: Pen, top: float) -> None:
        """Draw it with its top at this height."""
        for centre, (above, names) in self._columns:
            for lines, start in ((above, top), (names, top - self._above - self._room)):
                if lines:
                    with pen.tagged(Tag("P")):
                        for index, (line, face, size) in enumerate(lines):
                            baseline = baseline_of(start - index * _LEADING, _LEADING, _SIZE)
                            pen.centred(centre, baseline, line.text, face, size)


_Lines = list[tuple[Line, str, float]]


def _set(signature: Signature, measure: float) -> tuple[_Lines, _Lines]:
    """What stands above the room for the signature, and the name below it."""

    def lines(text: str, face: str, size: float) -> _Lines:
        return [(line, face, size) for line in balanced(text, face, size=size, measure=measure)] if text else []

    above = lines(signature.post.upper(), BOLD, _SIZE) + lines(signature.note, ITALIC, _NOTE)
    return above, lines(signature.name, BOLD, _SIZE)
