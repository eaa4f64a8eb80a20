"""Guessing is slowed: after a few failures a name, or an address, waits. Counted in the database, so a restart forgets
nothing. What was typed as a name is kept as a hash only: people type passwords there by mistake.

Codes that nobody was given are counted apart from passwords: who asks for them locks nobody out of the desk.
"""

import hashlib
import ipaddress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from api.tables import attempts
from store import read, write

WINDOW: Final = timedelta(minutes=15)
PER_NAME: Final = 5
PER_ADDRESS: Final = 50
CODES_PER_ADDRESS: Final = 30
_CODES: Final = "codes "
"""Before an address that is counted for codes; no address begins so."""
_SHARED_BITS: Final = 64
"""Whoever has an IPv6 address has all those with the same first bits."""


def wait_for(engine: Engine, name: str, address: str, now: datetime) -> timedelta | None:
    """How long this name or address must wait before it may try again; None if it may try now."""
    with read(engine) as connection:
        return _wait(connection, name, address, now)


def _wait(connection: Connection, name: str, address: str, now: datetime) -> timedelta | None:
    limits = ((attempts.c.name_sha256, _digest(name), PER_NAME), (attempts.c.address, address[:64], PER_ADDRESS))
    longest: timedelta | None = None
    for column, value, limit in limits:
        count, last = connection.execute(
            select(func.count(), func.max(attempts.c.at)).where(column == value, attempts.c.at > now - WINDOW)
        ).one()
        if count >= limit and last is not None:
            left = last + WINDOW - now
            longest = left if longest is None else max(longest, left)
    return longest


def begin(engine: Engine, name: str, address: str, now: datetime) -> int | timedelta:
    """Count a try as failed before it is made, and give its number; or how long to wait. Forget those gone by.

    Counted afterwards, forty tries at once would all be made before the first of them counted.
    """
    wait = wait_for(engine, name, address, now)  # cheap, and a crowd of refused tries writes nothing
    if wait is not None:
        return wait
    with write(engine) as connection:
        wait = _wait(connection, name, address, now)
        if wait is not None:
            return wait
        connection.execute(attempts.delete().where(attempts.c.at <= now - WINDOW))
        made = connection.execute(
            attempts.insert().values(name_sha256=_digest(name), address=address[:64], at=now).returning(attempts.c.id)
        )
        return int(made.scalar_one())


def succeeded(engine: Engine, name: str, attempt: int) -> None:
    """The person proved who they are: their failures are forgotten (the address's count of other tries stays)."""
    with write(engine) as connection:
        connection.execute(attempts.delete().where(attempts.c.id == attempt))
        connection.execute(attempts.update().where(attempts.c.name_sha256 == _digest(name)).values(name_sha256=""))


def take_back(engine: Engine, attempt: int) -> None:
    """This try was no failure; those before it still count."""
    with write(engine) as connection:
        connection.execute(attempts.delete().where(attempts.c.id == attempt))


def wait_for_codes(engine: Engine, address: str, now: datetime) -> timedelta | None:
    """How long this address must wait before it may ask for another code nobody was given; None if it may now."""
    found = select(func.count(), func.max(attempts.c.at)).where(
        attempts.c.address == _for_codes(address), attempts.c.at > now - WINDOW
    )
    with read(engine) as connection:
        missed, last = connection.execute(found).one()
    return last + WINDOW - now if missed >= CODES_PER_ADDRESS and last is not None else None


def code_missed(engine: Engine, address: str, now: datetime) -> None:
    """This address asked for a code that nobody was given."""
    with write(engine) as connection:
        connection.execute(attempts.delete().where(attempts.c.at <= now - WINDOW))
        connection.execute(attempts.insert().values(name_sha256="", address=_for_codes(address), at=now))


def _for_codes(address: str) -> str:
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"{_CODES}{address}"[:64]
    if known.version == 6 and known.ipv4_mapped is None:
        known = ipaddress.ip_network((known, _SHARED_BITS), strict=False).network_address
    return f"{_CODES}{known}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.casefold().encode()).hexdigest()
