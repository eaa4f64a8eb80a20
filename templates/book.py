"""A register as a printed book: A4 landscape, the head of its table on every page, a line never cut but where it must.

Drawn line by line; the rows are asked for one after another and not kept.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, BinaryIO, Final, cast

import pikepdf

from templates.pen import Pen, baseline_of
from templates.sheet import HEIGHT, MM, WIDTH
from templates.text import Run, wrap
from templates.typeface import BOLD, ITALIC, REGULAR, SINGLE, clean, load

_ACROSS: Final = HEIGHT
_UP: Final = WIDTH
_LEFT: Final = 15 * MM
_TOP: Final = _UP - 18 * MM
_BOTTOM: Final = 16 * MM
_SIZE: Final = 10.0
_LEADING: Final = _SIZE * SINGLE
_PAD: Final = 1.2 * MM
_RULE: Final = 0.4
_PART: Final = 200
"""Pages held in memory at once."""
_FEWEST: Final = 3
"""Of a line too tall for any page, at least so many text lines stay together at a page's foot."""


@dataclass(frozen=True, kw_only=True)
class BookHead:
    """What stands over the table: whose book, its title in capitals, of when; and at every page's foot."""

    organisation: str
    title: str
    period: str
    foot: str


@dataclass(frozen=True, kw_only=True)
class BookColumn:
    """A column's heading and width in millimetres; together at most 267."""

    title: str
    width: float


def draw_book(out: IO[bytes], head: BookHead, columns: Sequence[BookColumn], rows: Iterable[Sequence[str]]) -> int:
    """Write the book as PDF into `out`; gives the number of pages.

    Letters that the typeface does not have are written as their code point, [U+4E2D]: a book must come out whole.
    """
    with ExitStack() as stack:
        parts: list[IO[bytes]] = []

        def new_pen() -> Pen:
            parts.append(stack.enter_context(tempfile.TemporaryFile()))
            return Pen(size=(_ACROSS, _UP), out=parts[-1])

        pages = _Pages(new_pen, head, columns)
        count = 0
        for row in rows:
            pages.add(row)
            count += 1
        pages.close(count)
        _put_together(parts, out)
    return pages.number


def _put_together(parts: Sequence[IO[bytes]], out: IO[bytes]) -> None:
    for part in parts:
        part.seek(0)
    if len(parts) == 1:
        shutil.copyfileobj(parts[0], out)
        return
    with ExitStack() as stack:
        whole = stack.enter_context(pikepdf.Pdf.new())
        for part in parts:
            whole.pages.extend(stack.enter_context(pikepdf.Pdf.open(cast(BinaryIO, part))).pages)
        whole.save(cast(BinaryIO, out), deterministic_id=True)


class _Pages:
    """The page being drawn: `cursor` is where the next line begins."""

    def __init__(self, new_pen: Callable[[], Pen], head: BookHead, columns: Sequence[BookColumn]) -> None:
        self._new_pen = new_pen
        self._pen = new_pen()
        self._head = head
        self._edges = [_LEFT]
        for column in columns:
            self._edges.append(self._edges[-1] + column.width * MM)
        self._titles = [self._broken(column.title, index, BOLD) for index, column in enumerate(columns)]
        self._ordinals = [[f"({index})"] for index in range(1, len(columns) + 1)]
        self.number = 1
        self._cursor = self._draw_title()
        self._fresh = True
        self._draw_table_head()

    def add(self, row: Sequence[str]) -> None:
        """One line of the book."""
        cells = [self._broken(_drawable(cell), index, REGULAR) for index, cell in enumerate(row)]
        needed, start = max(1, *map(len, cells)), 0
        while start < needed:
            room, left = self._room(), needed - start
            if left > room and not self._fresh and (left <= self._full_room or room < _FEWEST):
                self._turn()
                continue
            take = min(left, room)
            self._draw_row([cell[start : start + take] for cell in cells], take, REGULAR)
            start += take

    def close(self, count: int) -> None:
        """The last words, and the file."""
        words = f"Sổ này có {count} dòng, {self.number} trang." if count else "Không có dòng nào trong thời gian này."
        if self._room() < 2:
            self._turn()
            words = f"Sổ này có {count} dòng, {self.number} trang."
        self._pen.text(_LEFT, baseline_of(self._cursor - 2 * MM, _LEADING, 11), words, ITALIC, 11)
        self._draw_foot()
        self._pen.close()

    def _room(self) -> int:
        return int((self._cursor - _BOTTOM - 2 * _PAD) // _LEADING)

    @property
    def _full_room(self) -> int:
        head = _height(max(map(len, self._titles))) + _height(1)
        return int((_TOP - head - _BOTTOM - 2 * _PAD) // _LEADING)

    def _turn(self) -> None:
        self._draw_foot()
        if self.number % _PART:
            self._pen.next_page()
        else:
            # reportlab keeps every page until the file is written: a long book is written in parts
            self._pen.close()
            self._pen = self._new_pen()
        self.number += 1
        self._cursor = _TOP
        self._draw_table_head()

    def _draw_title(self) -> float:
        centre, cursor = _ACROSS / 2, _TOP
        for text, face, size in (
            (self._head.organisation.upper(), BOLD, 12.0),
            (self._head.title.upper(), BOLD, 14.0),
            (self._head.period, REGULAR, 13.0),
        ):
            if text:
                self._pen.centred(centre, baseline_of(cursor, size * SINGLE, size), _drawable(text), face, size)
                cursor -= size * SINGLE + 2
        return cursor - 3 * MM

    def _draw_table_head(self) -> None:
        self._pen.rule(self._edges[0], self._edges[-1], self._cursor, weight=_RULE)
        self._draw_row(self._titles, max(map(len, self._titles)), BOLD, centred=True)
        self._draw_row(self._ordinals, 1, ITALIC, centred=True)
        self._fresh = True

    def _draw_row(self, cells: Sequence[Sequence[str]], lines: int, face: str, *, centred: bool = False) -> None:
        bottom = self._cursor - _height(lines)
        for index, cell in enumerate(cells):
            left, right = self._edges[index], self._edges[index + 1]
            for number, text in enumerate(cell):
                baseline = baseline_of(self._cursor - _PAD - number * _LEADING, _LEADING, _SIZE)
                if centred:
                    self._pen.centred((left + right) / 2, baseline, text, face, _SIZE)
                else:
                    self._pen.text(left + _PAD, baseline, text, face, _SIZE)
        for edge in self._edges:
            self._pen.upright(edge, self._cursor, bottom, weight=_RULE)
        self._pen.rule(self._edges[0], self._edges[-1], bottom, weight=_RULE)
        self._cursor = bottom
        self._fresh = False

    def _draw_foot(self) -> None:
        self._pen.text(_LEFT, 9 * MM, _drawable(self._head.foot), ITALIC, 9)
        self._pen.right(self._edges[-1], 9 * MM, f"Trang {self.number}", REGULAR, 11)

    def _broken(self, text: str, index: int, face: str) -> Sequence[str]:
        # names, dates and keepers come again and again
        return _lines(text, face, self._edges[index + 1] - self._edges[index] - 2 * _PAD)


@lru_cache(maxsize=4096)
def _lines(text: str, face: str, measure: float) -> tuple[str, ...]:
    return tuple(line.text for line in wrap([Run(text=text, face=face)], size=_SIZE, measure=measure))


def _height(lines: int) -> float:
    return lines * _LEADING + 2 * _PAD


def _drawable(text: str) -> str:
    known, cleaned = load(), clean(text)
    if all(ord(letter) in known for letter in cleaned):
        return cleaned
    return "".join(letter if ord(letter) in known else f"[U+{ord(letter):04X}]" for letter in cleaned)
