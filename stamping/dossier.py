"""Dossier codes (mã hồ sơ) and the codes of their results (mã kết quả)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stamping.refusal import Refusal
from stamping.wording import check_words

PATTERNS: Final = (
    re.compile(r"^\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}-\d{6}-\d{4,}$"),
    re.compile(r"^[A-Z]\d{2}(\.\d{2}){1,3}-\d{6}-\d{4,}$"),
)
"""TT 01/2018/TT-VPCP article 19, and the style of QĐ 20/2020 (AC-95)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who asked. Identity numbers and telephone numbers never appear on public pages."""

    name: str
    id_number: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDossier:
    """What the receiving and appraising desks hand over: the first two of the five stages, with their times (UTC)."""

    code: str
    procedure: str
    applicant: Applicant
    received_at: datetime
    received_by: str
    due_at: datetime | None
    appraised_at: datetime
    appraised_by: str


def check_dossier(dossier: NewDossier, now: datetime) -> None:
    """Refuse a code of no known pattern, words nobody can read, or stages out of order (none in the future)."""
    check_words(
        "dossier-invalid",
        applicant=dossier.applicant.name,
        id_number=dossier.applicant.id_number,
        phone=dossier.applicant.phone,
        address=dossier.applicant.address,
        received_by=dossier.received_by,
        appraised_by=dossier.appraised_by,
    )
    if not any(pattern.match(dossier.code) for pattern in PATTERNS):
        raise Refusal(
            "dossier-invalid",
            f"Mã hồ sơ “{dossier.code}” không đúng mẫu, ví dụ 000.00.16.H05-261118-0001.",
            f"Dossier code {dossier.code!r} has no known pattern, e.g. 000.00.16.H05-261118-0001.",
            dossier=dossier.code,
        )
    if not dossier.received_at <= dossier.appraised_at <= now:
        raise Refusal(
            "dossier-invalid",
            "Thời điểm tiếp nhận phải trước thời điểm thẩm định, và không ở tương lai.",
            "The dossier must be received before it is appraised, and neither in the future.",
            received_at=dossier.received_at.isoformat(),
            appraised_at=dossier.appraised_at.isoformat(),
        )


def result_code(dossier: str, ordinal: int) -> str:
    """Code of the n-th result of a dossier, under which it is synchronised (NĐ 45/2020 article 14.3, AC-90)."""
    return f"{dossier}-KQ{ordinal}"
