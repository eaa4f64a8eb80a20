"""The words in which changes of the institution are told: parts, fields and values, in Vietnamese and English."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from store import VIETNAM

from .period import Period

Words = tuple[str, str]

KINDS: Final[Mapping[str, Words]] = {
    "test_office": ("cơ quan thử nghiệm", "test office"),
    "organisations": ("cơ quan", "organisation"),
    "mandates": ("văn bản làm căn cứ", "mandate"),
    "seals": ("con dấu", "seal"),
    "officers": ("người ký", "officer"),
    "custodians": ("văn thư", "custodian"),
    "handovers": ("bàn giao con dấu", "hand-over of the seal"),
    "procedures": ("thủ tục", "procedure"),
    "series": ("dãy số", "number series"),
    "holidays": ("ngày nghỉ", "holidays"),
    "working_saturdays": ("ngày thứ Bảy làm bù", "working Saturdays"),
    "day_ends": ("giờ hết ngày làm việc", "end of the working day"),
    "most_reappointments": ("số lần hẹn lại ngày trả kết quả", "new appointments of an overdue dossier"),
}
"""Of the parts of an office's file."""

FIELDS: Final[Mapping[str, Words]] = {
    "account": ("tài khoản", "account"),
    "acting_for": ("ký cho chức vụ", "acts for"),
    "appointed_by": ("quyết định giao", "appointed by"),
    "appointed_on": ("ngày quyết định", "appointed on"),
    "at": ("lúc", "at"),
    "authority": ("nơi cấp", "issued by"),
    "by": ("người uỷ quyền", "given by"),
    "capacity": ("tư cách ký", "capacity"),
    "certificate": ("chứng thư", "certificate"),
    "certificate_dates": ("thời hạn của chứng thư", "dates of certificates"),
    "certificates": ("chứng thư", "certificates"),
    "code": ("mã", "code"),
    "collective": ("tập thể", "collective"),
    "daily_limit": ("giới hạn mỗi ngày", "daily limit"),
    "date": ("ngày", "date"),
    "decided_on": ("ngày", "of"),
    "decision": ("quyết định", "decision"),
    "decisions": ("trạng thái", "states"),
    "delegation": ("uỷ quyền", "delegation"),
    "delegations": ("uỷ quyền", "delegations"),
    "device_level": ("mức của thiết bị", "device level"),
    "diameter_mm": ("đường kính (mm)", "diameter (mm)"),
    "giver": ("người giao", "from"),
    "handover": ("biên bản", "hand-over record"),
    "id": ("mã", "id"),
    "image": ("hình con dấu", "image"),
    "key": ("khóa", "key"),
    "kind": ("loại", "kind"),
    "mark": ("ký hiệu riêng", "mark"),
    "minutes": ("biên bản", "record"),
    "name": ("tên", "name"),
    "next": ("khóa kế tiếp", "next key"),
    "number": ("số", "number"),
    "organisation": ("cơ quan", "organisation"),
    "paper": ("mẫu kết quả", "template"),
    "parent": ("cơ quan chủ quản", "parent"),
    "period": ("thời gian", "period"),
    "permission": ("văn bản cho phép", "permission"),
    "place": ("địa danh", "place"),
    "post": ("chức vụ", "post"),
    "procedures": ("thủ tục", "procedures"),
    "purposes": ("dùng để", "purposes"),
    "registration": ("đăng ký mẫu dấu", "registration"),
    "seal": ("con dấu", "seal"),
    "seals": ("con dấu được giao", "seals"),
    "shows_parent": ("ghi cơ quan chủ quản", "shows the parent"),
    "signature_image": ("hình chữ ký", "signature image"),
    "sha256": ("SHA-256", "SHA-256"),
    "since": ("từ", "from"),
    "stages": ("các bước", "stages"),
    "starts_at": ("từ lúc", "from"),
    "state": ("", ""),
    "subject": ("trích yếu", "subject"),
    "successors": ("cơ quan kế thừa", "successors"),
    "symbol": ("ký hiệu", "symbol"),
    "taker": ("người nhận", "to"),
    "version": ("phiên bản", "version"),
    "working_days": ("số ngày làm việc", "working days"),
}
"""Of the fields within them; a field that is not here is told by its own name."""

_VALUES: Final[Mapping[str, Words]] = {
    "draft": ("chưa dùng", "draft"),
    "active": ("đang dùng", "active"),
    "suspended": ("tạm dừng", "suspended"),
    "retired": ("thu hồi", "retired"),
    "received": ("tiếp nhận", "received"),
    "appraised": ("thẩm định", "appraised"),
    "approved": ("phê duyệt", "approved"),
    "stamped": ("đóng dấu", "stamped"),
    "returned": ("trả kết quả", "returned"),
    "issue": ("ban hành", "issue"),
    "appendix": ("phụ lục", "appendix"),
    "copy": ("bản sao", "copy"),
    "merge": ("sáp nhập", "merge"),
    "split": ("chia tách", "split"),
    "rename": ("đổi tên", "rename"),
    "first": ("dấu thứ nhất", "first"),
    "second": ("dấu thứ hai", "second"),
}
_STORED: Final = 64
"""Length of a SHA-256 in hexadecimal: a kept file's name, a certificate's fingerprint."""


def named(part: str, entry: Any) -> Words:
    """An entry by its kind and name: ("con dấu x1-2", "seal x1-2")."""
    vi, en = KINDS.get(part, (part, part))
    identity = getattr(entry, "id", None) or getattr(entry, "code", None)
    name = getattr(entry, "name", None)
    if identity is None:
        identity = getattr(entry, "seal", None) or getattr(entry, "number", None) or getattr(entry, "symbol", "")
    tail = f"{identity} ({name})" if name else str(identity)
    return f"{vi} {tail}", f"{en} {tail}"


def told(value: Any) -> Words:  # noqa: PLR0911 - one line per kind of value
    """A value as people read it; an empty one is a dash."""
    match value:
        case None | "" | () | []:
            return "–", "–"
        case bool():
            return ("có", "yes") if value else ("không", "no")
        case datetime():
            moment = value.astimezone(VIETNAM)
            return f"{moment:%H:%M %d/%m/%Y}", f"{moment:%H:%M} on {moment.date()}"
        case date():
            return f"{value:%d/%m/%Y}", value.isoformat()
        case time():
            return f"{value:%H:%M}", f"{value:%H:%M}"
        case Path():
            return _short(value.name), _short(value.name)
        case Period():
            return _period(value)
        case tuple() | list():
            parts = [told(one) for one in value]
            return ", ".join(vi for vi, _ in parts), ", ".join(en for _, en in parts)
        case float():
            return f"{value:g}", f"{value:g}"
        case str() if value in _VALUES:
            return _VALUES[value]
        case str():
            return (_short(value),) * 2
    if is_dataclass(value):
        return _inner(value)
    return str(value), str(value)


def _short(text: str) -> str:
    """A hash by its first letters: nobody compares sixty-four."""
    digits = len(text) == _STORED and all(letter in "0123456789abcdef" for letter in text)
    return f"{text[:16]}…" if digits else text


def _period(period: Period) -> Words:
    ends = (("từ", "from", period.starts_at or period.since), ("đến", "until", period.ends_at or period.until))
    given = [(vi, en, told(at)) for vi, en, at in ends if at is not None]
    if not given:
        return "không thời hạn", "without end"
    return " ".join(f"{vi} {at[0]}" for vi, _, at in given), " ".join(f"{en} {at[1]}" for _, en, at in given)


def _inner(value: Any) -> Words:
    vi: list[str] = []
    en: list[str] = []
    for field in fields(value):
        if not field.compare:
            continue
        words = told(getattr(value, field.name))
        if words[0] == "–":
            continue
        label_vi, label_en = FIELDS.get(field.name, (field.name, field.name))
        vi.append(f"{label_vi} {words[0]}".strip())
        en.append(f"{label_en} {words[1]}".strip())
    return f"({', '.join(vi)})", f"({', '.join(en)})"
