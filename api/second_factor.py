"""The second factor: codes of an authenticator program (TOTP, RFC 6238), and recovery codes for when it is lost.

A code counts once: the step of the last one taken is kept, and none at or before it is taken again. The secret, and the
hashes of recovery codes, stand in the database encrypted (`api.factor_keys`, whose file `key` names).
"""

import hashlib
import hmac
import logging
import re
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import pyotp
from sqlalchemy import Connection, Engine, Row, Select, select

from api.factor_keys import FactorKeys, FactorKeysUnfit
from api.identity import How
from api.tables import factor_events, factors, half_sign_ins, recovery_codes, sessions
from store import read, write

log = logging.getLogger("secondseal.web")

RECOVERY_CODES: Final = 10
_RECOVERY_DIGITS: Final = 16
_WINDOW: Final = 1
"""Steps of 30 s that a clock may be off, either way."""

Event = Literal["begun", "confirmed", "removed", "reset", "recovery-code-used"]


class FactorInForce(Exception):
    """The account has a second factor; it is taken away before another is made."""


class CodeWrong(Exception):
    """Not the code of the factor that waits to be confirmed, or none waits."""


def in_force(engine: Engine, account: str) -> bool:
    """Has this account a confirmed second factor?"""
    with read(engine) as connection:
        return connection.execute(_confirmed(account)).first() is not None


def begin(engine: Engine, account: str, now: datetime, *, key: Path | None) -> str:
    """Make a secret (base32), to be shown this once; it counts when a code of it was confirmed. The key is made with
    the first secret. Raises `FactorInForce`, `FactorKeysUnfit`."""
    secret = pyotp.random_base32()
    with write(engine) as connection:
        keys = _keys_or_new(connection, key)
        if connection.execute(_confirmed(account)).first() is not None:
            raise FactorInForce
        connection.execute(factors.delete().where(factors.c.account == account))
        sealed = keys.seal(account, secret)
        connection.execute(
            factors.insert().values(account=account, secret="", sealed=sealed, confirmed_at=None, last_step=0)
        )
        _record(connection, account, "begun", account, now)
    return secret


def address(secret: str, *, account: str, issuer: str) -> str:
    """What an authenticator program reads from the QR symbol (otpauth://)."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def confirm(
    engine: Engine, account: str, code: str, now: datetime, *, keep_session: str, key: Path | None
) -> tuple[str, ...]:
    """Bring the factor into force with its first code; gives the recovery codes, shown this once.

    Every other session of the account ends (`keep_session` is the SHA-256 of the one that goes on). Raises `CodeWrong`,
    `FactorKeysUnfit`.
    """
    codes = tuple(f"{secrets.randbelow(10**_RECOVERY_DIGITS):0{_RECOVERY_DIGITS}d}" for _ in range(RECOVERY_CODES))
    with write(engine) as connection:
        row = connection.execute(
            select(factors).where(factors.c.account == account, factors.c.confirmed_at.is_(None))
        ).first()
        step = _step(row, code, now, key) if row else None
        if step is None:
            raise CodeWrong
        connection.execute(
            factors.update().where(factors.c.account == account).values(confirmed_at=now, last_step=step)
        )
        connection.execute(recovery_codes.delete().where(recovery_codes.c.account == account))
        keys = _keys(key)
        sealed = [keys.seal(_recovery(account), _digest(account, one)) for one in codes]
        connection.execute(
            recovery_codes.insert(),
            [{"account": account, "number": number, "sealed": one} for number, one in enumerate(sealed)],
        )
        connection.execute(
            sessions.delete().where(sessions.c.account == account, sessions.c.token_sha256 != keep_session)
        )
        _record(connection, account, "confirmed", account, now)
    return tuple("-".join(re.findall("....", one)) for one in codes)


def use(engine: Engine, account: str, code: str, now: datetime, *, key: Path | None) -> How | None:
    """Take a code, or a recovery code, for good; None where it is neither, or was taken before. Raises
    `FactorKeysUnfit`."""
    plain = re.sub(r"[\s-]", "", code)
    with write(engine) as connection:
        row = connection.execute(_confirmed(account)).first()
        if row is None:
            return None
        step = _step(row, plain, now, key)
        if step is not None:
            taken = connection.execute(
                factors.update().where(factors.c.account == account, factors.c.last_step < step).values(last_step=step)
            )
            return "password+code" if taken.rowcount == 1 else None
        if not _spend(connection, account, plain, key):
            return None
        _record(connection, account, "recovery-code-used", account, now)
        return "password+recovery-code"


def recovery_left(engine: Engine, account: str) -> int:
    """How many recovery codes were not used yet."""
    with read(engine) as connection:
        return len(connection.execute(select(recovery_codes).where(recovery_codes.c.account == account)).all())


def remove(engine: Engine, account: str, *, by: str, event: Literal["removed", "reset"], now: datetime) -> bool:
    """Take the factor and its recovery codes away, on record; a `reset` ends the account's sessions. False: none."""
    with write(engine) as connection:
        found = connection.execute(factors.delete().where(factors.c.account == account)).rowcount == 1
        connection.execute(recovery_codes.delete().where(recovery_codes.c.account == account))
        connection.execute(half_sign_ins.delete().where(half_sign_ins.c.account == account))
        if found:
            _record(connection, account, event, by, now)
        if event == "reset":
            connection.execute(sessions.delete().where(sessions.c.account == account))
    return found


def without_recovery_codes(engine: Engine) -> tuple[str, ...]:
    """Accounts with a factor in force and no recovery code left, by name."""
    left = select(recovery_codes.c.account)
    none = select(factors.c.account).where(factors.c.confirmed_at.is_not(None), factors.c.account.not_in(left))
    with read(engine) as connection:
        return tuple(connection.execute(none.order_by(factors.c.account)).scalars())


def seal_all(engine: Engine, key: Path | None) -> int:
    """Encrypt every secret that is not yet under the first key: those under a key that is to go, with their recovery
    codes, and, where there is no key yet, those from before. How many. Raises `FactorKeysUnfit`.

    A secret that stands in plain beside a key was written by nobody's sign-up: it is left, said in the log, and counts
    nowhere.
    """
    with write(engine) as connection:
        rows = connection.execute(select(factors)).all()
        if not rows:
            return 0
        first = key is not None and not key.exists()
        keys = _keys_or_new(connection, key, adopting=True)
        plain = [row for row in rows if row.sealed is None]
        if plain and not first:
            names = ", ".join(sorted(row.account for row in plain))
            log.error("second factors not encrypted with the key count nowhere (account reset-factor): %s", names)
        old = [row for row in rows if row.sealed is not None and not keys.is_new(row.sealed)]
        late = old + plain if first else old
        for row in late:
            secret = str(row.secret) if row.sealed is None else keys.open(row.account, row.sealed)
            sealed = keys.seal(row.account, secret)
            connection.execute(
                factors.update().where(factors.c.account == row.account).values(secret="", sealed=sealed)
            )
        for code in connection.execute(select(recovery_codes)).all():
            _seal_anew(connection, code, keys)
        return len(late)


def check_key(engine: Engine, key: Path | None) -> None:
    """Raises `FactorKeysUnfit` where a secret could not be read now, or stands in plain; where there is none, no key is
    needed."""
    with read(engine) as connection:
        rows = connection.execute(select(factors)).all()
    if rows:
        keys = _keys(key)
        for row in rows:
            _secret(row, keys)


def _keys(key: Path | None) -> FactorKeys:
    if key is None:
        raise FactorKeysUnfit("dịch vụ này chưa có tệp khóa", "this service has no file for it")
    return FactorKeys.load(key)


def _keys_or_new(connection: Connection, key: Path | None, *, adopting: bool = False) -> FactorKeys:
    """A new one only where none was used before: beside secrets under a lost key another one would hide the loss, and
    beside plain ones it is made by who is `adopting` them."""
    kept = select(factors.c.account).limit(1)
    used = connection.execute(kept.where(factors.c.sealed.is_not(None)) if adopting else kept).first()
    if key is None or used is not None or key.exists():
        return _keys(key)
    return FactorKeys.create(key)


def _secret(row: Row[Any], keys: FactorKeys) -> str:
    if row.sealed is None:  # whoever can write rows could have put it there
        raise FactorKeysUnfit(
            f"bí mật của tài khoản {row.account} không được mã hóa", f"account {row.account}'s secret is not encrypted"
        )
    return keys.open(row.account, row.sealed)


def _recovery(account: str) -> str:
    """Whose a recovery code is: no account's name has a slash, so it is taken for no secret, nor a secret for it."""
    return f"{account}/recovery"


def _spend(connection: Connection, account: str, code: str, key: Path | None) -> bool:
    """Take a recovery code away. One that was not encrypted with the key for this account is none."""
    if not re.fullmatch(f"[0-9]{{{_RECOVERY_DIGITS}}}", code, re.ASCII):
        return False
    rows = connection.execute(select(recovery_codes).where(recovery_codes.c.account == account)).all()
    if not rows:
        return False
    keys, wanted, unfit = _keys(key), _digest(account, code), None
    for row in rows:
        try:
            fits = hmac.compare_digest(keys.open(_recovery(account), row.sealed), wanted)
        except FactorKeysUnfit as error:
            unfit = error
            continue
        if fits:
            this = (recovery_codes.c.account == account) & (recovery_codes.c.number == row.number)
            return connection.execute(recovery_codes.delete().where(this)).rowcount == 1
    if unfit is not None:
        raise unfit
    return False


def _seal_anew(connection: Connection, row: Row[Any], keys: FactorKeys) -> None:
    """A recovery code that is not yet under the first key."""
    if keys.is_new(row.sealed):
        return
    try:
        sealed = keys.seal(_recovery(row.account), keys.open(_recovery(row.account), row.sealed))
    except FactorKeysUnfit:
        log.error("a recovery code of %s is not encrypted with the key, and counts nowhere", row.account)  # noqa: TRY400
        return
    this = (recovery_codes.c.account == row.account) & (recovery_codes.c.number == row.number)
    connection.execute(recovery_codes.update().where(this).values(sealed=sealed))


def _confirmed(account: str) -> Select[Any]:
    return select(factors).where(factors.c.account == account, factors.c.confirmed_at.is_not(None))


def _step(row: Row[Any], code: str, now: datetime, key: Path | None) -> int | None:
    plain = re.sub(r"[\s-]", "", code)
    if not re.fullmatch("[0-9]{6}", plain, re.ASCII):
        return None
    secret = _secret(row, _keys(key))
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(plain, for_time=now, valid_window=_WINDOW)
    except pyotp.OTPVerificationError:
        return None


def _digest(account: str, code: str) -> str:
    return hashlib.sha256(f"{account}/{code}".encode()).hexdigest()


def _record(connection: Connection, account: str, event: Event, by: str, now: datetime) -> None:
    connection.execute(factor_events.insert().values(account=account, event=event, at=now, actor=by[:200]))
