"""Steps 2 to 5 of the seal's passage, for the documents a worker has in hand together (decision 0088).

Entries are reserved and concluded for all of them in one transaction each; the key is used for one file after another.
What goes wrong with one document is noted on it and holds up no other, unless the key or the files themselves are away.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.x509 import Certificate
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from register import RegisterError
from signer import Order, PreparedSignature, SignerError, SigningKey, complete, prepare
from stamping import entries, key_waits, leases, turns
from stamping.checks import Cleared, Clearing
from stamping.desk import Desk
from stamping.history import move
from stamping.leases import TurnLost
from stamping.limits import keep_daily_limit
from stamping.marks import appendix_mark_for, seal_mark_for
from stamping.parts import PAPER, Attempt, Part
from stamping.reasons import time_authority_away, unsealable
from stamping.refusal import Refusal
from stamping.seal_keys import CountedKey, KeyFailed, KeyUnavailable
from stamping.turns import Turn
from store import StoreAway, write
from trust import RevocationUnavailable, TimeAuthorityUnreachable, TimestampRejected
from verifier import SEAL_FIELD

log = logging.getLogger("secondseal.passage")


class NotKept(StoreAway):
    """The key was used, and the sealed file could not be kept."""


class NotBegun(Exception):
    """The key was not used for this document: it failed, or the worker did, at one before it."""


@dataclass(slots=True, kw_only=True)
class Sealing:
    """A document in hand, from its check on. `trouble`: why it comes no further; `why`: the same for its entries."""

    turn: Turn
    cleared: Cleared
    key: CountedKey
    prepared: Sequence[PreparedSignature]
    attempts: list[Attempt] = field(default_factory=list)
    trouble: Exception | None = None
    why: str = ""

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(len(part.pdf) for part in self.cleared.parts)

    def fails(self, error: Exception, why: str = "") -> None:
        """It comes no further."""
        self.trouble, self.why = error, why or type(error).__name__


def make_ready(clearing: Clearing, turn: Turn, cleared: Cleared, key: CountedKey) -> Sealing:
    """2: the bytes to be signed. Pure: may be thrown away. Raises `Refusal`."""
    desk, at = clearing.desk, clearing.desk.clock()
    chain = clearing.established(key.certificate).chain
    prepared = [_prepare(desk, cleared, part, key, chain, at) for part in cleared.parts]
    return Sealing(turn=turn, cleared=cleared, key=key, prepared=prepared)


def reserve(desk: Desk, group: Sequence[Sealing]) -> None:
    """3: from here on the register knows that the key may be used."""
    now = desk.clock()
    with write(desk.engine) as connection:
        held = leases.held(connection, [one.turn for one in group])
        for one in group:
            if one.turn.document_id not in held:
                one.fails(TurnLost())
                continue
            try:
                keep_daily_limit(connection, one.cleared.seal, now, uses=len(one.cleared.parts))
            except Refusal as refusal:
                one.fails(refusal)
                continue
            confirmation, certificate = one.turn.confirmation, one.key.certificate
            one.attempts = [
                Attempt(part=part, entry=entries.reserve(connection, one.cleared, part, confirmation, certificate, now))
                for part in one.cleared.parts
            ]


def sign(desk: Desk, group: Sequence[Sealing]) -> None:
    """4: the one key operation of each file, then everything that makes it whole."""
    for n, one in enumerate(group):
        try:
            _sign(desk, one)
        except Exception as error:  # noqa: BLE001  none is caught and forgotten: `trouble` ends the document or the worker
            one.fails(_told(error), error.problem.code if isinstance(error, KeyUnavailable) else type(error).__name__)
            if not isinstance(one.trouble, Refusal):
                for later in group[n + 1 :]:
                    later.fails(NotBegun())
                return


def keep(desk: Desk, group: Sequence[Sealing]) -> None:
    """5: the sealed files, before anything says that they exist. Where one cannot be kept its document is not
    released, nor any after it; they are sealed anew when files can be kept again."""
    away: StoreAway | None = None
    for one in group:
        try:
            if away is not None:
                raise away
            for attempt in one.attempts:
                attempt.sha256 = desk.files.put(attempt.result.pdf)
        except StoreAway as error:
            away = error
            one.fails(NotKept(error.why), type(error).__name__)


def conclude(desk: Desk, group: Sequence[Sealing]) -> None:
    """5: everything that says these files exist, for all documents in one transaction; where the database or the
    register refuses one of them, for each in its own."""
    if not group:
        return
    try:
        lost = _conclude(desk, group)
    except (Refusal, RegisterError, IntegrityError) as error:
        if len(group) == 1:
            group[0].fails(error)
            return
        log.warning("%d documents are concluded one by one: %s", len(group), type(error).__name__)
        for one in group:
            conclude(desk, [one])
        return
    for one in lost:
        one.fails(TurnLost())


def fail(desk: Desk, group: Sequence[Sealing]) -> None:
    """Nothing of these is released: every entry ends, and says how often the key was used for its file. Those of a lost
    turn have been closed by whoever took it over."""
    if not group:
        return
    now = desk.clock()
    with write(desk.engine) as connection:
        held = leases.held(connection, [one.turn for one in group])
        for one in group:
            if one.turn.document_id not in held:
                one.fails(TurnLost())
                continue
            for attempt in one.attempts:
                entries.fail(connection, attempt.entry, operations=attempt.operations, why=one.why, at=now)


def _sign(desk: Desk, one: Sealing) -> None:
    for attempt, ready in zip(one.attempts, one.prepared, strict=True):
        before = one.key.operations
        try:
            value = one.key.sign(ready.digest, ready.scheme)
        finally:
            attempt.operations = one.key.operations - before
        attempt.signed = complete(ready, value, level=desk.level, sources=desk.sources)


def _conclude(desk: Desk, group: Sequence[Sealing]) -> list[Sealing]:
    now = desk.clock()
    with write(desk.engine) as connection:
        held = leases.held(connection, [one.turn for one in group])
        ours = [one for one in group if one.turn.document_id in held]
        for one in ours:
            _conclude_one(connection, desk, one, now)
        if ours:
            key_waits.end(connection, desk, ours[0].turn.seal_id)
            turns.all_sealed(connection, [one.turn for one in ours], now)
    for one in ours:
        entry, others = one.attempts[0].entry, len(one.attempts) - 1
        log.info("sealed %s, entry %s, attachments %d", one.turn.document_id, entry, others)
    return [one for one in group if one not in ours]


def _conclude_one(connection: Connection, desk: Desk, one: Sealing, now: datetime) -> None:
    turn, cleared, attempts = one.turn, one.cleared, one.attempts
    by = turn.confirmation["custodian_name"]
    paper = entries.conclude_all(connection, turn.document_id, attempts, now)
    move(
        connection,
        turn.document_id,
        "sealed",
        expected=("confirmed",),
        at=now,
        actor=by,
        detail={
            "sha256": paper.sha256,
            "entry": paper.entry,
            "level": paper.result.level.label,
            "seal": cleared.seal.id,
            **({"attachments": len(attempts) - 1} if len(attempts) > 1 else {}),
        },
        sealed_sha256=paper.sha256,
        sealed_at=paper.result.signing_time,
        sealed_by=by,
        problem=None,
    )
    entries.issue(connection, desk, cleared.document, by, now)


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


def _told(error: Exception) -> Exception:
    """What went wrong once an entry was reserved: the key failed, or a refusal in words; anything else is a fault of
    ours, which ends the worker."""
    told: Exception
    if isinstance(error, KeyUnavailable):
        told = KeyFailed(error.problem, passing=error.passing)
    elif isinstance(error, TimeAuthorityUnreachable | TimestampRejected):
        told = time_authority_away()
    elif isinstance(error, RevocationUnavailable):
        told = Refusal("revocation-unknown", error.text_vi, error.text_en)
    elif isinstance(error, SignerError):
        told = unsealable(error)
    else:
        return error
    told.__cause__ = error
    return told
