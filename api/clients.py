"""Workflow systems that call by bearer token. None of them can ever hold the right to confirm a seal: there is no scope
for it, and the route asks for a person's session (Decree 30, article 32.2.c)."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast, get_args

from sqlalchemy import Engine, bindparam, select

from api.tables import clients
from store import read, write

Scope = Literal["documents:read", "documents:write", "approvals"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
_FOUND: Final = select(clients).where(clients.c.id == bindparam("client"), clients.c.active)
_PREFIX: Final = "ssk"


class ScopeUnknown(ValueError):
    """A scope that does not exist; there is none for sealing."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"no scope {scope!r}; scopes are {', '.join(SCOPES)}")
        self.scope = scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program that calls, and what it may do."""

    id: str
    name: str
    scopes: frozenset[Scope]


def create(engine: Engine, *, name: str, scopes: Iterable[str], now: datetime) -> tuple[Client, str]:
    """Register a program; gives it and its token, which is shown this once. Raises `ScopeUnknown`."""
    held = frozenset(scopes)
    for scope in held:
        if scope not in SCOPES:
            raise ScopeUnknown(scope)
    identity, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    with write(engine) as connection:
        connection.execute(
            clients.insert().values(
                id=identity,
                name=name,
                secret_sha256=_digest(secret),
                scopes=" ".join(sorted(held)),
                active=True,
                created_at=now,
            )
        )
    return Client(id=identity, name=name, scopes=cast(frozenset[Scope], held)), f"{_PREFIX}_{identity}_{secret}"


def find(engine: Engine, token: str) -> Client | None:
    """The program whose token this is, if it is still welcome."""
    prefix, _, rest = token.partition("_")
    identity, _, secret = rest.partition("_")
    if prefix != _PREFIX or not secret:
        return None
    with read(engine) as connection:
        row = connection.execute(_FOUND, {"client": identity}).mappings().first()
    if row is None or not hmac.compare_digest(row["secret_sha256"], _digest(secret)):
        return None
    return Client(id=row["id"], name=row["name"], scopes=frozenset(cast(list[Scope], row["scopes"].split())))


def listed(engine: Engine) -> tuple[tuple[Client, bool], ...]:
    """Every program by name, and whether it is still welcome."""
    with read(engine) as connection:
        found = connection.execute(select(clients).order_by(clients.c.name, clients.c.id)).mappings().all()
    return tuple(
        (
            Client(id=row["id"], name=row["name"], scopes=frozenset(cast(list[Scope], row["scopes"].split()))),
            row["active"],
        )
        for row in found
    )


def revoke(engine: Engine, identity: str) -> bool:
    """Refuse this program from now on; False if there is none of that id."""
    with write(engine) as connection:
        return connection.execute(clients.update().where(clients.c.id == identity).values(active=False)).rowcount == 1


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
