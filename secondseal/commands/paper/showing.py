"""`secondseal paper gallery`: every paper on one page."""

import argparse
from pathlib import Path
from typing import Any

from secondseal.papers import office_papers
from secondseal.settings import Settings
from secondseal.wiring import now
from store import vietnam_date


def add(verbs: Any) -> None:
    """gallery OUT.html."""
    gallery = verbs.add_parser(
        "gallery",
        help="one page (HTML) with every paper drawn from its sample, in a file that needs no other",
        epilog="Example: secondseal paper gallery papers.html",
    )
    gallery.add_argument("out", type=Path, metavar="OUT.html", help="where the page goes")
    gallery.set_defaults(act=_gallery)


def _gallery(options: argparse.Namespace, settings: Settings) -> int:
    from secondseal.gallery import gallery  # draws pictures, which no other verb does

    papers = office_papers(settings)
    options.out.write_text(gallery(papers, vietnam_date(now())), encoding="utf-8")
    count = len(papers.papers)
    print(f"{options.out}: {count} phiên bản mẫu giấy · {count} version{'' if count == 1 else 's'} of papers")
    return 0
