"""`secondseal paper list | render`: the catalogue of result papers."""

import argparse
import json
from pathlib import Path

from templates import PaperDataInvalid, PaperError, catalogue, dossier_data, render, sample_issue


def arguments(parser: argparse.ArgumentParser) -> None:
    """list [--json]; render NAME [--data FILE] -o OUT.pdf."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser(
        "list", help="the papers this office can issue", epilog="Example: secondseal paper list --json"
    )
    listing.add_argument("--json", action="store_true")
    rendering = verbs.add_parser(
        "render",
        help="render one paper as a specimen",
        epilog="Example: secondseal paper render dang-ky-ho-kinh-doanh --data my.json -o out.pdf",
    )
    rendering.add_argument("name")
    rendering.add_argument("--data", type=Path, help="JSON file; the paper's own sample data where none is given")
    rendering.add_argument("-o", "--out", type=Path, required=True)


def run(options: argparse.Namespace) -> int:
    """Exit status 1 when the name is unknown or the data does not fit."""
    if options.verb == "list":
        return _list(as_json=options.json)
    papers = {paper.name: paper for paper in catalogue()}
    if options.name not in papers:
        print(f"Không có mẫu giấy {options.name} · no such paper; there are: {', '.join(papers)}")
        return 1
    data = json.loads(options.data.read_text(encoding="utf-8")) if options.data else papers[options.name].sample_data
    try:
        paper = render(options.name, dossier_data(data), sample_issue(options.name))
    except PaperDataInvalid as error:
        for path, text_vi, text_en in error.problems:
            print(f"{path}: {text_vi} · {text_en}")
        return 1
    except PaperError as error:
        print(f"{error.text_vi} · {error.text_en}")
        return 1
    options.out.write_bytes(paper.pdf)
    print(f"{options.out}: {paper.title}, {paper.pages} trang · page(s)")
    return 0


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
