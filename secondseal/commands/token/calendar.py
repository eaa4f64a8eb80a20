"""`secondseal token calendar`: when the certificates end, what to do by when; for programs and for calendars."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondseal.settings import Settings

if TYPE_CHECKING:
    from secondseal.expiries import Expiry

_ROLES = {
    "seal": "con dấu · seal",
    "next-seal": "con dấu, khóa kế tiếp · seal, next key",
    "officer": "người ký · officer",
    "time": "dấu thời gian · time stamps",
    "authority": "tổ chức chứng thực · authority",
    "anchor": "gốc tin cậy · trust anchor",
}


def add(verbs: Any) -> None:
    """calendar."""
    calendar = verbs.add_parser(
        "calendar",
        help="every certificate that matters by its end, with what to do by when; days in Viet Nam",
        epilog="Example: secondseal token calendar --ics chung-thu.ics",
    )
    form = calendar.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--ics", type=Path, metavar="FILE", help="write an iCalendar file (RFC 5545), anew each time")
    calendar.set_defaults(act=_calendar)


def _calendar(options: argparse.Namespace, settings: Settings) -> int:
    # the office's rules and the database: nothing the key ceremony needs
    from secondseal.expiries import expiries
    from secondseal.wiring import now
    from store import vietnam_date

    at = now()
    today = vietnam_date(at)
    known, unread = expiries(settings, at)
    for lack in unread:
        print(f"{lack.text_vi} · {lack.text_en}", file=sys.stderr)
    if options.json:
        rows = [
            {
                "role": one.role,
                "what": one.what,
                "subject": one.subject,
                "serial": f"{one.certificate.serial_number:x}",
                "sha256": one.sha256,
                "not_after": one.certificate.not_valid_after_utc.isoformat(),
                "day": one.ends.isoformat(),
                "days_left": one.days_left(today),
                "act_by": one.act_by.isoformat() if one.act_by else None,
                "text_vi": one.text_vi,
                "text_en": one.text_en,
                "fault": one.fault,
            }
            for one in known
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    elif options.ics:
        from secondseal.ics import calendar

        temporary = options.ics.with_name(f".{options.ics.name}.new")
        days = [day for one in known for day in _days(one)]
        temporary.write_bytes(calendar(days, name=f"Chứng thư · {settings.system}", at=at))
        temporary.replace(options.ics)
        print(options.ics)
    else:
        for one in known:
            left = one.days_left(today)
            said = (
                f"còn {left} ngày · {left} days left" if left >= 0 else f"đã quá hạn {-left} ngày · {-left} days over"
            )
            mark = "!" if one.fault or (one.act_by is not None and one.act_by <= today) else " "
            print(f"{mark} {one.ends:%d/%m/%Y}  {said}  {_ROLES[one.role]}: {one.what} ({one.subject})")
            print(f"      {one.text_vi}\n      {one.text_en}")
    return 1 if any(one.fault for one in known) or any(one.fault for one in unread) else 0


def _days(one: "Expiry") -> list[Any]:
    """The end itself, and the day by which something must be done."""
    from secondseal.ics import Day

    described = f"{one.text_vi}\n{one.text_en}\nSHA-256 {one.sha256}"
    found = [
        Day(
            uid=f"{one.sha256[:32]}-{one.role}-end@second-seal",
            day=one.ends,
            summary=f"Hết hạn chứng thư: {one.what}",
            description=described,
            remind_days=7,
        )
    ]
    if one.act_by is not None and one.act_by != one.ends:
        found.append(
            Day(
                uid=f"{one.sha256[:32]}-{one.role}-act@second-seal",
                day=one.act_by,
                summary=f"Hạn xin chứng thư mới: {one.what}",
                description=described,
            )
        )
    return found
