"""The QR symbol in the upper left margin: the look-up address, and behind its # the data TT 01/2023/TT-VPCP asks for.

A telephone opens the address; a program reads the fragment, which a browser never sends to a server. The fragment is
form-encoded, so `new URLSearchParams(location.hash.slice(1))` reads it in a page.
"""

import re
from datetime import timedelta, timezone
from typing import Final
from urllib.parse import parse_qsl, urlencode

from templates.errors import PaperDataInvalid
from templates.issue import Issue
from templates.masking import Symbol, best_symbol
from templates.sheet import HEIGHT, MM

VIETNAM: Final = timezone(timedelta(hours=7))

# x 4-26 mm and y 5-27 mm: wholly in the left margin, so that the issuing body's name stays where the decree has it.
_SIDE: Final = 22 * MM
_LEFT: Final = 4 * MM
_TOP: Final = HEIGHT - 5 * MM

# 77 modules on 22 mm are 0.29 mm each, 2.2 pixels of a 200 dpi scan: the smallest that were read without fail.
_LARGEST_VERSION: Final = 15

FIELDS: Final = {
    "hs": "dossier",
    "tt": "procedure",
    "dd": "holder_id",
    "gt": "paper",
    "ht": "system",
    "xb": "exported_at",
    "hl": "validity",
    "hn": "appointed_at",
}
"""Keys of the fragment: mã hồ sơ, mã TTHC, mã định danh, tên giấy tờ, hệ thống, thời điểm xuất bản; of a result thời
hạn và phạm vi hiệu lực, of a letter about a dossier ngày hẹn trả."""


def masked(number: str) -> str:
    """An identity number with only its last three digits shown: anyone can scan a QR (Luật BVDLCN 91/2025)."""
    return "*" * max(len(number) - 3, 0) + number[-3:] if len(number) > 3 else "*" * len(number)


def qr_text(issue: Issue, paper_title: str) -> str:
    """The text inside the symbol, in ASCII."""
    holder = issue.holder_id if issue.holder_id_in_qr == "full" else masked(issue.holder_id)
    values = {
        "hs": issue.dossier,
        "tt": issue.procedure,
        "dd": holder,
        "gt": paper_title,
        "ht": issue.system,
        "xb": issue.exported_at.astimezone(VIETNAM).isoformat(timespec="seconds"),
    }
    if issue.appointed_at is None:
        values["hl"] = issue.validity
    else:
        values["hn"] = issue.appointed_at.astimezone(VIETNAM).isoformat(timespec="minutes")
    return f"{issue.verify_url}#{urlencode(values, safe=':;,/*().')}"


def read_qr_text(text: str) -> dict[str, str]:
    """The reverse: {"url": ..., "dossier": ..., ...} from a scanned text; unknown keys are left out."""
    url, _, fragment = text.partition("#")
    return {"url": url} | {FIELDS[key]: value for key, value in parse_qsl(fragment) if key in FIELDS}


def qr_symbol(issue: Issue, paper_title: str) -> Symbol:
    """The symbol. Raises PaperDataInvalid when so much text would make it too fine to be read from a print."""
    symbol = best_symbol(qr_text(issue, paper_title))
    if symbol.version > _LARGEST_VERSION:
        longest = max(("system", "validity", "dossier", "verify_url"), key=lambda name: len(getattr(issue, name)))
        vi, en = "quá dài cho mã QR in trên giấy", "is too long for a QR symbol that must be read from paper"
        raise PaperDataInvalid(((f"issue.{longest}", vi, en),))
    return symbol


def strokes(symbol: Symbol) -> bytes:
    """The symbol as PDF operators for the first page: dark modules as one path, so that no hairlines part them."""
    module = _SIDE / len(symbol.rows)
    boxes = [
        f"{dark.start()} {row} {dark.end() - dark.start()} 1 re"
        for row, modules in enumerate(symbol.rows)
        for dark in re.finditer("1+", modules)
    ]
    # One module is one unit, rows run downwards.
    space = f"q 0 g {module:.6f} 0 0 {-module:.6f} {_LEFT:.4f} {_TOP:.4f} cm"
    return "\n".join([space, *boxes, "f Q"]).encode()
