"""`secondseal paper new`: a paper of the office's own, to be changed."""

import argparse
import sys
from typing import Any

from secondseal.new_paper import start_paper
from secondseal.papers import our_folder
from secondseal.settings import Settings
from secondseal.wiring import now
from store import vietnam_date
from templates import catalogue


def add(verbs: Any) -> None:
    """new NAME [--title TITLE] [--letter]."""
    new = verbs.add_parser(
        "new",
        help="start a paper of the office's own: a complete folder, with notes, that comes out at once",
        epilog='Example: secondseal paper new giay-xac-nhan-tam-tru --title "Giấy xác nhận tạm trú"',
    )
    new.add_argument("name", metavar="NAME", help="of a-z, 0-9 and hyphens")
    new.add_argument("--title", help="the kind of paper (tên loại); default: Giấy xác nhận, of a letter Công văn")
    new.add_argument("--letter", action="store_true", help="a letter (công văn): no kind in capitals above the text")
    new.set_defaults(act=_new)


def _new(options: argparse.Namespace, settings: Settings) -> int:
    name, papers = options.name, settings.own_papers
    if name in {one.name for one in catalogue()}:
        print(
            f"{name}: là mẫu có sẵn; muốn có phiên bản riêng thì chép thư mục {our_folder(name)} vào {papers / name} "
            f"với số phiên bản mới · is one of ours; for a version of your own copy that folder, with a new version",
            file=sys.stderr,
        )
        return 1
    title = options.title or ("Công văn" if options.letter else "Giấy xác nhận")
    try:
        made = start_paper(papers, name, title=title, letter=options.letter, day=vietnam_date(now()))
    except FileExistsError:
        print(f"{papers / name}: đã có, không ghi đè · is there already, and is left as it is", file=sys.stderr)
        return 1
    print(
        f"{made}\n"
        "  manifest.toml  tên, ngày dùng, thủ tục · name, days, procedures\n"
        "  schema.json    thông tin cần có · the data it takes\n"
        "  body.xml       nội dung trên giấy · what stands on it\n"
        "  sample.json    dữ liệu mẫu · an example\n"
        f"Xem thử · look: secondseal paper render {name} -o {name}.pdf\n"
        f"Kiểm tra · check: secondseal paper check {name}"
    )
    return 0
