"""An act on a document that a caller may send again without doing it twice (Idempotency-Key)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from stamping.requests import answered_before, fingerprint_of, remember


@dataclass(slots=True, kw_only=True)
class Once:
    """The key under which `actor` sends an act. `replayed` becomes True where this very act was done before."""

    actor: str
    key: str
    replayed: bool = False

    def done(self, connection: Connection, act: str, document_id: str, **asked: object) -> bool:
        """Was this very act done under this key? In the act's own transaction, so that of many at once one does it.

        Raises `Refusal` idempotency-conflict where the key was used for another request.
        """
        asking = _asking(act, document_id, asked)
        self.replayed = answered_before(connection, self.actor, self.key, asking) is not None
        return self.replayed

    def keep(self, connection: Connection, act: str, document_id: str, at: datetime, **asked: object) -> None:
        """The act is done; in its transaction."""
        remember(connection, self.actor, self.key, _asking(act, document_id, asked), document_id, at)


def _asking(act: str, document_id: str, asked: dict[str, object]) -> str:
    return fingerprint_of({"act": act, "document": document_id, **asked})
