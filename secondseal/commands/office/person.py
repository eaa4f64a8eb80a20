"""Who acts at the shell: an administrator's account, proved by its password; and the desk their act needs."""

import argparse
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from api import accounts, sessions
from office import Change
from register import Mover, OfficeProposal, OfficeVersion, office_versions
from secondseal.kept_files import kept_files
from secondseal.office_key import office_signer
from secondseal.settings import Settings, SettingsError
from secondseal.wiring import now, open_existing
from stamping import OfficeDesk, Refusal, ToldChange, office_acts, told_changes
from store import migrate, read

_ADDRESS = "shell"
"""Where a try from here is counted as coming from."""


def add_person(parser: argparse.ArgumentParser) -> None:
    """--as, --password-file."""
    parser.add_argument("--as", dest="account", required=True, metavar="ACCOUNT", help="an administrator's account")
    parser.add_argument("--password-file", type=Path, help="for scripts; else the password is asked for")


@contextmanager
def office_desk(settings: Settings) -> Iterator[OfficeDesk]:
    """The register and the files, of an office that is founded."""
    engine = open_existing(settings.database)
    try:
        migrate(engine)
        with read(engine) as connection:
            if office_versions.newest(connection) is None:
                raise SettingsError(
                    f"No version of the office is in force yet: start the service once, which takes {settings.office}."
                )
        yield OfficeDesk(engine=engine, files=kept_files(settings), clock=now, sign_office=office_signer(settings))
    finally:
        engine.dispose()


def in_force(desk: OfficeDesk) -> OfficeVersion:
    """The version in force."""
    with read(desk.engine) as connection:
        version = office_versions.in_force(connection)
    if version is None:
        raise SettingsError("No version of the office is in force.")
    return version


def proved(options: argparse.Namespace, desk: OfficeDesk) -> tuple[Mover, datetime]:
    """The administrator at the keyboard, and when they proved it. Failed tries count as at the sign-in page.

    Raises `Refusal` forbidden, unauthenticated in words.
    """
    if options.password_file is not None:
        password = options.password_file.read_text(encoding="utf-8").rstrip("\r\n")
    else:
        password = getpass.getpass(f"Mật khẩu của {options.account} · Password of {options.account}: ")
    at = now()
    try:
        sessions.prove(desk.engine, name=options.account, password=password, address=_ADDRESS, now=at)
    except sessions.SignInRefused as refusal:
        if refusal.wait is not None:
            raise Refusal(
                "forbidden",
                f"Đã thử sai nhiều lần. Hãy đợi {refusal.minutes} phút rồi thử lại.",
                f"Too many failed attempts. Wait {refusal.minutes} minutes, then try again.",
            ) from None
        raise Refusal(
            "forbidden",
            "Tên tài khoản hoặc mật khẩu không đúng.",
            "The account's name or the password is wrong.",
        ) from None
    account = accounts.find(desk.engine, options.account)
    if "administrator" not in account.roles:
        raise Refusal(
            "forbidden",
            f"Tài khoản {account.name} không có vai trò người quản trị (administrator).",
            f"The account {account.name} does not have the role administrator.",
        )
    return account.mover, at


def told(change: Change | ToldChange, indent: str = "") -> str:
    """A change in both languages, and whether a second person must confirm it."""
    mark = "  [cần người thứ hai · needs a second person]" if change.second_person else ""
    return f"{indent}- {change.text_vi}\n{indent}  {change.text_en}{mark}"


def carry_out(proposal: OfficeProposal, desk: OfficeDesk, by: Mover, at: datetime) -> None:
    """Say what is proposed; bring it into force at once where one person is enough."""
    for change in told_changes(proposal):
        print(told(change))
    if proposal.needs_second:
        print(
            f"Đề nghị {proposal.id} chờ một người quản trị khác: secondseal office confirm {proposal.id} --as ...\n"
            f"Proposal {proposal.id} waits for another administrator."
        )
        return
    version = office_acts.confirm(desk, proposal.id, by=by, authenticated_at=at)
    print(f"Phiên bản {version} có hiệu lực. · Version {version} is in force.")
