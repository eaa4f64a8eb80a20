"""Pages out of pieces: unbreakable units, one below the other, kept together where the eye wants them together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from templates.pen import Pen

Draw = Callable[[Pen, float], None]
"""Draw the unit with its top at this height (points)."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Something no page break may cut: a line, a table's row, the signature block. Heights in points.

    `gap` is left above it unless it opens a page. `keep` ties it to the next unit. `header` is drawn again above it
    when it opens a page (the head of a table).
    """

    height: float
    draw: Draw
    gap: float = 0.0
    keep: bool = False
    header: "Unit | None" = None


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A unit on its page (0-based) with its top at this height."""

    unit: Unit
    page: int
    top: float


def paginate(units: Sequence[Unit], *, tops: Callable[[int], float], bottoms: Callable[[int], float]) -> list[Placed]:
    """Put the units on pages; `tops` and `bottoms` give each page's limits.

    Units tied by `keep` travel together; a tied group taller than a page is broken where it must be.
    """
    placed: list[Placed] = []
    page, cursor, fresh = 0, tops(0), True
    for group in _groups(units):
        if not fresh and cursor - _height(group) < bottoms(page) - 0.01:
            page, cursor, fresh = page + 1, tops(page + 1), True
        for unit in group:
            if not fresh and cursor - unit.gap - unit.height < bottoms(page) - 0.01:
                page, cursor, fresh = page + 1, tops(page + 1), True
            if fresh and unit.header is not None:
                placed.append(Placed(unit=unit.header, page=page, top=cursor))
                cursor -= unit.header.height
            top = cursor if fresh else cursor - unit.gap
            placed.append(Placed(unit=unit, page=page, top=top))
            cursor, fresh = top - unit.height, False
    return placed


def _groups(units: Sequence[Unit]) -> list[list[Unit]]:
    groups: list[list[Unit]] = []
    open_group = False
    for unit in units:
        if open_group:
            groups[-1].append(unit)
        else:
            groups.append([unit])
        open_group = unit.keep
    return groups


def _height(group: Sequence[Unit]) -> float:
    return sum(unit.gap + unit.height for unit in group)
