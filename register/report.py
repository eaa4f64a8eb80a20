"""What an audit of the register says, in Vietnamese and English."""

from dataclasses import dataclass
from typing import Final

FINDINGS: Final[dict[str, tuple[str, str]]] = {
    "chain_gap": ("{chain_vi}: mất dòng {subject}.", "{chain_en}: rows {subject} are missing."),
    "chain_altered": ("{chain_vi}: dòng {subject} đã bị sửa.", "{chain_en}: row {subject} was altered."),
    "chain_unchained": (
        "{chain_vi}: dòng {subject} không nối với dòng trước.",
        "{chain_en}: row {subject} does not follow from the row before it.",
    ),
    "checkpoint_unmet": (
        "{chain_vi}: điểm chốt lúc {time} đã ghi dòng {subject}, nay không còn như vậy: sổ đã bị cắt hoặc viết lại.",
        "{chain_en}: the checkpoint of {time} signed row {subject}, no longer there as signed: the register was cut or "
        "rewritten.",
    ),
    "checkpoint_invalid": ("Điểm chốt {subject}: {why_vi}", "Checkpoint {subject}: {why}"),
    "checkpoint_unchecked": ("Không có khoá để kiểm tra điểm chốt.", "There is no key to check the checkpoints with."),
    "row_altered": ("Dòng {subject} đã bị sửa.", "Row {subject} was altered."),
    "row_missing": ("Dòng {subject} đã bị xoá.", "Row {subject} is missing."),
    "row_unrecorded": ("Dòng {subject} không có trong nhật ký sổ.", "Row {subject} is not in the journal."),
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
    "not_yet_signed": (
        "{chain_vi}: dòng {subject} chưa có điểm chốt.",
        "{chain_en}: rows {subject} are not yet under a checkpoint.",
    ),
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
    """How much was checked, what is missing or altered (`findings`), and what else to know (`notes`)."""

    seal_log_rows: int
    journal_rows: int
    checkpoints: int
    files: int
    numbers: int
    findings: tuple[Remark, ...]
    notes: tuple[Remark, ...]

    @property
    def intact(self) -> bool:
        """Nothing is missing or altered."""
        return not self.findings

    def as_json(self) -> dict[str, object]:
        """The report as JSON values, for `secondseal register audit --json`."""
        return {
            **vars(self),
            "intact": self.intact,
            "findings": [dict(vars(remark)) for remark in self.findings],
            "notes": [dict(vars(remark)) for remark in self.notes],
        }
