"""`secondseal paper list | render`: the catalogue of result papers."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from templates import PaperDataInvalid, PaperError, catalogue, dossier_data, render, sample_issue


def arguments(parser: argparse.ArgumentParser) -> None:
    """list [--json]; render NAME [--data FILE] -o OUT.pdf."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser(
        "list", help="the papers this office can issue", epilog="Example: secondseal paper list --json"
    )
    listing.add_argument("--json", action="store_true", help="for programs")
    rendering = verbs.add_parser(
        "render",
        help="render one paper as a specimen",
        epilog="Example: secondseal paper render dang-ky-ho-kinh-doanh --data my.json -o out.pdf",
    )
    rendering.add_argument("name", metavar="NAME", help="a name that `secondseal paper list` shows")
    rendering.add_argument(
        "--data", type=Path, metavar="FILE", help="JSON file; the paper's own sample data where none is given"
    )
    rendering.add_argument("-o", "--out", type=Path, required=True, metavar="OUT.pdf", help="where the PDF goes")


def run(options: argparse.Namespace) -> int:
    """Exit status 1 when the name is unknown, the data does not fit, or a file cannot be read or written."""
    if options.verb == "list":
        return _list(as_json=options.json)
    try:
        return _render(options.name, options.data, options.out)
    except PaperDataInvalid as error:
        said = [f"{path}: {text_vi} · {text_en}" for path, text_vi, text_en in error.problems]
    except PaperError as error:
        said = [f"{error.text_vi} · {error.text_en}"]
    except OSError as error:
        said = [f"{error.filename}: không đọc hoặc ghi được · cannot be used ({error.strerror})"]
    except ValueError as error:
        said = [f"{options.data}: không phải JSON của một mẫu giấy · not a paper's JSON ({error})"]
    print("\n".join(said), file=sys.stderr)
    return 1


def _render(name: str, data: Path | None, out: Path) -> int:
    papers = {paper.name: paper for paper in catalogue()}
    if name not in papers:
        known = ", ".join(papers)
        print(f"Không có mẫu giấy {name} · no such paper; có · there are: {known}", file=sys.stderr)
        return 1
    paper = render(name, dossier_data(_data(data) if data else papers[name].sample_data), sample_issue(name))
    out.write_bytes(paper.pdf)
    print(f"{out}: {paper.title}, {paper.pages} trang · page{'' if paper.pages == 1 else 's'}")
    return 0


def _data(file: Path) -> Mapping[str, Any]:
    read = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(read, dict):
        raise ValueError("an object { } is expected")  # noqa: TRY004 - the file's contents are wrong, not the program
    return read


def _list(*, as_json: bool) -> int:
    if as_json:
        rows = [
            {"name": paper.name, "title": paper.title, "version": paper.version, "procedure": paper.procedure}
            for paper in catalogue()
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for paper in catalogue():
            print(f"{paper.name:32} {paper.version:10} {paper.title}")
    return 0
