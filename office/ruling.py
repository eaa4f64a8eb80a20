"""An answer of the rules: allowed or not, and why, in words a clerk understands, with the article that said no."""

from dataclasses import dataclass
from typing import Final, Literal

from .person import Capacity, Custodian, Delegation, Officer
from .seal import Seal

RulingCode = Literal["allowed", "officer-not-authorised", "seal-not-active", "forbidden", "not-found"]
"""`allowed`, or the problem type of the public contract that a refusal becomes."""

Reason = Literal[
    "allowed",
    "certificate-unknown",
    "certificate-outside-dates",
    "no-officer",
    "officer-not-in-post",
    "other-organisation",
    "organisation-inactive",
    "procedure-not-theirs",
    "capacity-not-fitting",
    "delegation-missing",
    "delegation-outside-dates",
    "delegation-outside-scope",
    "delegation-passed-on",
    "delegation-beyond-powers",
    "no-such-seal",
    "seal-of-other-organisation",
    "seal-draft",
    "seal-suspended",
    "seal-retired",
    "seal-outside-dates",
    "seal-not-registered",
    "seal-permission-incomplete",
    "seal-not-for-procedure",
    "seal-not-for-purpose",
    "no-stamping-stage",
    "no-active-seal",
    "no-such-custodian",
    "custodian-not-in-charge",
    "custodian-outside-dates",
    "seal-handed-over",
    "seal-held-by-another",
]
"""Which rule decided. Tests and logs use it; people read the texts."""

_SIGNING: Final = "NĐ 30/2020/NĐ-CP Đ.13"
_CUSTODY: Final = "NĐ 30/2020/NĐ-CP Đ.32.1"
_HANDOVER: Final = "NĐ 30/2020/NĐ-CP Đ.32.2.b"
_USE: Final = "NĐ 30/2020/NĐ-CP Đ.33.2"
_SEALS: Final = "NĐ 99/2016/NĐ-CP"
_SPECIMEN: Final = "NĐ 99/2016/NĐ-CP Đ.5"

ARTICLES: Final[dict[Reason, str]] = {
    "allowed": "",
    "certificate-unknown": _SIGNING,
    "certificate-outside-dates": "TT 15/2025/TT-BKHCN Đ.5",
    "no-officer": _SIGNING,
    "officer-not-in-post": _SIGNING,
    "other-organisation": _SIGNING,
    "organisation-inactive": "NQ 190/2025/QH15",
    "procedure-not-theirs": _SIGNING,
    "capacity-not-fitting": _SIGNING,
    "delegation-missing": _SIGNING,
    "delegation-outside-dates": _SIGNING,
    "delegation-outside-scope": _SIGNING,
    "delegation-passed-on": _SIGNING,
    "delegation-beyond-powers": _SIGNING,
    "no-such-seal": _SPECIMEN,
    "seal-of-other-organisation": _SIGNING,
    "seal-draft": _SPECIMEN,
    "seal-suspended": _SEALS,
    "seal-retired": _SEALS,
    "seal-outside-dates": _SEALS,
    "seal-not-registered": _SPECIMEN,
    "seal-permission-incomplete": _SPECIMEN,
    "seal-not-for-procedure": _SPECIMEN,
    "seal-not-for-purpose": _USE,
    "no-stamping-stage": _USE,
    "no-active-seal": _SEALS,
    "no-such-custodian": _CUSTODY,
    "custodian-not-in-charge": _CUSTODY,
    "custodian-outside-dates": _CUSTODY,
    "seal-handed-over": _HANDOVER,
    "seal-held-by-another": _HANDOVER,
}
"""On what each refusal rests; the decree alone where its clause is not known to us."""


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """The answer, and whom or what it is about (as far as they were found).

    `delegation` and `capacity` say how the officer signs where it is allowed: by which paper, None for in their own
    right; in which of TM., Q., KT., TL., TUQ., None for in their own post.
    """

    allowed: bool
    code: RulingCode
    reason: Reason
    text_vi: str
    text_en: str
    officer: Officer | None = None
    custodian: Custodian | None = None
    seal: Seal | None = None
    delegation: Delegation | None = None
    capacity: Capacity | None = None

    @property
    def article(self) -> str:
        """The article that said no, e.g. "NĐ 30/2020/NĐ-CP Đ.13"; empty where nothing did."""
        return ARTICLES[self.reason]

    @property
    def told_vi(self) -> str:
        """The text with its article, for people."""
        return f"{self.text_vi} Căn cứ: {self.article}." if self.article else self.text_vi

    @property
    def told_en(self) -> str:
        """The same in English."""
        return f"{self.text_en} Under: {self.article}." if self.article else self.text_en


def refused(
    code: RulingCode,
    reason: Reason,
    text_vi: str,
    text_en: str,
    *,
    officer: Officer | None = None,
    custodian: Custodian | None = None,
    seal: Seal | None = None,
    delegation: Delegation | None = None,
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
        delegation=delegation,
    )


def allowed(
    *,
    officer: Officer | None = None,
    custodian: Custodian | None = None,
    seal: Seal | None = None,
    delegation: Delegation | None = None,
    capacity: Capacity | None = None,
) -> Ruling:
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
        delegation=delegation,
        capacity=capacity,
    )
