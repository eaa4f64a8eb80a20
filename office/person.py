"""The people: officers who approve, custodians (văn thư) who stamp, and the papers their powers rest on."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal, cast, get_args

from .period import Period
from .section import Section, slug

Capacity = Literal["TM.", "Q.", "KT.", "TL.", "TUQ."]
"""In what capacity someone signs (NĐ 30/2020 Đ.13): for a collective, as acting head, for the head, by the head's
order, by written authorisation. None: in their own post."""

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """The paper that lets an officer sign: number, dates, procedures (empty: all of the officer's), and from whom.

    `organisation` is the delegating body, whose seal the papers bear (AC-6); `by` the delegating officer.
    """

    number: str
    period: Period
    procedures: tuple[str, ...]
    organisation: str | None
    by: str | None


@dataclass(frozen=True, kw_only=True)
class Officer:
    """Someone who approves papers. `procedures` are codes, or "*" for all. `certificates` are SHA-256 in hexadecimal.

    `acting_for` is the post the capacity refers to ("KT. CHỦ TỊCH"); None: found from the head of the organisation.
    """

    id: str
    name: str
    post: str
    capacity: Capacity | None
    acting_for: str | None
    organisation: str
    procedures: tuple[str, ...]
    delegation: Delegation | None
    period: Period
    certificates: tuple[str, ...]
    signature_image: Path | None
    account: str | None

    @property
    def issues_for(self) -> str:
        """The organisation whose papers this officer signs, and so whose seal they bear (Đ.13, AC-6)."""
        return self.delegation.organisation if self.delegation and self.delegation.organisation else self.organisation


@dataclass(frozen=True, kw_only=True)
class Custodian:
    """A văn thư: by which decision, which seals, from when until when (AC-60)."""

    id: str
    name: str
    organisation: str
    seals: tuple[str, ...]
    appointed_by: str
    period: Period
    account: str | None


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A seal changes hands: the written permission, the record (biên bản), from whom to whom, when (AC-62)."""

    seal: str
    permission: str
    minutes: str
    giver: str | None
    taker: str
    at: datetime


def read_officer(section: Section, folder: Path) -> Officer:
    """One [[officers]] table; without an id, one is made of the name."""
    name = section.text("name")
    officer = Officer(
        id=section.optional_text("id") or slug(name),
        name=name,
        post=section.text("post"),
        capacity=cast("Capacity | None", section.choice("capacity", get_args(Capacity))),
        acting_for=section.optional_text("acting_for"),
        organisation=section.text("organisation"),
        procedures=section.texts("procedures"),
        delegation=_delegation(section),
        period=section.period("from", "until"),
        certificates=_certificates(section),
        signature_image=_image(section, folder),
        account=section.optional_text("account"),
    )
    if officer.capacity == "TUQ." and officer.delegation is None:
        section.problem(
            "delegation",
            "ký TUQ. phải có văn bản uỷ quyền, có thời hạn (NĐ 30/2020 Đ.13)",
            "TUQ. needs a written delegation with its dates (Decree 30/2020 art. 13)",
        )
    section.finish()
    return officer


def read_custodian(section: Section) -> Custodian:
    """One [[custodians]] table."""
    name = section.text("name")
    custodian = Custodian(
        id=section.optional_text("id") or slug(name),
        name=name,
        organisation=section.text("organisation"),
        seals=section.texts("seals"),
        appointed_by=section.text("appointed_by"),
        period=section.period("from", "until"),
        account=section.optional_text("account"),
    )
    section.finish()
    return custodian


def read_handover(section: Section) -> Handover:
    """One [[handovers]] table."""
    handover = Handover(
        seal=section.text("seal"),
        permission=section.text("permission"),
        minutes=section.text("minutes"),
        giver=section.optional_text("from"),
        taker=section.text("to"),
        at=section.moment("at"),
    )
    section.finish()
    return handover


def _delegation(section: Section) -> Delegation | None:
    inner = section.optional_section("delegation")
    if inner is None:
        return None
    since: date = inner.day("from")
    until: date = inner.day("to")
    if until < since:
        inner.problem("to", "ngày cuối ở trước ngày đầu", "ends before it begins")
    delegation = Delegation(
        number=inner.text("number"),
        period=Period(since=since, until=until),
        procedures=inner.texts("procedures"),
        organisation=inner.optional_text("organisation"),
        by=inner.optional_text("by"),
    )
    inner.finish()
    return delegation


def _certificates(section: Section) -> tuple[str, ...]:
    values = tuple(value.replace(":", "").lower() for value in section.texts("certificates"))
    if not all(_FINGERPRINT.fullmatch(value) for value in values):
        section.problem(
            "certificates",
            "mỗi chứng thư ghi bằng SHA-256 (64 chữ số hệ 16)",
            "each certificate is its SHA-256 (64 hexadecimal digits)",
        )
    return values


def _image(section: Section, folder: Path) -> Path | None:
    name = section.optional_text("signature_image")
    return None if name is None else folder / name
