"""`secondseal office check`: is the file of the office whole, are the pictures of its seals good, what does it say?"""

import argparse
import sys
from pathlib import Path

from office import Office, OfficeInvalid
from secondseal.next_keys import examine_next_keys
from secondseal.seal_images import examine_seal_images
from secondseal.settings import load_settings
from store import now


def arguments(parser: argparse.ArgumentParser) -> None:
    """check [FILE]."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser(
        "check",
        help="read the file and the seals' pictures, say what is wrong",
        epilog="Example: secondseal office check",
    )
    check.add_argument("file", nargs="?", type=Path, help="default: the configured one")


def run(options: argparse.Namespace) -> int:
    """Exit status 0 only if the file can be used."""
    path = options.file or load_settings().office
    try:
        office = Office.load(path)
    except OSError as error:
        print(f"{path}: không đọc được tệp · cannot be read ({error.strerror})", file=sys.stderr)
        return 1
    except OfficeInvalid as error:
        print(f"{error.text_vi}\n{error.text_en}", file=sys.stderr)
        return 1
    print(
        f"{path}: {len(office.organisations)} cơ quan · organisations, {len(office.seals)} con dấu · seals, "
        f"{len(office.officers)} người ký · officers, {len(office.custodians)} văn thư · custodians"
        + (", cơ quan thử nghiệm · test office" if office.test_office else "")
    )
    remarks = (*examine_seal_images(office), *examine_next_keys(office, now()))
    for remark in remarks:
        print(f"{remark.text_vi}\n{remark.text_en}", file=sys.stderr if remark.fault else sys.stdout)
    return 1 if any(remark.fault for remark in remarks) else 0
