"""The stage's lines in the register: what is reserved before the key is used and concluded after it."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from sqlalchemy import Connection, RowMapping

from office import end_of_next_working_day
from register import Conclusion, NewRevision, SealUse, add_revisions, outgoing, seal_log, status
from stamping import attachments
from stamping.desk import Desk
from stamping.in_hand import InHand
from stamping.parts import PAPER, Attempt


def reserve(connection: Connection, group: Sequence[InHand], at: datetime) -> None:
    """Open an entry of the seal register for one attempt at each file, in this order."""
    for one in group:
        one.attempts = [Attempt(part=part, entry=secrets.token_hex(16)) for part in one.cleared.parts]
    seal_log.reserve_all(connection, [_use(one, attempt) for one in group for attempt in one.attempts], at=at)


def conclude(connection: Connection, group: Sequence[InHand], at: datetime) -> None:
    """All sealed files of these documents exist: close each entry with the file's hash and the proven time, record each
    file."""
    done = [(one.turn.document_id, attempt) for one in group for attempt in one.attempts]
    seal_log.conclude_all(connection, [_conclusion(attempt) for _, attempt in done], at=at)
    forms = [
        NewRevision(
            document_id=document_id,
            kind="sealed" if attempt.part.n == PAPER else "appendix_sealed",
            sha256=attempt.sha256,
            size=len(attempt.result.pdf),
        )
        for document_id, attempt in done
    ]
    add_revisions(connection, forms, at=at)
    for document_id, attempt in done:
        if attempt.part.n != PAPER:
            sealed_at = attempt.result.signing_time
            attachments.mark_sealed(connection, document_id, attempt.part.n, attempt.sha256, sealed_at)


def fail(connection: Connection, entry: str, *, operations: int, why: str, at: datetime) -> None:
    """The attempt came to a known end without a sealed file."""
    seal_log.failed(connection, entry, key_operation=operations > 0, detail=why + _again(operations), at=at)


def interrupt_open(connection: Connection, at: datetime, *, but: Collection[str] = ()) -> int:
    """Close every entry a dead or late worker left open: its key may have been used, nothing was released.

    `but`: documents that are in a worker's hands, whose entries are its own to close.
    """
    left = [row for row in seal_log.open_entries(connection) if row.document_id not in but]
    for row in left:
        seal_log.interrupted(
            connection, row.entry_id, key_operation=True, detail="the worker ended before it concluded", at=at
        )
    return len(left)


def issue(connection: Connection, desk: Desk, document: RowMapping, by: str, at: datetime) -> None:
    """The paper is issued: date of issue (with its deadline, AC-3) and in force."""
    issue_all(connection, desk, [document], by, at)


def issue_all(connection: Connection, desk: Desk, documents: Sequence[RowMapping], by: str, at: datetime) -> None:
    """`issue` for several papers."""
    office = desk.office()
    until = {one["id"]: end_of_next_working_day(office, one["approved_at"]) for one in documents}
    outgoing.mark_all_issued(connection, until, issued_at=at)
    status.bring_all_into_force(connection, list(until), by=by, at=at)


def _use(one: InHand, attempt: Attempt) -> SealUse:
    cleared, confirmation, certificate = one.cleared, one.turn.confirmation, one.key.certificate
    return SealUse(
        entry_id=attempt.entry,
        document_id=cleared.document["id"],
        notation=cleared.document["number"],
        purpose=attempt.part.purpose,
        seal_id=cleared.seal.id,
        seal_version=cleared.seal.version,
        certificate_serial=f"{certificate.serial_number:x}",
        certificate_sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        custodian=confirmation["custodian_id"],
        confirmation_id=confirmation["id"],
        officer=cleared.judgement["officer_id"],
        officer_certificate_sha256=cleared.judgement["certificate_sha256"],
        hash_before=attempt.part.sha256,
    )


def _conclusion(attempt: Attempt) -> Conclusion:
    signed = attempt.result
    token = signed.timestamp
    return Conclusion(
        entry_id=attempt.entry,
        hash_after=attempt.sha256,
        tsa_serial=f"{token.serial:x}" if token else None,
        tsa_time=token.gen_time if token else None,
        detail=signed.level.label + _again(attempt.operations),
    )


def _again(operations: int) -> str:
    return f"; key used {operations} times" if operations > 1 else ""
