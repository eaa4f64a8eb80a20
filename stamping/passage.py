"""The seal's passage, one document at a time: check -> prepare -> reserve -> sign -> conclude.

Runs in the seal worker only. The worker is no signing oracle: it is given nothing but what stands in the database and
checks all of it itself. Each step is safe to repeat: a document is released exactly once, and every key operation has
its entry in the seal register. After a crash an entry left open is concluded `interrupted` and a new one reserved.
While a seal's key does not answer, its documents stay queued and nothing is reserved (decision 0028).
"""

import logging
from datetime import timedelta
from typing import Final

from cryptography.x509 import Certificate
from sqlalchemy import select

from register import add_revision
from signer import Order, PreparedSignature, SignerError, SigningKey, complete, prepare
from stamping import entries, key_waits, turns
from stamping.certificates import establish
from stamping.checks import Cleared, clear
from stamping.desk import Desk
from stamping.history import move
from stamping.marks import seal_mark_for
from stamping.reasons import time_authority_away, unsealable
from stamping.refusal import Problem, Refusal
from stamping.seal_keys import KeyFailed, Keys, KeyUnavailable
from stamping.tables import confirmation_documents, confirmations
from stamping.turns import Turn
from store import StoreAway, write
from trust import RevocationUnavailable, TimeAuthorityUnreachable, TimestampRejected
from verifier import SEAL_FIELD

log = logging.getLogger("secondseal.passage")

ATTEMPTS: Final = 3
"""How often one confirmed document is taken up again after the worker died over it."""
KEY_WAIT: Final = timedelta(minutes=15)
"""How long a confirmed list waits for a key that is away, unless a setting says otherwise."""


class _NotKept(StoreAway):
    """The key was used, and the sealed file could not be kept."""


def recover(desk: Desk) -> int:
    """At the start of a worker: conclude what an earlier one left open and queue it again. Returns how many.

    Only one worker serves an office's seals at a time, so whatever is in the state `sealing` now belongs to nobody.
    """
    now = desk.clock()
    with write(desk.engine) as connection:
        entries.interrupt_open(connection, now)
        left = (
            connection.execute(
                select(confirmation_documents, confirmations.c.custodian_name)
                .join(confirmations, confirmations.c.id == confirmation_documents.c.confirmation_id)
                .where(confirmation_documents.c.state == "sealing")
            )
            .mappings()
            .all()
        )
        for row in left:
            if row["attempt"] < ATTEMPTS:
                turns.set_state(connection, row["confirmation_id"], row["document_id"], "queued")
            else:
                turns.give_back(connection, desk, row["confirmation_id"], row["document_id"], _gave_up())
    return len(left)


def serve_one(desk: Desk, keys: Keys, *, key_wait: timedelta = KEY_WAIT) -> bool:
    """Take the next queued document through; False when there is none, or none whose key answers.

    A refusal concerns this document alone: it goes back to `approved` with the reason on its row, and the custodian
    confirms it anew when the reason is gone. A key that is away concerns all of its seal's: they stay queued until it
    answers, at most `key_wait` from when it left or they were confirmed; where a person must act they go back at once.
    """
    key_waits.look(desk, keys)
    turn = turns.claim(desk)
    if turn is None:
        return False
    try:
        _seal(desk, turn, keys)
    except KeyUnavailable as error:
        key_waits.begin(desk, turn, error, key_wait)
    except Refusal as refusal:
        _refuse(desk, turn, refusal.problem)
    except StoreAway as error:
        _wait_for_files(desk, turn, error)
        return False
    return True


def _seal(desk: Desk, turn: Turn, keys: Keys) -> None:
    # 1 everything that can be refused without the key
    cleared = clear(desk, turn.confirmation, turn.document_id, turn.approved_sha256)
    key = keys(cleared.seal)
    established = establish(desk, key.certificate, desk.clock())
    # 2 prepare: pure, may be thrown away
    prepared = _prepare(desk, cleared, key, established.chain)
    # 3 reserve: from here on the register knows that the key may be used; a key that is away takes no entry
    key.reach()
    desk.files.reach()
    with write(desk.engine) as connection:
        entry = entries.reserve(connection, cleared, turn.confirmation, key.certificate, desk.clock())
    # 4 the one key operation, then everything that makes the paper whole
    before = key.operations
    try:
        value = key.sign(prepared.digest, prepared.scheme)
        signed = complete(prepared, value, level=desk.level, sources=desk.sources)
    except Exception as error:
        why = error.problem.code if isinstance(error, KeyUnavailable) else type(error).__name__
        with write(desk.engine) as connection:
            entries.fail(connection, entry, operations=key.operations - before, why=why, at=desk.clock())
        if isinstance(error, KeyUnavailable):
            raise KeyFailed(error.problem, passing=error.passing) from error
        refusal = _refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error
    # 5 conclude: the file first, then in one transaction everything that says it exists
    sha256 = _keep(desk, entry, signed.pdf, key.operations - before)
    now = desk.clock()
    with write(desk.engine) as connection:
        entries.conclude(connection, entry, sha256, signed, now, operations=key.operations - before)
        move(
            connection,
            turn.document_id,
            "sealed",
            expected=("confirmed",),
            at=now,
            actor=turn.confirmation["custodian_name"],
            detail={"sha256": sha256, "entry": entry, "level": signed.level.label, "seal": cleared.seal.id},
            sealed_sha256=sha256,
            sealed_at=signed.signing_time,
            sealed_by=turn.confirmation["custodian_name"],
            problem=None,
        )
        add_revision(
            connection, document_id=turn.document_id, kind="sealed", sha256=sha256, size=len(signed.pdf), at=now
        )
        entries.issue(connection, desk, cleared.document, turn.confirmation["custodian_name"], now)
        key_waits.end(connection, turn.seal_id)
        turns.set_state(connection, turn.confirmation["id"], turn.document_id, "sealed", finished_at=now)
    log.info("sealed %s, entry %s", turn.document_id, entry)


def _prepare(desk: Desk, cleared: Cleared, key: SigningKey, chain: tuple[Certificate, ...]) -> PreparedSignature:
    order = Order(
        field=SEAL_FIELD,
        mark=seal_mark_for(desk, cleared.seal),
        signed_at=desk.clock(),
        name=cleared.document["organisation_name"],
        reason=f"Đóng dấu {cleared.document['number']}",
        location=cleared.document["organisation_name"],
        role="agency",
        level=desk.level,
    )
    try:
        return prepare(cleared.pdf, order, key.certificate, key.chain or chain, key.scheme)
    except SignerError as error:
        raise unsealable(error) from error


def _keep(desk: Desk, entry: str, pdf: bytes, operations: int) -> str:
    """The sealed file's SHA-256. A file that cannot be kept is not released: its entry says so, and it is sealed anew
    when files can be kept again."""
    try:
        return desk.files.put(pdf)
    except StoreAway as error:
        with write(desk.engine) as connection:
            entries.fail(connection, entry, operations=operations, why=type(error).__name__, at=desk.clock())
        raise _NotKept(error.why) from error


def _wait_for_files(desk: Desk, turn: Turn, error: StoreAway) -> None:
    """The document stays queued, and its next turn begins by reading it. Where the key was used for it in vain, that
    counts as one of its attempts: a place that gives files and takes none must not wear the key."""
    log.warning("not yet sealed %s: %s", turn.document_id, error)
    with write(desk.engine) as connection:
        if not isinstance(error, _NotKept):
            turns.queue_again(connection, turn)
        elif turn.attempt < ATTEMPTS:
            turns.set_state(connection, turn.confirmation["id"], turn.document_id, "queued")
        else:
            problem = Problem("storage-unavailable", error.text_vi, error.text_en)
            turns.give_back(connection, desk, turn.confirmation["id"], turn.document_id, problem)


def _refusal_of(error: Exception) -> Refusal | None:
    """What went wrong after the signature was made, in words; None for a fault of ours, which ends the worker."""
    if isinstance(error, TimeAuthorityUnreachable | TimestampRejected):
        return time_authority_away()
    if isinstance(error, RevocationUnavailable):
        return Refusal("revocation-unknown", error.text_vi, error.text_en)
    if isinstance(error, SignerError):
        return unsealable(error)
    return None


def _refuse(desk: Desk, turn: Turn, problem: Problem) -> None:
    log.warning("not sealed %s: %s", turn.document_id, problem.code, extra={"problem": problem.code})
    with write(desk.engine) as connection:
        turns.give_back(connection, desk, turn.confirmation["id"], turn.document_id, problem)
        key_waits.end_idle(connection, turn.seal_id)


def _gave_up() -> Problem:
    return Problem(
        "internal",
        f"Chương trình đóng dấu đã dừng giữa chừng {ATTEMPTS} lần với văn bản này. "
        "Báo người quản trị trước khi đóng dấu lại.",
        f"The seal worker stopped {ATTEMPTS} times over this document. "
        "Tell the administrator before stamping it again.",
    )
