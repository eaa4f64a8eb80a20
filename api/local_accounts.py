"""Accounts of this service: a name, a password, and a second factor where the person has one.

A right password takes no failure back while the code is missing or wrong: else whoever knows the password could guess
codes for ever.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, select

from api import accounts, second_factor, throttle
from api.factor_keys import FactorKeysUnfit
from api.identity import CodeNeeded, Proven, SignInRefused
from api.tables import half_sign_ins
from store import read, write

HALF_LIFE: Final = timedelta(minutes=5)
"""Between the password and the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """What a person typed; `code` is empty where they were not asked for one."""

    name: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LocalAccounts:
    """The `Authority` of this service's own accounts. `factor_key`: the file with the key of second factors."""

    engine: Engine
    factor_key: Path | None = None

    def prove(self, given: Password, *, address: str, now: datetime) -> Proven:
        """Check password and code, counting failures. Raises `SignInRefused`, `CodeNeeded`, `FactorKeysUnfit`."""
        attempt = _begin(self.engine, given.name, address, now)
        if not accounts.password_fits(self.engine, given.name, given.password):
            raise SignInRefused(None)
        if not second_factor.in_force(self.engine, given.name):
            throttle.succeeded(self.engine, given.name, attempt)
            return Proven(account=given.name, how="password", at=now)
        if not given.code.strip():
            throttle.take_back(self.engine, attempt)
            raise CodeNeeded
        return self._with_code(given.name, given.code, attempt, now)

    def begin_half(self, name: str, now: datetime) -> str:
        """The password was right (`CodeNeeded`): a secret with which the code alone may follow, within `HALF_LIFE`."""
        token = secrets.token_urlsafe(32)
        with write(self.engine) as connection:
            connection.execute(half_sign_ins.delete().where(half_sign_ins.c.ends_at <= now))
            connection.execute(
                half_sign_ins.insert().values(token_sha256=_digest(token), account=name, ends_at=now + HALF_LIFE)
            )
        return token

    def half(self, token: str, now: datetime) -> str | None:
        """Whose code is awaited; None where the time is over, or the account closed since."""
        with read(self.engine) as connection:
            name = connection.execute(
                select(half_sign_ins.c.account).where(
                    half_sign_ins.c.token_sha256 == _digest(token), half_sign_ins.c.ends_at > now
                )
            ).scalar_one_or_none()
        return name if name is not None and accounts.find(self.engine, name).active else None

    def finish(self, token: str, code: str, *, address: str, now: datetime) -> Proven:
        """Check the code that was missing; the secret serves one sign-in. Raises `SignInRefused`, `CodeNeeded`."""
        name = self.half(token, now)
        if name is None:
            raise SignInRefused(None)
        if not code.strip():
            raise CodeNeeded
        proven = self._with_code(name, code, _begin(self.engine, name, address, now), now)
        with write(self.engine) as connection:
            connection.execute(half_sign_ins.delete().where(half_sign_ins.c.account == name))
        return proven

    def _with_code(self, name: str, code: str, attempt: int, now: datetime) -> Proven:
        try:
            how = second_factor.use(self.engine, name, code, now, key=self.factor_key)
        except FactorKeysUnfit:
            throttle.take_back(self.engine, attempt)  # no code could have been right
            raise
        if how is None:
            raise SignInRefused(None)
        throttle.succeeded(self.engine, name, attempt)
        return Proven(account=name, how=how, at=now)


def _begin(engine: Engine, name: str, address: str, now: datetime) -> int:
    attempt = throttle.begin(engine, name, address, now)
    if isinstance(attempt, timedelta):
        raise SignInRefused(attempt)
    return attempt


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
