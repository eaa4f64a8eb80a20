"""How the seals' keys are, as the seal worker found them last; written by it alone, read by the web process.

The web process reaches no key: what it can say of one is what stands here, and how old that is. Rows hold the present
and are written over; what was signed stands in the seal register.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, delete, insert, select, update

from office import Office, Seal
from stamping.tables import key_health, seal_workers

State = Literal["good", "care", "fault"]
Role = Literal["current", "next"]

_LATE: Final = timedelta(seconds=120)
"""A worker not seen for this long, or a check overdue by it, is no news any more."""
_GONE: Final = timedelta(days=7)
"""A worker not seen for this long is forgotten when another starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHealth:
    """One seal's key in force (`current`) or prepared to follow (`next`). Times UTC.

    `key` is its address without module and PIN source; `since` when it came into this state, `due_at` when it is
    looked at next. `operations`, `canaries` and `recoveries` (by rung of the ladder) count since the worker started.
    """

    seal_id: str
    role: Role
    key: str
    state: State
    code: str
    text_vi: str
    text_en: str
    since: datetime
    checked_at: datetime
    due_at: datetime
    latency_ms: float | None = None
    maker: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    level: str = ""
    not_after: datetime | None = None
    operations: int = 0
    canaries: int = 0
    recoveries: Mapping[str, int] = field(default_factory=dict)

    def as_of(self, now: datetime) -> "KeyHealth":
        """What may be said now: a finding whose check is overdue is none, and the key counts as in fault."""
        if now <= self.due_at + _LATE:
            return self
        return replace(
            self,
            state="fault",
            code="not-checked",
            text_vi="Đã lâu khóa chưa được kiểm tra: chương trình đóng dấu có thể đã dừng. Hãy báo người quản trị.",
            text_en="The key has not been checked for a while: the seal worker may have stopped. "
            "Tell the administrator.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """A seal worker's own line. `examining` names the key it was testing when it was last heard of.

    `deaths`: how many workers in a row ended while they tested a key.
    """

    started_at: datetime
    seen_at: datetime
    examining: str | None = None
    deaths: int = 0
    name: str = ""

    def is_there(self, now: datetime) -> bool:
        """Whether it has been seen lately."""
        return now <= self.seen_at + _LATE


def named(office: Office, at: datetime) -> tuple[tuple[Seal, Role], ...]:
    """The keys to look after: of every seal that was not retired, the one in force and the one that waits."""
    keys: list[tuple[Seal, Role]] = []
    for seal in office.seals:
        if seal.state(at) != "retired":
            if seal.key_on(at).key is not None:
                keys.append((seal, "current"))
            if seal.waiting_on(at) is not None:
                keys.append((seal, "next"))
    return tuple(keys)


def record(connection: Connection, health: KeyHealth) -> None:
    """Write it over what stood there; `since` is kept where state and code are the same."""
    before = find(connection, health.seal_id, health.role)
    if before is not None and (before.state, before.code, before.key) == (health.state, health.code, health.key):
        health = replace(health, since=before.since)
    _remove(connection, health.seal_id, health.role)
    values: dict[str, Any] = {one.name: getattr(health, one.name) for one in fields(health)}
    connection.execute(insert(key_health).values(values | {"recoveries": json.dumps(dict(health.recoveries))}))


def find(connection: Connection, seal_id: str, role: Role) -> KeyHealth | None:
    """What was found last."""
    return next((one for one in healths(connection) if (one.seal_id, one.role) == (seal_id, role)), None)


def healths(connection: Connection) -> tuple[KeyHealth, ...]:
    """Every key, by seal; the one in force before the next."""
    rows = connection.execute(select(key_health).order_by(key_health.c.seal_id, key_health.c.role)).mappings()
    return tuple(KeyHealth(**(dict(row) | {"recoveries": json.loads(row["recoveries"])})) for row in rows)


def keep_only(connection: Connection, keys: Collection[tuple[str, Role]]) -> None:
    """Forget keys the office's file no longer names."""
    for one in healths(connection):
        if (one.seal_id, one.role) not in keys:
            _remove(connection, one.seal_id, one.role)


def worker(connection: Connection) -> WorkerSeen | None:
    """The worker seen last, of all that share the database; None where none has ever run."""
    return max(workers(connection), key=lambda one: one.seen_at, default=None)


def workers(connection: Connection) -> tuple[WorkerSeen, ...]:
    """Every worker, by name, also those that have not been seen for a while."""
    rows = connection.execute(select(seal_workers).order_by(seal_workers.c.name)).mappings()
    return tuple(WorkerSeen(**row) for row in rows)


def worker_started(connection: Connection, seen: WorkerSeen) -> None:
    """A new worker's line in place of the old one's of its name."""
    gone = seal_workers.c.seen_at < seen.seen_at - _GONE
    connection.execute(delete(seal_workers).where((seal_workers.c.name == seen.name) | gone))
    connection.execute(insert(seal_workers).values({one.name: getattr(seen, one.name) for one in fields(seen)}))


def worker_seen(connection: Connection, at: datetime, name: str = "") -> None:
    """It is there."""
    connection.execute(update(seal_workers).where(seal_workers.c.name == name).values(seen_at=at))


def worker_examines(connection: Connection, key: str | None, at: datetime, *, deaths: int, name: str = "") -> None:
    """It is about to test this key; None: the test is over, and whatever came of it, the process has survived it."""
    mine = seal_workers.c.name == name
    connection.execute(update(seal_workers).where(mine).values(examining=key, seen_at=at, deaths=deaths))


def _remove(connection: Connection, seal_id: str, role: Role) -> None:
    connection.execute(delete(key_health).where(key_health.c.seal_id == seal_id, key_health.c.role == role))
