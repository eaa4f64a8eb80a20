"""Workflow systems that call by bearer token. None of them can ever hold the right to confirm a seal: there is no scope
for it, and the route asks for a person's session (Decree 30, article 32.2.c)."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, cast, get_args

from sqlalchemy import Connection, Engine, RowMapping, select

from api.tables import client_keys, clients
from stamping import EVERYTHING, Reach
from store import read, write

Scope = Literal["documents:read", "documents:write", "approvals"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
_PREFIX: Final = "ssk"


_LIMITS: Final = ("papers", "seals", "organisations")
_USED_EVERY: Final = timedelta(hours=1)
"""When a key was last used is written at most this often: each write is synced to the disk."""
LONGEST_OVERLAP: Final = timedelta(days=90)


class ScopeUnknown(ValueError):
    """A scope that does not exist; there is none for sealing."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"no scope {scope!r}; scopes are {', '.join(SCOPES)}")
        self.scope = scope


class ClientUnknown(LookupError):
    """No program of that name or id, or several of that name (`ids`)."""

    def __init__(self, named: str, ids: tuple[str, ...]) -> None:
        text = f"several programs are called {named!r}; name one by its id: {', '.join(ids)}"
        super().__init__(text if ids else f"no program {named!r}")
        self.ids = ids


class KeyRefused(ValueError):
    """The key cannot be made or ended as asked; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """A key of a program by its short id, which is all that is ever shown again. `used_at` is right to an hour; from
    `ends_at` on (None: no end) it is refused."""

    id: str
    client: str
    created_at: datetime
    used_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program that calls, what it may do (`scopes`) and to what (`reach`)."""

    id: str
    name: str
    scopes: frozenset[Scope]
    reach: Reach = EVERYTHING


def create(
    engine: Engine, *, name: str, scopes: Iterable[str], now: datetime, reach: Reach = EVERYTHING
) -> tuple[Client, str]:
    """Register a program; gives it and its token, which is shown this once. Raises `ScopeUnknown`."""
    held = frozenset(scopes)
    for scope in held:
        if scope not in SCOPES:
            raise ScopeUnknown(scope)
    identity = secrets.token_hex(8)
    with write(engine) as connection:
        connection.execute(
            clients.insert().values(
                id=identity,
                name=name,
                scopes=" ".join(sorted(held)),
                active=True,
                created_at=now,
                **_kept(reach),
            )
        )
        token = _new_key(connection, identity, now)
    made = Client(id=identity, name=name, scopes=cast(frozenset[Scope], held), reach=reach)
    return made, token


def rotate(engine: Engine, identity: str, *, overlap: timedelta, now: datetime) -> str:
    """Give a program a new key, shown this once; those it has end when `overlap` is over, if not before.

    Raises `ClientUnknown`, `KeyRefused` (revoked program, overlap not between nothing and `LONGEST_OVERLAP`).
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise KeyRefused(f"keys overlap between 0 and {LONGEST_OVERLAP.days} days")
    with write(engine) as connection:
        row = connection.execute(select(clients.c.active).where(clients.c.id == identity)).first()
        if row is None:
            raise ClientUnknown(identity, ())
        if not row.active:
            raise KeyRefused("the program is revoked; add it anew")
        ends = now + overlap
        connection.execute(
            client_keys.update()
            .where(client_keys.c.client == identity, client_keys.c.ends_at.is_(None) | (client_keys.c.ends_at > ends))
            .values(ends_at=ends)
        )
        return _new_key(connection, identity, now)


def end_key(engine: Engine, key_id: str, now: datetime) -> None:
    """Refuse this key from now on; the program's others go on. Raises `KeyRefused`."""
    with write(engine) as connection:
        ended = connection.execute(
            client_keys.update()
            .where(client_keys.c.id == key_id, client_keys.c.ends_at.is_(None) | (client_keys.c.ends_at > now))
            .values(ends_at=now)
        )
        if ended.rowcount != 1:
            raise KeyRefused(f"no key {key_id!r} is in force")


def keys_of(engine: Engine, identity: str) -> tuple[ClientKey, ...]:
    """Every key a program ever had, oldest first."""
    with read(engine) as connection:
        rows = connection.execute(
            select(client_keys).where(client_keys.c.client == identity).order_by(client_keys.c.created_at)
        ).mappings()
        return tuple(
            ClientKey(**{name: value for name, value in row.items() if name != "secret_sha256"}) for row in rows
        )


def find(engine: Engine, token: str, now: datetime) -> Client | None:
    """The program one of whose keys in force this is, if it is still welcome."""
    prefix, _, rest = token.partition("_")
    identity, _, secret = rest.partition("_")
    if prefix != _PREFIX or not secret:
        return None
    with read(engine) as connection:
        row = (
            connection.execute(
                select(clients, client_keys.c.secret_sha256, client_keys.c.used_at, client_keys.c.ends_at)
                .join(client_keys, client_keys.c.client == clients.c.id)
                .where(client_keys.c.id == identity, clients.c.active)
            )
            .mappings()
            .first()
        )
    if row is None or not hmac.compare_digest(row["secret_sha256"], _digest(secret)):
        return None
    if row["ends_at"] is not None and row["ends_at"] <= now:
        return None
    if row["used_at"] is None or now - row["used_at"] > _USED_EVERY:
        with write(engine) as connection:
            connection.execute(client_keys.update().where(client_keys.c.id == identity).values(used_at=now))
    return _client(row)


def named(engine: Engine, name_or_id: str) -> Client:
    """The one program of that id, else of that name, welcome or not. Raises `ClientUnknown`."""
    with read(engine) as connection:
        found = connection.execute(select(clients).where(clients.c.id == name_or_id)).mappings().all()
        if not found:
            found = connection.execute(select(clients).where(clients.c.name == name_or_id)).mappings().all()
    if len(found) != 1:
        raise ClientUnknown(name_or_id, tuple(sorted(row["id"] for row in found)))
    return _client(found[0])


def limit(engine: Engine, identity: str, reach: Reach) -> None:
    """From the next call on the program reaches exactly this far. Raises `ClientUnknown`."""
    with write(engine) as connection:
        if connection.execute(clients.update().where(clients.c.id == identity).values(_kept(reach))).rowcount != 1:
            raise ClientUnknown(identity, ())


def listed(engine: Engine) -> tuple[tuple[Client, bool], ...]:
    """Every program by name, and whether it is still welcome."""
    with read(engine) as connection:
        found = connection.execute(select(clients).order_by(clients.c.name, clients.c.id)).mappings().all()
    return tuple((_client(row), row["active"]) for row in found)


def revoke(engine: Engine, identity: str) -> bool:
    """Refuse this program from now on; False if there is none of that id."""
    with write(engine) as connection:
        return connection.execute(clients.update().where(clients.c.id == identity).values(active=False)).rowcount == 1


def _new_key(connection: Connection, client: str, now: datetime) -> str:
    key, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    connection.execute(
        client_keys.insert().values(id=key, client=client, secret_sha256=_digest(secret), created_at=now)
    )
    return f"{_PREFIX}_{key}_{secret}"


def _client(row: RowMapping) -> Client:
    limits = {name: None if row[name] is None else frozenset(json.loads(row[name])) for name in _LIMITS}
    scopes = frozenset(cast(list[Scope], row["scopes"].split()))
    return Client(id=row["id"], name=row["name"], scopes=scopes, reach=Reach(**limits))


def _kept(reach: Reach) -> dict[str, str | None]:
    """Null is every one; the empty list is none."""
    limits = {name: getattr(reach, name) for name in _LIMITS}
    return {name: None if some is None else json.dumps(sorted(some)) for name, some in limits.items()}


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
