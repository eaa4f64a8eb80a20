"""`secondseal token usage`: how often each seal's key was used, day by day, from the seal register."""

import argparse
import json
from datetime import timedelta
from typing import Any

from secondseal.settings import Settings


def add(verbs: Any) -> None:
    """usage."""
    usage = verbs.add_parser(
        "usage",
        help="how often each seal's key was used, by day, from the register; beside it the daily limit",
        epilog="Example: secondseal token usage --days 7",
    )
    usage.add_argument("--days", type=int, default=30, help="days up to today, in Viet Nam; default 30")
    usage.add_argument("--json", action="store_true")
    usage.set_defaults(act=_usage)


def _usage(options: argparse.Namespace, settings: Settings) -> int:
    # the database: nothing the key ceremony needs
    from register import seal_uses
    from secondseal.institution import institution
    from secondseal.wiring import now, open_existing
    from store import read, vietnam_date

    if not 1 <= options.days <= 36600:
        raise ValueError("--days: 1 to 36600")
    today = vietnam_date(now())
    limits = {seal.id: seal.daily_limit for seal in institution(settings).seals}
    with read(open_existing(settings.database)) as connection:
        found = seal_uses.days(connection, since=today - timedelta(days=options.days - 1), until=today)
    if options.json:
        rows = [
            {
                "seal": one.seal_id,
                "day": one.day.isoformat(),
                "uses": one.uses,
                "daily_limit": limits.get(one.seal_id),
                "concluded": one.concluded,
                "failed": one.failed,
                "interrupted": one.interrupted,
                "open": one.open,
            }
            for one in found
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    for one in found:
        limit = limits.get(one.seal_id)
        print(
            f"{one.day:%d/%m/%Y}  {one.seal_id}  {one.uses}{f'/{limit}' if limit else ''}  "
            f"đã đóng · sealed {one.concluded}, không thành · failed {one.failed}, "
            f"bị ngắt · interrupted {one.interrupted}{f', đang mở · open {one.open}' if one.open else ''}"
        )
    if not found:
        print("Chưa dùng con dấu nào trong thời gian này. · No seal was used in that time.")
    return 0
