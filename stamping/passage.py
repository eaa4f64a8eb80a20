"""The seal's passage: check -> prepare -> reserve -> sign -> conclude, for a few documents of one list together.

A document's separate attachments go with it through every step: all of its files are sealed, or none is.

Runs in the seal worker only. The worker is no signing oracle: it is given nothing but what stands in the database and
checks all of it itself. Each step is safe to repeat: a document is released exactly once, and every key operation has
its entry in the seal register. After a crash an entry left open is concluded `interrupted` and a new one reserved.
Workers that share a database take different documents; one that is late with its turn releases nothing (decision 0078).
While a seal's key does not answer, its documents stay queued and nothing is reserved (decision 0028). What goes wrong
with one document is its own; whatever a worker died over is taken up alone (decision 0088).
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, false, not_, or_, select

from stamping import entries, in_hand, key_waits, leases, sealing, turns
from stamping.checks import Clearing
from stamping.desk import Desk
from stamping.in_hand import InHand, NotBegun, NotKept
from stamping.leases import TurnLost, hold
from stamping.reading import MOST_BYTES, ReadAhead
from stamping.refusal import Problem, Refusal
from stamping.seal_keys import CountedKey, Keys, KeyUnavailable
from stamping.tables import confirmation_documents
from stamping.turns import Turn
from store import StoreAway, database_now, write

log = logging.getLogger("secondseal.passage")

ATTEMPTS: Final = 3
"""How often one confirmed document is taken up again after the worker died over it."""
TOGETHER: Final = 8
"""Documents of one list in hand at once: what a worker that dies leaves to be taken up again."""
KEY_WAIT: Final = timedelta(minutes=15)
"""How long a confirmed list waits for a key that is away, unless a setting says otherwise."""


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
    """`serve`, one document at most."""
    return serve(desk, keys, key_wait=key_wait, most=1)


def serve(
    desk: Desk,
    keys: Keys,
    *,
    key_wait: timedelta = KEY_WAIT,
    most: int = TOGETHER,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Take the next queued document through, with up to `most` that follow it in its list; False when there is none, or
    none whose key answers.

    A refusal concerns this document alone: it goes back to `approved` with the reason on its row, and the custodian
    confirms it anew when the reason is gone. A key that is away concerns all of its seal's: they stay queued until it
    answers, at most `key_wait` from when it left or they were confirmed; where a person must act they go back at once.
    `clock`, in seconds, says how long checking and signing take.
    """
    key_waits.look(desk, keys)
    overdue, waiting = turns.anything(desk)
    if overdue:
        take_over(desk)
    claimed = turns.claim(desk, most) if overdue or waiting else ()
    if not claimed:
        return False
    with leases.prolonged(desk, claimed):
        return _serve(desk, claimed, keys, key_wait, clock)


def _serve(desk: Desk, claimed: Sequence[Turn], keys: Keys, key_wait: timedelta, clock: Callable[[], float]) -> bool:
    """False where nothing can be done for now."""
    group: list[InHand] = []
    left = deque(claimed)
    with ReadAhead(desk, [turn.approved_sha256 for turn in claimed]) as reading:
        clearing = Clearing(desk, claimed[0].confirmation, reading)
        try:
            _make_ready(desk, clearing, keys, left, group, clock)
            if not group:
                return True
            for key in {id(one.key): one.key for one in group}.values():
                key.reach()  # a key that is away takes no entry
            desk.files.reach()
            desk.worker.files.back()
        except (KeyUnavailable, StoreAway) as error:
            # nothing is reserved yet, and it concerns them all
            first, *others = [*left, *(one.turn for one in group)]
            _put_back(desk, others)
            _end(desk, first, error, key_wait)
            return not isinstance(error, StoreAway)
    if not _in_force(desk, clearing):
        _put_back(desk, [one.turn for one in group])  # to be checked by what is in force now
        return True
    sealing.reserve(desk, group)
    sealing.sign(desk, _well(group), clock)
    sealing.conclude(clearing.desk, _well(group))
    sealing.fail(desk, [one for one in group if one.trouble and one.attempts])
    _put_back(desk, [one.turn for one in group if isinstance(one.trouble, NotBegun)])
    for one in group:
        if one.trouble and not isinstance(one.trouble, NotBegun):
            _end(desk, one.turn, one.trouble, key_wait)
    return not any(isinstance(one.trouble, StoreAway) for one in group)


def _make_ready(
    desk: Desk,
    clearing: Clearing,
    keys: Keys,
    left: deque[Turn],
    group: list[InHand],
    clock: Callable[[], float],
) -> None:
    """Steps 1 and 2: from `left` to `group`, each that is not refused."""
    opened: dict[str, CountedKey] = {}
    began, first = clock(), left[0]
    while left:
        late = left[0] is not first and clock() - began > in_hand.LONGEST_S
        if late or sum(one.size for one in group) > MOST_BYTES:
            _put_back(desk, left)
            return
        turn = left[0]
        try:
            cleared = clearing.clear(turn.document_id, turn.approved_sha256)
            if cleared.seal.id not in opened:
                opened[cleared.seal.id] = keys(cleared.seal)
            group.append(sealing.make_ready(clearing, turn, cleared, opened[cleared.seal.id]))
        except Refusal as refusal:
            _end(desk, turn, refusal, KEY_WAIT)
        left.popleft()


def _in_force(desk: Desk, clearing: Clearing) -> bool:
    """Whether the institution is still the one they were checked by."""
    try:
        return desk.office() == clearing.desk.office()
    except Refusal:
        return False  # the next check says why


def _well(group: Sequence[InHand]) -> list[InHand]:
    return [one for one in group if one.trouble is None]


def _put_back(desk: Desk, claimed: Collection[Turn]) -> None:
    """As they stood: nothing was begun with them."""
    if not claimed:
        return
    with write(desk.engine) as connection:
        held = leases.held(connection, list(claimed))
        for turn in claimed:
            if turn.document_id in held:
                turns.queue_again(connection, turn)


def _end(desk: Desk, turn: Turn, error: Exception, key_wait: timedelta) -> None:
    """What becomes of a document that was not sealed. Raises what nobody foresaw: it ends the worker."""
    try:
        match error:
            case KeyUnavailable():
                key_waits.begin(desk, turn, error, key_wait)
            case Refusal():
                _refuse(desk, turn, error.problem)
            case StoreAway():
                _wait_for_files(desk, turn, error)
            case _:
                raise error
    except TurnLost:
        log.warning("not released %s: its lease ended before its work did", turn.document_id)
        take_over(desk)  # where no other worker has done it yet


def _wait_for_files(desk: Desk, turn: Turn, error: StoreAway) -> None:
    """The document stays queued, and its next turn begins by reading it. Where the key was used for it in vain, that
    counts as one of its attempts: a place that gives files and takes none must not wear the key."""
    if isinstance(error, NotKept):
        log.warning("not kept %s: %s", turn.document_id, error)
    else:
        desk.worker.files.found(turn.document_id, error)
    with write(desk.engine) as connection:
        hold(connection, turn)
        if not isinstance(error, NotKept):
            turns.queue_again(connection, turn)
        elif turn.attempt < ATTEMPTS:
            turns.set_state(connection, turn.confirmation["id"], turn.document_id, "queued")
        else:
            problem = Problem("storage-unavailable", error.text_vi, error.text_en)
            turns.give_back(connection, desk, turn.confirmation["id"], turn.document_id, problem)


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
