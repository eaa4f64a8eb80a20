"""An act that a caller may send again without doing it twice (Idempotency-Key)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from stamping.refusal import Refusal
from stamping.requests import answer_before, fingerprint_of, remember_answer
from store import read

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Once:
    """One request of `actor` under their `key`; `asked` is the fingerprint of all they asked for (`fingerprint_of`).

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
        found = answer_before(connection, self.actor, self.key, self.asked)
        self.replayed = found is not None
        return found

    def done(self, connection: Connection) -> bool:
        """Was this very request answered before? As `earlier`, for acts whose answer is the thing as it stands."""
        return self.earlier(connection) is not None

    def keep(self, connection: Connection, at: datetime, answer: Mapping[str, Any] | None = None) -> None:
        """The act is done; in its transaction. `answer` is what a replay needs, as JSON, never a secret."""
        remember_answer(connection, self.actor, self.key, self.asked, answer or {}, at)


def once_of(actor: str, key: str | None, asked: Mapping[str, Any], content: bytes = b"") -> Once | None:
    """What an act is told of a request of `actor` for `asked` and the file that came with it; None where it has no key
    (`key`, as it is kept)."""
    return None if key is None else Once(actor=actor, key=key, asked=fingerprint_of(asked, content))


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
