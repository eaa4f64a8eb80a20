"""`secondseal office show, export, history, pending, diff`: what is in force, what was, what is proposed."""

import argparse
import difflib
import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from office import changes
from register import OfficeProposal, OfficeVersion, office_versions
from secondseal.commands.office.person import in_force, office_desk, told
from secondseal.institution import office_file
from secondseal.settings import Settings, SettingsError
from stamping import OfficeDesk, read_office, told_changes
from store import VIETNAM, read


def add(verbs: Any) -> None:
    """show, export, history, pending, diff."""
    show = verbs.add_parser(
        "show",
        help="the version in force, or one that was: who, when, why, and its text",
        epilog="Example: secondseal office show --at 2026-11-29T10:00",
    )
    which = show.add_mutually_exclusive_group()
    which.add_argument("--version", type=int, metavar="N")
    which.add_argument("--at", metavar="TIME", help="the version in force then; a time without a zone is Viet Nam's")
    which.add_argument("--proposal", type=int, metavar="N", help="a proposal, decided or not")
    show.add_argument("--json", action="store_true")
    show.set_defaults(act=_show)
    export = verbs.add_parser(
        "export",
        help="the text in force into a file, to be edited and imported",
        epilog="Example: secondseal office export -o office.toml --files",
    )
    export.add_argument("--version", type=int, metavar="N", help="default: the one in force")
    export.add_argument("-o", "--out", type=Path, required=True, metavar="FILE")
    export.add_argument("--files", action="store_true", help="the certificates and pictures it names, beside it")
    export.set_defaults(act=_export)
    history = verbs.add_parser(
        "history", help="every proposal and what became of it", epilog="Example: secondseal office history"
    )
    history.add_argument("--json", action="store_true")
    history.set_defaults(act=_history)
    pending = verbs.add_parser(
        "pending", help="what waits to be confirmed, with its changes", epilog="Example: secondseal office pending"
    )
    pending.set_defaults(act=_pending)
    diff = verbs.add_parser(
        "diff",
        help="what differs between two versions, or between the one in force and a file",
        epilog="Examples: secondseal office diff · secondseal office diff 3 4 · secondseal office diff 4 office.toml",
    )
    diff.add_argument("old", nargs="?", help="a version, or a file; default: the version in force")
    diff.add_argument("new", nargs="?", help="a version, or a file; default: the office's file")
    diff.add_argument("--text", action="store_true", help="the lines of the text, too")
    diff.set_defaults(act=_diff)


def _show(options: argparse.Namespace, settings: Settings) -> int:
    with office_desk(settings) as desk:
        if options.proposal is not None:
            with read(desk.engine) as connection:
                proposal = office_versions.proposal(connection, options.proposal)
        else:
            proposal = _version(desk, options).proposal
    if options.json:
        print(json.dumps(_as_json(proposal) | {"toml": proposal.text}, ensure_ascii=False, indent=2))
        return 0
    for line in _described(proposal):
        print(f"# {line}")
    print(proposal.text, end="" if proposal.text.endswith("\n") else "\n")
    return 0


def _version(desk: OfficeDesk, options: argparse.Namespace) -> OfficeVersion:
    with read(desk.engine) as connection:
        if options.version is not None:
            return office_versions.version(connection, options.version)
        if getattr(options, "at", None) is None:
            found = office_versions.in_force(connection)
        else:
            moment = datetime.fromisoformat(options.at)
            found = office_versions.version_at(connection, moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM))
    if found is None:
        raise SettingsError("No version was in force at that time.")
    return found


def _export(options: argparse.Namespace, settings: Settings) -> int:
    with office_desk(settings) as desk:
        version = _version(desk, options)
        beside = {
            options.out.parent / name: desk.files.get(sha256)
            for name, sha256 in (version.proposal.files.items() if options.files else ())
        }
        folder = options.out.resolve().parent
        outside = [path for path in beside if not path.resolve().is_relative_to(folder)]
        if outside:
            raise ValueError(f"{outside[0]} lies outside {folder}: --files writes only beside the text")
        options.out.write_bytes(version.proposal.text.encode())
        for path, content in beside.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    print(f"{options.out}: phiên bản · version {version.number}")
    print(f"secondseal office import {options.out} --base {version.number} --why '...' --as ...")
    return 0


def _history(options: argparse.Namespace, settings: Settings) -> int:
    with office_desk(settings) as desk, read(desk.engine) as connection:
        found = office_versions.history(connection)
    if options.json:
        print(json.dumps([_as_json(one) for one in found], ensure_ascii=False, indent=2))
        return 0
    for one in found:
        print("\n  ".join(_described(one)))
    return 0


def _pending(_options: argparse.Namespace, settings: Settings) -> int:
    with office_desk(settings) as desk, read(desk.engine) as connection:
        found = office_versions.pending(connection)
        newest = office_versions.newest(connection)
    for one in found:
        print("\n  ".join(_described(one)))
        for change in told_changes(one):
            print(told(change, "  "))
        if one.base != newest:
            print("  Đã có phiên bản khác có hiệu lực: hãy đề nghị lại. · Overtaken: propose it again.")
    if not found:
        print("Không có đề nghị nào đang chờ. · No proposal is waiting.")
    return 0


def _diff(options: argparse.Namespace, settings: Settings) -> int:
    with office_desk(settings) as desk:
        newest = in_force(desk)
        old = _side(desk, options.old) if options.old else (newest.proposal.text, dict(newest.proposal.files))
        new = _side(desk, options.new or str(settings.office))
        found = changes(read_office(*old, desk.files), read_office(*new, desk.files))
    for change in found:
        print(told(change))
    if not found:
        print("Không khác về nội dung. · No difference in what they say.")
    if options.text:
        lines = difflib.unified_diff(
            old[0].splitlines(keepends=True), new[0].splitlines(keepends=True), options.old or "in force", "new"
        )
        print("".join(lines), end="")
    return 0


def _side(desk: OfficeDesk, word: str) -> tuple[str, dict[str, str]]:
    """A version by its number, else a file by its name: its text, and the hash of each file it names."""
    if word.isdigit():
        with read(desk.engine) as connection:
            proposal = office_versions.version(connection, int(word)).proposal
        return proposal.text, dict(proposal.files)
    text, files = office_file(Path(word))
    given = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return text, dict(in_force(desk).proposal.files) | given


def _described(one: OfficeProposal) -> list[str]:
    lines = [f"Đề nghị · proposal {one.id}, từ phiên bản · from version {one.base}, sha256 {one.sha256}"]
    lines.append(f"{_moment(one.at)}  {one.by.name} ({one.by.account}): {one.why}")
    if one.decision is not None:
        vi, en = _OUTCOMES[one.decision.outcome]
        number = f", phiên bản · version {one.decision.version}" if one.decision.version else ""
        note = f": {one.decision.note}" if one.decision.note else ""
        lines.append(f"{_moment(one.decision.at)}  {vi} · {en}{number}, {one.decision.name} ({one.decision.by}){note}")
    return lines


_OUTCOMES = {
    "confirmed": ("đã có hiệu lực", "in force"),
    "rejected": ("đã bị bác", "rejected"),
    "withdrawn": ("đã rút", "withdrawn"),
}


def _moment(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"


def _as_json(one: OfficeProposal) -> dict[str, object]:
    decision = one.decision
    return {
        "proposal": one.id,
        "base": one.base,
        "version": decision.version if decision else None,
        "state": decision.outcome if decision else "pending",
        "sha256": one.sha256,
        "files": dict(one.files),
        "why": one.why,
        "needs_second": one.needs_second,
        "proposed_by": one.by.account,
        "proposed_name": one.by.name,
        "proposed_at": one.at.isoformat(),
        "decided_by": decision.by if decision else None,
        "decided_name": decision.name if decision else None,
        "decided_at": decision.at.isoformat() if decision else None,
        "note": decision.note if decision else "",
        "changes": [
            {"vi": one_change.text_vi, "en": one_change.text_en, "second_person": one_change.second_person}
            for one_change in told_changes(one)
        ],
    }
