"""A table's head in two storeys: columns that belong together stand under a common head."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from templates.flow import Unit
from templates.pen import Pen, baseline_of
from templates.sheet import MM
from templates.tags import Tag
from templates.text import Line, Run, wrap
from templates.typeface import BOLD, SINGLE

TABLE_SIZE: Final = 12.0
TABLE_LEADING: Final = TABLE_SIZE * SINGLE
CELL: Final = 1.5 * MM

_GAP: Final = 6.0


def grouped_head(table: Tag, heads: Sequence[tuple[str, str]], edges: Sequence[float]) -> Unit:
    """`heads`: each column's own head and its group ("" for none), `edges` where the upright rules stand (points)."""
    own = [_lines(head, edges[index + 1] - edges[index]) for index, (head, _) in enumerate(heads)]
    # (first column, column after the last, lines): a column without a group is a run of its own
    runs: list[tuple[int, int, tuple[Line, ...]]] = []
    for (group, _), members in groupby(enumerate(heads), key=lambda one: (one[1][1], -1 if one[1][1] else one[0])):
        columns = [index for index, _ in members]
        first, after = columns[0], columns[-1] + 1
        runs.append((first, after, _lines(group, edges[after] - edges[first]) if group else ()))
    grouped = [index for index, (_, group) in enumerate(heads) if group]
    upper = max(len(lines) for _, _, lines in runs) * TABLE_LEADING + 2 * CELL
    below = max(len(own[index]) for index in grouped) * TABLE_LEADING + 2 * CELL
    alone = max((len(lines) for index, lines in enumerate(own) if index not in grouped), default=1)
    below = max(below, alone * TABLE_LEADING + 2 * CELL - upper)

    rows = Tag("TR", table), Tag("TR", table)
    tops = [
        Tag("TH", rows[0], once=True, spans=(after - first, 1) if lines else (1, 2)) for first, after, lines in runs
    ]
    seconds = {index: Tag("TH", rows[1], once=True) for index in grouped}

    def draw(pen: Pen, top: float) -> None:
        middle, foot = top - upper, top - upper - below
        pen.rule(edges[0], edges[-1], top, weight=0.5)
        pen.rule(edges[0], edges[-1], foot, weight=0.5)
        for edge in (edges[first] for first, _, _ in runs):
            pen.upright(edge, top, foot)
        pen.upright(edges[-1], top, foot)
        for tag, (first, after, lines) in zip(tops, runs, strict=True):
            with pen.tagged(tag):
                _draw(pen, lines or own[first], edges[first], edges[after], top, middle if lines else foot)
            if lines:
                pen.rule(edges[first], edges[after], middle, weight=0.5)
                for edge in edges[first + 1 : after]:
                    pen.upright(edge, middle, foot)
        for index, tag in seconds.items():
            with pen.tagged(tag):
                _draw(pen, own[index], edges[index], edges[index + 1], middle, foot)

    return Unit(height=upper + below, gap=_GAP, draw=draw, keep=True)


def _lines(text: str, room: float) -> tuple[Line, ...]:
    return wrap([Run(text=text, face=BOLD)], size=TABLE_SIZE, measure=room - 2 * CELL)


def _draw(pen: Pen, lines: Sequence[Line], left: float, right: float, top: float, foot: float) -> None:
    cursor = top - (top - foot - len(lines) * TABLE_LEADING) / 2
    for line in lines:
        x = (left + right - line.width) / 2
        pen.line(x, baseline_of(cursor, TABLE_LEADING, TABLE_SIZE), line, TABLE_SIZE)
        cursor -= TABLE_LEADING
