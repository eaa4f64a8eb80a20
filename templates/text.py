"""Running text: words of mixed weight broken into lines of a given width. Pure arithmetic, nothing is drawn here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from templates.typeface import REGULAR, width


@dataclass(frozen=True, kw_only=True)
class Run:
    """A stretch of text in one face. Spaces inside are where a line may break."""

    text: str
    face: str = REGULAR


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: its pieces (spaces inside them), its natural width in points, whether it ends its paragraph."""

    pieces: tuple[Run, ...]
    width: float
    indent: float = 0.0
    last: bool = False

    @property
    def text(self) -> str:
        """The line as a reader copies it."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def spaces(self) -> int:
        """How many gaps a justified line can stretch."""
        return sum(piece.text.count(" ") for piece in self.pieces)


_Word = list[Run]


def wrap(runs: Sequence[Run], *, size: float, measure: float, first_indent: float = 0.0) -> tuple[Line, ...]:
    """Break the runs into lines no wider than `measure` points; a word wider than a line is broken between letters."""
    lines: list[Line] = []
    current: _Word = []
    used = 0.0
    indent = first_indent
    for word in _words(runs, size=size, measure=measure - first_indent):
        length = sum(width(piece.text, piece.face, size) for piece in word)
        gap = width(" ", word[0].face, size) if current else 0.0
        if current and indent + used + gap + length > measure + 0.01:
            lines.append(Line(pieces=_join(current), width=used, indent=indent))
            current, used, gap, indent = [], 0.0, 0.0, 0.0
        if current:
            # The gap takes the face of the word before it, so that a bold phrase keeps bold spaces.
            current.append(Run(text=" ", face=current[-1].face))
            gap = width(" ", current[-1].face, size)
        current += word
        used += gap + length
    if current:
        lines.append(Line(pieces=_join(current), width=used, indent=indent, last=True))
    return tuple(lines)


def balanced(text: str, face: str, *, size: float, measure: float) -> tuple[Line, ...]:
    """Break a heading into as few lines as `measure` allows, as even in length as they can be."""
    lines = wrap([Run(text=text, face=face)], size=size, measure=measure)
    low, high = 0.0, measure
    while len(lines) > 1 and high - low > 1:
        middle = (low + high) / 2
        trial = wrap([Run(text=text, face=face)], size=size, measure=middle)
        # Too narrow a measure breaks words: that shows as more lines, or as lines wider than asked.
        if len(trial) == len(lines) and _whole(trial, text):
            high, lines = middle, trial
        else:
            low = middle
    return lines


def _whole(lines: Iterable[Line], text: str) -> bool:
    return " ".join(line.text for line in lines) == text


def _words(runs: Sequence[Run], *, size: float, measure: float) -> list[_Word]:
    words: list[_Word] = []
    open_word = False
    for run in runs:
        for index, part in enumerate(run.text.split(" ")):
            if index:
                open_word = False
            if not part:
                continue
            if open_word:
                words[-1].append(Run(text=part, face=run.face))
            else:
                words.extend([piece] for piece in _fitting(part, run.face, size=size, measure=measure))
                open_word = True
    return words


def _fitting(word: str, face: str, *, size: float, measure: float) -> Iterable[Run]:
    """The word whole, or in pieces each of which fits a line of its own."""
    if width(word, face, size) <= measure:
        yield Run(text=word, face=face)
        return
    start = 0
    for end in range(1, len(word) + 1):
        if end - start > 1 and width(word[start:end], face, size) > measure:
            yield Run(text=word[start : end - 1], face=face)
            start = end - 1
    yield Run(text=word[start:], face=face)


def _join(pieces: _Word) -> tuple[Run, ...]:
    joined: _Word = []
    for piece in pieces:
        if joined and joined[-1].face == piece.face:
            joined[-1] = Run(text=joined[-1].text + piece.text, face=piece.face)
        else:
            joined.append(piece)
    return tuple(joined)
