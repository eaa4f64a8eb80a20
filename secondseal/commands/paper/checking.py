"""`secondseal paper check`: what is wrong with the office's own papers, by file and line."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from secondseal.new_paper import check_paper
from secondseal.papers import told
from secondseal.settings import Settings
from templates import VERSION, Fault, FolderInvalid, remarks, specimen_issue, with_own


def add(verbs: Any) -> None:
    """check [FOLDER]."""
    check = verbs.add_parser(
        "check",
        help="read the office's own papers, draw their samples, and say what is wrong",
        epilog="Example: secondseal paper check giay-xac-nhan-tam-tru",
    )
    check.add_argument(
        "folder",
        nargs="?",
        metavar="FOLDER",
        help="a folder of papers, one paper's, or one version's; or the name of an own paper; default: all of them",
    )
    check.set_defaults(act=_check)


def _check(options: argparse.Namespace, settings: Settings) -> int:
    """Exit status 0 only where everything can be used."""
    folder = _meant(options.folder, settings.own_papers)
    if options.folder is None and settings.papers is None and not folder.is_dir():
        print(f"{folder}: không có mẫu riêng · there are no papers of the office's own")
        return 0
    versions, whole = _versions(folder)
    faults: list[Fault] = []
    for version in versions:
        try:
            paper = check_paper(version, version.parent.name)
        except FolderInvalid as error:
            faults += (_at(version, one) for one in error.faults)
        else:
            for one in remarks(version, paper, specimen_issue(paper)):
                print(f"lưu ý · note: {told(_at(version, one))}")
    if whole and not faults:
        try:
            with_own(folder)  # what is wrong between them
        except FolderInvalid as error:
            faults += (_at(folder, one) for one in error.faults)
    for one in faults:
        print(told(one), file=sys.stderr)
    if faults:
        return 1
    if not versions:
        print(f"{folder}: không có mẫu giấy nào · no paper is in it", file=sys.stderr)
        return 1
    count = len(versions)
    print(f"{folder}: {count} phiên bản dùng được · {count} version{'' if count == 1 else 's'} can be used")
    return 0


def _meant(given: str | None, papers: Path) -> Path:
    """The folder to be read, in full: a version's own name and its paper's are part of it."""
    if given is None:
        return papers
    folder = Path(given)
    return (papers / given if not folder.exists() and (papers / given).exists() else folder).resolve()


def _versions(folder: Path) -> tuple[list[Path], bool]:
    """The versions' folders in it, and whether it is a folder of papers, not one of them."""
    if VERSION.fullmatch(folder.name):
        return [folder], False
    below = _folders(folder)
    if any(VERSION.fullmatch(one.name) for one in below):
        return below, False
    return [version for name in below for version in _folders(name)], True


def _folders(parent: Path) -> list[Path]:
    return sorted(one for one in parent.iterdir() if one.is_dir() and not one.name.startswith((".", "_")))


def _at(folder: Path, fault: Fault) -> Fault:
    return replace(fault, file=f"{folder / fault.file}")
