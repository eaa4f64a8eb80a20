"""Who acts at the shell: an administrator's account, proved by its password; and the desk their act needs."""

import argparse
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from api import CodeNeeded, FactorKeysUnfit, LocalAccounts, Password, Proven, SignInRefused, accounts, second_factor
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


def proved(options: argparse.Namespace, settings: Settings, desk: OfficeDesk) -> tuple[Mover, datetime]:
    """The administrator at the keyboard, and when they proved it. Failed tries count as at the sign-in page.

    Raises `Refusal` forbidden, unauthenticated in words.
    """
    if options.password_file is not None:
        password = options.password_file.read_text(encoding="utf-8").rstrip("\r\n")
    else:
        password = getpass.getpass(f"Mật khẩu của {options.account} · Password of {options.account}: ")
    try:
        at = _prove(desk, settings, options.account, password).at
    except SignInRefused as refusal:
        if refusal.wait is not None:
            raise Refusal(
                "forbidden",
                f"Đã thử sai nhiều lần. Hãy đợi {refusal.minutes} phút rồi thử lại.",
                f"Too many failed attempts. Wait {refusal.minutes} minutes, then try again.",
            ) from None
        raise Refusal(
            "forbidden",
            "Tên tài khoản, mật khẩu hoặc mã xác thực không đúng.",
            "The account's name, the password or the code is wrong.",
        ) from None
    account = accounts.find(desk.engine, options.account)
    if "administrator" not in account.roles:
        raise Refusal(
            "forbidden",
            f"Tài khoản {account.name} không có vai trò người quản trị (administrator).",
            f"The account {account.name} does not have the role administrator.",
        )
    if account.roles & set(settings.second_factor_roles) and not second_factor.in_force(desk.engine, account.name):
        raise Refusal(
            "forbidden",
            "Vai trò này phải có xác thực hai bước: hãy bật trên trang /desk/second-factor trước.",
            "This role needs two-step sign-in: turn it on at /desk/second-factor first.",
        )
    return account.mover, at


def _prove(desk: OfficeDesk, settings: Settings, account: str, password: str) -> Proven:
    people = LocalAccounts(desk.engine, settings.second_factor_key)
    try:
        return people.prove(Password(name=account, password=password), address=_ADDRESS, now=now())
    except CodeNeeded:
        code = getpass.getpass("Mã của ứng dụng xác thực · Code of the authenticator app: ")
        try:
            return people.prove(Password(name=account, password=password, code=code), address=_ADDRESS, now=now())
        except FactorKeysUnfit as error:
            raise SettingsError(f"{error.text_vi}\n{error.text_en}") from None


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
