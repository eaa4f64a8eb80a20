"""A seal that no office has: for demonstrations and tests, and it says so."""

import io
import math
from functools import cache
from importlib import resources
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from templates.frame import SAMPLE
from templates.typeface import clean

_SIDE: Final = 840
_FINE: Final = 3  # drawn this many times larger, then reduced: smooth edges
_INK: Final = (200, 24, 32)

# Parts of the outer radius.
_OUTER: Final = (1.0, 0.955)
_THIN: Final = (0.925, 0.91)
_INNER: Final = (0.60, 0.585)
_LETTERS: Final = 0.755  # middle of the band between the thin ring and the inner one
_LETTER_HEIGHT: Final = 0.19
_TOP_ARC: Final = 220.0
_FOOT_ARC: Final = 102.0
_STAR_ANGLE: Final = 120.0  # from the top, between the two texts


@cache
def sample_seal_png(organisation: str, mark: str) -> bytes:
    """A round red seal on clear ground, 840 pixels across: the name around it, the mark in its middle.

    `mark` is the ký hiệu riêng of a second seal. The foot says MẪU - KHÔNG CÓ GIÁ TRỊ: the layout is like that of a
    real seal, the picture must not be usable as one.
    """
    side = _SIDE * _FINE
    radius = side / 2
    ink = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(ink)
    for outer, inner in (_OUTER, _THIN, _INNER):
        _ring(pen, radius, outer * radius, inner * radius)
    _around(ink, clean(organisation).upper(), sweep=_TOP_ARC, middle=-90.0, outwards=True)
    _around(ink, SAMPLE, sweep=_FOOT_ARC, middle=90.0, outwards=False)
    for angle in (-90 - _STAR_ANGLE, -90 + _STAR_ANGLE):
        _star(pen, _at(radius, _LETTERS * radius, angle), 0.055 * radius)
    _centre(pen, clean(mark), radius)

    alpha = ink.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    # One colour everywhere, also where nothing shows: no dark fringe when a viewer scales the picture.
    picture = Image.new("RGB", alpha.size, _INK)
    picture.putalpha(alpha)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _font(size: float) -> ImageFont.FreeTypeFont:
    with (resources.files("templates.fonts") / "Tinos-Bold.ttf").open("rb") as file:
        return ImageFont.truetype(io.BytesIO(file.read()), round(size), layout_engine=ImageFont.Layout.BASIC)


def _ring(pen: ImageDraw.ImageDraw, centre: float, outer: float, inner: float) -> None:
    pen.ellipse((centre - outer, centre - outer, centre + outer, centre + outer), fill=255)
    pen.ellipse((centre - inner, centre - inner, centre + inner, centre + inner), fill=0)


def _at(centre: float, distance: float, angle: float) -> tuple[float, float]:
    turn = math.radians(angle)
    return centre + distance * math.cos(turn), centre + distance * math.sin(turn)


def _around(ink: Image.Image, text: str, *, sweep: float, middle: float, outwards: bool) -> None:
    """Letters along the band, each turned as a whole with its accents; at most `sweep` degrees around `middle`."""
    radius = ink.width / 2
    arc = _LETTERS * radius
    size = _LETTER_HEIGHT * radius
    font = _font(size)
    length = math.radians(sweep) * arc
    natural = font.getlength(text)
    if natural > length:
        size *= length / natural
        font = _font(size)
        natural = font.getlength(text)
    gaps = max(len(text) - 1, 1)
    # Spread a short name a little, never so far that it falls apart.
    spread = min((length - natural) / gaps, size * 0.32)
    cursor = -(natural + spread * gaps) / 2
    # Capitals are 0.66 of the size high: their middle runs along the band's middle.
    baseline = arc - 0.33 * size if outwards else arc + 0.33 * size
    for letter in text:
        advance = font.getlength(letter)
        turn = math.degrees((cursor + advance / 2) / arc)
        angle = middle + turn if outwards else middle - turn
        _letter(ink, letter, font, _at(radius, baseline, angle), -(angle + 90) if outwards else -(angle - 90))
        cursor += advance + spread


def _letter(ink: Image.Image, letter: str, font: ImageFont.FreeTypeFont, at: tuple[float, float], turn: float) -> None:
    side = int(font.size * 3)
    tile = Image.new("L", (side, side), 0)
    ImageDraw.Draw(tile).text((side / 2, side / 2), letter, font=font, fill=255, anchor="ms")
    tile = tile.rotate(turn, Image.Resampling.BICUBIC)
    corner = (round(at[0] - side / 2), round(at[1] - side / 2))
    ink.paste(255, corner, tile)


def _star(pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    points = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.382
        turn = math.radians(-90 + 36 * corner)
        points.append((centre[0] + reach * math.cos(turn), centre[1] + reach * math.sin(turn)))
    pen.polygon(points, fill=255)


def _centre(pen: ImageDraw.ImageDraw, mark: str, radius: float) -> None:
    """A star above the mark; a real seal of the state would carry its emblem, which has no place on a sample."""
    _star(pen, (radius, radius - 0.20 * radius), 0.27 * radius)
    size = 0.46 * radius
    font = _font(size)
    room = 0.66 * radius
    if font.getlength(mark) > room:
        font = _font(size * room / font.getlength(mark))
    pen.text((radius, radius + 0.42 * radius), mark, font=font, fill=255, anchor="ms")
