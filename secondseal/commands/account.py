"""`secondseal account ...`: people who may sign in, and programs that may call."""

import argparse
import getpass
import os
import pwd
import sys
from pathlib import Path

from sqlalchemy import Engine

from api import accounts, clients, second_factor
from api.passwords import PasswordUnfit
from secondseal.settings import load_settings
from secondseal.wiring import now, open_existing
from store import migrate, open_database


def arguments(parser: argparse.ArgumentParser) -> None:
    """list, add, reset-factor, add-program."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="people, then programs", epilog="Example: secondseal account list")
    add = verbs.add_parser(
        "add",
        help="a person; the password is asked for, or read from a file",
        epilog="Example: secondseal account add mau --role custodian --custodian le-thi-mau",
    )
    add.add_argument("name", metavar="NAME", help="what the person types to sign in")
    add.add_argument("--display-name", help="as histories and pages show the person; default: the name")
    add.add_argument("--role", action="append", required=True, choices=accounts.ROLES)
    add.add_argument("--officer", help="id of the officer in the office's file")
    add.add_argument("--custodian", help="id of the custodian in the office's file")
    add.add_argument("--password-file", type=Path)
    reset = verbs.add_parser(
        "reset-factor",
        help="take away a second factor that is lost, on record; the person's sessions end",
        epilog="Example: secondseal account reset-factor lethimau",
    )
    reset.add_argument("name", metavar="NAME", help="what the person types to sign in")
    program = verbs.add_parser(
        "add-program",
        help="a workflow system; prints its token once. No program can ever confirm a seal",
        epilog="Example: secondseal account add-program motcua --scope documents:write --scope documents:read",
    )
    program.add_argument("name", metavar="NAME", help="as histories show the program")
    program.add_argument("--scope", action="append", required=True, choices=clients.SCOPES)


def run(options: argparse.Namespace) -> int:
    """Exit status 1 when the account cannot be made as asked."""
    settings = load_settings()
    if options.verb == "list":
        return _list(open_existing(settings.database))
    if options.verb == "reset-factor":
        return _reset_factor(open_existing(settings.database), options.name)
    engine = open_database(settings.database)
    migrate(engine)
    if options.verb == "add-program":
        client, token = clients.create(engine, name=options.name, scopes=options.scope, now=now())
        print(f"{client.id} {client.name}\n{token}")
        return 0
    try:
        accounts.create(
            engine,
            name=options.name,
            password=_password(options.password_file),
            roles=options.role,
            now=now(),
            display_name=options.display_name,
            officer_id=options.officer,
            custodian_id=options.custodian,
        )
    except (accounts.AccountInvalid, PasswordUnfit) as error:
        print(f"secondseal account: {error}", file=sys.stderr)
        return 1
    print(options.name)
    return 0


def _reset_factor(engine: Engine, name: str) -> int:
    try:
        account = accounts.find(engine, name)
    except accounts.AccountMissing as error:
        print(f"secondseal account: {error}", file=sys.stderr)
        return 1
    by = f"command:{pwd.getpwuid(os.getuid()).pw_name}"
    if not second_factor.remove(engine, account.name, by=by, event="reset", now=now()):
        print(f"secondseal account: {name} has no second factor", file=sys.stderr)
        return 1
    print(name)
    return 0


def _list(engine: Engine) -> int:
    inactive = " (không hoạt động · inactive)"
    for account in accounts.listed(engine):
        roles = " ".join(sorted(account.roles))
        print(f"{account.name:24} {roles:24} {account.display_name}{'' if account.active else inactive}")
    for client, active in clients.listed(engine):
        scopes = " ".join(sorted(client.scopes))
        print(f"{client.id:24} {'(phần mềm · program)':24} {client.name}: {scopes}{'' if active else inactive}")
    return 0


def _password(file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    return getpass.getpass("Mật khẩu · Password: ")
