"""The two books as files: the register gives the lines, `templates` draws the printed ones. Used by pages, programs and
the command line alike."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Final

from sqlalchemy import Connection

from api.formats import local
from office import Office
from register import Book, BookFormat, BookName, Selection, outgoing_book, seal_book, write_csv, write_xlsx
from stamping import Desk
from store import read
from templates import BookColumn, BookHead, draw_book

MEDIA: Final[Mapping[BookFormat, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_FILES: Final[Mapping[BookName, str]] = {"outgoing": "so-van-ban-di", "seal": "nhat-ky-con-dau"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Which book, in which format, of what; `at` is when it is taken, `system` what takes it."""

    book: BookName
    format: BookFormat
    selection: Selection
    at: datetime
    system: str

    @property
    def file_name(self) -> str:
        """E.g. so-van-ban-di-2026.xlsx."""
        chosen = self.selection
        of = [str(chosen.year)] if chosen.year else []
        of += [day.strftime("%Y%m%d") for day in (chosen.since, chosen.until) if day]
        return "-".join([_FILES[self.book], *of]) + f".{self.format}"


def exported(desk: Desk, export: Export) -> IO[bytes]:
    """The book in a temporary file without a name; the caller closes it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - handed over
    try:
        with read(desk.engine) as connection:
            write_book(connection, desk.office(), export, file)
    except BaseException:
        file.close()
        raise
    return file


def write_book(connection: Connection, office: Office, export: Export, out: IO[bytes]) -> int:
    """Write it; gives the number of lines (for PDF, of pages)."""
    book = _book(connection, office, export)
    if export.format == "csv":
        return write_csv(book, out)
    if export.format == "xlsx":
        return write_xlsx(book, out)
    printed = [index for index, column in enumerate(book.columns) if column.printed]
    return draw_book(
        out,
        _head(office, book, export),
        [BookColumn(title=book.columns[index].title, width=book.columns[index].width) for index in printed],
        ([line.shown[index] for index in printed] for line in book.lines),
    )


def _book(connection: Connection, office: Office, export: Export) -> Book:
    if export.book == "outgoing":
        return outgoing_book(connection, export.selection)
    names = {one.id: one.name for one in office.officers} | {one.id: one.name for one in office.custodians}
    return seal_book(connection, export.selection, names)


def _head(office: Office, book: Book, export: Export) -> BookHead:
    code = export.selection.organisation
    if code is None and len(office.organisations) == 1:
        code = office.organisations[0].code
    body = office.organisation(code) if code else None
    at = local(export.at)
    full = " Bản CSV và XLSX có đủ mọi cột của nhật ký." if export.book == "seal" else ""
    return BookHead(
        organisation=body.name if body else code or "",
        title=book.title,
        period=_period(export.selection),
        foot=f"Kết xuất lúc {at:%H:%M:%S} ngày {at:%d/%m/%Y} từ {export.system}.{full}",
    )


def _period(selection: Selection) -> str:
    words = [f"Năm {selection.year}"] if selection.year else []
    if selection.since:
        words.append(f"từ ngày {_day(selection.since)}")
    if selection.until:
        words.append(f"đến ngày {_day(selection.until)}")
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
