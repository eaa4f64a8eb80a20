"""`secondseal register numbers`, `reserve`, `void`: numbers for papers that something else prints."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from api import number_json
from secondseal.commands.register.desk import actor, by, desk_of, only_organisation
from secondseal.settings import Settings
from stamping import NewNumber, Reserved, numbering, once_of
from store import VIETNAM


def add(verbs: Any) -> None:
    """numbers, reserve, void."""
    numbers = verbs.add_parser(
        "numbers",
        help="numbers reserved, neither used nor voided",
        epilog="Example: secondseal register numbers --year 2026",
    )
    numbers.add_argument("--organisation", help="its code; default: all")
    numbers.add_argument("--year", type=int, help="default: all years")
    numbers.add_argument("--json", action="store_true")
    numbers.set_defaults(act=_numbers)

    reserve = verbs.add_parser(
        "reserve",
        help="reserve the next number for a paper that something else prints (Decree 30, article 15)",
        epilog="Example: secondseal register reserve --symbol QĐ-UBND --purpose 'quyết định trên giấy'",
    )
    reserve.add_argument("--organisation", help="its code; default: the office's only one")
    what = reserve.add_mutually_exclusive_group(required=True)
    what.add_argument("--symbol", help="what stands after the number, such as QĐ-UBND")
    what.add_argument("--procedure", help="or the procedure whose symbol it is")
    reserve.add_argument("--purpose", default="", help="for what; shown while the number is open")
    reserve.add_argument("--key", help="an idempotency key: the same key gives the same number")
    by(reserve)
    reserve.set_defaults(act=_reserve)

    void = verbs.add_parser(
        "void",
        help="say for good why a reserved number will never be used (huỷ số)",
        epilog="Example: secondseal register void 57 --reason 'người dân rút hồ sơ'",
    )
    void.add_argument("id", type=int, help="the id that `register numbers` shows")
    void.add_argument("--reason", required=True)
    by(void)
    void.set_defaults(act=_void)


def _numbers(options: argparse.Namespace, settings: Settings) -> int:
    desk, after = desk_of(settings), 0
    shown: list[Any] = []
    while found := numbering.open_numbers(desk, organisation=options.organisation, year=options.year, after=after):
        shown += [number_json.number_json(one) for one in found] if options.json else [_text(one) for one in found]
        after = found[-1].id
    if options.json:
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return 0
    for line in shown:
        print(line)
    if not shown:
        print("Không có số nào đang để ngỏ. · No number is open.")
    return 0


def _reserve(options: argparse.Namespace, settings: Settings) -> int:
    desk = desk_of(settings)
    new = NewNumber(
        organisation=only_organisation(desk, options.organisation),
        symbol=options.symbol,
        procedure=options.procedure,
        purpose=options.purpose,
    )
    once = once_of(actor(options), options.key, asdict(new))
    print(_text(numbering.reserve(desk, new, actor(options), once)))
    return 0


def _void(options: argparse.Namespace, settings: Settings) -> int:
    voided = numbering.void(desk_of(settings), options.id, options.reason, actor(options))
    print(f"Đã huỷ số · voided: {_text(voided)}")
    return 0


def _text(one: Reserved) -> str:
    at = one.reserved_at.astimezone(VIETNAM)
    said = [one.notation or f"{one.number:02d}", one.organisation, f"{at:%d/%m/%Y %H:%M}", one.reserved_by or ""]
    return f"{one.id}\t" + "\t".join([*said, one.purpose or ""])
