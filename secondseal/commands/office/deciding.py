"""`secondseal office import, confirm, reject, withdraw`: one person proposes, the same or another decides."""

import argparse
from pathlib import Path
from typing import Any

from register import office_versions
from secondseal.commands.office.person import add_person, carry_out, in_force, office_desk, proved
from secondseal.institution import office_file
from secondseal.settings import Settings
from stamping import office_acts, office_review
from store import read


def add(verbs: Any) -> None:
    """import, confirm, reject, withdraw."""
    bring = verbs.add_parser(
        "import",
        help="propose a file as the office's next version; harmless changes come into force at once",
        epilog="Example: secondseal office import office.toml --why 'Quyết định 12/QĐ-UBND' --as quantri",
    )
    bring.add_argument("file", type=Path, metavar="FILE")
    bring.add_argument("--why", required=True, help="what it rests on; kept for good")
    bring.add_argument("--base", type=int, metavar="N", help="the version the file was made from; default: the newest")
    add_person(bring)
    bring.set_defaults(act=_import)
    confirm = verbs.add_parser(
        "confirm",
        help="bring a proposal into force; shows what it changes first",
        epilog="Example: secondseal office confirm 7 --as quantri2",
    )
    reject = verbs.add_parser(
        "reject",
        help="refuse someone else's proposal",
        epilog="Example: secondseal office reject 7 --why 'Chưa có quyết định' --as quantri2",
    )
    withdraw = verbs.add_parser(
        "withdraw", help="take one's own proposal back", epilog="Example: secondseal office withdraw 7 --as quantri"
    )
    for verb, act in ((confirm, _confirm), (reject, _reject), (withdraw, _withdraw)):
        verb.add_argument("proposal", type=int, metavar="ID")
        verb.add_argument("--why", default="", required=verb is reject, help="a note that is kept with the decision")
        add_person(verb)
        verb.set_defaults(act=act)


def _import(options: argparse.Namespace, settings: Settings) -> int:
    with office_desk(settings) as desk:
        text, files = office_file(options.file)
        by, at = proved(options, settings, desk)
        base = options.base if options.base is not None else in_force(desk).number
        proposal = office_acts.propose(desk, text, files, base=base, why=options.why, by=by)
        carry_out(proposal, desk, by, at)
    return 0


def _confirm(options: argparse.Namespace, settings: Settings) -> int:
    with office_desk(settings) as desk:
        with read(desk.engine) as connection:
            proposal = office_versions.proposal(connection, options.proposal)
        print(f"{proposal.by.name} ({proposal.by.account}): {proposal.why}")
        # worked out here: the row's own words are whoever's who wrote the row
        for change in office_review.review(desk, proposal):
            print(f"- {change.text_vi}\n  {change.text_en}")
        by, at = proved(options, settings, desk)
        version = office_acts.confirm(
            desk, options.proposal, by=by, authenticated_at=at, note=options.why, shown=proposal.digest
        )
    print(f"Phiên bản {version} có hiệu lực. · Version {version} is in force.")
    return 0


def _reject(options: argparse.Namespace, settings: Settings) -> int:
    with office_desk(settings) as desk:
        by, _ = proved(options, settings, desk)
        office_acts.reject(desk, options.proposal, by=by, note=options.why)
    print(f"Đã bác đề nghị {options.proposal}. · Proposal {options.proposal} is rejected.")
    return 0


def _withdraw(options: argparse.Namespace, settings: Settings) -> int:
    with office_desk(settings) as desk:
        by, _ = proved(options, settings, desk)
        office_acts.withdraw(desk, options.proposal, by=by, note=options.why)
    print(f"Đã rút đề nghị {options.proposal}. · Proposal {options.proposal} is withdrawn.")
    return 0
