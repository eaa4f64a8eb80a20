"""From a paper's markup to what the frame and the flow take: title lines, units of the body, recipients."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from templates.body import GAP, INDENT, Align, Body, Column
from templates.errors import MarkupInvalid
from templates.flow import Unit
from templates.manifest import Frame
from templates.markup import Element
from templates.paper import Appendix, Signature
from templates.text import Run
from templates.typeface import BOLD, BOLD_ITALIC, ITALIC, REGULAR, clean

_FACES: Final[Mapping[tuple[bool, bool], str]] = {
    (False, False): REGULAR,
    (True, False): BOLD,
    (False, True): ITALIC,
    (True, True): BOLD_ITALIC,
}
_ALIGNS: Final[Mapping[str, Align]] = {"left": "left", "centre": "centre", "right": "right"}


def title_lines(paper: Element, frame: Frame) -> tuple[str, ...]:
    """Item 5a: the kind of paper, then what it is about, line by line; of a letter (5b) only that. Raises
    MarkupInvalid."""
    titles = [part.text for part in paper.all("title")]
    about = [part.text for part in paper.all("about")]
    if frame == "letter" and (titles or not any(about)):
        raise MarkupInvalid(paper.line, "công văn có <about>, không có <title>", "a letter has <about> and no <title>")
    if frame == "named" and (len(titles) != 1 or not titles[0]):
        raise MarkupInvalid(paper.line, "cần đúng một <title>", "needs one <title>")
    return tuple(line for line in titles + about if line)


def appendices(paper: Element) -> tuple[Appendix, ...]:
    """Each with its own body."""
    return tuple(
        Appendix(title=clean(part.attributes["title"]), across=part.yes("landscape"), body=partial(units, part))
        for part in paper.all("appendix")
    )


def recipients(paper: Element) -> tuple[str, ...]:
    """Item 9b, without hyphens and stops: the frame sets them."""
    return tuple(part.text for part in paper.all("recipient") if part.text)


def form_number(paper: Element) -> str:
    """ "Mẫu số 01"; empty where the paper is no numbered form."""
    return " ".join(part.text for part in paper.all("form"))


def signatures(paper: Element) -> tuple[Signature, ...]:
    """The form's own, from left to right; one alone stands on the right. Raises MarkupInvalid."""
    found = tuple(
        Signature(
            post=clean(part.attributes["post"]), note=clean(part.attributes.get("note", "")), name=clean(part.text)
        )
        for part in paper.all("signature")
    )
    if len(found) > 2:
        raise MarkupInvalid(paper.line, "chỉ có chỗ cho hai chữ ký", "there is room for two signatures")
    if found and recipients(paper):
        raise MarkupInvalid(
            paper.line, "đã có <signature> thì không có <recipient>", "with <signature> there is no <recipient>"
        )
    return found


def units(paper: Element, body: Body) -> list[Unit]:
    """The body (item 6, with 9a before it), set at the body's size. Raises MarkupInvalid."""
    set_: list[Unit] = []
    articles = 0
    for part in _elements(paper):
        if part.name == "article":
            articles += 1
            set_ += _article(part, body, articles)
        elif part.name in _SETTERS:
            set_ += _SETTERS[part.name](part, body)
    return set_


def runs(element: Element, *, bold: bool = False, italic: bool = False) -> list[Run]:
    """The text of an element in its faces: spaces single, none at either end, NFC throughout."""
    pieces = list(_pieces(element, bold, italic))
    set_: list[Run] = []
    space = False
    for text, face in pieces:
        words = clean(text)
        if not words:
            space = space or bool(text)
            continue
        if set_ and (space or text[0].isspace()):
            # the gap stands with what comes before it, in its face
            set_[-1] = Run(text=f"{set_[-1].text} ", face=set_[-1].face)
        space = text[-1].isspace()
        set_.append(Run(text=words, face=face))
    return set_


def _pieces(element: Element, bold: bool, italic: bool) -> Iterator[tuple[str, str]]:
    for part in element.parts:
        if isinstance(part, str):
            yield part, _FACES[bold, italic]
        else:
            yield from _pieces(part, bold or part.name == "b", italic or part.name == "i")


def _elements(parent: Element) -> Iterator[Element]:
    return (part for part in parent.parts if isinstance(part, Element))


def _paragraph(element: Element, body: Body) -> list[Unit]:
    indent = 0.0 if element.attributes.get("indent") == "no" else INDENT
    align = _ALIGNS.get(element.attributes.get("align", ""))
    return body.paragraph(*runs(element), keep=element.yes("keep"), indent=indent, align=align)


def _to(element: Element, body: Body) -> list[Unit]:
    """Item 9a: "Kính gửi: …", several each with a semicolon, the last with a full stop."""
    lines = [part.text.rstrip(".;") for part in element.all("line")]
    if len(lines) < 2:
        return body.addressed("Kính gửi:", lines or [element.text])
    last = len(lines) - 1
    said = [f"{line}{'.' if index == last else ';'}" for index, line in enumerate(lines)]
    return body.addressed("Kính gửi:", said)


def _grounds(element: Element, body: Body) -> list[Unit]:
    """Căn cứ: each on a line of its own in italics, a semicolon after each, a full stop after the last."""
    grounds = [runs(part, italic=True) for part in element.all("ground")]
    set_: list[Unit] = []
    for index, ground in enumerate(grounds):
        if not ground:
            raise MarkupInvalid(element.line, "có căn cứ còn trống", "one of its grounds is empty")
        stop = "." if index == len(grounds) - 1 else ";"
        ground[-1] = Run(text=f"{ground[-1].text.rstrip('.;')}{stop}", face=ground[-1].face)
        set_ += body.paragraph(*ground)
    return set_


def _order(element: Element, body: Body) -> list[Unit]:
    return [body.centred(element.text.upper(), BOLD, gap=2 * GAP)]


def _heading(element: Element, body: Body) -> list[Unit]:
    return [body.centred(element.text, BOLD, gap=2 * GAP, kind="H2")]


def _article(element: Element, body: Body, index: int) -> list[Unit]:
    """Điều: counted from 1; its title stands behind the number in bold, else its first paragraph does."""
    number = f"Điều {index}."
    inside = list(_elements(element))
    if title := element.attributes.get("title"):
        return [
            *body.paragraph(Run(text=f"{number} {clean(title)}", face=BOLD), keep=True, kind="H2"),
            *_all(inside, body),
        ]
    if not inside or inside[0].name != "p":
        raise MarkupInvalid(element.line, "điều chưa có nội dung", "an article needs a title or begins with a <p>")
    first = body.paragraph(Run(text=f"{number} ", face=BOLD), *runs(inside[0]), keep=inside[0].yes("keep"))
    return [*first, *_all(inside[1:], body)]


def _all(elements: list[Element], body: Body) -> list[Unit]:
    return [unit for part in elements for unit in _SETTERS[part.name](part, body)]


def _facts(element: Element, body: Body) -> list[Unit]:
    pairs = [(clean(part.attributes["label"]), part.text) for part in element.all("fact")]
    stops = [float(stop) for stop in element.attributes.get("stops", "").split()]
    if not stops:
        return [unit for label, text in pairs for unit in body.paragraph(f"{label}: {text}")]
    if len(stops) != len(pairs) or stops != sorted(stops) or stops[-1] >= 1:
        reason = ("các điểm dừng (stops) phải tăng dần, mỗi mục một số", "stops must rise, one for each fact")
        raise MarkupInvalid(element.line, *reason)
    return body.facts(*pairs, stops=stops)


def _table(element: Element, body: Body) -> list[Unit]:
    columns = [
        Column(
            head=part.text,
            part=float(part.attributes.get("part", "1")),
            align=_ALIGNS[part.attributes.get("align", "left")],
            group=clean(part.attributes.get("group", "")),
        )
        for part in element.all("column")
    ]
    rows = [[cell.text for cell in row.all("cell")] for row in element.all("row")]
    if not columns or any(len(row) != len(columns) for row in rows):
        raise MarkupInvalid(element.line, "mỗi hàng phải đủ các cột", "every row needs a cell for each column")
    if element.attributes.get("empty") == "dropped":
        used = [index for index in range(len(columns)) if any(row[index] for row in rows)]
        columns, rows = [columns[index] for index in used], [[row[index] for index in used] for row in rows]
    return body.table(columns, rows) if rows else []


_SETTERS: Final[Mapping[str, Callable[[Element, Body], list[Unit]]]] = {
    "to": _to,
    "grounds": _grounds,
    "order": _order,
    "p": _paragraph,
    "heading": _heading,
    "facts": _facts,
    "table": _table,
}
