"""What an audit of the register says, in Vietnamese and English."""

from dataclasses import dataclass
from typing import Final

FINDINGS: Final[dict[str, tuple[str, str]]] = {
    "chain_gap": ("Nhật ký con dấu: mất dòng {subject}.", "Seal log: rows {subject} are missing."),
    "chain_altered": ("Nhật ký con dấu: dòng {subject} đã bị sửa.", "Seal log: row {subject} was altered."),
    "chain_unchained": (
        "Nhật ký con dấu: dòng {subject} không nối với dòng trước.",
        "Seal log: row {subject} does not follow from the row before it.",
    ),
    "log_gap": ("Nhật ký sổ: mất lá {subject}.", "Log: leaves {subject} are missing."),
    "log_hash_wrong": (
        "Nhật ký sổ: mã băm lưu ở {subject} không khớp với các lá.",
        "Log: the hash kept at {subject} does not fit its leaves.",
    ),
    "checkpoint_unmet": (
        "Nhật ký sổ: điểm chốt đã ký ở {size} lá ({time}) không còn khớp: trong các lá {subject} sổ đã bị sửa, đổi "
        "chỗ, cắt hoặc viết lại ({count} điểm chốt không khớp).",
        "Log: the checkpoint signed at {size} leaves ({time}) is no longer met: among leaves {subject} the register "
        "was altered, reordered, cut or rewritten ({count} checkpoints unmet).",
    ),
    "time_invalid": (
        "Dấu thời gian của điểm chốt ở {subject} lá không đúng ({why}).",
        "The time stamp of the checkpoint at {subject} leaves is wrong ({why}).",
    ),
    "checkpoint_invalid": ("Điểm chốt {subject}: {why_vi}", "Checkpoint {subject}: {why}"),
    "checkpoint_unchecked": ("Không có khoá để kiểm tra điểm chốt.", "There is no key to check the checkpoints with."),
    "row_altered": ("Dòng {subject} đã bị sửa.", "Row {subject} was altered."),
    "row_moved": (
        "Dòng {subject} đã bị đổi chỗ: nay ở lá {now}, khi ghi ở lá {written}.",
        "Row {subject} was moved: it stands at leaf {now} and was written at leaf {written}.",
    ),
    "row_missing": ("Dòng {subject} đã bị xoá.", "Row {subject} is missing."),
    "row_unrecorded": ("Dòng {subject} không có trong nhật ký sổ.", "Row {subject} is not in the log."),
    "row_twice": (
        "Bảng {subject} có dòng ghi hai lần ({count} dòng thừa).",
        "Table {subject} holds rows twice ({count} too many).",
    ),
    "leaf_unknown": (
        "Nhật ký sổ: lá {subject} không thuộc bảng nào của sổ.",
        "Log: leaf {subject} stands for no table of the register.",
    ),
    "rows_unreadable": ("Bảng {subject} có dòng không đọc được.", "Table {subject} has rows that cannot be read."),
    "file_missing": ("Không còn tệp lưu {subject}.", "The stored file {subject} is missing."),
    "file_damaged": ("Tệp lưu {subject} đã bị thay đổi.", "The stored file {subject} was altered."),
    "entry_unknown": (
        "Nhật ký con dấu: dòng {subject} kết thúc một lượt không mở.",
        "Seal log: row {subject} closes an entry that was not open.",
    ),
    "entry_without_revision": (
        "Nhật ký con dấu: văn bản đã đóng dấu ở dòng {subject} không có trong sổ.",
        "Seal log: the sealed file of row {subject} is not recorded as a revision.",
    ),
    "sealed_without_entry": (
        "Văn bản {subject} đã đóng dấu nhưng nhật ký con dấu không có lượt nào.",
        "Document {subject} is sealed but the seal log has no entry for it.",
    ),
    "bundle_torn": (
        "Văn bản {subject} và các văn bản kèm theo không được đóng dấu cùng nhau: có tệp đã ký, có tệp chưa.",
        "Document {subject} and its attachments were not sealed as one: some files are, some are not.",
    ),
    "key_use_without_entry": (
        "Tệp lưu {subject} mang chữ ký của con dấu mà nhật ký con dấu không có lượt nào.",
        "Stored file {subject} bears the seal's signature, and the seal log has no entry for it.",
    ),
    "number_gap": ("Số {subject} không có trong sổ.", "Numbers {subject} are missing."),
    "counter_wrong": ("Bộ đếm {subject} không khớp với số cuối trong sổ.", "Counter {subject} is not the last number."),
}
"""Something is missing or altered: code -> what to tell a person."""

NOTES: Final[dict[str, tuple[str, str]]] = {
    "number_voided": ("Số {subject} đã huỷ: {reason}", "Number {subject} was voided: {reason}"),
    "number_open": (
        "Số {subject} đã cấp, chưa dùng và chưa huỷ.",
        "Number {subject} is reserved, neither used nor voided.",
    ),
    "entry_open": ("Lượt dùng con dấu {subject} chưa kết thúc.", "Seal entry {subject} is still open."),
    "issued_late": (
        "Văn bản {subject} phát hành chậm (NĐ 30/2020 Đ.4.2.c).",
        "Document {subject} was issued late (Decree 30/2020 art. 4.2.c).",
    ),
    "file_unknown": ("Tệp lưu {subject} không thuộc văn bản nào.", "Stored file {subject} belongs to no document."),
    "file_unreleased": (
        "Tệp lưu {subject} đã đóng dấu nhưng chưa từng phát hành: lượt {entry} kết thúc dở dang.",
        "Stored file {subject} was sealed and never released: entry {entry} ended before that.",
    ),
    "not_yet_signed": ("Các lá {subject} chưa có điểm chốt.", "Leaves {subject} are not yet under a checkpoint."),
}
"""In order, but a reader should know."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A finding or a note. `subject` names the row, file or number it is about."""

    code: str
    subject: str
    text_vi: str
    text_en: str


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """How much was checked, what is missing or altered (`findings`), and what else to know (`notes`).

    `proven`: size and time of the newest checkpoint that the log meets and a time authority stamped; empty where there
    is none.
    """

    seal_log_rows: int
    log_entries: int
    checkpoints: int
    proven: str
    files: int
    numbers: int
    seconds: float
    findings: tuple[Remark, ...]
    notes: tuple[Remark, ...]

    @property
    def intact(self) -> bool:
        """Nothing is missing or altered."""
        return not self.findings

    @property
    def rate(self) -> int:
        """Log entries audited per second, all of the audit's work included."""
        return round(self.log_entries / self.seconds) if self.seconds else 0

    def as_json(self) -> dict[str, object]:
        """The report as JSON values, for `secondseal register audit --json`."""
        return {
            **vars(self),
            "intact": self.intact,
            "findings": [dict(vars(remark)) for remark in self.findings],
            "notes": [dict(vars(remark)) for remark in self.notes],
        }
