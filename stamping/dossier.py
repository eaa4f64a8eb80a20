"""Dossiers (hồ sơ) as the receiving and appraising desks hand them over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from office import Patterns
from stamping.refusal import Refusal
from stamping.wording import check_words

_EXAMPLE: Final = "000.00.16.H05-261118-0001"


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


def check_dossier(dossier: NewDossier, patterns: Patterns, now: datetime) -> None:
    """Refuse a code that fits no pattern of the office, words nobody can read, or stages out of order (none in the
    future)."""
    check_words(
        "dossier-invalid",
        applicant=dossier.applicant.name,
        id_number=dossier.applicant.id_number,
        phone=dossier.applicant.phone,
        address=dossier.applicant.address,
        received_by=dossier.received_by,
        appraised_by=dossier.appraised_by,
    )
    check_code(dossier.code, patterns)
    if not dossier.received_at <= dossier.appraised_at <= now:
        raise Refusal(
            "dossier-invalid",
            "Thời điểm tiếp nhận phải trước thời điểm thẩm định, và không ở tương lai.",
            "The dossier must be received before it is appraised, and neither in the future.",
            received_at=dossier.received_at.isoformat(),
            appraised_at=dossier.appraised_at.isoformat(),
        )


def check_code(code: str, patterns: Patterns) -> None:
    """Refuse a code that fits no pattern of the office."""
    if not patterns.dossier_fits(code):
        # an office with patterns of its own is not told another's
        usual = patterns.dossier_fits(_EXAMPLE)
        raise Refusal(
            "dossier-invalid",
            f"Mã hồ sơ “{code}” không đúng mẫu{f', ví dụ {_EXAMPLE}' if usual else ' của cơ quan'}.",
            f"Dossier code {code!r} fits no pattern{f', e.g. {_EXAMPLE}' if usual else ' of this office'}.",
            dossier=code,
        )
