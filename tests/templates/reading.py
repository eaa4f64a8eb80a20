"""What stands on a rendered page and where, read back through PDFium: independent of the code that drew it."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

MM = 72 / 25.4
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Neighbouring letters of one line in one font and size; box (left, bottom, right, top) and baseline in points."""

    text: str
    font: str
    size: float
    box: Box
    baseline: float


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A page as a reader sees it."""

    width: float
    height: float
    text: str
    stretches: tuple[Stretch, ...]
    rules: tuple[Box, ...]

    def find(self, part: str) -> Stretch:
        """The one stretch that holds this text."""
        found = [stretch for stretch in self.stretches if part in stretch.text]
        assert len(found) == 1, (part, [stretch.text for stretch in self.stretches])
        return found[0]

    def rule_below(self, stretch: Stretch) -> Box:
        """The level rule nearest below a line of text."""
        middle = (stretch.box[0] + stretch.box[2]) / 2
        level = [rule for rule in self.rules if rule[3] - rule[1] < 2 and rule[0] < middle < rule[2]]
        below = [rule for rule in level if rule[3] < stretch.baseline]
        return max(below, key=lambda rule: rule[1])


def read(pdf: bytes) -> list[Sheet]:
    """Every page of the file."""
    with pdfium.PdfDocument(pdf) as document:
        return [_sheet(document[index]) for index in range(len(document))]


def _sheet(page: Any) -> Sheet:
    text = page.get_textpage()
    paths = page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1)
    return Sheet(
        width=page.get_width(),
        height=page.get_height(),
        text=text.get_text_range(),
        stretches=tuple(_stretches(text)),
        rules=tuple(tuple(path.get_bounds()) for path in paths),
    )


def _stretches(text: Any) -> Iterator[Stretch]:
    letters: list[tuple[str, str, float, Box, float]] = []
    for index in range(text.count_chars()):
        character = chr(raw.FPDFText_GetUnicode(text, index))
        if character in "\r\n":
            continue
        letter = (character, _font(text, index), _size(text, index), text.get_charbox(index), _baseline(text, index))
        if character == " " and letters:
            # A blank that PDFium puts between two far words has no place of its own.
            letter = (character, letters[-1][1], letters[-1][2], letters[-1][3], letters[-1][4])
        if letters and not _together(letters[-1], letter):
            yield _joined(letters)
            letters = []
        letters.append(letter)
    if letters:
        yield _joined(letters)


def _together(before: Any, after: Any) -> bool:
    same_line = abs(before[4] - after[4]) < 0.5
    near = after[3][0] - before[3][2] < 25
    return same_line and near and before[1] == after[1] and abs(before[2] - after[2]) < 0.05


def _joined(letters: list[Any]) -> Stretch:
    inked = [letter for letter in letters if letter[0] != " "] or letters
    return Stretch(
        text="".join(letter[0] for letter in letters).strip(),
        font=letters[0][1],
        size=round(letters[0][2], 2),
        box=(
            min(letter[3][0] for letter in inked),
            min(letter[3][1] for letter in inked),
            max(letter[3][2] for letter in inked),
            max(letter[3][3] for letter in inked),
        ),
        baseline=inked[0][4],
    )


def _font(text: Any, index: int) -> str:
    buffer = ctypes.create_string_buffer(100)
    raw.FPDFText_GetFontInfo(text, index, buffer, 100, ctypes.c_int())
    return buffer.value.decode().rpartition("+")[2]


def _size(text: Any, index: int) -> float:
    return float(raw.FPDFText_GetFontSize(text, index))


def _baseline(text: Any, index: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text, index, x, y)
    return y.value
