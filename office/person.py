"""The people: officers who approve, custodians (văn thư) who stamp, and the papers their powers rest on."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal, cast, get_args

from .folder import Folder
from .period import Moment, Period
from .section import Section, slug

Capacity = Literal["TM.", "Q.", "KT.", "TL.", "TUQ."]
"""In what capacity someone signs (NĐ 30/2020 Đ.13): for a collective, as acting head, for the head, by the head's
order, by written authorisation. None: in their own post."""

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """The paper that lets an officer sign: number, dates, procedures (empty: all of the officer's), and from whom.

    `organisation` is the delegating body, whose seal the papers bear (AC-6); `by` the delegating officer. `where` is
    the key it stands under in its officer's table.
    """

    number: str
    period: Period
    procedures: tuple[str, ...]
    organisation: str | None
    by: str | None
    where: str = field(default="delegation", compare=False)

    def covers(self, procedure: str, officer: "Officer") -> bool:
        """Whether it lets this officer, whose it is, sign papers of the procedure."""
        return _among(procedure, self.procedures or officer.procedures)


@dataclass(frozen=True, kw_only=True)
class CertificateDates:
    """From when until when an officer's certificate is the officer's, e.g. until its token was lost."""

    sha256: str
    period: Period


@dataclass(frozen=True, kw_only=True)
class Officer:
    """Someone who approves papers. `procedures` are codes, or "*" for all. `certificates` are SHA-256 in hexadecimal;
    those with dates have them in `certificate_dates`.

    `acting_for` is the post the capacity refers to ("KT. CHỦ TỊCH"); None: found from the head of the organisation.
    """

    id: str
    name: str
    post: str
    capacity: Capacity | None
    acting_for: str | None
    organisation: str
    procedures: tuple[str, ...]
    delegations: tuple[Delegation, ...]
    period: Period
    certificates: tuple[str, ...]
    signature_image: Path | None
    account: str | None
    certificate_dates: tuple[CertificateDates, ...] = ()

    @property
    def signs_in_own_right(self) -> bool:
        """Whether the post itself lets them sign: not by TUQ., which is nothing without its paper (Đ.13)."""
        return self.capacity != "TUQ."

    @property
    def organisations(self) -> tuple[str, ...]:
        """Whose papers this officer may sign, and so whose seal they bear (Đ.13, AC-6)."""
        own = (self.organisation,) if self.signs_in_own_right else ()
        return tuple(dict.fromkeys((*own, *(self.delegated_by(one) for one in self.delegations))))

    def delegated_by(self, delegation: Delegation) -> str:
        """The organisation that this paper lets them sign for."""
        return delegation.organisation or self.organisation

    def delegations_of(self, organisation: str) -> tuple[Delegation, ...]:
        """The papers that let them sign for this organisation, past and present."""
        return tuple(one for one in self.delegations if self.delegated_by(one) == organisation)

    def capacity_under(self, delegation: Delegation | None) -> Capacity | None:
        """In what capacity they sign: for another organisation than their own always by its authorisation (TUQ.)."""
        if delegation is not None and self.delegated_by(delegation) != self.organisation:
            return "TUQ."
        return self.capacity

    def charged_with(self, procedure: str) -> bool:
        """Whether the procedure is among their own."""
        return _among(procedure, self.procedures)

    def holds_certificate(self, sha256: str, on: Moment) -> bool:
        """Whether the certificate is theirs then."""
        dated = [one.period for one in self.certificate_dates if one.sha256 == sha256]
        return sha256 in self.certificates and (not dated or any(period.holds(on) for period in dated))


@dataclass(frozen=True, kw_only=True)
class Custodian:
    """A văn thư: by which decision (and of which day, where given), which seals, from when until when (AC-60)."""

    id: str
    name: str
    organisation: str
    seals: tuple[str, ...]
    appointed_by: str
    period: Period
    account: str | None
    appointed_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A seal changes hands: the written permission, the record (biên bản), from whom to whom, when (AC-62).

    `where` is its place in the file.
    """

    seal: str
    permission: str
    minutes: str
    giver: str
    taker: str
    at: datetime
    where: str = field(default="handovers", compare=False)


def read_officer(section: Section, folder: Folder) -> Officer:
    """One [[officers]] table; without an id, one is made of the name."""
    name, certificates = section.text("name"), _certificates(section)
    officer = Officer(
        id=section.optional_text("id") or slug(name),
        name=name,
        post=section.text("post"),
        capacity=cast("Capacity | None", section.choice("capacity", get_args(Capacity))),
        acting_for=section.optional_text("acting_for"),
        organisation=section.text("organisation"),
        procedures=section.texts("procedures"),
        delegations=_delegations(section),
        period=section.period("from", "until"),
        certificates=tuple(sha256 for sha256, _ in certificates),
        signature_image=_image(section, folder),
        account=section.optional_text("account"),
        certificate_dates=tuple(CertificateDates(sha256=sha256, period=at) for sha256, at in certificates if at),
    )
    if officer.capacity == "TUQ." and not officer.delegations:
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
        appointed_on=section.optional_day("appointed_on"),
    )
    section.finish()
    return custodian


def read_handover(section: Section) -> Handover:
    """One [[handovers]] table."""
    handover = Handover(
        seal=section.text("seal"),
        permission=section.text("permission"),
        minutes=section.text("minutes"),
        giver=section.text("from"),
        taker=section.text("to"),
        at=section.moment("at"),
        where=section.where,
    )
    section.finish()
    return handover


def _delegations(section: Section) -> tuple[Delegation, ...]:
    """`delegation = { … }` and [[officers.delegations]]: one, several or both."""
    one = section.optional_section("delegation")
    several = section.sections("delegations")
    return tuple(_delegation(inner) for inner in ([one] if one else []) + several)


def _delegation(inner: Section) -> Delegation:
    delegation = Delegation(
        number=inner.text("number"),
        period=inner.period("from", "to", required=True),
        procedures=inner.texts("procedures"),
        organisation=inner.optional_text("organisation"),
        by=inner.optional_text("by"),
        where=inner.where.rpartition(".")[2],
    )
    inner.finish()
    return delegation


def _certificates(section: Section) -> tuple[tuple[str, Period | None], ...]:
    """Fingerprints, alone or with dates: "ab…" or { sha256 = "ab…", from = …, until = … }."""
    found: list[tuple[str, Period | None]] = []
    for item in section.mixed("certificates"):
        if isinstance(item, str):
            found.append((_plain(item), None))
        else:
            found.append((_plain(item.text("sha256")), item.period("from", "until")))
            item.finish()
    if not all(_FINGERPRINT.fullmatch(sha256) for sha256, _ in found):
        section.problem(
            "certificates",
            "mỗi chứng thư ghi bằng SHA-256 (64 chữ số hệ 16)",
            "each certificate is its SHA-256 (64 hexadecimal digits)",
        )
    return tuple(found)


def _plain(fingerprint: str) -> str:
    return fingerprint.replace(":", "").lower()


def _image(section: Section, folder: Folder) -> Path | None:
    name = section.optional_text("signature_image")
    return None if name is None else folder / name


def _among(procedure: str, procedures: tuple[str, ...]) -> bool:
    return "*" in procedures or procedure in procedures
