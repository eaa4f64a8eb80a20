"""How a result left: at the counter, online or by post. Kept in the document's history and, in words, on the register's
receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from stamping.dossier_states import ReturnWay
from stamping.refusal import Refusal
from stamping.wording import check_words
from store import VIETNAM

_LONGEST_RECEIVER: Final = 160
"""As the register's receipts hold it."""
_LONGEST: Final = {"carrier": 100, "item_number": 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """`carrier`, `item_number` (số hiệu bưu gửi) and `sent_at` (UTC) belong to the post alone."""

    way: ReturnWay = "counter"
    carrier: str = ""
    item_number: str = ""
    sent_at: datetime | None = None

    def as_detail(self) -> dict[str, object]:
        """For the document's history; what was handed over at the counter is written as it always was."""
        if self.way == "counter":
            return {}
        sent = {"sent_at": self.sent_at.isoformat()} if self.sent_at else {}
        post = {"carrier": self.carrier, "item_number": self.item_number, **sent} if self.way == "post" else {}
        return {"way": self.way, **post}

    @property
    def note(self) -> str:
        """For the register's receipt."""
        if self.way == "post":
            sent = f", gửi lúc {self.sent_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if self.sent_at else ""
            return f"bưu chính: {self.carrier}, số hiệu {self.item_number}{sent}"
        return "trực tuyến" if self.way == "online" else ""


def check_hand_over(how: HandOver, received_by: str, made_at: datetime, now: datetime) -> None:
    """Refuse a post without carrier and item number, or sent before the paper was there or in the future; and what no
    register holds. Raises `Refusal` paper-data-invalid."""
    said = {"received_by": received_by, "carrier": how.carrier, "item_number": how.item_number}
    check_words("paper-data-invalid", received_by=received_by, carrier=how.carrier, item_number=how.item_number)
    for name, longest in {"received_by": _LONGEST_RECEIVER, **_LONGEST}.items():
        if len(said[name]) > longest:
            raise _invalid(f"{name}: dài quá {longest} ký tự.", f"{name}: longer than {longest} characters.")
    posted = (how.carrier.strip(), how.item_number.strip())
    if how.way == "post" and not all(posted):
        raise _invalid(
            "Gửi bưu chính: hãy ghi đơn vị vận chuyển và số hiệu bưu gửi.",
            "By post: give the carrier and the item number.",
        )
    if how.way != "post" and (any(posted) or how.sent_at is not None):
        raise _invalid(
            "Đơn vị vận chuyển, số hiệu và thời điểm gửi chỉ dành cho gửi bưu chính.",
            "Carrier, item number and time of sending belong to the post alone.",
        )
    if how.sent_at is not None and not made_at <= how.sent_at <= now:
        raise _invalid(
            "Thời điểm gửi phải sau khi văn bản được phát hành, và không ở tương lai.",
            "The time of sending must be after the paper was made, and not in the future.",
        )


def hand_over_of(detail: Mapping[str, Any]) -> HandOver:
    """As it was written into the history."""
    sent = detail.get("sent_at")
    return HandOver(
        way=detail.get("way", "counter"),
        carrier=detail.get("carrier", ""),
        item_number=detail.get("item_number", ""),
        sent_at=datetime.fromisoformat(sent) if sent else None,
    )


def _invalid(text_vi: str, text_en: str) -> Refusal:
    return Refusal("paper-data-invalid", text_vi, text_en)
