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
from api import throttle
from api.accounts import Account
from api.settings import WebSettings
from api.tables import accounts, sessions, steps
from store import read, write

_SEEN_EVERY: Final = timedelta(minutes=1)
"""A session's last sight is written at most this often: each write is synced to the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person signed in. `form_token` goes into every form of theirs."""

    account: Account
    token_sha256: str
    form_token: str

    def __repr__(self) -> str:
        return f"Session(account={self.account.name!r})"


class SignInRefused(Exception):
    """Wrong name or password (`wait` is None), or too many failures before (`wait` says how long)."""

    def __init__(self, wait: timedelta | None) -> None:
        super().__init__("sign-in refused")
        self.wait = wait

    @property
    def minutes(self) -> int:
        """Whole minutes to wait, at least one."""
        return max(1, -(-int((self.wait or timedelta()).total_seconds()) // 60))


def cookie_name(settings: WebSettings) -> str:
    """Name of the session's cookie; the prefix makes browsers insist on TLS, this host and path / (RFC 6265bis)."""
    return "__Host-secondseal" if settings.secure else "secondseal"


def sign_in(engine: Engine, settings: WebSettings, *, name: str, password: str, address: str, now: datetime) -> str:
    """Prove who one is; gives the token for the cookie. Raises `SignInRefused`."""
    prove(engine, name=name, password=password, address=address, now=now)
    token = secrets.token_urlsafe(32)
    with write(engine) as connection:
        connection.execute(sessions.delete().where(sessions.c.ends_at <= now))
        connection.execute(
            sessions.insert().values(
                token_sha256=_digest(token),
                account=name,
                created_at=now,
                seen_at=now,
                ends_at=now + settings.session_life,
            )
        )
    return token


def prove(engine: Engine, *, name: str, password: str, address: str, now: datetime) -> None:
    """Check a password, counting failures. Raises `SignInRefused`."""
    attempt = throttle.begin(engine, name, address, now)
    if isinstance(attempt, timedelta):
        raise SignInRefused(attempt)
    if not people.password_fits(engine, name, password):
        raise SignInRefused(None)
    throttle.succeeded(engine, name, attempt)


def find(engine: Engine, settings: WebSettings, token: str, now: datetime) -> Session | None:
    """The session of a cookie, if it is still good."""
    digest = _digest(token)
    with read(engine) as connection:
        row = (
            connection.execute(
                select(sessions.c.seen_at, sessions.c.ends_at, accounts)
                .join(accounts, accounts.c.name == sessions.c.account)
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
    return Session(account=people.account_of(row), token_sha256=digest, form_token=_form_token(token))


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
