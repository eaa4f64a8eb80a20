"""`secondseal office check`: is the office whole, its seals' pictures too, and is its file what is in force?"""

import argparse
import sys
from pathlib import Path
from typing import Any

from office import Office, OfficeInvalid
from secondseal.institution import differing, version_in_force
from secondseal.kept_files import kept_files
from secondseal.next_keys import examine_next_keys
from secondseal.papers import examine_papers
from secondseal.seal_images import examine_seal_images
from secondseal.settings import Settings
from stamping import read_office
from store import now


def add(verbs: Any) -> None:
    """check [FILE]."""
    check = verbs.add_parser(
        "check",
        help="read what is in force, or a file, and say what is wrong",
        epilog="Example: secondseal office check office.toml",
    )
    check.add_argument("file", nargs="?", type=Path, help="default: what is in force; where nothing is, the file")
    check.set_defaults(act=_check)


def _check(options: argparse.Namespace, settings: Settings) -> int:
    """Exit status 0 only if it can be used."""
    version = None if options.file else version_in_force(settings)
    path: Path = options.file or settings.office
    name = f"phiên bản {version.number} đang có hiệu lực · version {version.number}, in force" if version else f"{path}"
    try:
        if version is None:
            office = Office.load(path)
        else:
            office = read_office(version.proposal.text, version.proposal.files, kept_files(settings))
    except OSError as error:
        print(f"{path}: không đọc được tệp · cannot be read ({error.strerror})", file=sys.stderr)
        return 1
    except OfficeInvalid as error:
        print(f"{error.text_vi}\n{error.text_en}", file=sys.stderr)
        return 1
    print(
        f"{name}: {len(office.organisations)} cơ quan · organisations, {len(office.seals)} con dấu · seals, "
        f"{len(office.officers)} người ký · officers, {len(office.custodians)} văn thư · custodians"
        + (", cơ quan thử nghiệm · test office" if office.test_office else "")
    )
    if version is not None and (warning := differing(settings, version)) is not None:
        print(
            f"{settings.office} khác với phiên bản đang có hiệu lực và không có tác dụng; muốn đề nghị thay đổi:\n"
            f"  secondseal office import {settings.office} --why '...' --as ...\n{warning}",
            file=sys.stderr,
        )
    remarks = (*examine_seal_images(office), *examine_next_keys(office, now()))
    for remark in remarks:
        print(f"{remark.text_vi}\n{remark.text_en}", file=sys.stderr if remark.fault else sys.stdout)
    about_papers = tuple(examine_papers(settings, office, now()))
    for found in about_papers:
        print(f"{found.vi}\n{found.en}", file=sys.stderr if found.fault else sys.stdout)
    return 1 if any(one.fault for one in remarks) or any(one.fault for one in about_papers) else 0
