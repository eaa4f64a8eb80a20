"""Sessions of people: a random cookie, kept as its hash; ended by idleness, by age, by signing out.

Every unsafe request of a session carries proof that one of our own pages made it: a form token computed from the
session's secret, or (programs) an Origin that is ours or absent.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, select

from api import accounts as people
from api.accounts import Account
from api.identity import Authority, Given, How, Proven
from api.settings import WebSettings
from api.tables import accounts, factors, sessions, steps
from store import read, write

_SEEN_EVERY: Final = timedelta(minutes=1)
"""A session's last sight is written at most this often: each write is synced to the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person signed in: `how` and when they proved who they are. `form_token` goes into every form of theirs.

    `second_factor`: whether their account has one by now.
    """

    account: Account
    token_sha256: str
    form_token: str
    how: How
    since: datetime
    second_factor: bool

    def __repr__(self) -> str:
        return f"Session(account={self.account.name!r})"


def cookie_name(settings: WebSettings) -> str:
    """Name of the session's cookie; the prefix makes browsers insist on TLS, this host and path / (RFC 6265bis)."""
    return "__Host-secondseal" if settings.secure else "secondseal"


def sign_in(
    engine: Engine, settings: WebSettings, authority: Authority[Given], given: Given, *, address: str, now: datetime
) -> str:
    """Prove who one is; gives the token for the cookie. Raises `SignInRefused`."""
    return begin(engine, settings, authority.prove(given, address=address, now=now), now)


def begin(engine: Engine, settings: WebSettings, proven: Proven, now: datetime) -> str:
    """A session for who is proven; gives the token for the cookie."""
    token = secrets.token_urlsafe(32)
    with write(engine) as connection:
        connection.execute(sessions.delete().where(sessions.c.ends_at <= now))
        connection.execute(
            sessions.insert().values(
                token_sha256=_digest(token),
                account=proven.account,
                created_at=proven.at,
                seen_at=now,
                ends_at=now + settings.session_life,
                how=proven.how,
            )
        )
    return token


def find(engine: Engine, settings: WebSettings, token: str, now: datetime) -> Session | None:
    """The session of a cookie, if it is still good."""
    digest = _digest(token)
    with read(engine) as connection:
        row = (
            connection.execute(
                select(
                    sessions.c.seen_at,
                    sessions.c.ends_at,
                    sessions.c.how,
                    sessions.c.created_at.label("since"),
                    factors.c.confirmed_at,
                    accounts,
                )
                .join(accounts, accounts.c.name == sessions.c.account)
                .outerjoin(factors, factors.c.account == sessions.c.account)
                .where(sessions.c.token_sha256 == digest, accounts.c.active)
            )
            .mappings()
            .first()
        )
    if row is None or now >= row["ends_at"] or now - row["seen_at"] > settings.session_idle:
        return None
    if now - row["seen_at"] > _SEEN_EVERY:
        with write(engine) as connection:
            connection.execute(sessions.update().where(sessions.c.token_sha256 == digest).values(seen_at=now))
    return Session(
        account=people.account_of(row),
        token_sha256=digest,
        form_token=_form_token(token),
        how=row["how"],
        since=row["since"],
        second_factor=row["confirmed_at"] is not None,
    )


def sign_out(engine: Engine, token: str) -> None:
    """End the session of a cookie."""
    digest = _digest(token)
    with write(engine) as connection:
        connection.execute(steps.delete().where(steps.c.session_sha256 == digest))
        connection.execute(sessions.delete().where(sessions.c.token_sha256 == digest))


def form_token_fits(session: Session, given: str) -> bool:
    """Was this form made by a page of this session?"""
    return hmac.compare_digest(session.form_token.encode(), given.encode())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _form_token(token: str) -> str:
    return hmac.new(token.encode(), b"secondseal form", hashlib.sha256).hexdigest()
