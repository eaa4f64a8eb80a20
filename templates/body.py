"""The body of a paper (item 6 of the annex): paragraphs, facts side by side, tables, as units for the flow."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from templates.flow import Unit
from templates.grouped_head import CELL as _CELL
from templates.grouped_head import TABLE_LEADING as _TABLE_LEADING
from templates.grouped_head import TABLE_SIZE as _TABLE_SIZE
from templates.grouped_head import grouped_head
from templates.pen import Pen, baseline_of
from templates.sheet import MM, UPRIGHT, Sheet
from templates.tags import Kind, Tag
from templates.text import Line, Run, balanced, wrap
from templates.typeface import BOLD, REGULAR, SINGLE, width

INDENT: Final = 10 * MM
GAP: Final = 6.0
_SPACING: Final = 1.08  # of single spacing; the annex allows single to 1.5

Align = Literal["left", "centre", "right"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A table's column: its head, its part of what room is left once every word fits, how its cells stand. Neighbours
    of one `group` have that as a common head above their own."""

    head: str
    part: float
    align: Align = "left"
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Body:
    """Sets running text at one size, 13 or 14 pt, on one kind of sheet."""

    size: float
    sheet: Sheet = UPRIGHT

    @property
    def leading(self) -> float:
        """From baseline to baseline, in points."""
        return self.size * SINGLE * _SPACING

    def paragraph(
        self,
        *parts: str | Run,
        keep: bool = False,
        indent: float = INDENT,
        align: Align | None = None,
        kind: Kind = "P",
    ) -> list[Unit]:
        """Justified (`align`: ragged instead), first line indented 1 cm, 6 pt above. Never one line alone at the foot
        or the head of a page. `kind`: what it is for those who hear it."""
        runs = [Run(text=part) if isinstance(part, str) else part for part in parts]
        first = 0.0 if align else indent
        lines = wrap(runs, size=self.size, measure=self.sheet.measure, first_indent=first, company=align is None)
        last = len(lines) - 1
        tag = Tag(kind)
        return [
            self._line(
                line,
                tag,
                gap=0.0 if index else GAP,
                keep=(index != last and index in (0, last - 1)) or keep,
                align=align,
            )
            for index, line in enumerate(lines)
        ]

    def addressed(self, lead: str, names: Sequence[str]) -> list[Unit]:
        """Item 9a: one name behind the lead, in the middle; several below it, their hyphens under its colon."""
        if len(names) == 1:
            unit = self.centred(f"{lead} {names[0]}", REGULAR, gap=2 * GAP)
            return [replace(unit, height=unit.height + GAP)]
        under, dash = width(lead[:-1], REGULAR, self.size), width("- ", REGULAR, self.size)
        widest = max(width(name, REGULAR, self.size) for name in names)
        # The whole stands in the middle; for long names it begins where paragraphs do.
        left = self.sheet.left + max((self.sheet.measure - under - dash - widest) / 2, INDENT)
        measure = self.sheet.right - left - under - dash
        units = [self._words(left, lead, Tag("P"), gap=2 * GAP)]
        for name in names:
            tag = Tag("P")
            for index, line in enumerate(wrap([Run(text=name)], size=self.size, measure=measure)):
                x, text = (left + under + dash, line.text) if index else (left + under, f"- {line.text}")
                units.append(self._words(x, text, tag, gap=0.0))
        units[-1] = replace(units[-1], height=units[-1].height + GAP)
        return units

    def _words(self, x: float, text: str, tag: Tag, *, gap: float) -> Unit:
        def draw(pen: Pen, top: float) -> None:
            with pen.tagged(tag):
                pen.text(x, baseline_of(top, self.leading, self.size), text, REGULAR, self.size)

        return Unit(height=self.leading, gap=gap, draw=draw, keep=True)

    def centred(self, words: str, face: str, *, gap: float, kind: Kind = "P") -> Unit:
        """One heading in the middle of the measure, in lines as even as can be, kept with what follows."""
        tag = Tag(kind)
        lines = balanced(words, face, size=self.size, measure=self.sheet.measure)

        def draw(pen: Pen, top: float) -> None:
            with pen.tagged(tag):
                for index, line in enumerate(lines):
                    baseline = baseline_of(top - index * self.leading, self.leading, self.size)
                    pen.centred(self.sheet.centre, baseline, line.text, face, self.size)

        return Unit(height=len(lines) * self.leading, gap=gap, draw=draw, keep=True)

    def facts(self, *pairs: tuple[str, str], stops: Sequence[float]) -> list[Unit]:
        """Short "label: value" facts side by side at `stops` (parts of the line); one below the other if too long."""
        texts = [f"{label}: {value}" for label, value in pairs]
        edges = [self.sheet.left + INDENT + stop * (self.sheet.measure - INDENT) for stop in stops] + [self.sheet.right]
        gaps = [2 * MM] * (len(texts) - 1) + [0.0]
        if any(
            width(text, REGULAR, self.size) > edges[index + 1] - edges[index] - gaps[index]
            for index, text in enumerate(texts)
        ):
            return [unit for text in texts for unit in self.paragraph(text)]

        tags = [Tag("P") for _ in texts]

        def draw(pen: Pen, top: float) -> None:
            for edge, text, tag in zip(edges, texts, tags, strict=False):
                with pen.tagged(tag):
                    pen.text(edge, baseline_of(top, self.leading, self.size), text, REGULAR, self.size)

        return [Unit(height=self.leading, gap=GAP, draw=draw)]

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[Unit]:
        """A ruled table over the whole measure; a row is never broken, the head is repeated on every page."""
        edges = _edges(columns, rows, self.sheet)
        heads = [column.head for column in columns]
        tag = Tag("Table")
        if any(column.group for column in columns):
            head = grouped_head(tag, [(column.head, column.group) for column in columns], edges)
        else:
            head = _row(tag, heads, ["centre"] * len(columns), edges, face=BOLD, header=None, keep=True)
        aligns = [column.align for column in columns]
        # A table's last row alone on the next page looks like a mistake: it is tied to the one before.
        return [
            head,
            *(
                _row(tag, row, aligns, edges, face=REGULAR, header=head, keep=index == len(rows) - 2)
                for index, row in enumerate(rows)
            ),
        ]

    def _line(self, line: Line, tag: Tag, *, gap: float, keep: bool, align: Align | None) -> Unit:
        slack = self.sheet.measure - line.width
        shift = {None: 0.0, "left": 0.0, "centre": slack / 2, "right": slack}[align]

        def draw(pen: Pen, top: float) -> None:
            baseline = baseline_of(top, self.leading, self.size)
            measure = self.sheet.measure if align is None else None
            with pen.tagged(tag):
                pen.line(self.sheet.left + shift, baseline, line, self.size, measure=measure)

        return Unit(height=self.leading, gap=gap, draw=draw, keep=keep)


def _edges(columns: Sequence[Column], rows: Sequence[Sequence[str]], sheet: Sheet) -> list[float]:
    """Where the upright rules stand: no word is broken as long as all of them fit, the rest is shared out."""

    def widest(index: int) -> float:
        cells = [(columns[index].head, BOLD), *((row[index], REGULAR) for row in rows)]
        words = [(word, face) for cell, face in cells for word in cell.split()]
        return max((width(word, face, _TABLE_SIZE) for word, face in words), default=0.0) + 2 * _CELL + 0.1

    needed = [widest(index) for index in range(len(columns))]
    rest = max(sheet.measure - sum(needed), 0.0)
    scale = min(sheet.measure / sum(needed), 1.0)
    total = sum(column.part for column in columns)
    edges = [sheet.left]
    for column, need in zip(columns, needed, strict=True):
        edges.append(edges[-1] + need * scale + rest * column.part / total)
    return edges


def _row(
    table: Tag,
    cells: Sequence[str],
    aligns: Sequence[Align],
    edges: Sequence[float],
    *,
    face: str,
    header: Unit | None,
    keep: bool,
) -> Unit:
    inner = [right - left - 2 * _CELL for left, right in pairwise(edges)]
    wrapped = [
        wrap([Run(text=cell, face=face)], size=_TABLE_SIZE, measure=measure)
        for cell, measure in zip(cells, inner, strict=True)
    ]
    height = max((len(lines) for lines in wrapped), default=1) * _TABLE_LEADING + 2 * _CELL
    tag = Tag("TR", table)
    tags = [Tag("TH" if header is None else "TD", tag, once=header is None) for _ in cells]

    def draw(pen: Pen, top: float) -> None:
        pen.rule(edges[0], edges[-1], top, weight=0.5)
        pen.rule(edges[0], edges[-1], top - height, weight=0.5)
        for edge in edges:
            pen.upright(edge, top, top - height)
        for index, lines in enumerate(wrapped):
            # A head stands in the middle of its height, what is below it begins at the top.
            cursor = top - _CELL
            if header is None:
                cursor -= (height - 2 * _CELL - len(lines) * _TABLE_LEADING) / 2
            with pen.tagged(tags[index]):
                for line in lines:
                    slack = inner[index] - line.width
                    x = edges[index] + _CELL + {"left": 0.0, "centre": slack / 2, "right": slack}[aligns[index]]
                    pen.line(x, baseline_of(cursor, _TABLE_LEADING, _TABLE_SIZE), line, _TABLE_SIZE)
                    cursor -= _TABLE_LEADING

    return Unit(height=height, gap=GAP if header is None else 0.0, draw=draw, header=header, keep=keep)
