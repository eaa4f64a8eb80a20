"""The books as CSV and XLSX: Vietnamese right, no cell a formula, as much as there is."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import IO
from xml.etree import ElementTree

from sqlalchemy import Engine

from register import (
    Book,
    Selection,
    new_code,
    numbers,
    outgoing,
    outgoing_book,
    seal_book,
    seal_log,
    write_csv,
    write_xlsx,
)
from register.books import OUTGOING, Line
from store import FolderFiles, read, write
from tests.register.papers import NOON, SERIES, Paper, issue_paper, registration, seal_use

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(xlsx: bytes, sheet: int = 1) -> list[list[str]]:
    """Every cell as text; fails on a formula."""
    with zipfile.ZipFile(io.BytesIO(xlsx)) as parts:
        tree = ElementTree.fromstring(parts.read(f"xl/worksheets/sheet{sheet}.xml"))
    assert tree.findall(f".//{_MAIN}f") == []
    found = []
    for row in tree.iter(f"{_MAIN}row"):
        found.append(["".join(cell.itertext()) for cell in row.iter(f"{_MAIN}c")])
        assert {cell.get("t") for cell in row.iter(f"{_MAIN}c")} == {"inlineStr"}
    return found


def test_the_outgoing_register_has_its_ten_columns_in_csv_and_xlsx(database: Engine) -> None:
    """AC-10."""
    with write(database) as connection:
        number = numbers.reserve(connection, **SERIES)  # type: ignore[arg-type]
        evil = replace(registration(Paper(), number), subject="Hộ kinh doanh Ắc quy", recipients="=HYPERLINK(1)")
        outgoing.add(connection, evil)
        outgoing.mark_issued(connection, evil.document_id, issued_at=NOON, issue_by=NOON + timedelta(days=1))
    sheets = []
    for writer in (write_csv, write_xlsx):
        out = io.BytesIO()
        with read(database) as connection:
            assert writer(outgoing_book(connection, Selection(year=2026)), out) == 1
        sheets.append(out.getvalue())
    assert sheets[0].startswith(b"\xef\xbb\xbf")
    as_csv = list(csv.reader(io.StringIO(sheets[0].decode("utf-8-sig"))))
    as_xlsx = cells(sheets[1])
    assert as_csv[0] == as_xlsx[0] == [column.title for column in OUTGOING]
    assert len(as_csv[0]) == 10
    assert as_csv[1][4] == "'=HYPERLINK(1)"
    assert as_xlsx[1][4] == "=HYPERLINK(1)", "a text cell needs no apostrophe"
    assert as_xlsx[1][2] == "GIẤY CHỨNG NHẬN: Hộ kinh doanh Ắc quy"
    with zipfile.ZipFile(io.BytesIO(sheets[1])) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in sheet
    assert sheet.count("<col ") >= 1


def test_the_seal_register_has_every_column_and_people_by_name(database: Engine, tmp_path: object) -> None:
    """AC-50: raw in CSV, in words in XLSX."""
    issue_paper(database, FolderFiles(tmp_path))  # type: ignore[arg-type]
    names = {"van-thu": "Lê Thị Mẫu"}
    out, sheet = io.BytesIO(), io.BytesIO()
    with read(database) as connection:
        assert write_csv(seal_book(connection, Selection(), names), out) == 2
        assert write_xlsx(seal_book(connection, Selection(), names), sheet) == 2
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    assert [row["event"] for row in rows] == ["reserve", "conclude"]
    assert rows[1]["previous_hash"] == rows[0]["row_hash"]
    assert len(rows[0]) == 23
    shown = cells(sheet.getvalue())
    assert shown[2][2] == "Đã đóng dấu"
    assert "Lê Thị Mẫu" in shown[1]


def test_a_book_is_chosen_by_organisation_year_and_days(database: Engine) -> None:
    with write(database) as connection:
        for organisation, day in (("M01.X1", date(2026, 11, 22)), ("M01.X1", date(2026, 12, 1)), ("M01", None)):
            number = numbers.reserve(connection, organisation=organisation, kind="GCN", year=2026)
            line = replace(registration(Paper(), number), organisation=organisation, dated=day or date(2026, 11, 22))
            outgoing.add(connection, line)
            seal_log.reserve(connection, seal_use(Paper(document_id=line.document_id)), at=NOON)
    with read(database) as connection:

        def count(**chosen: object) -> int:
            return len(list(outgoing.stream(connection, Selection(**chosen))))  # type: ignore[arg-type]

        assert (count(), count(organisation="M01.X1"), count(year=2025)) == (3, 2, 0)
        assert count(since=date(2026, 12, 1)) == 1
        assert count(until=date(2026, 11, 22)) == 2
        assert len(list(seal_log.stream(connection, Selection(organisation="M01")))) == 1
        assert len(list(seal_log.stream(connection, Selection(since=date(2026, 11, 23))))) == 0
        assert len(list(seal_log.stream(connection, Selection(year=2026, until=date(2026, 11, 22))))) == 3


def test_lines_are_read_on_from_where_a_page_ended(database: Engine) -> None:
    with write(database) as connection:
        for _ in range(7):
            number = numbers.reserve(connection, **SERIES)  # type: ignore[arg-type]
            outgoing.add(connection, registration(Paper(), number))
    with read(database) as connection:
        first = outgoing.page(connection, Selection(), limit=4)
        rest = outgoing.page(connection, Selection(), after=first[-1].position, limit=4)
    assert [entry.notation for entry in first + rest] == [f"{n:02d}/GCN-UBND" for n in range(1, 8)]


def test_a_long_book_takes_no_more_memory_than_a_short_one() -> None:
    """Lines are written as they are read, in CSV and XLSX."""

    def lines(count: int) -> Iterator[Line]:
        for number in range(count):
            made = (f"{number:02d}/GCN-UBND", "22/11/2026", f"{new_code()} giấy", "m", "m", "m", "1", "", "", "")
            yield Line(shown=made, raw=made)

    def book(count: int) -> Book:
        return Book(title="SỔ", columns=OUTGOING, lines=lines(count), machine=False)

    class Nowhere(io.BytesIO):
        """Takes bytes and keeps none."""

        def write(self, data: object) -> int:
            return len(data)  # type: ignore[arg-type]

    def most(writer: Callable[[Book, IO[bytes]], int], out: IO[bytes]) -> int:
        """Bytes this process held at once for 4,000 lines; the lines alone, kept, are 1.6 MB."""
        assert writer(book(500), io.BytesIO()) == 500, "what is made once is made"
        tracemalloc.start()
        try:
            assert writer(book(4_000), out) == 4_000
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert most(write_csv, Nowhere()) < 600_000
    assert most(write_xlsx, io.BytesIO()) < 1_000_000


def test_a_cell_longer_than_a_sheet_can_hold_says_that_it_was_cut() -> None:
    made = ("x" * 40_000, *[""] * 9)
    out, whole = io.BytesIO(), io.BytesIO()
    write_xlsx(Book(title="SỔ", columns=OUTGOING, lines=iter([Line(shown=made, raw=made)]), machine=False), out)
    write_csv(Book(title="SỔ", columns=OUTGOING, lines=iter([Line(shown=made, raw=made)]), machine=False), whole)
    (cell, *_) = cells(out.getvalue())[1]
    assert len(cell) == 32_767
    assert cell.endswith("[cắt ở đây; đủ trong bản CSV]")
    assert "x" * 40_000 in whole.getvalue().decode()
