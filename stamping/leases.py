"""Whose turn a document is: one worker's, for a while, by the database's clock (decision 0078).

A claim is good for one attempt. Its worker prolongs the lease while it works; where it dies or stands still, the lease
ends and another worker takes the document. Whatever a turn may do it does in a transaction that has asked `hold` first:
a worker that comes back late finds its claim gone, and releases nothing.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, and_, or_, select
from sqlalchemy.exc import SQLAlchemyError

from stamping.desk import Desk
from stamping.tables import confirmation_documents
from store import StoreError, database_now, write

if TYPE_CHECKING:
    from stamping.turns import Turn

log = logging.getLogger("secondseal.passage")


class TurnLost(Exception):
    """The turn is no longer this worker's: its lease ended before its work did."""


def hold(connection: Connection, turn: "Turn") -> None:
    """Only while the turn is still this claim's and its lease lasts. Raises `TurnLost`."""
    held = select(confirmation_documents.c.document_id).where(_mine(turn, database_now(connection)))
    if connection.execute(held).first() is None:
        raise TurnLost


def overdue(at: datetime) -> ColumnElement[bool]:
    """Turns nobody has in hand any more; `at` by the database's clock."""
    until = confirmation_documents.c.lease_until
    # without a lease: taken before leases were kept
    return and_(confirmation_documents.c.state == "sealing", or_(until.is_(None), until <= at))


@contextmanager
def prolonged(desk: Desk, turn: "Turn") -> Iterator[None]:
    """Renew the lease beside the work, three times in its length. A process that stands still renews nothing."""
    over = threading.Event()
    thread = threading.Thread(target=_prolong, args=(desk, turn, over), name="lease", daemon=True)
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
        renewed = connection.execute(
            confirmation_documents.update().where(_mine(turn, at)).values(lease_until=at + desk.worker.lease)
        )
        return renewed.rowcount == 1


def _mine(turn: "Turn", at: datetime) -> ColumnElement[bool]:
    columns = confirmation_documents.c
    return and_(
        columns.confirmation_id == turn.confirmation["id"],
        columns.document_id == turn.document_id,
        columns.state == "sealing",
        columns.claim == turn.claim,
        columns.lease_until > at,
    )
