"""The seal's passage, one document at a time: check -> prepare -> reserve -> sign -> conclude.

Runs in the seal worker only. The worker is no signing oracle: it is given nothing but what stands in the database and
checks all of it itself. Each step is safe to repeat: a document is released exactly once, and every key operation has
its entry in the seal register. After a crash an entry left open is concluded `interrupted` and a new one reserved.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.x509 import Certificate
from sqlalchemy import Connection, RowMapping, select

from office import Seal
from register import add_revision
from signer import Order, PreparedSignature, SignerError, SigningKey, complete, prepare
from stamping import entries
from stamping.certificates import establish
from stamping.checks import Cleared, clear
from stamping.desk import Desk
from stamping.history import move, problem_to_json
from stamping.marks import seal_mark_for
from stamping.reasons import time_authority_away, unsealable
from stamping.refusal import Problem, Refusal
from stamping.tables import confirmation_documents, confirmations
from store import write
from trust import RevocationUnavailable, TimeAuthorityUnreachable, TimestampRejected
from verifier import SEAL_FIELD

log = logging.getLogger("secondseal.passage")

ATTEMPTS: Final = 3
"""How often one confirmed document is taken up again after the worker died over it."""


class CountedKey(SigningKey, Protocol):
    """A key that says how often it was really used, so that the register says so too."""

    @property
    def operations(self) -> int:
        """Signatures made since it was opened, the failed ones included."""


Keys = Callable[[Seal], CountedKey]
"""Gives the key of a seal; raises `KeyUnavailable` when its token cannot be used."""


class KeyUnavailable(Exception):
    """The seal's key cannot be used now; `problem` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text_en)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One queued document of one confirmation, claimed by this worker."""

    confirmation: RowMapping
    document_id: str
    approved_sha256: str
    attempt: int


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
                _set_turn(connection, row["confirmation_id"], row["document_id"], "queued")
            else:
                _give_back(connection, desk, row["confirmation_id"], row["document_id"], _gave_up())
    return len(left)


def serve_one(desk: Desk, keys: Keys) -> bool:
    """Take the next queued document through; False when the queue is empty.

    A refusal concerns this document alone: it goes back to `approved` with the reason on its row, and the custodian
    confirms it anew when the reason is gone.
    """
    turn = _claim(desk)
    if turn is None:
        return False
    try:
        _seal(desk, turn, keys)
    except KeyUnavailable as error:
        _refuse(desk, turn, error.problem)
    except Refusal as refusal:
        _refuse(desk, turn, refusal.problem)
    return True


def _claim(desk: Desk) -> Turn | None:
    with write(desk.engine) as connection:
        row = (
            connection.execute(
                select(confirmation_documents)
                .join(confirmations, confirmations.c.id == confirmation_documents.c.confirmation_id)
                .where(confirmation_documents.c.state == "queued")
                .order_by(confirmations.c.created_at, confirmation_documents.c.position)
                .limit(1)
            )
            .mappings()
            .first()
        )
        if row is None:
            return None
        confirmation = (
            connection.execute(select(confirmations).where(confirmations.c.id == row["confirmation_id"]))
            .mappings()
            .one()
        )
        _set_turn(connection, row["confirmation_id"], row["document_id"], "sealing", attempt=row["attempt"] + 1)
    return Turn(
        confirmation=confirmation,
        document_id=row["document_id"],
        approved_sha256=row["approved_sha256"],
        attempt=row["attempt"] + 1,
    )


def _seal(desk: Desk, turn: Turn, keys: Keys) -> None:
    # 1 everything that can be refused without the key
    cleared = clear(desk, turn.confirmation, turn.document_id, turn.approved_sha256)
    key = keys(cleared.seal)
    established = establish(desk, key.certificate, desk.clock())
    # 2 prepare: pure, may be thrown away
    prepared = _prepare(desk, cleared, key, established.chain)
    # 3 reserve: from here on the register knows that the key may be used
    with write(desk.engine) as connection:
        entry = entries.reserve(connection, cleared, turn.confirmation, key.certificate, desk.clock())
    # 4 the one key operation, then everything that makes the paper whole
    before = key.operations
    try:
        value = key.sign(prepared.digest, prepared.scheme)
        signed = complete(prepared, value, level=desk.level, sources=desk.sources)
    except Exception as error:
        with write(desk.engine) as connection:
            entries.fail(connection, entry, used=key.operations > before, why=type(error).__name__, at=desk.clock())
        problem = _problem_of(error)
        if problem is None:
            raise
        raise KeyUnavailable(problem) from error
    # 5 conclude: the file first, then in one transaction everything that says it exists
    sha256 = desk.files.put(signed.pdf)
    now = desk.clock()
    with write(desk.engine) as connection:
        entries.conclude(connection, entry, sha256, signed, now)
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
        _set_turn(connection, turn.confirmation["id"], turn.document_id, "sealed", finished_at=now)
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


def _problem_of(error: Exception) -> Problem | None:
    """What went wrong after the entry was reserved, in words; None for a fault of ours, which ends the worker."""
    if isinstance(error, KeyUnavailable):
        return error.problem
    if isinstance(error, TimeAuthorityUnreachable | TimestampRejected):
        return time_authority_away().problem
    if isinstance(error, RevocationUnavailable):
        return Problem("revocation-unknown", error.text_vi, error.text_en)
    if isinstance(error, SignerError):
        return unsealable(error).problem
    return None


def _refuse(desk: Desk, turn: Turn, problem: Problem) -> None:
    log.warning("not sealed %s: %s", turn.document_id, problem.code)
    with write(desk.engine) as connection:
        _give_back(connection, desk, turn.confirmation["id"], turn.document_id, problem)


def _give_back(connection: Connection, desk: Desk, confirmation_id: str, document_id: str, problem: Problem) -> None:
    now = desk.clock()
    stored = problem_to_json(problem)
    _set_turn(connection, confirmation_id, document_id, "failed", problem=stored, finished_at=now)
    move(
        connection,
        document_id,
        "approved",
        expected=("confirmed",),
        at=now,
        actor="Second Seal",
        detail={"confirmation": confirmation_id, "problem": problem.code},
        problem=stored,
    )


def _set_turn(connection: Connection, confirmation_id: str, document_id: str, state: str, **columns: object) -> None:
    connection.execute(
        confirmation_documents.update()
        .where(
            confirmation_documents.c.confirmation_id == confirmation_id,
            confirmation_documents.c.document_id == document_id,
        )
        .values(state=state, **columns)
    )


def _gave_up() -> Problem:
    return Problem(
        "internal",
        f"Chương trình đóng dấu đã dừng giữa chừng {ATTEMPTS} lần với văn bản này. "
        "Báo người quản trị trước khi đóng dấu lại.",
        f"The seal worker stopped {ATTEMPTS} times over this document. "
        "Tell the administrator before stamping it again.",
    )
