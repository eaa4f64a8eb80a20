"""An act that a caller may send again without doing it twice (Idempotency-Key)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from stamping.requests import answer_before, remember_answer


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
