"""The letters: Tinos in four cuts, registered once per process, and the question whether a character can be drawn."""

import threading
import unicodedata
from functools import cache
from importlib import resources
from typing import Final

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from templates.errors import GlyphMissing

REGULAR: Final = "Tinos"
BOLD: Final = "Tinos-Bold"
ITALIC: Final = "Tinos-Italic"
BOLD_ITALIC: Final = "Tinos-BoldItalic"

_FILES: Final = {
    REGULAR: "Tinos-Regular.ttf",
    BOLD: "Tinos-Bold.ttf",
    ITALIC: "Tinos-Italic.ttf",
    BOLD_ITALIC: "Tinos-BoldItalic.ttf",
}

# hhea of Tinos, as parts of the size; single spacing is their sum with the line gap (1.149).
ASCENT: Final = 0.891
DESCENT: Final = 0.216
SINGLE: Final = 1.149


EMBEDDING: Final = threading.Lock()
"""Held while a paper's letters are cut out of the files. reportlab reads them through one position a file: two threads
at it take each other's outlines, for a whole paper or, unseen, for one letter."""
_LOADING = threading.Lock()


def load() -> frozenset[int]:
    """Register the four cuts; return the code points that every one of them can draw."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> frozenset[int]:
    # Base85 over Flate makes streams a quarter larger and slower to read, and helps nobody.
    rl_config.useA85 = 0
    common: frozenset[int] | None = None
    for name, file in _FILES.items():
        # By path, never by family name: an older Liberation of the same metrics lacks ninety Vietnamese letters.
        with resources.as_file(resources.files("templates.fonts") / file) as path:
            font = TTFont(name, str(path), asciiReadable=False, shapable=False)
        pdfmetrics.registerFont(font)
        points = frozenset(font.face.charToGlyph)
        common = points if common is None else common & points
    return (common or frozenset()) - frozenset(range(32))


class _Advances(dict[str, float]):
    """Advance widths of one face in thousandths of the size, looked up as they are asked for."""

    def __init__(self, face: str) -> None:
        super().__init__()
        self._face = pdfmetrics.getFont(face).face

    def __missing__(self, character: str) -> float:
        self[character] = advance = float(self._face.getCharWidth(ord(character)))
        return advance


@cache
def _advances(face: str) -> _Advances:
    load()
    return _Advances(face)


def clean(text: str) -> str:
    """The text as it is drawn and stored: NFC (reportlab misplaces combining marks), spaces single, ends trimmed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def check(text: str, where: str) -> None:
    """Raise GlyphMissing for the first character of `text` that the typeface cannot draw."""
    drawable = load()
    for character in text:
        if ord(character) not in drawable:
            raise GlyphMissing(character, where)


def width(text: str, face: str, size: float) -> float:
    """How wide the text is, in points."""
    advances = _advances(face)
    return sum(advances[character] for character in text) * size / 1000
