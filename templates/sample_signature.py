"""A signature that nobody has: strokes of a pen drawn from a name, for demonstrations and tests."""

import hashlib
import io
import math
import random
from functools import cache
from typing import Final

from PIL import Image, ImageDraw

from templates.typeface import clean

_SIZE: Final = (1000, 440)  # the shape of the signature's box, 50 x 22 mm
_FINE: Final = 3
_INK: Final = (24, 58, 168)
_PEN: Final = 9.5

_Point = tuple[float, float]


@cache
def sample_signature_png(name: str) -> bytes:
    """A blue signature on clear ground, 1000 x 440 pixels; the same name gives the same strokes."""
    seed = hashlib.sha256(clean(name).encode()).digest()
    chance = random.Random(seed)  # noqa: S311 (a drawing, not a secret)
    ink = Image.new("L", (_SIZE[0] * _FINE, _SIZE[1] * _FINE), 0)
    pen = ImageDraw.Draw(ink)
    for stroke in _strokes(chance, letters=max(3, min(6, len(clean(name).split()[-1]) + 1))):
        _ink(pen, _curve(stroke))
    alpha = ink.resize(_SIZE, Image.Resampling.LANCZOS)
    picture = Image.new("RGB", alpha.size, _INK)
    picture.putalpha(alpha)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _strokes(chance: random.Random, *, letters: int) -> list[list[_Point]]:
    """A tall initial, a run of small loops that tires towards its end, a flourish below, a dash above."""

    def about(value: float, slack: float) -> float:
        return value + chance.uniform(-slack, slack)

    base = about(0.62, 0.02)
    x = about(0.14, 0.02)
    # The initial: up, a narrow loop at the top, down below the line and round into the first letter.
    main: list[_Point] = [
        (x - 0.07, about(0.50, 0.04)),
        (x - 0.01, about(0.36, 0.03)),
        (x + 0.10, about(0.10, 0.03)),
        (x + 0.13, about(0.06, 0.02)),
        (x + 0.11, about(0.20, 0.02)),
        (x + 0.04, about(0.60, 0.03)),
        (x + 0.01, about(0.78, 0.03)),
        (x - 0.05, about(0.80, 0.02)),
        (x - 0.04, about(0.70, 0.02)),
        (x + 0.08, about(0.52, 0.03)),
        (x + 0.15, about(0.40, 0.03)),
    ]
    x += 0.16
    step = about(0.085, 0.008)
    for index in range(letters):
        height = about(0.20, 0.05) * (1 - 0.09 * index)
        tall = chance.random() < 0.28 and index not in (0, letters - 1)
        top = base - (height + 0.24 if tall else height)
        drop = base + (0.14 if chance.random() < 0.18 else 0.0)
        lean = 0.05 if tall else 0.022
        main += [
            (x - 0.004, drop - 0.03),
            (x + step * 0.25, drop),
            (x + step * 0.62, base - height * 0.45),
            (x + step * 0.72 + lean, top),
            (x + step * 0.50 + lean * 0.6, top + height * 0.12),
        ]
        x += step
    # The last letter runs out to the right, turns and underlines the name.
    main += [
        (x + 0.02, base),
        (x + 0.10, base - 0.06),
        (min(x + 0.24, 0.95), about(0.40, 0.05)),
        (min(x + 0.27, 0.97), about(0.47, 0.03)),
        (x + 0.10, about(0.72, 0.02)),
        (0.42, about(0.84, 0.03)),
        (0.24, about(0.90, 0.02)),
        (0.30, about(0.86, 0.02)),
        (0.62, about(0.80, 0.02)),
        (about(0.86, 0.04), about(0.76, 0.03)),
    ]
    mark = about(0.46, 0.06)
    accent = [
        (mark, about(0.22, 0.02)),
        (mark + 0.035, about(0.15, 0.02)),
        (mark + 0.07, about(0.20, 0.02)),
        (mark + 0.12, about(0.11, 0.02)),
    ]
    return [main, accent]


def _curve(points: list[_Point]) -> list[_Point]:
    """A smooth line through the points (centripetal Catmull-Rom), in pixels of the fine canvas, evenly dense."""
    wide, high = _SIZE[0] * _FINE, _SIZE[1] * _FINE
    knots = [(x * wide, y * high) for x, y in points]
    knots = [knots[0], *knots, knots[-1]]
    line: list[_Point] = []
    for before, start, end, after in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        pieces = max(int(math.dist(start, end) / 2), 4)
        line += [_between(before, start, end, after, piece / pieces) for piece in range(pieces)]
    return [*line, knots[-1]]


def _between(p0: _Point, p1: _Point, p2: _Point, p3: _Point, part: float) -> _Point:
    def tangent(a: _Point, b: _Point, c: _Point) -> _Point:
        # The shorter neighbour bounds the swing: no overshoot where a long stroke meets a short one.
        near = min(math.dist(a, b), math.dist(b, c))
        span = math.dist(a, c) or 1.0
        return ((c[0] - a[0]) / span * near, (c[1] - a[1]) / span * near)

    m1, m2 = tangent(p0, p1, p2), tangent(p1, p2, p3)
    s2, s3 = part * part, part**3
    h1, h2, h3, h4 = 2 * s3 - 3 * s2 + 1, s3 - 2 * s2 + part, -2 * s3 + 3 * s2, s3 - s2
    return (
        h1 * p1[0] + h2 * m1[0] + h3 * p2[0] + h4 * m2[0],
        h1 * p1[1] + h2 * m1[1] + h3 * p2[1] + h4 * m2[1],
    )


def _ink(pen: ImageDraw.ImageDraw, line: list[_Point]) -> None:
    """Press harder going down and in slow turns, lift at both ends."""
    breadth = _PEN * _FINE
    smooth = breadth * 0.5
    last = len(line) - 1
    for index, (x, y) in enumerate(line):
        ahead, behind = line[min(index + 6, last)], line[max(index - 6, 0)]
        run = math.dist(ahead, behind) or 1.0
        down = (ahead[1] - behind[1]) / run
        ends = min(index, last - index) / 60
        target = breadth * (0.62 + 0.38 * max(down, -0.4)) * min(1.0, 0.25 + ends)
        smooth += (target - smooth) * 0.06
        pen.ellipse((x - smooth / 2, y - smooth / 2, x + smooth / 2, y + smooth / 2), fill=255)
