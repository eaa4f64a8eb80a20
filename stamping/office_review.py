"""What a proposal changes in the institution, worked out anew from what is kept; and with what of a desk."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from office import Change, Office, OfficeInvalid, changes, unreadable, unsigned
from register import OfficeProposal, OfficeVersion, SignVersion, is_same_signature, office_versions
from stamping.office_text import read_office
from stamping.refusal import Refusal
from store import FileDamaged, FileMissing, Files, read


class Keeping(Protocol):
    """What of a desk is needed here."""

    @property
    def engine(self) -> Engine:
        """The database."""

    @property
    def files(self) -> Files:
        """The kept files."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """The time (UTC)."""

    @property
    def sign_office(self) -> SignVersion | None:
        """Signs a version with the register's own key; None in a process that cannot read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeDesk:
    """Just enough of a desk for a command that changes the institution."""

    engine: Engine
    files: Files
    clock: Callable[[], datetime]
    sign_office: SignVersion | None


def review(desk: Keeping, proposal: OfficeProposal) -> tuple[Change, ...]:
    """What a proposal changes in the version it was made from, worked out anew. Raises `Refusal` proposal-invalid where
    it cannot be read (any more), not-found."""
    try:
        for sha256 in proposal.files.values():
            desk.files.check(sha256)
        after = read_office(proposal.text, proposal.files, desk.files)
    except (FileMissing, FileDamaged) as error:
        raise Refusal("proposal-invalid", error.text_vi, error.text_en) from error
    except OfficeInvalid as error:
        raise invalid(error) from error
    with read(desk.engine) as connection:
        before = office_versions.version(connection, proposal.base) if proposal.base else None
    return () if before is None else differences(desk, before, after)


def differences(desk: Keeping, before: OfficeVersion, after: Office) -> tuple[Change, ...]:
    """What `after` changes in a version; one change of its own where that version cannot be read or believed."""
    try:
        office = read_office(before.proposal.text, before.proposal.files, desk.files)
        return changes(office, after) if _believed(desk, before, office) else (unsigned(),)
    except OfficeInvalid:
        return (unreadable(),)


def _believed(desk: Keeping, version: OfficeVersion, office: Office) -> bool:
    """Whether a version rests on the register's signature, asked of whoever can sign: what is signed now carries all
    that stood before it. The rule is the worker's (`OfficeInForce`)."""
    if desk.sign_office is None:
        return True
    while not _signed(version, desk.sign_office):
        if version.number == 1:
            return False
        with read(desk.engine) as connection:
            before = office_versions.version(connection, version.number - 1)
        earlier = read_office(before.proposal.text, before.proposal.files, desk.files)
        if any(change.second_person for change in changes(earlier, office)):
            return False
        version, office = before, earlier
    return True


def _signed(version: OfficeVersion, sign: SignVersion) -> bool:
    proposal = version.proposal
    whole = hashlib.sha256(proposal.text.encode()).hexdigest() == proposal.sha256
    return whole and is_same_signature(version.decision.signature, sign(version.number, proposal.digest))


def invalid(error: OfficeInvalid) -> Refusal:
    """An office's text that does not hold, as the stage says it."""
    problems = [{"where": one.where, "line": one.line, "vi": one.text_vi, "en": one.text_en} for one in error.problems]
    return Refusal("proposal-invalid", error.text_vi, error.text_en, problems=problems)
