"""The stage's lines in the register: what is reserved before the key is used and concluded after it."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from sqlalchemy import Connection, RowMapping

from office import end_of_next_working_day
from register import SealUse, add_revision, outgoing, seal_log, status
from signer import SignedDocument
from stamping import attachments
from stamping.checks import Cleared
from stamping.desk import Desk
from stamping.parts import PAPER, Attempt, Part


def reserve(
    connection: Connection,
    cleared: Cleared,
    part: Part,
    confirmation: RowMapping,
    certificate: x509.Certificate,
    at: datetime,
) -> str:
    """Open an entry of the seal register for one attempt at one file; give its id."""
    entry = secrets.token_hex(16)
    seal_log.reserve(
        connection,
        SealUse(
            entry_id=entry,
            document_id=cleared.document["id"],
            notation=cleared.document["number"],
            purpose=part.purpose,
            seal_id=cleared.seal.id,
            seal_version=cleared.seal.version,
            certificate_serial=f"{certificate.serial_number:x}",
            certificate_sha256=certificate.fingerprint(hashes.SHA256()).hex(),
            custodian=confirmation["custodian_id"],
            confirmation_id=confirmation["id"],
            officer=cleared.judgement["officer_id"],
            officer_certificate_sha256=cleared.judgement["certificate_sha256"],
            hash_before=part.sha256,
        ),
        at=at,
    )
    return entry


def conclude_all(connection: Connection, document_id: str, attempts: Sequence[Attempt], at: datetime) -> Attempt:
    """All sealed files of a document exist: close each entry, record each file. Gives the paper's own."""
    for attempt in attempts:
        signed, attached = attempt.result, attempt.part.n != PAPER
        conclude(connection, attempt.entry, attempt.sha256, signed, at, operations=attempt.operations)
        add_revision(
            connection,
            document_id=document_id,
            kind="appendix_sealed" if attached else "sealed",
            sha256=attempt.sha256,
            size=len(signed.pdf),
            at=at,
        )
        if attached:
            attachments.mark_sealed(connection, document_id, attempt.part.n, attempt.sha256, signed.signing_time)
    return next(attempt for attempt in attempts if attempt.part.n == PAPER)


def conclude(
    connection: Connection, entry: str, sha256: str, signed: SignedDocument, at: datetime, *, operations: int = 1
) -> None:
    """The sealed file exists: close the entry with its hash and the proven time.

    `operations`: how often the key was used for it; more than once where the device failed and was asked again.
    """
    token = signed.timestamp
    seal_log.conclude(
        connection,
        entry,
        hash_after=sha256,
        tsa_serial=f"{token.serial:x}" if token else None,
        tsa_time=token.gen_time if token else None,
        detail=signed.level.label + _again(operations),
        at=at,
    )


def fail(connection: Connection, entry: str, *, operations: int, why: str, at: datetime) -> None:
    """The attempt came to a known end without a sealed file."""
    seal_log.failed(connection, entry, key_operation=operations > 0, detail=why + _again(operations), at=at)


def interrupt_open(connection: Connection, at: datetime) -> int:
    """Close every entry a dead worker left open: its key may have been used, nothing was released."""
    left = seal_log.open_entries(connection)
    for row in left:
        seal_log.interrupted(
            connection, row.entry_id, key_operation=True, detail="the worker ended before it concluded", at=at
        )
    return len(left)


def issue(connection: Connection, desk: Desk, document: RowMapping, by: str, at: datetime) -> None:
    """The paper is issued: date of issue (with its deadline, AC-3) and in force."""
    outgoing.mark_issued(
        connection,
        document["id"],
        issued_at=at,
        issue_by=end_of_next_working_day(desk.office(), document["approved_at"]),
    )
    status.bring_into_force(connection, document["id"], by=by, at=at)


def _again(operations: int) -> str:
    return f"; key used {operations} times" if operations > 1 else ""
