"""`secondseal office seal, custodian, officer, delegation, organisation, holiday`: the common acts, without an editor.

Each edits the text in force, proposes the result, and says whether a second person must confirm it.
"""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from secondseal import office_edits
from secondseal.commands.office.person import add_person, carry_out, in_force, office_desk, proved
from secondseal.settings import Settings
from stamping import office_acts

Edit = Callable[[str, argparse.Namespace], str]

_STATES: Final = {
    "activate": ("active", "put a seal into use (again)"),
    "suspend": ("suspended", "stop a seal at once; one person may do this"),
    "retire": ("retired", "withdraw a seal for good"),
}


def add(verbs: Any) -> None:
    """seal, custodian, officer, delegation, organisation, holiday."""
    _add_seal(verbs)
    _add_custodian(verbs)
    _add_officer(verbs)
    _add_delegation(verbs)
    _add_organisation(verbs)
    _add_holiday(verbs)


def _add_seal(verbs: Any) -> None:
    nouns = _noun(verbs, "seal", "a seal's state, by decision", "secondseal office seal suspend x1-2 --decision ...")
    for name, (_, what) in _STATES.items():
        example = (
            f"secondseal office seal {name} x1-2 --decision 12/QĐ-UBND --on 2026-12-01 --why 'mất token' --as quantri"
        )
        verb = _verb(nouns, name, what, example, _seal)
        verb.add_argument("seal", metavar="SEAL", help="its id")
        verb.add_argument("--decision", required=True, help="number of the decision")
        verb.add_argument("--on", type=date.fromisoformat, required=True, metavar="DAY", help="from which day")
        verb.add_argument("--handover", help="number of the hand-over record")


def _add_custodian(verbs: Any) -> None:
    nouns = _noun(verbs, "custodian", "appoint, end, hand over", "secondseal office custodian appoint 'Lê Thị Mẫu' ...")
    appoint = _verb(
        nouns,
        "appoint",
        "one more custodian (văn thư)",
        "secondseal office custodian appoint 'Lê Thị Mẫu' --organisation M01.X1 --seal x1-2 --decision 5/QĐ-UBND "
        "--from 2026-12-01 --why 'nhân sự mới' --as quantri",
        _appoint,
    )
    appoint.add_argument("name", metavar="NAME")
    appoint.add_argument("--id", help="default: made of the name")
    appoint.add_argument("--organisation", required=True)
    appoint.add_argument("--seal", action="append", required=True, dest="seals", metavar="SEAL")
    appoint.add_argument("--decision", required=True, help="number of the decision that appoints them")
    appoint.add_argument("--decided-on", type=date.fromisoformat, metavar="DAY", help="of that decision")
    appoint.add_argument("--from", type=date.fromisoformat, dest="since", metavar="DAY")
    appoint.add_argument("--until", type=date.fromisoformat, metavar="DAY")
    appoint.add_argument("--account", help="a note for readers: their account")
    end = _verb(
        nouns,
        "end",
        "a custodian's last day",
        "secondseal office custodian end van-thu --on 2026-12-31 --why 'nghỉ hưu' --as quantri",
        lambda text, options: office_edits.custodian_ended(text, options.custodian, options.on),
    )
    end.add_argument("custodian", metavar="CUSTODIAN", help="their id")
    end.add_argument("--on", type=date.fromisoformat, required=True, metavar="DAY")
    over = _verb(
        nouns,
        "hand-over",
        "a seal changes hands",
        "secondseal office custodian hand-over --seal x1-2 --from van-thu --to le-thi-mau --permission 7/QĐ-UBND "
        "--minutes 2/BB-UBND --at 2026-12-01T08:00 --why 'nghỉ phép' --as quantri",
        _hand_over,
    )
    over.add_argument("--seal", required=True)
    over.add_argument("--from", dest="giver", required=True, metavar="CUSTODIAN")
    over.add_argument("--to", dest="taker", required=True, metavar="CUSTODIAN")
    over.add_argument("--permission", required=True, help="number of the written permission")
    over.add_argument("--minutes", required=True, help="number of the record (biên bản)")
    over.add_argument("--at", required=True, metavar="TIME", help="without a zone: Viet Nam's")


def _add_officer(verbs: Any) -> None:
    nouns = _noun(verbs, "officer", "an officer's end, post, certificate", "secondseal office officer end chu-tich ...")
    end = _verb(
        nouns,
        "end",
        "an officer's last day in post",
        "secondseal office officer end chu-tich --on 2026-12-31 --why 'nghỉ hưu' --as quantri",
        lambda text, options: office_edits.officer_ended(text, options.officer, options.on),
    )
    end.add_argument("--on", type=date.fromisoformat, required=True, metavar="DAY")
    post = _verb(
        nouns,
        "post",
        "another post",
        "secondseal office officer post pho-chu-tich 'CHỦ TỊCH' --why 'Quyết định 3/QĐ-UBND' --as quantri",
        lambda text, options: office_edits.officer_post(text, options.officer, options.post),
    )
    certificate = _verb(
        nouns,
        "certificate",
        "one more certificate to sign with",
        "secondseal office officer certificate chu-tich chu-tich.pem --why 'chứng thư mới' --as quantri",
        _certify,
    )
    for verb in (end, post, certificate):
        verb.add_argument("officer", metavar="OFFICER", help="their id")
    post.add_argument("post", metavar="POST")
    certificate.add_argument("certificate", metavar="PEM", type=Path, help="the certificate's file")


def _add_delegation(verbs: Any) -> None:
    nouns = _noun(verbs, "delegation", "the paper an officer signs by", "secondseal office delegation add chu-tich ...")
    add_one = _verb(
        nouns,
        "add",
        "a written delegation with its dates",
        "secondseal office delegation add pho-chu-tich --number 4/QĐ-UBND --from 2026-12-01 --to 2027-11-30 "
        "--by chu-tich --why 'uỷ quyền' --as quantri",
        _delegate,
    )
    add_one.add_argument("officer", metavar="OFFICER", help="their id")
    add_one.add_argument("--number", required=True)
    add_one.add_argument("--from", type=date.fromisoformat, dest="since", required=True, metavar="DAY")
    add_one.add_argument("--to", type=date.fromisoformat, dest="until", required=True, metavar="DAY")
    add_one.add_argument("--by", help="id of the officer who delegates")
    add_one.add_argument("--organisation", help="the delegating body, whose seal the papers bear")
    add_one.add_argument("--procedure", action="append", default=[], dest="procedures", metavar="CODE")


def _add_organisation(verbs: Any) -> None:
    nouns = _noun(verbs, "organisation", "the end of a body", "secondseal office organisation end M01.H1 ...")
    end = _verb(
        nouns,
        "end",
        "its last day, and who takes over",
        "secondseal office organisation end M01.H1 --on 2026-12-31 --successor M01.X1 --from 2027-01-01 "
        "--why 'sáp nhập' --as quantri",
        _end_organisation,
    )
    end.add_argument("organisation", metavar="CODE")
    end.add_argument("--on", type=date.fromisoformat, required=True, metavar="DAY")
    end.add_argument("--successor", action="append", default=[], dest="successors", metavar="CODE")
    end.add_argument("--from", type=date.fromisoformat, dest="since", metavar="DAY", help="they take over on this day")


def _add_holiday(verbs: Any) -> None:
    nouns = _noun(verbs, "holiday", "days off", "secondseal office holiday add 2027-02-05 ...")
    more = _verb(
        nouns,
        "add",
        "more days off",
        "secondseal office holiday add 2027-02-05 2027-02-08 --why 'nghỉ Tết' --as quantri",
        lambda text, options: office_edits.holidays_added(text, options.days),
    )
    more.add_argument("days", nargs="+", type=date.fromisoformat, metavar="DAY")


def _noun(verbs: Any, name: str, what: str, example: str) -> Any:
    parser = verbs.add_parser(name, help=what, epilog=f"Example: {example}")
    return parser.add_subparsers(dest="act_verb", required=True, metavar="VERB")


def _verb(nouns: Any, name: str, what: str, example: str, edit: Edit) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = nouns.add_parser(name, help=what, epilog=f"Example: {example}")
    parser.add_argument("--why", required=True, help="what it rests on; kept for good")
    add_person(parser)
    parser.set_defaults(act=_proposing(edit))
    return parser


def _proposing(edit: Edit) -> Callable[[argparse.Namespace, Settings], int]:
    def act(options: argparse.Namespace, settings: Settings) -> int:
        with office_desk(settings) as desk:
            before = in_force(desk)
            text = edit(before.proposal.text, options)
            by, at = proved(options, settings, desk)
            proposal = office_acts.propose(desk, text, {}, base=before.number, why=options.why, by=by)
            carry_out(proposal, desk, by, at)
        return 0

    return act


def _seal(text: str, options: argparse.Namespace) -> str:
    state = _STATES[options.act_verb][0]
    return office_edits.seal_state(
        text,
        options.seal,
        state,  # type: ignore[arg-type]
        decision=options.decision,
        on=options.on,
        handover=options.handover,
    )


def _appoint(text: str, options: argparse.Namespace) -> str:
    given = {
        "id": options.id,
        "name": options.name,
        "organisation": options.organisation,
        "seals": options.seals,
        "appointed_by": options.decision,
        "appointed_on": _day(options.decided_on),
        "from": _day(options.since),
        "until": _day(options.until),
        "account": options.account,
    }
    return office_edits.custodian_appointed(text, _given(given))


def _hand_over(text: str, options: argparse.Namespace) -> str:
    given = {
        "seal": options.seal,
        "permission": options.permission,
        "minutes": options.minutes,
        "from": options.giver,
        "to": options.taker,
        "at": options.at,
    }
    return office_edits.handed_over(text, _given(given))


def _certify(text: str, options: argparse.Namespace) -> str:
    return office_edits.officer_certificate(text, options.officer, _fingerprint(options.certificate))


def _delegate(text: str, options: argparse.Namespace) -> str:
    given = {
        "number": options.number,
        "from": _day(options.since),
        "to": _day(options.until),
        "by": options.by,
        "organisation": options.organisation,
        "procedures": options.procedures or None,
    }
    return office_edits.delegation_added(text, options.officer, _given(given))


def _end_organisation(text: str, options: argparse.Namespace) -> str:
    if options.successors and options.since is None:
        raise ValueError("--successor needs --from, the day from which they take over")
    successors = [{"code": code, "from": _day(options.since)} for code in options.successors]
    return office_edits.organisation_ended(text, options.organisation, options.on, successors)


def _fingerprint(path: Path) -> str:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.fingerprint(hashes.SHA256()).hex()


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
