"""The markup of a paper: a handful of elements, read strictly from the filled-in template into a tree.

Before the template is compiled each element is given the number of its line, so that a fault found afterwards is told
where its author wrote it. No document type, no entity but the five of XML, no processing instruction.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from templates.errors import MarkupInvalid
from templates.sandbox import sandbox
from templates.typeface import clean

_LINE: Final = "line"
_OPENING: Final = re.compile(r"<([a-z]+)(?=[\s/>])")
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What may stand in one element: other elements by name, text, attributes."""

    inside: frozenset[str] = frozenset()
    text: bool = False
    attributes: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()


def _form(inside: str = "", *, text: bool = False, needs: str = "", **attributes: str) -> Form:
    patterns = {name: re.compile(pattern) for name, pattern in attributes.items()}
    return Form(inside=frozenset(inside.split()), text=text, attributes=patterns, needs=frozenset(needs.split()))


_YES: Final = "yes|no"
_BLOCKS: Final = "grounds order p article heading facts table"
FORMS: Final[Mapping[str, Form]] = {
    "paper": _form(f"form title about to {_BLOCKS} recipient signature appendix"),
    "form": _form(text=True),
    "title": _form("b i", text=True),
    "about": _form("b i", text=True),
    "to": _form("line", text=True),
    "line": _form("b i", text=True),
    "grounds": _form("ground"),
    "ground": _form("b i", text=True),
    "order": _form(text=True),
    "p": _form("b i", text=True, keep=_YES, indent=_YES, align="justify|centre|left|right"),
    "article": _form("p facts table", title=r".{1,300}"),
    "heading": _form("b i", text=True),
    "appendix": _form("p article heading facts table", title=r".{1,300}", landscape=_YES, needs="title"),
    "facts": _form("fact", stops=r"(0|1|0?\.\d+)( (0?\.\d+))*"),
    "fact": _form(text=True, label=r".{1,120}", needs="label"),
    "table": _form("column row", empty="kept|dropped"),
    "column": _form(text=True, part=r"\d{1,3}", align="left|centre|right", group=r".{1,120}"),
    "row": _form("cell"),
    "cell": _form("b i", text=True),
    "recipient": _form(text=True),
    "signature": _form(text=True, post=r".{1,120}", note=r".{1,120}", needs="post"),
    "b": _form("i", text=True),
    "i": _form("b", text=True),
}
"""The vocabulary. docs/papers.md shows each element with an example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element: its attributes as text, its parts (texts with single spaces, elements) in their order."""

    name: str
    line: int | None
    attributes: Mapping[str, str]
    parts: "tuple[str | Element, ...]"

    def all(self, name: str) -> "Iterator[Element]":
        """The elements of this name directly inside."""
        return (part for part in self.parts if isinstance(part, Element) and part.name == name)

    @property
    def text(self) -> str:
        """All text inside, faces forgotten, as it is drawn."""
        return clean("".join(part if isinstance(part, str) else part.text for part in self.parts))

    def yes(self, name: str) -> bool:
        """Whether an attribute that says yes or no says yes."""
        return self.attributes.get(name) == "yes"


def numbered(source: str) -> str:
    """The template's source with the line of every element beside its name. What stands in {{ }} is left alone."""
    out: list[str] = []
    for line, kind, value in sandbox().lex(source):
        if kind == "data":
            start = line

            def marked(found: re.Match[str], start: int = start, value: str = value) -> str:
                return f'<{found[1]} {_LINE}="{start + value.count(chr(10), 0, found.start())}"'

            out.append(_OPENING.sub(marked, value))
        else:
            out.append(value)
    return "".join(out)


def read(filled: str) -> Element:
    """The tree of a filled-in markup. Raises MarkupInvalid with the line where its author wrote what is wrong."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.opened
    parser.EndElementHandler = reader.closed
    parser.CharacterDataHandler = reader.said
    parser.StartDoctypeDeclHandler = reader.refused
    parser.ProcessingInstructionHandler = reader.refused
    try:
        parser.Parse(filled, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise MarkupInvalid(reader.line, f"thẻ không khớp ({reason})", f"is not well formed ({reason})") from None
    if reader.root is None:
        raise MarkupInvalid(None, "còn trống", "is empty")
    return reader.root


class _Open:
    def __init__(self, name: str, line: int | None, attributes: dict[str, str]) -> None:
        self.name, self.line, self.attributes = name, line, attributes
        self.parts: list[str | Element] = []


class _Reader:
    """Builds the tree and refuses, as it comes, what the vocabulary does not have."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self.line: int | None = None
        self._open: list[_Open] = []

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        line = attributes.pop(_LINE, None)
        self.line = int(line) if line else self.line
        form = FORMS.get(name)
        allowed = FORMS[self._open[-1].name].inside if self._open else {"paper"}
        if form is None or name not in allowed:
            parent = f"<{self._open[-1].name}>" if self._open else "the file"
            self._refuse(f"<{name}> không được đứng trong {parent}", f"<{name}> may not stand in {parent}")
        if len(self._open) >= _DEEPEST:
            self._refuse("lồng quá sâu", "is nested too deeply")
        for given, value in attributes.items():
            pattern = form.attributes.get(given)  # type: ignore[union-attr]
            if pattern is None:
                self._refuse(f"<{name}> không có thuộc tính {given}", f"<{name}> has no attribute {given}")
            elif not pattern.fullmatch(value):
                self._refuse(f'{given}="{value}" không hợp lệ', f'{given}="{value}" is not one of its values')
        for needed in form.needs - attributes.keys():  # type: ignore[union-attr]
            self._refuse(f"<{name}> thiếu thuộc tính {needed}", f"<{name}> needs the attribute {needed}")
        self._open.append(_Open(name, self.line, attributes))

    def said(self, text: str) -> None:
        if not self._open:
            return
        here = self._open[-1]
        if FORMS[here.name].text:
            here.parts.append(text)
        elif text.strip():
            self.line = here.line
            self._refuse(f"chữ không được đứng ngay trong <{here.name}>", f"text may not stand in <{here.name}> itself")

    def closed(self, _name: str) -> None:
        done = self._open.pop()
        element = Element(name=done.name, line=done.line, attributes=done.attributes, parts=tuple(done.parts))
        if self._open:
            self._open[-1].parts.append(element)
        else:
            self.root = element

    def refused(self, *_: object) -> None:
        self._refuse("không dùng <!DOCTYPE> hay <? ?>", "no <!DOCTYPE> and no <? ?> may be used")

    def _refuse(self, vi: str, en: str) -> None:
        raise MarkupInvalid(self.line, vi, en)
