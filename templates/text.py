"""Running text: words of mixed weight broken into lines of a given width. Pure arithmetic, nothing is drawn here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

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
_FILLED: Final = 0.85
"""Of its measure a justified line must fill by itself, or its gaps would stand open."""


def wrap(
    runs: Sequence[Run], *, size: float, measure: float, first_indent: float = 0.0, company: bool = False
) -> tuple[Line, ...]:
    """Break the runs into lines no wider than `measure` points; a word wider than a line is broken between letters.

    `company`: a last line of one word takes another one down with it, as long as the line above stays well filled."""
    lines: list[list[_Word]] = [[]]
    used = 0.0
    for word in _words(runs, size=size, measure=measure - first_indent):
        length = _length(word, size)
        gap = width(" ", word[0].face, size) if lines[-1] else 0.0
        indent = first_indent if len(lines) == 1 else 0.0
        if lines[-1] and indent + used + gap + length > measure + 0.01:
            lines.append([])
            used, gap = 0.0, 0.0
        if lines[-1]:
            gap = width(" ", lines[-1][-1][-1].face, size)
        lines[-1].append(word)
        used += gap + length
    if company and len(lines) > 1 and len(lines[-1]) == 1:
        indent = first_indent if len(lines) == 2 else 0.0
        if indent + _length(_spaced(lines[-2][:-1]), size) >= _FILLED * measure:
            lines[-1].insert(0, lines[-2].pop())
    if not lines[-1]:
        return ()
    last = len(lines) - 1
    set_ = [_spaced(words) for words in lines]
    return tuple(
        Line(
            pieces=_join(pieces),
            width=_length(pieces, size),
            indent=0.0 if index else first_indent,
            last=index == last,
        )
        for index, pieces in enumerate(set_)
    )


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


def _length(pieces: _Word, size: float) -> float:
    return sum(width(piece.text, piece.face, size) for piece in pieces)


def _spaced(words: Iterable[_Word]) -> _Word:
    """Words with their gaps, each in the face of the word before it, so that a bold phrase keeps bold spaces."""
    spaced: _Word = []
    for word in words:
        if spaced:
            spaced.append(Run(text=" ", face=spaced[-1].face))
        spaced += word
    return spaced


def _join(pieces: _Word) -> tuple[Run, ...]:
    joined: _Word = []
    for piece in pieces:
        if joined and joined[-1].face == piece.face:
            joined[-1] = Run(text=joined[-1].text + piece.text, face=piece.face)
        else:
            joined.append(piece)
    return tuple(joined)
