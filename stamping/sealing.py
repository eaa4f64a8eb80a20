"""Steps 2 to 5 of the seal's passage, for the documents a worker has in hand together (decision 0088).

Entries are reserved and concluded for all of them in one transaction each; the key is used for one file after another.
What goes wrong with one document is noted on it and holds up no other, unless the key or the files themselves are away.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

from cryptography.x509 import Certificate
from sqlalchemy.exc import IntegrityError

from register import RegisterError
from signer import Order, PreparedSignature, Scheme, SignerError, complete, prepare
from stamping import entries, in_hand, key_waits, leases, turns
from stamping.checks import Cleared, Clearing
from stamping.desk import Desk
from stamping.history import Moved, move_all
from stamping.in_hand import InHand, NotBegun, NotKept
from stamping.leases import TurnLost
from stamping.limits import keep_daily_limit
from stamping.marks import appendix_mark_for, seal_mark_for
from stamping.parts import PAPER, Part
from stamping.reasons import time_authority_away, unsealable
from stamping.refusal import Refusal
from stamping.seal_keys import CountedKey, KeyFailed, KeyUnavailable
from stamping.turns import Turn
from store import StoreAway, write
from trust import RevocationUnavailable, TimeAuthorityUnreachable, TimestampRejected
from verifier import SEAL_FIELD

log = logging.getLogger("secondseal.passage")

FRESH: Final = timedelta(seconds=2)
"""How old a signature's claimed time may be when the key is used."""

Signer = tuple[Certificate, tuple[Certificate, ...], Scheme]
"""Certificate, the authorities above it, how its key signs."""


def make_ready(clearing: Clearing, turn: Turn, cleared: Cleared, key: CountedKey) -> InHand:
    """2: the bytes to be signed. Pure: may be thrown away. Raises `Refusal`."""
    desk, at = clearing.desk, clearing.desk.clock()
    by = key.certificate, key.chain or clearing.established(key.certificate).chain, key.scheme
    prepared = [_prepare(desk, cleared, part, by, at) for part in cleared.parts]
    return InHand(turn=turn, cleared=cleared, key=key, prepared=prepared)


def reserve(desk: Desk, group: Sequence[InHand]) -> None:
    """3: from here on the register knows that the key may be used."""
    now = desk.clock()
    taken: dict[str, int] = {}
    going: list[InHand] = []
    with write(desk.engine) as connection:
        held = leases.held(connection, [one.turn for one in group])
        for one in group:
            if one.turn.document_id not in held:
                one.fails(TurnLost())
                continue
            seal, uses = one.cleared.seal, len(one.cleared.parts)
            try:
                keep_daily_limit(connection, seal, now, uses=uses, beside=taken.get(seal.id, 0))
            except Refusal as refusal:
                one.fails(refusal)
                continue
            taken[seal.id] = taken.get(seal.id, 0) + uses
            going.append(one)
        entries.reserve(connection, going, now)


def sign(desk: Desk, group: Sequence[InHand], clock: Callable[[], float]) -> None:
    """4: the one key operation of each file, then everything that makes it whole. 5: the sealed file is kept, before
    anything says that it exists, while the next is signed; where it cannot be kept its document is not released, nor
    any after it: they are sealed anew when files can be kept again."""
    with _Keeping(desk, len(group)) as keeping:
        _sign_all(desk, group, keeping, clock)
    keeping.end()


def _sign_all(desk: Desk, group: Sequence[InHand], keeping: "_Keeping", clock: Callable[[], float]) -> None:
    began = clock()
    for n, one in enumerate(group):
        if n and clock() - began > in_hand.LONGEST_S:
            _leave(group[n:])
            return
        try:
            _sign(desk, one)
        except Exception as error:  # noqa: BLE001  none is caught and forgotten: `trouble` ends the document or the worker
            one.fails(_told(error), error.problem.code if isinstance(error, KeyUnavailable) else type(error).__name__)
            if not isinstance(one.trouble, Refusal):
                _leave(group[n + 1 :])
                return
        else:
            keeping.begin(one)


class _Keeping:
    """Keeps sealed files in their order, beside the work on the next one. A document that is alone has no next."""

    def __init__(self, desk: Desk, documents: int) -> None:
        self._desk = desk
        self._beside = ThreadPoolExecutor(1, "keeping") if documents > 1 else None
        self._begun: list[tuple[InHand, Future[None]]] = []
        self._away: StoreAway | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._beside is not None:
            self._beside.shutdown()

    def begin(self, one: InHand) -> None:
        """With the files of this document, which are signed."""
        if self._beside is not None:
            self._begun.append((one, self._beside.submit(self._keep, one)))
        else:
            self._keep(one)

    def end(self) -> None:
        """All are kept, or noted as not kept. Raises what nobody foresaw."""
        for _, kept in self._begun:
            kept.result()

    def _keep(self, one: InHand) -> None:
        try:
            if self._away is not None:
                raise self._away
            for attempt in one.attempts:
                attempt.sha256 = self._desk.files.put(attempt.result.pdf)
        except StoreAway as error:
            self._away = error
            one.fails(NotKept(error.why), StoreAway.__name__)


def conclude(desk: Desk, group: Sequence[InHand]) -> None:
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


def fail(desk: Desk, group: Sequence[InHand]) -> None:
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


def _leave(group: Sequence[InHand]) -> None:
    for one in group:
        one.fails(NotBegun())


def _sign(desk: Desk, one: InHand) -> None:
    for attempt, prepared in zip(one.attempts, one.prepared, strict=True):
        ready = _as_of_now(desk, one.cleared, attempt.part, prepared)
        before = one.key.operations
        try:
            value = one.key.sign(ready.digest, ready.scheme)
        finally:
            attempt.operations = one.key.operations - before
        attempt.signed = complete(ready, value, level=desk.level, sources=desk.sources)


def _as_of_now(desk: Desk, cleared: Cleared, part: Part, ready: PreparedSignature) -> PreparedSignature:
    """Claims the time at which the key is used. Authorities that were slow with the files before this one have made the
    time it was prepared at too old: beside its time stamp it would look wrong."""
    now = desk.clock()
    if abs(now - ready.signing_time) <= FRESH:
        return ready
    return _prepare(desk, cleared, part, (ready.certificate, ready.chain, ready.scheme), now)


def _conclude(desk: Desk, group: Sequence[InHand]) -> list[InHand]:
    now = desk.clock()
    with write(desk.engine) as connection:
        held = leases.held(connection, [one.turn for one in group])
        ours = [one for one in group if one.turn.document_id in held]
        if ours:
            by = ours[0].turn.confirmation["custodian_name"]
            entries.conclude(connection, ours, now)
            moved = [_sealed(one, by) for one in ours]
            move_all(connection, moved, "sealed", expected=("confirmed",), at=now, actor=by)
            entries.issue_all(connection, desk, [one.cleared.document for one in ours], by, now)
            key_waits.end(connection, desk, ours[0].turn.seal_id)
            turns.all_sealed(connection, [one.turn for one in ours], now)
    for one in ours:
        entry, others = one.attempts[0].entry, len(one.attempts) - 1
        log.info("sealed %s, entry %s, attachments %d", one.turn.document_id, entry, others)
    return [one for one in group if one not in ours]


def _sealed(one: InHand, by: str) -> Moved:
    paper, others = one.attempts[0], len(one.attempts) - 1
    return Moved(
        document_id=one.turn.document_id,
        detail={
            "sha256": paper.sha256,
            "entry": paper.entry,
            "level": paper.result.level.label,
            "seal": one.cleared.seal.id,
            **({"attachments": others} if others else {}),
        },
        columns={
            "sealed_sha256": paper.sha256,
            "sealed_at": paper.result.signing_time,
            "sealed_by": by,
            "problem": None,
        },
    )


def _prepare(desk: Desk, cleared: Cleared, part: Part, by: Signer, at: datetime) -> PreparedSignature:
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
        return prepare(part.pdf, order, *by)
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
