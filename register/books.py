"""The two books as they leave the office: which columns, in which words. One value for every format.

The outgoing register has the ten columns of NĐ 30/2020, annex IV (AC-10). The seal register has every column of the
log, so that its chain can be computed again; `printed` are those that stand on paper.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from sqlalchemy import Connection

from store import VIETNAM, vietnam_date

from . import outgoing, seal_log
from .outgoing import OutgoingEntry, Selection
from .seal_log import LogRow

BookName = Literal["outgoing", "seal"]
BookFormat = Literal["csv", "xlsx", "pdf"]
BOOKS: Final[tuple[BookName, ...]] = get_args(BookName)
FORMATS: Final[tuple[BookFormat, ...]] = get_args(BookFormat)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name for programs, its heading, its width on paper in millimetres (0: not printed)."""

    name: str
    title: str
    width: float

    @property
    def printed(self) -> bool:
        """Whether it stands in the printed book."""
        return self.width > 0


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: `shown` as a person reads it, `raw` as a program does, a cell a column."""

    shown: tuple[str, ...]
    raw: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Book:
    """A book and its lines, which are read as they are asked for: once, inside the transaction of their connection.

    `machine`: a CSV of it has the columns' names and raw values.
    """

    title: str
    columns: tuple[Column, ...]
    lines: Iterator[Line]
    machine: bool


OUTGOING: Final = (
    Column(name="notation", title="Số, ký hiệu văn bản", width=26),
    Column(name="dated", title="Ngày tháng văn bản", width=20),
    Column(name="subject", title="Tên loại và trích yếu nội dung văn bản", width=56),
    Column(name="signer", title="Người ký", width=27),
    Column(name="recipients", title="Nơi nhận văn bản", width=33),
    Column(name="keeper", title="Đơn vị, người nhận bản lưu", width=22),
    Column(name="copies", title="Số lượng bản", width=14),
    Column(name="issued_on", title="Ngày chuyển", width=20),
    Column(name="received", title="Ký nhận", width=23),
    Column(name="note", title="Ghi chú", width=26),
)
SEAL: Final = (
    Column(name="seq", title="Dòng", width=12),
    Column(name="time", title="Thời điểm (giờ Việt Nam)", width=22),
    Column(name="event", title="Việc", width=25),
    Column(name="entry_id", title="Lượt", width=0),
    Column(name="purpose", title="Mục đích", width=0),
    Column(name="seal_id", title="Con dấu", width=17),
    Column(name="seal_version", title="Bản khai con dấu", width=0),
    Column(name="certificate_serial", title="Số chứng thư", width=0),
    Column(name="certificate_sha256", title="SHA-256 của chứng thư", width=0),
    Column(name="custodian", title="Văn thư", width=26),
    Column(name="confirmation_id", title="Lần xác nhận", width=0),
    Column(name="document_id", title="Mã văn bản trong hệ thống", width=0),
    Column(name="notation", title="Số, ký hiệu", width=26),
    Column(name="officer", title="Người ký đã kiểm tra", width=26),
    Column(name="officer_certificate_sha256", title="SHA-256 chứng thư người ký", width=0),
    Column(name="hash_before", title="SHA-256 trước", width=0),
    Column(name="hash_after", title="SHA-256 của tệp đã đóng dấu", width=42),
    Column(name="key_operation", title="Đã dùng khóa", width=0),
    Column(name="tsa_serial", title="Số dấu thời gian", width=0),
    Column(name="tsa_time", title="Giờ của dấu thời gian", width=0),
    Column(name="detail", title="Ghi chú", width=29),
    Column(name="previous_hash", title="Mã băm dòng trước", width=0),
    Column(name="row_hash", title="Mã băm của dòng", width=42),
)
EVENTS: Final = {
    "reserve": "Bắt đầu đóng dấu",
    "conclude": "Đã đóng dấu",
    "interrupted": "Bị ngắt, chưa phát hành",
    "failed": "Không đóng được",
    "wet": "In ra, đóng dấu ướt",
}


def outgoing_book(connection: Connection, selection: Selection) -> Book:
    """Sổ đăng ký văn bản đi."""
    lines = (_outgoing(entry) for entry in outgoing.stream(connection, selection))
    return Book(title="SỔ ĐĂNG KÝ VĂN BẢN ĐI", columns=OUTGOING, lines=lines, machine=False)


def seal_book(connection: Connection, selection: Selection, names: Mapping[str, str]) -> Book:
    """Nhật ký sử dụng con dấu. `names` are people's names by their ids; ids without one are shown themselves."""
    lines = (_use(row, names) for row in seal_log.stream(connection, selection))
    return Book(title="NHẬT KÝ SỬ DỤNG CON DẤU", columns=SEAL, lines=lines, machine=True)


def _outgoing(entry: OutgoingEntry) -> Line:
    cells = outgoing_cells(entry)
    return Line(shown=cells, raw=cells)


def outgoing_cells(entry: OutgoingEntry) -> tuple[str, ...]:
    """The ten columns of a line."""
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


def _use(row: LogRow, names: Mapping[str, str]) -> Line:
    raw = {column.name: _raw(getattr(row, column.name)) for column in SEAL}
    shown = raw | {
        "time": f"{row.time.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}",
        "tsa_time": "" if row.tsa_time is None else f"{row.tsa_time.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}",
        "event": EVENTS[row.event],
        "custodian": names.get(row.custodian, row.custodian),
        "officer": names.get(row.officer, row.officer),
        "key_operation": "có" if row.key_operation else "không",
    }
    return Line(shown=tuple(shown.values()), raw=tuple(raw.values()))


def _raw(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).isoformat(timespec="seconds")
    return "" if value is None else str(value)
