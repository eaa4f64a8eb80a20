"""Accounts of people: officers, custodians, clerks, auditors, administrators. What each may do in law stands in the
office in force; an account only says which officer or custodian of it is sitting at the keyboard."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast, get_args

from sqlalchemy import Connection, Engine, RowMapping, select

from api import passwords
from api.tables import accounts, sessions
from register import Mover
from store import read, write

Role = Literal["officer", "custodian", "clerk", "auditor", "administrator"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


class AccountInvalid(ValueError):
    """The account cannot be made as asked; the message says what is wrong."""


class AccountMissing(LookupError):
    """There is no account of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no account {name!r}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who may sign in."""

    name: str
    display_name: str
    roles: frozenset[Role]
    officer_id: str | None
    custodian_id: str | None
    active: bool
    last_approval: str | None = None
    last_confirmation: str | None = None

    @property
    def mover(self) -> Mover:
        """The person, as the register remembers who changed the institution."""
        return Mover(
            account=self.name, name=self.display_name, officer_id=self.officer_id, custodian_id=self.custodian_id
        )


def create(
    engine: Engine,
    *,
    name: str,
    password: str,
    roles: Iterable[Role],
    now: datetime,
    display_name: str | None = None,
    officer_id: str | None = None,
    custodian_id: str | None = None,
) -> Account:
    """Make an account. Raises `AccountInvalid`, `passwords.PasswordUnfit`."""
    held = frozenset(roles)
    if not _NAME.fullmatch(name):
        raise AccountInvalid("a name has 2 to 63 of a-z, 0-9, dot, hyphen, underscore")
    if not held or not held <= set(ROLES):
        raise AccountInvalid(f"roles are one or more of {', '.join(ROLES)}")
    if ("officer" in held) != (officer_id is not None):
        raise AccountInvalid("an officer's account, and no other, names the officer of the office's file")
    if ("custodian" in held) != (custodian_id is not None):
        raise AccountInvalid("a custodian's account, and no other, names the custodian of the office's file")
    if {"administrator", "custodian"} <= held:
        raise AccountInvalid("who uses a seal does not administer the office: a custodian is no administrator")
    kept = passwords.hashed(password)
    with write(engine) as connection:
        _refuse_both_hands(connection, display_name or name, held)
        if connection.execute(select(accounts.c.name).where(accounts.c.name == name)).first():
            raise AccountInvalid(f"the account {name!r} exists already")
        connection.execute(
            accounts.insert().values(
                name=name,
                display_name=display_name or name,
                password_hash=kept,
                roles=" ".join(sorted(held)),
                officer_id=officer_id,
                custodian_id=custodian_id,
                active=True,
                created_at=now,
            )
        )
    return find(engine, name)


def find(engine: Engine, name: str) -> Account:
    """The account of that name. Raises `AccountMissing`."""
    with read(engine) as connection:
        row = connection.execute(select(accounts).where(accounts.c.name == name)).mappings().first()
    if row is None:
        raise AccountMissing(name)
    return account_of(row)


def listed(engine: Engine) -> tuple[Account, ...]:
    """All accounts, by name."""
    with read(engine) as connection:
        rows = connection.execute(select(accounts).order_by(accounts.c.name)).mappings().all()
    return tuple(account_of(row) for row in rows)


def set_password(engine: Engine, name: str, password: str) -> None:
    """Give a new password and end every session of the account. Raises `AccountMissing`, `passwords.PasswordUnfit`."""
    _change(engine, name, password_hash=passwords.hashed(password))


def deactivate(engine: Engine, name: str) -> None:
    """Close the account and end its sessions; its name stays taken: records name it. Raises `AccountMissing`."""
    _change(engine, name, active=False)


def password_fits(engine: Engine, name: str, password: str) -> bool:
    """Is this the password of an active account? Takes as long where there is none."""
    with read(engine) as connection:
        row = connection.execute(
            select(accounts.c.password_hash).where(accounts.c.name == name, accounts.c.active)
        ).first()
    return passwords.matches(row.password_hash if row else None, password)


def remember(engine: Engine, name: str, *, approval: str | None = None, confirmation: str | None = None) -> None:
    """Note the latest list this person opened, for the desk's links."""
    values = {"last_approval": approval, "last_confirmation": confirmation}
    with write(engine) as connection:
        connection.execute(
            accounts.update().where(accounts.c.name == name).values({k: v for k, v in values.items() if v})
        )


def _refuse_both_hands(connection: Connection, shown: str, held: frozenset[Role]) -> None:
    """The same person, by name, with one account for the seal and another for administration."""
    other: Role | None = "custodian" if "administrator" in held else "administrator" if "custodian" in held else None
    if other is None:
        return
    rows = connection.execute(select(accounts).where(accounts.c.active)).mappings()
    for account in map(account_of, rows):
        if other in account.roles and _plain(account.display_name) == _plain(shown):
            raise AccountInvalid(
                f"{account.display_name} is {other} by the account {account.name!r}; who uses a seal does not "
                "administer the office. For a namesake give a --display-name that tells them apart"
            )


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _change(engine: Engine, name: str, **values: object) -> None:
    with write(engine) as connection:
        if connection.execute(accounts.update().where(accounts.c.name == name).values(values)).rowcount != 1:
            raise AccountMissing(name)
        connection.execute(sessions.delete().where(sessions.c.account == name))


def account_of(row: RowMapping) -> Account:
    """An account from a row of its table, or of a join with it."""
    return Account(
        name=row["name"],
        display_name=row["display_name"],
        roles=frozenset(cast(list[Role], row["roles"].split())),
        officer_id=row["officer_id"],
        custodian_id=row["custodian_id"],
        active=row["active"],
        last_approval=row["last_approval"],
        last_confirmation=row["last_confirmation"],
    )
