"""A table as it lies in a CSV or XLSX file. The file is another's: its size is looked at before it is unpacked, and
what a cell does not plainly say is a fault of the cell, never a guess."""

import csv
import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import openpyxl

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 400
_LARGEST_FILE: Final = 32 * 2**20
_LARGEST_UNPACKED: Final = 128 * 2**20
_MOST_PARTS: Final = 1000
_LONGEST_CELL: Final = 100_000
_DIGITS: Final = re.compile(r"0{2,30}")
_SEPARATORS: Final = ",;\t"


@dataclass(frozen=True, slots=True)
class Unclear:
    """A cell that says nothing by itself; why, in Vietnamese and English."""

    vi: str
    en: str


Cell = str | int | float | bool | datetime | Unclear | None
"""A CSV's are texts; None is empty. A moment has no zone: it is what stands in the cell."""

FORMULA: Final = Unclear(
    "là công thức: hãy dán lại dưới dạng giá trị (Paste Values)", "is a formula: paste it as a value"
)
_ERROR: Final = Unclear("là lỗi của bảng tính", "is an error of the spreadsheet")
_DURATION: Final = Unclear("là giờ hoặc khoảng thời gian, không phải ngày", "is a time of day, not a day")


class TableUnreadable(Exception):
    """The file is no table that can be used. `text_vi` and `text_en` are sentences for a person."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows with their number as a spreadsheet shows it, from 1; empty ones are left out. `sha256` is the file's."""

    sha256: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_table(file: Path) -> Table:
    """The first sheet of an XLSX file, or a CSV. Raises TableUnreadable, OSError."""
    with file.open("rb") as opened:
        raw = opened.read(_LARGEST_FILE + 1)
    if len(raw) > _LARGEST_FILE:
        raise TableUnreadable("Tệp lớn hơn 32 MB.", "The file is larger than 32 MB.")
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableUnreadable(
            "Tệp là .xls cũ hoặc có mật khẩu: hãy lưu thành .xlsx không mật khẩu.",
            "The file is an old .xls, or has a password: save it as .xlsx without one.",
        )
    found = _xlsx(raw) if raw.startswith(b"PK") else _csv(raw)
    rows = []
    for number, cells in found:
        width = max((index for index, cell in enumerate(cells, 1) if cell is not None), default=0)
        if number > MOST_ROWS:
            raise TableUnreadable(f"Bảng có hơn {MOST_ROWS} dòng.", f"The table has more than {MOST_ROWS} rows.")
        if width > MOST_COLUMNS:
            raise TableUnreadable(
                f"Bảng có hơn {MOST_COLUMNS} cột.", f"The table has more than {MOST_COLUMNS} columns."
            )
        if width:
            rows.append((number, tuple(cells[:width])))
    return Table(sha256=hashlib.sha256(raw).hexdigest(), rows=tuple(rows))


def _csv(raw: bytes) -> Iterator[tuple[int, list[Cell]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableUnreadable(
            "Tệp CSV không phải UTF-8: hãy lưu dạng “CSV UTF-8”.", "The CSV is not UTF-8: save it as “CSV UTF-8”."
        ) from None
    if "\0" in text:
        raise TableUnreadable("Tệp không phải bảng CSV.", "The file is no CSV table.")
    # what parts the columns is what the first line has most of outside its quotes
    first = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    separator = max(_SEPARATORS, key=first.count)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1):
            yield number, [cell.strip() or None for cell in row]
            if number > MOST_ROWS:
                return
    except csv.Error as error:
        raise TableUnreadable(f"Tệp CSV không đọc được ({error}).", f"The CSV cannot be read ({error}).") from None


def _xlsx(raw: bytes) -> Iterator[tuple[int, list[Cell]]]:
    unreadable = TableUnreadable("Tệp XLSX không đọc được.", "The XLSX file cannot be read.")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        raise unreadable from None
    # zipfile unpacks no more of a part than it is declared to hold
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
        raise TableUnreadable("Tệp XLSX khi giải nén quá lớn.", "The XLSX file is too large when unpacked.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a spreadsheet has beside its cells
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
            try:
                sheet: Any = book.worksheets[0]
                sheet.reset_dimensions()  # what the file says of its size is not to be believed
                found = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1)
                yield from ((number, [_cell(cell) for cell in row]) for number, row in enumerate(found, 1))
            finally:
                book.close()
    except (TableUnreadable, MemoryError, GeneratorExit):
        raise
    except Exception:  # noqa: BLE001 - whatever a damaged file makes of the reader, it is no table
        raise unreadable from None


def _cell(cell: Any) -> Cell:  # noqa: PLR0911
    """As it is shown, where that is more than its value: numbers whose format keeps leading zeros are texts."""
    value, kind = cell.value, cell.data_type
    if kind == "f":
        return FORMULA
    if kind == "e":
        return _ERROR
    if value is None or isinstance(value, bool | datetime):
        return value
    if isinstance(value, int | float):
        zeros = cell.number_format
        if value == int(value) >= 0 and _DIGITS.fullmatch(zeros):
            return str(int(value)).zfill(len(zeros))
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, str):
        return value.strip() or None if len(value) <= _LONGEST_CELL else _ERROR
    return _DURATION


def inside(cells: Iterable[Cell]) -> bool:
    """Whether anything stands in them."""
    return any(cell is not None for cell in cells)
