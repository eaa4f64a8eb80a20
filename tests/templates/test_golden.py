"""How every paper of the catalogue looks: small pictures, one pixel a millimetre, kept beside the tests.

What is meant to change is drawn anew by `GOLDEN=record .venv/bin/pytest tests/templates/test_golden.py`; look at the
pictures before they are committed. Letters smoothed in another way by another PDFium pass; a line moved by a millimetre
or missing does not.
"""

import io
import os
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops

from templates import catalogue, render, sample_data, sample_issue

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted({paper.name for paper in catalogue()})

_DOTS = 3
"""Dots to a millimetre that are drawn, then averaged into one."""
_FIELD = 2
"""Side of the squares, in mm, that are compared by their mean grey."""
_MOST = 45
"""Of 255: how much one may differ. Drawn with other dots it is 35 at most, a line moved by 1 mm makes 90."""


def pictures(pdf: bytes, dots: int = _DOTS) -> list[Image.Image]:
    """Every page in grey, one pixel a millimetre."""
    with pdfium.PdfDocument(pdf) as document:
        drawn = [document[n].render(scale=dots * 25.4 / 72).to_pil().convert("L") for n in range(len(document))]
    return [one.resize((round(one.width / dots), round(one.height / dots)), Image.Resampling.BOX) for one in drawn]


def difference(one: Image.Image, other: Image.Image) -> int:
    """By how much the worst square differs, 0 to 255; 255 where the pages are of two sizes."""
    if one.size != other.size:
        return 255
    _, most = ImageChops.difference(one.reduce(_FIELD), other.reduce(_FIELD)).getextrema()
    assert isinstance(most, int)
    return most


def _sixteen(grey: int) -> int:
    """One of sixteen greys: a third of the file."""
    return grey // 16 * 17


def made(name: str) -> bytes:
    return render(name, sample_data(name), sample_issue(name)).pdf


def kept(name: str, page: int) -> Path:
    return GOLDEN / f"{name}-{page + 1}.png"


@pytest.mark.parametrize("name", NAMES)
def test_it_looks_as_it_did(name: str) -> None:
    now = pictures(made(name))
    if os.environ.get("GOLDEN") == "record":
        for old in GOLDEN.glob(f"{name}-[0-9].png"):
            old.unlink()
        for page, picture in enumerate(now):
            picture.point(_sixteen).save(kept(name, page), optimize=True)
    assert len(list(GOLDEN.glob(f"{name}-[0-9].png"))) == len(now)
    for page, picture in enumerate(now):
        before = Image.open(io.BytesIO(kept(name, page).read_bytes())).convert("L")
        assert difference(before, picture) <= _MOST, f"{name}, page {page + 1}: see tests/templates/golden"


def test_no_picture_is_kept_of_what_there_is_no_more() -> None:
    assert {file.stem.rpartition("-")[0] for file in GOLDEN.glob("*.png")} == set(NAMES)


def test_smoothing_passes_and_a_moved_or_missing_line_does_not() -> None:
    (page,), (finer,) = pictures(made("cong-van")), pictures(made("cong-van"), dots=5)
    assert difference(page, finer) <= _MOST
    moved = ImageChops.offset(page, 0, 1)
    assert difference(page, moved) > _MOST
    without = page.copy()
    without.paste(255, (30, 134, 195, 140))  # one line of text
    assert difference(page, without) > _MOST
