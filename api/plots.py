"""Plots as shapes: x and widths in per cent, y and heights in pixels, so that they fit any width while text keeps its
size. Pure; the page draws them (web/pages/_plots.html), colours are classes of the stylesheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Tone = Literal["m", "m2", "soft", "late"]
"""The seal's red; a person's blue; nothing in particular; past its deadline."""
Anchor = Literal["start", "middle", "end"]

_TOP: Final = 30
"""Room above the highest column for the words on it."""
_TALL: Final = 220
_LEFT: Final = 9.0
"""Where columns begin; before it stand the numbers of the axis."""
_ROW: Final = 58
_WIDEST: Final = 56.0
"""The longest bar: behind it stands its value."""
_LABEL: Final = 60
_LABEL_NARROW: Final = 34
"""Letters of a label that fit, on a desk and on a phone 320 pixels wide."""
_LABEL_BESIDE: Final = 20
"""A label no longer than this leaves room for an aside on a phone."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle."""

    x: float
    width: float
    y: float
    height: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Rule:
    """A line: `kind` is its class."""

    x1: float
    x2: float
    y1: float
    y2: float
    kind: Literal["grid", "axis"]


@dataclass(frozen=True, slots=True)
class Word:
    """Text; `kind` "val" for a value, "wide" and "narrow" for what only a desk or only a phone shows."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    kind: Literal["", "val", "wide", "narrow"] = ""
    shift: int = 0
    """Pixels to the right of `x`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Shapes in the order they are drawn; `label` says what is seen, with its numbers."""

    label: str
    height: int
    bars: tuple[Bar, ...]
    rules: tuple[Rule, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its parts from the axis upwards, its name under it, one more line `below`, a word over it."""

    name: str
    parts: tuple[tuple[int, Tone], ...]
    over: str = ""
    below: str = ""

    @property
    def total(self) -> int:
        """Its height in units."""
        return sum(number for number, _ in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One lying bar: its name above it, its value behind it; `reach` is where a thin line ends."""

    name: str
    value: float
    shown: str
    tone: Tone = "m2"
    reach: float | None = None
    aside: str = ""


def columns(label: str, given: Sequence[Column]) -> Plot:
    """Standing columns on a shared axis. Names are thinned out so that at most thirteen stand under the axis."""
    step = _step(max((one.total for one in given), default=0))
    ticks = max(1, -(-max((one.total for one in given), default=0) // step))
    scale = _TALL / (ticks * step)
    foot = _TOP + _TALL
    rules = [
        Rule(_LEFT, 100, foot - tick * step * scale, foot - tick * step * scale, "grid" if tick else "axis")
        for tick in range(ticks + 1)
    ]
    words = [
        Word(_LEFT, foot - tick * step * scale + 4, str(tick * step), anchor="end", shift=-8)
        for tick in range(ticks + 1)
    ]
    bars: list[Bar] = []
    pitch = (100 - _LEFT) / max(1, len(given))
    width = min(pitch * 0.58, 9.0)
    every = -(-len(given) // 13)
    for number, one in enumerate(given):
        middle, top = _LEFT + pitch * (number + 0.5), float(foot)
        for amount, tone in one.parts:
            if amount:
                top -= amount * scale
                bars.append(Bar(middle - width / 2, width, top, max(1.0, amount * scale - 1), tone))
        if number % every == 0:
            words.append(Word(middle, foot + 22, one.name, anchor="middle"))
            if one.below:
                last = number == len(given) - 1  # whose half of the pitch is all the room to the right
                words.append(Word(middle, foot + 40, one.below, "end" if last else "middle", shift=9 if last else 0))
            if one.over:
                words.append(Word(middle, top - 8, one.over, anchor="middle", kind="wide"))
    return Plot(label=label, height=foot + 48, bars=tuple(bars), rules=tuple(rules), words=tuple(words))


def lines(label: str, given: Sequence[Line]) -> Plot:
    """Lying bars, one under the other."""
    largest = max((max(one.value, one.reach or 0) for one in given), default=0) or 1
    bars: list[Bar] = []
    rules: list[Rule] = []
    words: list[Word] = []
    for number, one in enumerate(given):
        top = number * _ROW
        length = one.value / largest * _WIDEST
        end = length
        words += _named(one, top + 14)
        bars.append(Bar(0, max(length, 0.4), top + 23, 16, one.tone))
        if one.reach is not None and one.reach > one.value:
            end = one.reach / largest * _WIDEST
            rules += [Rule(length, end, top + 31, top + 31, "axis"), Rule(end, end, top + 26, top + 36, "axis")]
        words.append(Word(end, top + 36, one.shown, kind="val", shift=8))
    return Plot(
        label=label, height=max(1, len(given)) * _ROW - 8, bars=tuple(bars), rules=tuple(rules), words=tuple(words)
    )


def _step(largest: int) -> int:
    """A round distance between at most five lines."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if largest <= step * factor * 5:
                return step * factor
        step *= 10


def _named(line: Line, y: float) -> list[Word]:
    """The label, shorter on a phone where it must be, and what stands at the other end of its line."""
    aside = (
        []
        if not line.aside
        else [Word(100, y, line.aside, anchor="end", kind="" if len(line.name) <= _LABEL_BESIDE else "wide")]
    )
    wide, narrow = _short(line.name, _LABEL), _short(line.name, _LABEL_NARROW)
    if wide == narrow:
        return [Word(0, y, wide), *aside]
    return [Word(0, y, wide, kind="wide"), Word(0, y, narrow, kind="narrow"), *aside]


def _short(name: str, letters: int) -> str:
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip(' ,')}…"
