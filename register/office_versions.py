"""The institution, version by version: what was proposed, by whom and why, and who decided it.

The register does not read the text: what stands in it, and who may propose or confirm it, is asked above. It keeps the
order: a version follows the one in force, each proposal is decided once, versions are counted from 1 without gaps.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection, Row, func, select

from store import now

from . import journal, tables
from .errors import ProposalClosed, ProposalStale, ProposalUnknown

Outcome = Literal["confirmed", "rejected", "withdrawn"]
SignVersion = Callable[[int, str], str]
"""Signs a version by its number and its proposal's digest."""

_PROPOSALS: Final = tables.office_proposals
_DECISIONS: Final = tables.office_decisions
_WITH_DECISION: Final = select(_PROPOSALS, _DECISIONS).outerjoin(
    _DECISIONS, _DECISIONS.c.proposal_id == _PROPOSALS.c.id
)
# Asked before every act of the office, so built once.
_NEWEST: Final = select(func.max(_DECISIONS.c.version))


@dataclass(frozen=True, kw_only=True)
class Mover:
    """Who proposes or decides: the account, the person's name, and which officer or custodian they are, if any."""

    account: str
    name: str
    officer_id: str | None = None
    custodian_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class OfficeDecision:
    """How a proposal ended. `version` is its number in force, None where it never came into force; `signature` is the
    register's own over that (`office_signature`), None where nobody who could sign brought it into force."""

    outcome: Outcome
    by: str
    name: str
    at: datetime
    note: str
    version: int | None
    signature: str | None = None


@dataclass(frozen=True, kw_only=True)
class OfficeProposal:
    """A change asked for. `files` are the SHA-256 of the files the text names, by their names there; `summary` is what
    the change is, as it was shown (JSON of those who compare); `needs_second`: the proposer may not confirm it."""

    id: int
    base: int
    text: str
    sha256: str
    files: Mapping[str, str]
    summary: str
    needs_second: bool
    why: str
    by: Mover
    at: datetime
    decision: OfficeDecision | None

    @property
    def digest(self) -> str:
        """One hash over all that comes into force with it, for a confirmation to be bound to."""
        lines = [f"{self.id} {self.base} {self.sha256}", *(f"{name} {sha}" for name, sha in sorted(self.files.items()))]
        return hashlib.sha256("".join(_one_line(line) for line in lines).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class OfficeVersion:
    """A version: its number, what was proposed, and how it came into force."""

    number: int
    proposal: OfficeProposal
    decision: OfficeDecision


def propose(
    connection: Connection,
    *,
    text: str,
    files: Mapping[str, str],
    base: int,
    summary: str,
    needs_second: bool,
    why: str,
    by: Mover,
    at: datetime | None = None,
) -> int:
    """Keep a change that someone asks for; gives its number. Nothing comes into force."""
    row = {
        "base": base,
        "text": text,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "files": json.dumps(dict(files), ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        "summary": summary,
        "needs_second": needs_second,
        "why": why,
        "proposed_by": by.account,
        "proposed_name": by.name,
        "proposed_at": at or now(),
        "officer_id": by.officer_id,
        "custodian_id": by.custodian_id,
    }
    return int(journal.record(connection, _PROPOSALS, row))


def confirm(
    connection: Connection,
    number: int,
    *,
    by: Mover,
    note: str = "",
    at: datetime | None = None,
    sign: SignVersion | None = None,
) -> int:
    """The proposal comes into force, signed where the caller can; gives its version. Raises ProposalUnknown,
    ProposalClosed, ProposalStale."""
    wanted = open_proposal(connection, number)
    before = newest(connection) or 0
    if wanted.base != before:
        raise ProposalStale(number, wanted.base, before)
    signature = None if sign is None else sign(before + 1, wanted.digest)
    _decide(connection, number, "confirmed", by=by, note=note, at=at, version=before + 1, signature=signature)
    return before + 1


def reject(connection: Connection, number: int, *, by: Mover, note: str, at: datetime | None = None) -> None:
    """Someone else than the proposer refuses it. Raises ProposalUnknown, ProposalClosed."""
    open_proposal(connection, number)
    _decide(connection, number, "rejected", by=by, note=note, at=at, version=None)


def withdraw(connection: Connection, number: int, *, by: Mover, note: str = "", at: datetime | None = None) -> None:
    """The proposer takes it back. Raises ProposalUnknown, ProposalClosed."""
    open_proposal(connection, number)
    _decide(connection, number, "withdrawn", by=by, note=note, at=at, version=None)


def newest(connection: Connection) -> int | None:
    """The number of the version in force; None before the first. One look into an index."""
    number: int | None = connection.execute(_NEWEST).scalar_one()
    return number


def in_force(connection: Connection) -> OfficeVersion | None:
    """The version in force; None before the first."""
    number = newest(connection)
    return None if number is None else version(connection, number)


def version(connection: Connection, number: int) -> OfficeVersion:
    """The version of this number. Raises ProposalUnknown."""
    row = connection.execute(_WITH_DECISION.where(_DECISIONS.c.version == number)).one_or_none()
    if row is None:
        raise ProposalUnknown("phiên bản", "version", number)
    return _version(row)


def version_at(connection: Connection, moment: datetime) -> OfficeVersion | None:
    """The version that was in force at a moment; None where none was yet."""
    came = _WITH_DECISION.where(_DECISIONS.c.version.is_not(None), _DECISIONS.c.decided_at <= moment)
    row = connection.execute(came.order_by(_DECISIONS.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else _version(row)


def proposal(connection: Connection, number: int) -> OfficeProposal:
    """The proposal of this number, decided or not. Raises ProposalUnknown."""
    row = connection.execute(_WITH_DECISION.where(_PROPOSALS.c.id == number)).one_or_none()
    if row is None:
        raise ProposalUnknown("đề nghị", "proposal", number)
    return _proposal(row)


def open_proposal(connection: Connection, number: int) -> OfficeProposal:
    """A proposal nobody has decided yet. Raises ProposalUnknown, ProposalClosed."""
    found = proposal(connection, number)
    if found.decision is not None:
        vi, en = _ENDED[found.decision.outcome]
        raise ProposalClosed(
            number,
            found.decision.outcome,
            f"Đề nghị {number} {vi} rồi ({found.decision.name}).",
            f"Proposal {number} {en} already ({found.decision.name}).",
        )
    return found


def pending(connection: Connection) -> tuple[OfficeProposal, ...]:
    """What nobody has decided yet, oldest first."""
    waiting = _WITH_DECISION.where(_DECISIONS.c.proposal_id.is_(None)).order_by(_PROPOSALS.c.id)
    return tuple(_proposal(row) for row in connection.execute(waiting))


def history(
    connection: Connection, *, before: int | None = None, limit: int | None = None
) -> tuple[OfficeProposal, ...]:
    """Proposals with what became of them, newest first; `before` is a number to go on behind."""
    asked = _WITH_DECISION.order_by(_PROPOSALS.c.id.desc()).limit(limit)
    if before is not None:
        asked = asked.where(_PROPOSALS.c.id < before)
    return tuple(_proposal(row) for row in connection.execute(asked))


def versions(
    connection: Connection, *, before: int | None = None, limit: int | None = None
) -> tuple[OfficeVersion, ...]:
    """What was or is in force, newest first; `before` as in `history`."""
    asked = _WITH_DECISION.where(_DECISIONS.c.version.is_not(None)).order_by(_DECISIONS.c.version.desc()).limit(limit)
    if before is not None:
        asked = asked.where(_DECISIONS.c.version < before)
    return tuple(_version(row) for row in connection.execute(asked))


def file_hashes(connection: Connection) -> Iterator[str]:
    """The SHA-256 of every file any proposal names. A row edited into no such list is the log's finding."""
    for (files,) in connection.execute(select(_PROPOSALS.c.files)):
        try:
            yield from (str(sha256) for sha256 in json.loads(files).values())
        except (ValueError, TypeError, AttributeError, RecursionError):
            continue


def _one_line(line: str) -> str:
    """However it was named, a file takes one line, so that no two proposals have the same lines."""
    return line.replace("\\", "\\\\").replace("\n", "\\n") + "\n"


_ENDED: Final[dict[Outcome, tuple[str, str]]] = {
    "confirmed": ("đã được xác nhận", "was confirmed"),
    "rejected": ("đã bị bác", "was rejected"),
    "withdrawn": ("đã được rút", "was withdrawn"),
}


def _decide(
    connection: Connection,
    number: int,
    outcome: Outcome,
    *,
    by: Mover,
    note: str,
    at: datetime | None,
    version: int | None,
    signature: str | None = None,
) -> None:
    row = {
        "proposal_id": number,
        "outcome": outcome,
        "decided_by": by.account,
        "decided_name": by.name,
        "decided_at": at or now(),
        "note": note,
        "version": version,
        "signature": signature,
    }
    journal.record(connection, _DECISIONS, row)


def _version(row: Row[tuple[object, ...]]) -> OfficeVersion:
    found = _proposal(row)
    if found.decision is None or found.decision.version is None:
        raise AssertionError(f"proposal {found.id} is no version")
    return OfficeVersion(number=found.decision.version, proposal=found, decision=found.decision)


def _proposal(row: Row[tuple[object, ...]]) -> OfficeProposal:
    decision = None
    if row.outcome is not None:
        decision = OfficeDecision(
            outcome=row.outcome,
            by=row.decided_by,
            name=row.decided_name,
            at=row.decided_at,
            note=row.note,
            version=row.version,
            signature=row.signature,
        )
    return OfficeProposal(
        id=row.id,
        base=row.base,
        text=row.text,
        sha256=row.sha256,
        files=json.loads(row.files),
        summary=row.summary,
        needs_second=row.needs_second,
        why=row.why,
        by=Mover(
            account=row.proposed_by,
            name=row.proposed_name,
            officer_id=row.officer_id,
            custodian_id=row.custodian_id,
        ),
        at=row.proposed_at,
        decision=decision,
    )
