"""The queue of events for receivers: each event once for each receiver, in order for each document, until it arrived
or failed for good.

One courier holds a receiver at a time, for a minute from its last word; whoever dies holding it is followed by another
then. What was sent and not yet noted as delivered is sent again: at least once, under the same id.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, func, or_, select, update

from api.outbox.receivers import reach_of, silence
from api.outbox.webhook_key import WebhookKey, fingerprint
from api.tables import deliveries, webhooks
from stamping import FeedEvent, Reach, feed
from store import read, write

HOLD: Final = timedelta(seconds=60)
"""Longer than any one sending may take."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=4)
GIVE_UP: Final = timedelta(hours=24)
"""From the first attempt."""
KEPT: Final = timedelta(days=30)
"""How long a delivered event's row is kept."""
_AT_ONCE: Final = 500


class WebhookKeyOther(Exception):
    """This webhook key is not the one a receiver's secret was made with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One event to be sent to one receiver now, and the secrets that sign it."""

    webhook_id: str
    url: str
    event: FeedEvent
    attempts: int
    first_at: datetime | None
    secrets: tuple[str, ...]


def spread(engine: Engine, now: datetime) -> int:
    """Queue for each receiver the events since it was looked at last; gives how many were queued."""
    with read(engine) as connection:
        newest = feed.newest(connection)
        behind = select(webhooks.c.id).where(webhooks.c.active, webhooks.c.after < newest).limit(1)
        if connection.execute(behind).first() is None:
            return 0
    with write(engine) as connection:
        rows = connection.execute(select(webhooks).where(webhooks.c.active).order_by(webhooks.c.id)).mappings().all()
        queued = 0
        for row in rows:
            reach = reach_of(connection, row)
            if reach is None:
                silence(connection, row["id"], "its program may no longer read documents")
                continue
            found = feed.after(connection, row["after"], limit=_AT_ONCE, reach=reach)
            # what was looked at: all up to the newest line, unless there is more than fits at once
            after = found[-1].number if len(found) == _AT_ONCE else feed.newest(connection)
            wanted = [one for one in found if not row["events"] or one.type in row["events"].split()]
            if wanted:
                connection.execute(deliveries.insert(), [_queued(row["id"], one, now) for one in wanted])
            connection.execute(update(webhooks).where(webhooks.c.id == row["id"]).values(after=after))
            queued += len(wanted)
        return queued


def receivers_due(engine: Engine, me: str, now: datetime) -> tuple[str, ...]:
    """Receivers for whom something can be sent now and whom no other courier holds."""
    with read(engine) as connection:
        found = connection.execute(
            select(webhooks.c.id)
            .where(
                webhooks.c.active,
                _free(me, now),
                exists().where(deliveries.c.webhook_id == webhooks.c.id, _first_of_its_document(now)),
            )
            .order_by(webhooks.c.id)
        )
        return tuple(found.scalars())


def hold(engine: Engine, webhook_id: str, me: str, now: datetime) -> bool:
    """Be the one courier of this receiver; False where another is, or it is silenced, or to be silenced now."""
    with write(engine) as connection:
        row = connection.execute(select(webhooks).where(webhooks.c.id == webhook_id)).mappings().first()
        if row is None or not row["active"]:
            return False
        if reach_of(connection, row) is None:
            silence(connection, webhook_id, "its program may no longer read documents")
            return False
        return _hold(connection, webhook_id, me, now)


def let_go(engine: Engine, webhook_id: str, me: str) -> None:
    """Another courier may take it."""
    with write(engine) as connection:
        connection.execute(
            update(webhooks)
            .where(webhooks.c.id == webhook_id, webhooks.c.held_by == me)
            .values(held_by=None, held_until=None)
        )


def due(engine: Engine, key: WebhookKey, webhook_id: str, now: datetime, *, limit: int) -> tuple[Due, ...]:
    """What is to be sent to it now: of each document or dossier the oldest event that is not there yet. Raises
    `WebhookKeyOther`."""
    with read(engine) as connection:
        row = connection.execute(select(webhooks).where(webhooks.c.id == webhook_id)).mappings().first()
        if row is None or not row["active"]:
            return ()
        secret = key.secret(row["salt"])
        if fingerprint(secret) != row["secret_sha256"]:
            raise WebhookKeyOther(webhook_id)
        good: tuple[str, ...] = (secret,)
        if row["old_until"] is not None and row["old_until"] > now:
            good += (key.secret(row["old_salt"]),)
        waiting = {
            one.number: one
            for one in connection.execute(
                select(deliveries)
                .where(deliveries.c.webhook_id == webhook_id, _first_of_its_document(now))
                .order_by(deliveries.c.number)
                .limit(limit)
            )
        }
        reach = reach_of(connection, row) or Reach(organisations=frozenset())
        told = feed.after(connection, 0, limit=limit, numbers=tuple(waiting), reach=reach)
    _drop(engine, webhook_id, waiting.keys() - {event.number for event in told})
    return tuple(
        Due(
            webhook_id=webhook_id,
            url=row["url"],
            event=event,
            attempts=waiting[event.number].attempts,
            first_at=waiting[event.number].first_at,
            secrets=good,
        )
        for event in told
    )


def arrived(engine: Engine, one: Due, me: str, now: datetime) -> bool:
    """The receiver took it; gives whether it is still held by this courier."""
    with write(engine) as connection:
        noted = _note(connection, one, state="delivered", attempts=one.attempts + 1, done_at=now, why="")
        if noted:
            _count(connection, one, delivered=webhooks.c.delivered + 1)
        return _hold(connection, one.webhook_id, me, now)


def refused(engine: Engine, one: Due, me: str, now: datetime, why: str) -> bool:
    """The receiver did not take it: later again, for a day from the first attempt, then it failed for good. Gives
    whether it failed for good."""
    first = one.first_at or now
    over = now - first >= GIVE_UP
    pause = min(FIRST_PAUSE * 3 ** min(one.attempts, 12), LONGEST_PAUSE)
    with write(engine) as connection:
        noted = _note(
            connection,
            one,
            state="failed" if over else "pending",
            attempts=one.attempts + 1,
            first_at=first,
            next_at=now + pause,
            done_at=now if over else None,
            why=why[:300],
        )
        if noted:
            _count(connection, one, refused=webhooks.c.refused + 1)
        _hold(connection, one.webhook_id, me, now)
    return over


def gone(engine: Engine, one: Due) -> None:
    """The receiver says that it is no more (HTTP 410): nothing is sent until somebody asks for it."""
    with write(engine) as connection:
        silence(connection, one.webhook_id, "the receiver answered 410: it wants no more events")


def hurry(engine: Engine, webhook_id: str, now: datetime) -> None:
    """The receiver is back: what waits for its next attempt need not wait."""
    with write(engine) as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.webhook_id == webhook_id, deliveries.c.state == "pending", deliveries.c.next_at > now)
            .values(next_at=now)
        )


def forget(engine: Engine, now: datetime) -> int:
    """Remove rows of what was delivered a month ago; gives how many."""
    with write(engine) as connection:
        old = and_(deliveries.c.state == "delivered", deliveries.c.done_at < now - KEPT)
        return connection.execute(delete(deliveries).where(old)).rowcount


def oldest_waiting(connection: Connection) -> datetime | None:
    """When the oldest event happened that some receiver is still to be told of; None where all is told."""
    queued = connection.execute(
        select(deliveries.c.number)
        .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        .where(deliveries.c.state == "pending", webhooks.c.active)
        .order_by(deliveries.c.number)
        .limit(1)
    ).scalar()
    looked_at = connection.execute(select(func.min(webhooks.c.after)).where(webhooks.c.active)).scalar()
    first = [] if queued is None else list(feed.after(connection, queued - 1, limit=1))
    if looked_at is not None:
        first += feed.after(connection, looked_at, limit=1)
    return min((one.at for one in first), default=None)


def _drop(engine: Engine, webhook_id: str, numbers: Collection[int]) -> None:
    """Events that were queued before the program's reach was narrowed: it is not told of them."""
    if numbers:
        with write(engine) as connection:
            of_it = and_(deliveries.c.webhook_id == webhook_id, deliveries.c.number.in_(numbers))
            connection.execute(delete(deliveries).where(of_it))


def _queued(webhook_id: str, event: FeedEvent, now: datetime) -> dict[str, object]:
    return {
        "webhook_id": webhook_id,
        "number": event.number,
        "document_id": event.subject,
        "state": "pending",
        "attempts": 0,
        "next_at": now,
        "why": "",
    }


def _first_of_its_document(now: datetime) -> ColumnElement[bool]:
    """Due, and no older event of the same document is still to be delivered to the same receiver."""
    older = deliveries.alias()
    return and_(
        deliveries.c.state == "pending",
        deliveries.c.next_at <= now,
        ~exists().where(
            older.c.webhook_id == deliveries.c.webhook_id,
            older.c.document_id == deliveries.c.document_id,
            older.c.state == "pending",
            older.c.number < deliveries.c.number,
        ),
    )


def _free(me: str, now: datetime) -> ColumnElement[bool]:
    return or_(webhooks.c.held_by.is_(None), webhooks.c.held_by == me, webhooks.c.held_until < now)


def _hold(connection: Connection, webhook_id: str, me: str, now: datetime) -> bool:
    held = connection.execute(
        update(webhooks).where(webhooks.c.id == webhook_id, _free(me, now)).values(held_by=me, held_until=now + HOLD)
    )
    return held.rowcount == 1


def _note(connection: Connection, one: Due, **values: object) -> bool:
    """False where another courier noted it first, or the receiver was removed."""
    noted = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.webhook_id == one.webhook_id,
            deliveries.c.number == one.event.number,
            deliveries.c.state == "pending",
        )
        .values(**values)
    )
    return noted.rowcount == 1


def _count(connection: Connection, one: Due, **values: ColumnElement[int]) -> None:
    connection.execute(update(webhooks).where(webhooks.c.id == one.webhook_id).values(**values))
