"""`secondseal token doctor`: every configured key signs, and what is wrong is said with what to do."""

import argparse
import json
from typing import Any

from secondseal.settings import Settings


def add(verbs: Any) -> None:
    """doctor."""
    doctor = verbs.add_parser(
        "doctor",
        help="sign and check with every configured key, with advice",
        epilog="Example: secondseal token doctor",
    )
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(act=_doctor)


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    # the office's rules and the database: nothing the key ceremony needs
    from secondseal.doctor import examine_all
    from secondseal.wiring import now

    advice = examine_all(settings, now())
    if options.json:
        print(json.dumps([one.as_json() for one in advice], ensure_ascii=False, indent=2))
    else:
        for one in advice:
            print(f"[{one.finding.state}] {one.what}\n    {one.finding.text_vi}\n    {one.finding.text_en}")
    return 0 if all(one.finding.state != "fault" for one in advice) else 1
