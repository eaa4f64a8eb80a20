"""The books as sheets: CSV and XLSX, written line by line. No cell is ever a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Final

from .books import OUTGOING, Book, Line, outgoing_cells
from .outgoing import OutgoingEntry

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_BOM: Final = b"\xef\xbb\xbf"
"""Spreadsheet programs need it to read Vietnamese letters."""
_SHEET_LINES: Final = 1_000_000
"""Lines of one sheet; the format ends at 1,048,576."""
_LONGEST_CELL: Final = 32_767
_CUT: Final = " [cắt ở đây; đủ trong bản CSV]"
_MM_PER_LETTER: Final = 2.0
"""A letter of the sheet's type is about this wide: from widths on paper to widths of columns."""


def as_csv(entries: Iterable[OutgoingEntry]) -> bytes:
    """The outgoing register as CSV, UTF-8 with a byte order mark (AC-10).

    Text that a spreadsheet would take for a formula is led by an apostrophe.
    """
    out = io.BytesIO()
    _write_csv([column.title for column in OUTGOING], map(outgoing_cells, entries), out)
    return out.getvalue()


def write_csv(book: Book, out: IO[bytes]) -> int:
    """A book as CSV, as `as_csv` does; gives the number of lines."""
    head = [column.name if book.machine else column.title for column in book.columns]
    return _write_csv(head, (line.raw if book.machine else line.shown for line in book.lines), out)


def write_xlsx(book: Book, out: IO[bytes]) -> int:
    """A book as XLSX: head frozen and repeated in print, columns as wide as their text needs, every cell text; gives
    the number of lines. Memory stays the same however many there are; a million lines begin another sheet."""
    from xlsxwriter import Workbook

    workbook = Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    workbook.set_properties({"title": book.title})
    head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1})
    body = workbook.add_format({"text_wrap": True, "valign": "top", "border": 1})
    count = 0
    sheet = _sheet(workbook, book, 1, head)
    for line in book.lines:
        if count and count % _SHEET_LINES == 0:
            sheet = _sheet(workbook, book, count // _SHEET_LINES + 1, head)
        _write_line(sheet, count % _SHEET_LINES + 1, line, body)
        count += 1
    workbook.close()
    return count


def _write_csv(head: Sequence[str], lines: Iterable[Sequence[str]], out: IO[bytes]) -> int:
    count = 0
    out.write(_BOM)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    sheet = csv.writer(text)
    sheet.writerow(head)
    for line in lines:
        sheet.writerow([inert(cell) for cell in line])
        count += 1
    text.flush()
    text.detach()
    return count


def _sheet(workbook: "Workbook", book: Book, number: int, head: "Format") -> "Worksheet":
    sheet = workbook.add_worksheet("Sổ" if number == 1 else f"Sổ {number}")
    for index, column in enumerate(book.columns):
        sheet.set_column(index, index, max(column.width / _MM_PER_LETTER, 12) if column.printed else 20)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    for index, column in enumerate(book.columns):
        sheet.write_string(0, index, column.title, head)
    return sheet


def _write_line(sheet: "Worksheet", row: int, line: Line, body: "Format") -> None:
    for index, cell in enumerate(line.shown):
        text = cell if len(cell) <= _LONGEST_CELL else cell[: _LONGEST_CELL - len(_CUT)] + _CUT
        sheet.write_string(row, index, text, body)


def inert(cell: str) -> str:
    """The text, led by an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
