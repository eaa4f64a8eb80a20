"""Whose turn a document is: one worker's, for a while, by the database's clock (decision 0078).

A claim is good for one attempt, at one document or at several of a list. Its worker prolongs the lease while it works;
where it dies or stands still, the lease ends and another worker takes the document. Whatever a turn may do it does in a
transaction that has asked `hold` first: a worker that comes back late finds its claim gone, and releases nothing.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, and_, bindparam, or_, select
from sqlalchemy.exc import SQLAlchemyError

from stamping.desk import Desk
from stamping.tables import confirmation_documents
from store import StoreError, database_now, write

if TYPE_CHECKING:
    from stamping.turns import Turn

log = logging.getLogger("secondseal.passage")

_TURNS: Final = confirmation_documents.c
OVERDUE: Final = and_(
    _TURNS.state == "sealing",
    # without a lease: taken before leases were kept
    or_(_TURNS.lease_until.is_(None), _TURNS.lease_until <= bindparam("at", type_=_TURNS.lease_until.type)),
)
"""Turns nobody has in hand any more; `at` by the database's clock."""
_OF_CLAIM: Final = and_(
    _TURNS.confirmation_id == bindparam("of_confirmation"),
    _TURNS.state == "sealing",
    _TURNS.claim == bindparam("of_claim"),
    _TURNS.lease_until > bindparam("at", type_=_TURNS.lease_until.type),
)
# Statements used for every document are built once, not per call.
_HELD: Final = select(_TURNS.document_id).where(_OF_CLAIM)
_RENEW: Final = confirmation_documents.update().where(_OF_CLAIM).values(lease_until=bindparam("until"))


class TurnLost(Exception):
    """The turn is no longer this worker's: its lease ended before its work did."""


def hold(connection: Connection, turn: "Turn") -> None:
    """Only while the turn is still this claim's and its lease lasts. Raises `TurnLost`."""
    if turn.document_id not in held(connection, [turn]):
        raise TurnLost


def held(connection: Connection, claimed: Sequence["Turn"]) -> frozenset[str]:
    """Which documents of one claim are still its own; the others' turns are lost."""
    if not claimed:
        return frozenset()
    return frozenset(connection.execute(_HELD, _mine(claimed[0], database_now(connection))).scalars())


@contextmanager
def prolonged(desk: Desk, claimed: Sequence["Turn"]) -> Iterator[None]:
    """Renew the claim's leases beside the work, three times in their length. A process that stands still renews
    nothing."""
    over = threading.Event()
    thread = threading.Thread(target=_prolong, args=(desk, claimed[0], over), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _prolong(desk: Desk, turn: "Turn", over: threading.Event) -> None:
    pause_s = desk.worker.lease.total_seconds() / 3
    while not over.wait(pause_s):
        try:
            if not _renew(desk, turn, int(pause_s * 1000)):
                return  # the work itself finds out, where it must
        except (SQLAlchemyError, StoreError) as error:
            log.warning("the lease of %s was not renewed (%s); it is tried again", turn.document_id, error)


def _renew(desk: Desk, turn: "Turn", wait_ms: int) -> bool:
    with write(desk.engine, wait_ms=wait_ms) as connection:
        at = database_now(connection)
        # one that has ended is not revived: another worker may be reading that it has
        renewed = connection.execute(_RENEW, {**_mine(turn, at), "until": at + desk.worker.lease})
        return renewed.rowcount > 0


def _mine(turn: "Turn", at: datetime) -> dict[str, object]:
    return {"of_confirmation": turn.confirmation["id"], "of_claim": turn.claim, "at": at}
