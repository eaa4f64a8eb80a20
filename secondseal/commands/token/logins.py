"""`secondseal token forget-logins`: what is on record about failed logins to a token, and clearing it.

The record keeps a restarted program from trying a wrong PIN again. A person clears it who has looked: at the PIN, and
with the maker's tool at how many tries the token has left.
"""

import argparse
import sys
from typing import Any

from hsm import LoginLedger
from secondseal.settings import Settings


def add(verbs: Any) -> None:
    """forget-logins."""
    forget = verbs.add_parser(
        "forget-logins",
        help="show what is on record about failed logins to a token, and clear it after a person has looked",
        epilog="Example: secondseal token forget-logins con-dau",
    )
    forget.add_argument("token", nargs="?", help="label or serial of the token; none: only show every record")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    forget.set_defaults(act=_forget)


def _forget(options: argparse.Namespace, settings: Settings) -> int:
    records = [
        one
        for one in LoginLedger(settings.state / "logins").records()
        if options.token is None or options.token in {one.token, one.serial, one.path.stem}
    ]
    for one in records:
        print(
            f"{one.token or '?'}  {one.serial}  {one.path}\n"
            + (
                "    bản ghi hỏng, không đọc được · the record is damaged"
                if one.damaged
                else f"    bị từ chối · refused: {one.failed}; không rõ kết quả · outcome unknown: {one.unsettled}"
            )
        )
    if not records:
        print("Không có lần đăng nhập hỏng nào được ghi lại. · No failed login is on record.")
        return 0 if options.token is None else 1
    if options.token is None:
        return 0
    if not options.yes and not _agreed():
        print("Giữ nguyên. · Nothing was cleared.", file=sys.stderr)
        return 1
    for one in records:
        one.forget()
    print("Đã xóa. Lần đăng nhập sau sẽ gửi mã PIN cho token. · Cleared. The next login sends the PIN to the token.")
    return 0


def _agreed() -> bool:
    try:
        answer = input(
            "Đã kiểm tra mã PIN và số lần thử còn lại? Gõ “có” để xóa. · Are PIN and tries left checked? Type “yes”: "
        )
    except EOFError:
        return False
    return answer.strip().lower() in {"có", "yes"}
