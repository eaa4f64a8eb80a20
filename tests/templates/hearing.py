"""What a screen reader says of a file: its structure in order, each element with the text of its pieces."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

Heard = tuple[str, str]


def read_out(pdf: bytes) -> Iterator[Heard]:
    """Kind and text of every element that holds something, in reading order; of a figure or field what it is called."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        texts = [_pieces(page) for page in document.pages]
        numbers = {page.obj.objgen: index for index, page in enumerate(document.pages)}
        yield from _element(document.Root.StructTreeRoot.K, texts, numbers)


def _element(element: Any, texts: list[dict[int, str]], numbers: dict[Any, int]) -> Iterator[Heard]:
    kids = element.K if isinstance(element.K, pikepdf.Array) else [element.K]
    said: list[str] = []
    below: list[Any] = []
    for kid in kids:
        if isinstance(kid, int):
            said.append(texts[numbers[element.Pg.objgen]][int(kid)])
        elif kid.get("/Type") == "/MCR":
            said.append(texts[numbers[kid.Pg.objgen]][int(kid.MCID)])
        elif kid.get("/Type") == "/StructElem":
            below.append(kid)
    if "/Alt" in element or said:
        yield str(element.S)[1:], str(element.Alt) if "/Alt" in element else " ".join(" ".join(said).split())
    for kid in below:
        yield from _element(kid, texts, numbers)


def _pieces(page: pikepdf.Page) -> dict[int, str]:
    """The text of each marked piece of a page, through its fonts' ToUnicode."""
    fonts = {name: _letters(font) for name, font in page.resources.get("/Font", {}).items()}
    found: dict[int, str] = {}
    here: int | None = None
    font: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC":
                here = int(operands[1].MCID)
                found[here] = ""
            case "EMC":
                here = None
            case "Tf":
                font = fonts[str(operands[0])]
            case "Tj" if here is not None:
                found[here] += "".join(font[code] for code in bytes(operands[0]))
            case "Td" | "T*" | "Tm" if here is not None and found[here]:
                found[here] += " "
    return found


def _letters(font: Any) -> dict[int, str]:
    pairs = re.findall(r"<([0-9A-F]{2})> <([0-9A-F]{4})>\n", font.ToUnicode.read_bytes().decode())
    return {int(code, 16): bytes.fromhex(letter).decode("utf-16-be") for code, letter in pairs}
