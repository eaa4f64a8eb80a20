"""An act that a caller may send again without doing it twice (Idempotency-Key)."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, bindparam, insert, select

from stamping.history import to_json
from stamping.refusal import Refusal
from stamping.tables import requests
from store import read

T = TypeVar("T")

_LONGEST_KEY: Final = 200
"""Characters of the column it is kept in."""
# Statements used for every act are built once, not per call.
_FIND: Final = select(requests).where(requests.c.actor == bindparam("by"), requests.c.key == bindparam("under"))
_KEEP: Final = insert(requests)


@dataclass(slots=True, kw_only=True)
class Once:
    """One request of `actor` under their `key`; `asked` is the SHA-256 (hex) of all they asked for (`once_of`).

    `replayed` becomes True where this very request was answered before.
    """

    actor: str
    key: str
    asked: str
    replayed: bool = False

    def earlier(self, connection: Connection) -> dict[str, Any] | None:
        """What was kept of the answer to this very request. In the act's own transaction, so that of many at once one
        does it. Raises `Refusal` idempotency-conflict where the key was used for another request.
        """
        row = connection.execute(_FIND, {"by": self.actor, "under": self.key}).first()
        self.replayed = row is not None and row.request_sha256 == self.asked
        if row is None:
            return None
        kept: dict[str, Any] = json.loads(row.answer)
        if not self.replayed:
            raise Refusal(
                "idempotency-conflict",
                "Khóa Idempotency-Key này đã dùng cho một yêu cầu khác.",
                "This Idempotency-Key was used for a different request.",
                **{name: value for name, value in kept.items() if name == "document"},
            )
        return kept

    def done(self, connection: Connection) -> bool:
        """Was this very request answered before? As `earlier`, for acts whose answer is the thing as it stands."""
        return self.earlier(connection) is not None

    def keep(self, connection: Connection, at: datetime, answer: Mapping[str, Any] | None = None) -> None:
        """The act is done; in its transaction. `answer` is what a replay needs, as JSON, never a secret."""
        kept = {
            "actor": self.actor,
            "key": self.key,
            "request_sha256": self.asked,
            "answer": to_json(dict(answer or {})),
            "created_at": at,
        }
        connection.execute(_KEEP, kept)


def once_of(actor: str, key: str | None, asked: Mapping[str, Any], content: bytes = b"") -> Once | None:
    """What an act is told of a request of `actor` for `asked` and the file that came with it; None where it has no key
    (`key`, as it is kept; one that is longer than its column is kept as its hash)."""
    if key is None:
        return None
    if len(key) > _LONGEST_KEY:  # whose key space, the sent key and the item of a list, each as long as may be
        key = f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"
    values = to_json(_plain(asked)).encode()
    return Once(actor=actor, key=key, asked=hashlib.sha256(values + hashlib.sha256(content).digest()).hexdigest())


def once_only(engine: Engine, once: Once | None, act: Callable[[], T], again: Callable[[Mapping[str, Any]], T]) -> T:
    """Do `act`, which keeps its answer in its own transaction; or give what was kept of it earlier to `again`.

    For acts that look at things before they write: what they refuse because this very request has just been done
    elsewhere is no refusal. A refused request is not kept and may be sent again under its key.
    """
    kept = _kept(engine, once)
    if kept is not None:
        return again(kept)
    try:
        return act()
    except Refusal:
        kept = _kept(engine, once)
        if kept is None:
            raise
        return again(kept)


def _kept(engine: Engine, once: Once | None) -> dict[str, Any] | None:
    if once is None:
        return None
    with read(engine) as connection:
        return once.earlier(connection)


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # and moments
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value
