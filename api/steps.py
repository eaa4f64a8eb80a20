"""Fresh authentication for one list: what the custodian's seal asks for beyond being signed in.

It is bound to the session and to the hash of the list that was shown, is good for five minutes and is used up by the
attempt to confirm (Decree 30, article 32.2.c: văn thư must stamp in person).
"""

import re
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from api.identity import Authority, Given, SignInRefused
from api.sessions import Session
from api.tables import steps
from stamping import Once
from store import write

LIFE: Final = timedelta(minutes=5)
_LIST: Final = re.compile(r"[0-9a-f]{64}")


class ListHashInvalid(ValueError):
    """Not a SHA-256 in lower-case hexadecimal."""


def step_up(
    engine: Engine,
    session: Session,
    authority: Authority[Given],
    given: Given,
    *,
    list_sha256: str,
    address: str,
    now: datetime,
    once: Once | None = None,
) -> datetime:
    """Authenticate again for the list with that hash; gives the time until which it is good.

    It must be the person of the session, proven within `LIFE`. Raises `SignInRefused`, `ListHashInvalid`.
    """
    if not _LIST.fullmatch(list_sha256):
        raise ListHashInvalid
    proven = authority.prove(given, address=address, now=now)
    if proven.account != session.account.name or not now - LIFE <= proven.at <= now:
        raise SignInRefused(None)
    with write(engine) as connection:
        if once and (kept := once.earlier(connection)) is not None:
            return datetime.fromisoformat(kept["until"])  # it is not made good for longer, nor again
        connection.execute(steps.delete().where(steps.c.at <= now - LIFE))
        connection.execute(
            steps.delete().where(steps.c.session_sha256 == session.token_sha256, steps.c.list_sha256 == list_sha256)
        )
        connection.execute(
            steps.insert().values(session_sha256=session.token_sha256, list_sha256=list_sha256, at=proven.at)
        )
        if once:
            once.keep(connection, now, {"until": (proven.at + LIFE).isoformat()})
    return proven.at + LIFE


def take(engine: Engine, session: Session, list_sha256: str, now: datetime) -> datetime | None:
    """When this session last authenticated for that list, within `LIFE`; it serves once."""
    with write(engine) as connection:
        row = connection.execute(
            steps.delete()
            .where(steps.c.session_sha256 == session.token_sha256, steps.c.list_sha256 == list_sha256)
            .returning(steps.c.at)
        ).first()
    if row is None:
        return None
    at: datetime = row.at
    return at if now - LIFE <= at <= now else None
