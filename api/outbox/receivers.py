"""Receivers of events: registered by a workflow system for itself, or by an administrator.

`client_id` says who asks: a workflow system, for its own receivers; None an administrator, for all of them. A workflow
system's receiver hears what the system itself may read; once it may not, the receiver is silenced.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, delete, func, select, true, update

from api.outbox.webhook_key import WebhookKey, fingerprint, new_salt
from api.tables import clients, deliveries, webhooks
from stamping import Refusal, feed
from store import read, write
from trust import WebhookPolicy

READ: Final = "documents:read"
"""The scope a program needs to be told of documents."""
BOTH_GOOD: Final = timedelta(hours=24)
"""How long the secret before the newest still signs as well."""
MOST: Final = 20
"""Receivers of one owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A receiver. `events` is empty where it hears of every kind; `client_id` is None for the administrator's own."""

    id: str
    client_id: str | None
    url: str
    events: tuple[str, ...]
    active: bool
    why: str
    created_at: datetime
    created_by: str
    delivered: int
    refused: int
    pending: int = 0
    failed: int = 0


def register(
    engine: Engine,
    key: WebhookKey,
    policy: WebhookPolicy,
    *,
    url: str,
    events: Collection[str],
    client_id: str | None,
    by: str,
    now: datetime,
) -> tuple[Receiver, str]:
    """A new receiver, who hears of what happens from now on; gives it and its secret, which is shown this once.

    Raises `Refusal` webhook-invalid for an address nothing may be sent to, wrong-state where this owner has it already.
    """
    _check(url, events, policy)
    identity, salt = secrets.token_hex(8), new_salt()
    secret = key.secret(salt)
    with write(engine) as connection:
        own = connection.execute(select(webhooks.c.url).where(webhooks.c.client_id == client_id)).scalars().all()
        if url in own:
            raise Refusal(
                "wrong-state",
                "Địa chỉ này đã được đăng ký. Nếu đã mất khóa, hãy tạo khóa mới.",
                "This address is registered already. If its secret was lost, make a new one.",
            )
        if len(own) >= MOST:
            raise _invalid(f"nhiều nhất {MOST} địa chỉ", f"at most {MOST} addresses")
        connection.execute(
            webhooks.insert().values(
                id=identity,
                client_id=client_id,
                url=url,
                events=" ".join(sorted(set(events))),
                salt=salt,
                secret_sha256=fingerprint(secret),
                active=True,
                why="",
                after=feed.newest(connection),
                created_at=now,
                created_by=by,
                delivered=0,
                refused=0,
            )
        )
        return _found(connection, identity, client_id), secret


def listed(engine: Engine, client_id: str | None) -> tuple[Receiver, ...]:
    """This program's receivers, oldest first; everyone's for an administrator (None)."""
    with read(engine) as connection:
        rows = connection.execute(
            select(webhooks).where(_seen_by(client_id)).order_by(webhooks.c.created_at, webhooks.c.id)
        ).mappings()
        counts = _counts(connection)
        return tuple(_receiver(row, counts) for row in rows)


def find(engine: Engine, identity: str, client_id: str | None) -> Receiver:
    """One receiver that this program, or an administrator (None), may see. Raises `Refusal` not-found."""
    with read(engine) as connection:
        return _found(connection, identity, client_id)


def remove(engine: Engine, identity: str, client_id: str | None) -> None:
    """Nothing more is sent there. Raises `Refusal` not-found."""
    with write(engine) as connection:
        _found(connection, identity, client_id)
        connection.execute(delete(deliveries).where(deliveries.c.webhook_id == identity))
        connection.execute(delete(webhooks).where(webhooks.c.id == identity))


def renew_secret(engine: Engine, key: WebhookKey, identity: str, client_id: str | None, *, now: datetime) -> str:
    """A new secret, shown this once. For a day both sign; asked again within it, the first one stays the other of the
    two, so that an answer that was lost silences nobody. Raises `Refusal` not-found."""
    salt = new_salt()
    secret = key.secret(salt)
    with write(engine) as connection:
        _found(connection, identity, client_id)
        row = connection.execute(select(webhooks).where(webhooks.c.id == identity)).one()
        renewed = row.old_until is not None and row.old_until > now
        connection.execute(
            update(webhooks)
            .where(webhooks.c.id == identity)
            .values(
                salt=salt,
                secret_sha256=fingerprint(secret),
                old_salt=row.old_salt if renewed else row.salt,
                old_until=row.old_until if renewed else now + BOTH_GOOD,
            )
        )
    return secret


def repeat(engine: Engine, identity: str, client_id: str | None, *, now: datetime) -> int:
    """Send again what failed, and whatever waited for a silenced receiver; gives how many wait now. Raises `Refusal`
    not-found."""
    with write(engine) as connection:
        _found(connection, identity, client_id)
        connection.execute(update(webhooks).where(webhooks.c.id == identity).values(active=True, why=""))
        again = connection.execute(
            update(deliveries)
            .where(deliveries.c.webhook_id == identity, deliveries.c.state != "delivered")
            .values(state="pending", attempts=0, first_at=None, next_at=now, done_at=None)
        )
        return again.rowcount


def silence(connection: Connection, identity: str, why: str) -> None:
    """Send nothing there until somebody asks for it; in the caller's transaction. What waits goes on waiting."""
    connection.execute(update(webhooks).where(webhooks.c.id == identity).values(active=False, why=why[:300]))


def hears(row: RowMapping, client: RowMapping | None) -> bool:
    """May this receiver still be told of documents? A program's is told what the program itself may read."""
    return row["client_id"] is None or bool(client and client["active"] and READ in client["scopes"].split())


def client_of(connection: Connection, row: RowMapping) -> RowMapping | None:
    """The program a receiver belongs to."""
    return connection.execute(select(clients).where(clients.c.id == row["client_id"])).mappings().first()


def _check(url: str, events: Collection[str], policy: WebhookPolicy) -> None:
    why = policy.why_not(url) if len(url) <= 500 else "it is longer than 500 characters"
    if why is not None:
        raise _invalid(f"không gửi được đến địa chỉ này ({why})", f"events cannot be sent to this address: {why}")
    unknown = sorted(set(events) - set(feed.TYPES))
    if unknown:
        raise _invalid(f"không có sự kiện {unknown[0][:50]!r}", f"there is no event {unknown[0][:50]!r}")


def _invalid(text_vi: str, text_en: str) -> Refusal:
    return Refusal("webhook-invalid", f"Webhook chưa đúng: {text_vi}.", f"The webhook is not valid: {text_en}.")


def _seen_by(client_id: str | None) -> ColumnElement[bool]:
    return true() if client_id is None else webhooks.c.client_id == client_id


def _found(connection: Connection, identity: str, client_id: str | None) -> Receiver:
    row = connection.execute(select(webhooks).where(webhooks.c.id == identity, _seen_by(client_id))).mappings().first()
    if row is None:
        raise Refusal("not-found", "Không có nơi nhận này.", "There is no such receiver.")
    return _receiver(row, _counts(connection))


def _counts(connection: Connection) -> dict[tuple[str, str], int]:
    """How many wait and how many failed, by receiver: never the delivered ones, which are many."""
    rows = connection.execute(
        select(deliveries.c.webhook_id, deliveries.c.state, func.count())
        .where(deliveries.c.state.in_(("pending", "failed")))
        .group_by(deliveries.c.webhook_id, deliveries.c.state)
    )
    return {(webhook, state): count for webhook, state, count in rows}


def _receiver(row: Any, counts: dict[tuple[str, str], int]) -> Receiver:
    return Receiver(
        id=row["id"],
        client_id=row["client_id"],
        url=row["url"],
        events=tuple(row["events"].split()),
        active=row["active"],
        why=row["why"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        delivered=row["delivered"],
        refused=row["refused"],
        pending=counts.get((row["id"], "pending"), 0),
        failed=counts.get((row["id"], "failed"), 0),
    )
