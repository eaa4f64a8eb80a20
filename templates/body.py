"""The body of a paper (item 6 of the annex): paragraphs, facts side by side, tables, as units for the flow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from templates.flow import Unit
from templates.pen import Pen, baseline_of
from templates.sheet import LEFT, MEASURE, MM, RIGHT
from templates.text import Line, Run, wrap
from templates.typeface import BOLD, REGULAR, SINGLE, width

SIZE: Final = 14.0
LEADING: Final = SIZE * SINGLE * 1.08
INDENT: Final = 10 * MM
GAP: Final = 6.0

_TABLE_SIZE: Final = 12.0
_TABLE_LEADING: Final = _TABLE_SIZE * SINGLE
_CELL: Final = 1.5 * MM

Align = Literal["left", "centre", "right"]


def paragraph(runs: Sequence[Run], *, keep: bool = False, gap: float = GAP) -> list[Unit]:
    """Justified, first line indented 1 cm, 6 pt above. Never one line alone at the foot or the head of a page."""
    lines = wrap(runs, size=SIZE, measure=MEASURE, first_indent=INDENT)
    units: list[Unit] = []
    for index, line in enumerate(lines):
        opening = index == 0 and len(lines) > 1
        closing = index == len(lines) - 2
        tied = opening or closing or (keep and index == len(lines) - 1)
        units.append(_line_unit(line, gap=0.0 if index else gap, keep=tied))
    return units


def facts(pairs: Sequence[tuple[str, str]], *, stops: Sequence[float]) -> list[Unit]:
    """Short "label: value" facts side by side at `stops` (parts of the line); below each other where they are long."""
    rows = [(f"{label}: ", value) for label, value in pairs]
    edges = [LEFT + INDENT + stop * (MEASURE - INDENT) for stop in stops] + [RIGHT + 2 * MM]
    fits = all(
        width(label + value, REGULAR, SIZE) <= edges[index + 1] - edges[index] - 2 * MM
        for index, (label, value) in enumerate(rows)
    )
    if not fits:
        return [unit for label, value in rows for unit in paragraph([Run(text=label + value)])]

    def draw(pen: Pen, top: float) -> None:
        for edge, (label, value) in zip(edges, rows, strict=False):
            pen.text(edge, baseline_of(top, LEADING, SIZE), label + value, REGULAR, SIZE)

    return [Unit(height=LEADING, gap=GAP, draw=draw)]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A table's column: its head, its part of the line, how its cells stand."""

    head: str
    part: float
    align: Align = "left"


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[Unit]:
    """A ruled table over the whole measure; a row is never broken, the head is repeated on every page."""
    total = sum(column.part for column in columns)
    edges = [LEFT]
    for column in columns:
        edges.append(edges[-1] + MEASURE * column.part / total)
    head = _row([column.head for column in columns], ["centre"] * len(columns), edges, BOLD, gap=GAP, header=None)
    aligns = [column.align for column in columns]
    body = [_row(row, aligns, edges, REGULAR, gap=0.0, header=head) for row in rows]
    # A table's last row alone on the next page looks like a mistake.
    return [head, *_tied(body)]


def _tied(rows: Sequence[Unit]) -> list[Unit]:
    last_pair = len(rows) - 2
    return [
        Unit(height=row.height, gap=row.gap, draw=row.draw, header=row.header, keep=index == last_pair)
        for index, row in enumerate(rows)
    ]


def _row(
    cells: Sequence[str], aligns: Sequence[Align], edges: Sequence[float], face: str, *, gap: float, header: Unit | None
) -> Unit:
    wrapped = [
        wrap([Run(text=cell, face=face)], size=_TABLE_SIZE, measure=edges[index + 1] - edges[index] - 2 * _CELL)
        for index, cell in enumerate(cells)
    ]
    height = max((len(lines) for lines in wrapped), default=1) * _TABLE_LEADING + 2 * _CELL

    def draw(pen: Pen, top: float) -> None:
        pen.rule(edges[0], edges[-1], top, weight=0.5)
        pen.rule(edges[0], edges[-1], top - height, weight=0.5)
        for edge in edges:
            pen.upright(edge, top, top - height)
        for index, lines in enumerate(wrapped):
            cursor = top - _CELL
            if face == BOLD:
                cursor -= (height - 2 * _CELL - len(lines) * _TABLE_LEADING) / 2
            for line in lines:
                slack = edges[index + 1] - edges[index] - 2 * _CELL - line.width
                x = edges[index] + _CELL + {"left": 0.0, "centre": slack / 2, "right": slack}[aligns[index]]
                pen.line(x, baseline_of(cursor, _TABLE_LEADING, _TABLE_SIZE), line, _TABLE_SIZE)
                cursor -= _TABLE_LEADING

    return Unit(height=height, gap=gap, draw=draw, header=header, keep=header is None)


def _line_unit(line: Line, *, gap: float, keep: bool) -> Unit:
    def draw(pen: Pen, top: float) -> None:
        pen.line(LEFT, baseline_of(top, LEADING, SIZE), line, SIZE, measure=MEASURE)

    return Unit(height=LEADING, gap=gap, draw=draw, keep=keep)
