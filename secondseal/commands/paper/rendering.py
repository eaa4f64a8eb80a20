"""`secondseal paper list | render`: which papers there are; one of them as a specimen."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secondseal.papers import newest, office_papers
from secondseal.settings import Settings
from secondseal.wiring import now
from store import vietnam_date
from templates import Catalogue, PaperTemplate, dossier_data, drawn, specimen_issue


def add(verbs: Any) -> None:
    """list [--json]; render NAME [--data FILE] -o OUT.pdf."""
    listing = verbs.add_parser(
        "list",
        help="the papers this office can issue, its own too: version, in force or not, official or not",
        epilog="Example: secondseal paper list --json",
    )
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(act=_list)
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
    rendering.set_defaults(act=_render)


def _render(options: argparse.Namespace, settings: Settings) -> int:
    papers = office_papers(settings)
    paper = newest(papers, options.name, vietnam_date(now()))
    if paper is None:
        known = ", ".join(dict.fromkeys(one.name for one in papers.papers))
        print(f"Không có mẫu giấy {options.name} · no such paper; có · there are: {known}", file=sys.stderr)
        return 1
    try:
        data = dossier_data(_data(options.data)) if options.data else paper.sample_data
    except ValueError as error:
        print(f"{options.data}: không phải JSON của một mẫu giấy · not a paper's JSON ({error})", file=sys.stderr)
        return 1
    made = drawn(paper, data, specimen_issue(paper))
    options.out.write_bytes(made.pdf)
    print(f"{options.out}: {made.title}, {made.pages} trang · page{'' if made.pages == 1 else 's'}")
    return 0


def _data(file: Path) -> Mapping[str, Any]:
    read = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(read, dict):
        raise ValueError("an object { } is expected")  # noqa: TRY004 - the file's contents are wrong, not the program
    return read


def _list(options: argparse.Namespace, settings: Settings) -> int:
    papers = office_papers(settings)
    today = papers.on(vietnam_date(now()))
    if options.json:
        rows = [_row(papers, paper, in_force=paper in today) for paper in papers.papers]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    for paper in papers.papers:
        state = "đang dùng · in force" if paper in today else "không dùng hôm nay · not in force"
        whose = "của đơn vị · the office's" if papers.is_own(paper) else "có sẵn · ours"
        official = paper.source is not None and paper.source.official
        source = "theo mẫu ban hành · official" if official else "không theo mẫu ban hành · not official"
        print(f"{paper.name:32} {paper.version:10} {paper.title}\n    {state}; {whose}; {source}")
    return 0


def _row(papers: Catalogue, paper: PaperTemplate, *, in_force: bool) -> dict[str, Any]:
    return {
        "name": paper.name,
        "title": paper.title,
        "version": paper.version,
        "procedure": paper.procedure,
        "procedures": list(paper.procedures),
        "effective_from": f"{paper.effective_from}",
        "effective_to": f"{paper.effective_to}" if paper.effective_to else None,
        "in_force": in_force,
        "own": papers.is_own(paper),
        "official": paper.source is not None and paper.source.official,
        "source": paper.source.text if paper.source is not None else "",
    }
