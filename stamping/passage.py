"""The seal's passage, one document at a time: check -> prepare -> reserve -> sign -> conclude.

A document's separate attachments go with it through every step: all of its files are sealed, or none is.

Runs in the seal worker only. The worker is no signing oracle: it is given nothing but what stands in the database and
checks all of it itself. Each step is safe to repeat: a document is released exactly once, and every key operation has
its entry in the seal register. After a crash an entry left open is concluded `interrupted` and a new one reserved.
Workers that share a database take different documents; one that is late with its turn releases nothing (decision 0078).
While a seal's key does not answer, its documents stay queued and nothing is reserved (decision 0028).
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography.x509 import Certificate
from sqlalchemy import ColumnElement, Connection, false, not_, or_, select

from signer import Order, PreparedSignature, SignerError, SigningKey, complete, prepare
from stamping import entries, key_waits, leases, turns
from stamping.certificates import establish
from stamping.checks import Cleared, clear
from stamping.desk import Desk
from stamping.history import move
from stamping.leases import TurnLost, hold
from stamping.limits import keep_daily_limit
from stamping.marks import appendix_mark_for, seal_mark_for
from stamping.parts import PAPER, Attempt, Part
from stamping.reasons import time_authority_away, unsealable
from stamping.refusal import Problem, Refusal
from stamping.seal_keys import KeyFailed, Keys, KeyUnavailable
from stamping.tables import confirmation_documents
from stamping.turns import Turn
from store import StoreAway, database_now, write
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
    """At the start of a worker: conclude what an earlier one of its name left open and queue it again, with what no
    worker has in hand any more. Returns how many.

    No two workers of one name run at once, so a turn under this one's name belongs to nobody.
    """
    with write(desk.engine) as connection:
        key_waits.forget_gone(connection, desk)
        return _take_back(connection, desk, confirmation_documents.c.owner == desk.worker.name)


def take_over(desk: Desk) -> int:
    """Conclude and queue again what no worker has in hand any more: its lease has ended. Returns how many."""
    with write(desk.engine) as connection:
        return _take_back(connection, desk, false())


def _take_back(connection: Connection, desk: Desk, mine: ColumnElement[bool]) -> int:
    at = database_now(connection)
    in_hand = select(confirmation_documents).where(confirmation_documents.c.state == "sealing")
    over = or_(mine, leases.OVERDUE)
    left = connection.execute(in_hand.where(over), {"at": at}).mappings().all()
    others = connection.execute(
        in_hand.where(not_(over)).with_only_columns(confirmation_documents.c.document_id), {"at": at}
    )
    entries.interrupt_open(connection, desk.clock(), but=frozenset(others.scalars()))
    for row in left:
        log.warning("%s was in the hands of worker %r, and is in nobody's", row["document_id"], row["owner"])
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
    overdue, waiting = turns.anything(desk)
    if overdue:
        take_over(desk)
    turn = turns.claim(desk) if overdue or waiting else None
    if turn is None:
        return False
    try:
        with leases.prolonged(desk, turn):
            return _serve(desk, turn, keys, key_wait)
    except TurnLost:
        log.warning("not released %s: its lease ended before its work did", turn.document_id)
        take_over(desk)  # where no other worker has done it yet
    return True


def _serve(desk: Desk, turn: Turn, keys: Keys, key_wait: timedelta) -> bool:
    """False where nothing can be done for now."""
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
    at = desk.clock()
    prepared = [_prepare(desk, cleared, part, key, established.chain, at) for part in cleared.parts]
    # 3 reserve: from here on the register knows that the key may be used; a key that is away takes no entry
    key.reach()
    desk.files.reach()
    now = desk.clock()
    with write(desk.engine) as connection:
        hold(connection, turn)
        keep_daily_limit(connection, cleared.seal, now, uses=len(cleared.parts))
        attempts = [
            Attempt(
                part=part,
                entry=entries.reserve(connection, cleared, part, turn.confirmation, key.certificate, now),
            )
            for part in cleared.parts
        ]
    # 4 the one key operation of each file, then everything that makes it whole
    try:
        for attempt, ready in zip(attempts, prepared, strict=True):
            before = key.operations
            try:
                value = key.sign(ready.digest, ready.scheme)
            finally:
                attempt.operations = key.operations - before
            attempt.signed = complete(ready, value, level=desk.level, sources=desk.sources)
    except Exception as error:
        why = error.problem.code if isinstance(error, KeyUnavailable) else type(error).__name__
        _fail(desk, turn, attempts, why)
        if isinstance(error, KeyUnavailable):
            raise KeyFailed(error.problem, passing=error.passing) from error
        refusal = _refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error
    # 5 conclude: the files first, then in one transaction everything that says they exist
    _keep(desk, turn, attempts)
    now = desk.clock()
    with write(desk.engine) as connection:
        hold(connection, turn)
        paper = entries.conclude_all(connection, turn.document_id, attempts, now)
        move(
            connection,
            turn.document_id,
            "sealed",
            expected=("confirmed",),
            at=now,
            actor=turn.confirmation["custodian_name"],
            detail={
                "sha256": paper.sha256,
                "entry": paper.entry,
                "level": paper.result.level.label,
                "seal": cleared.seal.id,
                **({"attachments": len(attempts) - 1} if len(attempts) > 1 else {}),
            },
            sealed_sha256=paper.sha256,
            sealed_at=paper.result.signing_time,
            sealed_by=turn.confirmation["custodian_name"],
            problem=None,
        )
        entries.issue(connection, desk, cleared.document, turn.confirmation["custodian_name"], now)
        key_waits.end(connection, desk, turn.seal_id)
        turns.set_state(connection, turn.confirmation["id"], turn.document_id, "sealed", finished_at=now)
    log.info("sealed %s, entry %s, attachments %d", turn.document_id, paper.entry, len(attempts) - 1)


def _prepare(
    desk: Desk, cleared: Cleared, part: Part, key: SigningKey, chain: tuple[Certificate, ...], at: datetime
) -> PreparedSignature:
    number, organisation = cleared.document["number"], cleared.document["organisation_name"]
    try:
        order = Order(
            field=SEAL_FIELD,
            mark=seal_mark_for(desk, cleared.seal) if part.n == PAPER else appendix_mark_for(part.pdf, number, at),
            signed_at=at,
            name=organisation,
            reason=f"Đóng dấu {number}" if part.n == PAPER else f"Văn bản kèm theo {part.n} của {number}",
            location=organisation,
            role="agency",
            level=desk.level,
        )
        return prepare(part.pdf, order, key.certificate, key.chain or chain, key.scheme)
    except SignerError as error:
        raise unsealable(error) from error


def _fail(desk: Desk, turn: Turn, attempts: Sequence[Attempt], why: str) -> None:
    """Nothing of the bundle is released: every entry ends, and says how often the key was used for its file."""
    now = desk.clock()
    with write(desk.engine) as connection:
        hold(connection, turn)  # one that is lost has had its entries closed
        for attempt in attempts:
            entries.fail(connection, attempt.entry, operations=attempt.operations, why=why, at=now)


def _keep(desk: Desk, turn: Turn, attempts: Sequence[Attempt]) -> None:
    """Keep the sealed files. Where one cannot be kept none is released: the entries say so, and all of them are sealed
    anew when files can be kept again."""
    try:
        for attempt in attempts:
            attempt.sha256 = desk.files.put(attempt.result.pdf)
    except StoreAway as error:
        _fail(desk, turn, attempts, type(error).__name__)
        raise _NotKept(error.why) from error


def _wait_for_files(desk: Desk, turn: Turn, error: StoreAway) -> None:
    """The document stays queued, and its next turn begins by reading it. Where the key was used for it in vain, that
    counts as one of its attempts: a place that gives files and takes none must not wear the key."""
    log.warning("not yet sealed %s: %s", turn.document_id, error)
    with write(desk.engine) as connection:
        hold(connection, turn)
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
        hold(connection, turn)
        turns.give_back(connection, desk, turn.confirmation["id"], turn.document_id, problem)
        key_waits.end_idle(connection, desk, turn.seal_id)


def _gave_up() -> Problem:
    return Problem(
        "internal",
        f"Chương trình đóng dấu đã dừng giữa chừng {ATTEMPTS} lần với văn bản này. "
        "Báo người quản trị trước khi đóng dấu lại.",
        f"The seal worker stopped {ATTEMPTS} times over this document. "
        "Tell the administrator before stamping it again.",
    )
