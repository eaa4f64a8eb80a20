"""An answer of the rules: allowed or not, and why, in words a clerk understands."""

from dataclasses import dataclass
from typing import Literal

from .person import Custodian, Officer
from .seal import Seal

RulingCode = Literal["allowed", "officer-not-authorised", "seal-not-active", "forbidden", "not-found"]
"""`allowed`, or the problem type of the public contract that a refusal becomes."""

Reason = Literal[
    "allowed",
    "certificate-unknown",
    "officer-not-in-post",
    "other-organisation",
    "organisation-inactive",
    "procedure-not-theirs",
    "delegation-outside-dates",
    "delegation-outside-scope",
    "no-such-seal",
    "seal-of-other-organisation",
    "seal-draft",
    "seal-suspended",
    "seal-withdrawn",
    "seal-outside-dates",
    "seal-not-registered",
    "no-active-seal",
    "no-such-custodian",
    "custodian-not-in-charge",
    "custodian-outside-dates",
    "seal-handed-over",
]
"""Which rule decided. Tests and logs use it; people read the texts."""


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """The answer, and whom or what it is about (as far as they were found)."""

    allowed: bool
    code: RulingCode
    reason: Reason
    text_vi: str
    text_en: str
    officer: Officer | None = None
    custodian: Custodian | None = None
    seal: Seal | None = None


def refused(
    code: RulingCode,
    reason: Reason,
    text_vi: str,
    text_en: str,
    *,
    officer: Officer | None = None,
    custodian: Custodian | None = None,
    seal: Seal | None = None,
) -> Ruling:
    """A refusal."""
    return Ruling(
        allowed=False,
        code=code,
        reason=reason,
        text_vi=text_vi,
        text_en=text_en,
        officer=officer,
        custodian=custodian,
        seal=seal,
    )


def allowed(*, officer: Officer | None = None, custodian: Custodian | None = None, seal: Seal | None = None) -> Ruling:
    """A permission."""
    return Ruling(
        allowed=True,
        code="allowed",
        reason="allowed",
        text_vi="Được phép.",
        text_en="Allowed.",
        officer=officer,
        custodian=custodian,
        seal=seal,
    )
