"""The outgoing register as a sheet with the ten columns of NĐ 30/2020, annex IV (AC-10)."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from store import vietnam_date

from .outgoing import OutgoingEntry

COLUMNS: Final = (
    "Số, ký hiệu văn bản",
    "Ngày tháng văn bản",
    "Tên loại và trích yếu nội dung văn bản",
    "Người ký",
    "Nơi nhận văn bản",
    "Đơn vị, người nhận bản lưu",
    "Số lượng bản",
    "Ngày chuyển",
    "Ký nhận",
    "Ghi chú",
)


def as_csv(entries: Iterable[OutgoingEntry]) -> bytes:
    """CSV in UTF-8 with a byte order mark, which spreadsheet programs need to read Vietnamese letters.

    Text that a spreadsheet would take for a formula is led by an apostrophe.
    """
    text = io.StringIO(newline="")
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for entry in entries:
        sheet.writerow([inert(cell) for cell in _cells(entry)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cells(entry: OutgoingEntry) -> tuple[str, ...]:
    notes = [entry.note] if entry.note else []
    if entry.cancelled:
        notes.append(f"Huỷ số: {entry.cancelled}")
    if entry.late:
        notes.append("Phát hành chậm")
    return (
        entry.notation,
        f"{entry.dated:%d/%m/%Y}",
        f"{entry.type_name}: {entry.subject}",
        entry.signer,
        entry.recipients,
        entry.keeper,
        str(entry.copies),
        "" if entry.issued_at is None else f"{vietnam_date(entry.issued_at):%d/%m/%Y}",
        entry.received,
        "; ".join(notes),
    )


def inert(cell: str) -> str:
    """The text, led by an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
