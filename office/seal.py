"""Seals as data: the registered specimen, the permission, the states it went through, and the key behind it."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple, cast, get_args

from store import vietnam_date

from .folder import Folder
from .period import Moment, Period
from .section import Section

SealState = Literal["draft", "active", "suspended", "retired"]
"""Dự thảo, hoạt động, tạm dừng, thu hồi (AC-120). Older files say "withdrawn" for the last."""
Purpose = Literal["issue", "appendix", "copy"]
"""What the organisation's key may be used for (NĐ 30/2020 Đ.33.2, AC-66): ban hành, phụ lục, bản sao."""

_NEXT: Final[dict[SealState, tuple[SealState, ...]]] = {
    "draft": ("active", "retired"),
    "active": ("suspended", "retired"),
    "suspended": ("active", "retired"),
    "retired": (),
}
_OLDER_WORD: Final = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class SealDecision:
    """A change of state: by which decision, from which day, with which hand-over record (AC-120)."""

    state: SealState
    decision: str
    date: date
    handover: str | None


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A paper something rests on: its number, date and who issued it."""

    number: str
    date: date | None
    authority: str | None


class SealKeyPlace(NamedTuple):
    """Where a seal's key is: the PKCS#11 URI (without a PIN) and the certificate's file."""

    key: str | None
    certificate: Path | None


@dataclass(frozen=True, kw_only=True)
class NextKey:
    """The key that follows: made and certified beforehand, in force from the moment `since`."""

    key: str
    certificate: Path
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Seal:
    """A seal. `diameter_mm` is the real diameter from its registration certificate: there is no default (AC-103).

    `mark` is the distinguishing mark (ký hiệu riêng, AC-102), `version` counts the seals of this id, `key` is the
    PKCS#11 URI of its private key, without a PIN. `certificate` and `image` are files; both and the key may come later.
    `procedures` (codes) and `purposes` are what it may be used for; empty: all of the organisation's.
    `daily_limit` bounds the key's operations on one day in Viet Nam; None: no bound. `device_level` is what the HSM's
    or token's papers say of it (FIPS 140, EN 419 221): declared, because no driver can prove it (AC-75).
    """

    id: str
    version: int
    organisation: str
    kind: Literal["first", "second"]
    mark: str | None
    diameter_mm: float
    permission: Paper | None
    registration: Paper | None
    period: Period
    decisions: tuple[SealDecision, ...]
    key: str | None
    certificate: Path | None
    image: Path | None
    daily_limit: int | None = None
    device_level: str | None = None
    next: NextKey | None = None
    procedures: tuple[str, ...] = ()
    purposes: tuple[Purpose, ...] = ()

    def key_on(self, moment: datetime) -> SealKeyPlace:
        """The key and certificate in force at a moment: the next ones from their moment on."""
        if self.next is not None and moment >= self.next.since:
            return SealKeyPlace(self.next.key, self.next.certificate)
        return SealKeyPlace(self.key, self.certificate)

    def waiting_on(self, moment: datetime) -> SealKeyPlace | None:
        """The next key and certificate while they are prepared and not yet in force; else None."""
        if self.next is None or moment >= self.next.since:
            return None
        return SealKeyPlace(self.next.key, self.next.certificate)

    def serves(self, procedure: str) -> bool:
        """Whether papers of this procedure may bear it."""
        return not self.procedures or "*" in self.procedures or procedure in self.procedures

    def state(self, on: Moment) -> SealState:
        """The state on a day. Without recorded decisions the permission itself puts the seal in use."""
        if not self.decisions:
            return "active"
        day = vietnam_date(on)
        past = [decision.state for decision in self.decisions if decision.date <= day]
        return past[-1] if past else "draft"


def read_seal(section: Section, folder: Folder) -> Seal:
    """One [[seals]] table; relative paths stand in `folder`."""
    kind = section.choice("kind", ("first", "second"))
    if "kind" not in section.table:
        section.problem("kind", "thiếu mục bắt buộc", "is required")
    seal = Seal(
        id=section.text("id"),
        version=section.count("version", otherwise=1),
        organisation=section.text("organisation"),
        kind="first" if kind == "first" else "second",
        mark=section.optional_text("mark"),
        diameter_mm=section.number("diameter_mm"),
        permission=_permission(section),
        registration=_registration(section),
        period=section.period("valid_from", "valid_to"),
        decisions=_decisions(section),
        key=_key(section),
        certificate=_file(section, "certificate", folder),
        image=_file(section, "image", folder),
        daily_limit=section.optional_count("daily_limit"),
        device_level=section.optional_text("device_level"),
        next=_next(section, folder),
        procedures=section.texts("procedures"),
        purposes=_purposes(section),
    )
    if seal.next is not None and (seal.key is None or seal.certificate is None):
        section.problem(
            "next",
            "chưa có key và certificate đang dùng thì chưa có khóa kế tiếp",
            "needs a key and certificate in force to follow",
        )
    if seal.kind == "second" and seal.permission is None:
        section.problem(
            "permission",
            "con dấu thứ hai cần văn bản cho phép (NĐ 99/2016 Đ.5)",
            "a second seal needs its permission (Decree 99/2016 art. 5)",
        )
    if seal.kind == "second" and seal.mark is None:
        section.problem(
            "mark",
            "con dấu thứ hai cần ký hiệu riêng (mark)",
            "a second seal needs its distinguishing mark",
        )
    section.finish()
    return seal


def _purposes(section: Section) -> tuple[Purpose, ...]:
    purposes = section.texts("purposes")
    if not set(purposes) <= set(get_args(Purpose)):
        shown = ", ".join(get_args(Purpose))
        section.problem("purposes", f"chỉ nhận: {shown}", f"must be among: {shown}")
        return ()
    return cast("tuple[Purpose, ...]", purposes)


def _permission(section: Section) -> Paper | None:
    number = section.optional_text("permission")
    day, authority = section.optional_day("permission_date"), section.optional_text("permission_authority")
    return None if number is None else Paper(number=number, date=day, authority=authority)


def _registration(section: Section) -> Paper | None:
    inner = section.optional_section("registration")
    if inner is None:
        return None
    paper = Paper(number=inner.text("number"), date=inner.day("date"), authority=inner.optional_text("authority"))
    inner.finish()
    return paper


def _decisions(section: Section) -> tuple[SealDecision, ...]:
    decisions: list[SealDecision] = []
    before: SealState = "draft"
    for item in section.sections("states"):
        word = item.choice("state", (*get_args(SealState), _OLDER_WORD)) or "draft"
        state = cast("SealState", "retired" if word == _OLDER_WORD else word)
        decision = SealDecision(
            state=state,
            decision=item.text("decision"),
            date=item.day("date"),
            handover=item.optional_text("handover"),
        )
        item.finish()
        if decisions and decision.date < decisions[-1].date:
            item.problem("date", "các quyết định phải theo thứ tự ngày", "decisions must stand in order of date")
        if state not in _NEXT[before] and not (state == "draft" and not decisions):
            item.problem("state", f"không thể từ {before} sang {state}", f"cannot follow {before!r}")
        decisions.append(decision)
        before = state
    return tuple(decisions)


def _key(section: Section) -> str | None:
    """A pkcs11: address. It may say where the PIN is (pin-source), never the PIN itself: this file is read by many."""
    key = section.optional_text("key")
    if key is not None and not key.startswith("pkcs11:"):
        section.problem("key", "cần địa chỉ pkcs11:… (RFC 7512)", "needs a pkcs11: address (RFC 7512)")
    if key is not None and "pin-value" in key.lower():
        section.problem("key", "không được ghi mã PIN ở đây", "must not hold the PIN")
        return None
    return key


def _next(section: Section, folder: Folder) -> NextKey | None:
    inner = section.optional_section("next")
    if inner is None:
        return None
    key, certificate = _key(inner), _file(inner, "certificate", folder)
    for name, value in (("key", key), ("certificate", certificate)):
        if value is None and name not in inner.table:
            inner.problem(name, "thiếu mục bắt buộc", "is required")
    since = inner.beginning("from")
    inner.finish()
    return NextKey(key=key or "", certificate=certificate or Path(), since=since)


def _file(section: Section, key: str, folder: Folder) -> Path | None:
    name = section.optional_text(key)
    return None if name is None else folder / name
