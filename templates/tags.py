"""What each piece of a page is, for those who hear a page read out: the structure of a tagged PDF (PDF/UA-1).

A tag is made where the text is set and takes its place in the reading order when its first piece is drawn. What is
drawn under no tag is an artifact: rules, page numbers, a table's head repeated on the next page.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

Kind = Literal["Document", "H1", "H2", "P", "L", "LI", "LBody", "Table", "TR", "TH", "TD", "Figure", "Form"]
"""Structure types of ISO 32000-1, 14.8.4, that papers use."""

ARTIFACT: Final = "/Artifact BMC"
END: Final = "EMC"


@dataclass(frozen=True, slots=True)
class Piece:
    """Marked content on a page (0-based), by its number there."""

    page: int
    mcid: int


@dataclass(eq=False, slots=True)
class Tag:
    """One element. `once`: drawn again it is an artifact. `late`: read after all that is not. `alt`: what is said
    instead of a figure. `spans`: columns and rows a table's head takes."""

    kind: Kind
    parent: "Tag | None" = None
    once: bool = False
    late: bool = False
    alt: str = ""
    spans: tuple[int, int] = (1, 1)
    parts: "list[Tag | Piece]" = field(default_factory=list)


class Structure:
    """The reading order of one file, as it comes about while its pages are drawn."""

    def __init__(self) -> None:
        self.root: Final = Tag("Document")
        self._late: list[Tag] = []
        self._placed = {self.root}
        self._next: dict[int, int] = {}

    def begin(self, tag: Tag, page: int) -> str:
        """The operator that begins a piece of this tag on a page."""
        if tag.once and tag.parts:
            return ARTIFACT
        self._place(tag)
        mcid = self._next.get(page, 0)
        self._next[page] = mcid + 1
        tag.parts.append(Piece(page, mcid))
        return f"/{tag.kind} <</MCID {mcid}>> BDC"

    def _place(self, tag: Tag) -> None:
        if tag not in self._placed:
            if tag.late:
                self._late.append(tag)
            else:
                parent = tag.parent or self.root
                self._place(parent)
                parent.parts.append(tag)
            self._placed.add(tag)

    def finished(self) -> Tag:
        """The whole, with what is read last in its place."""
        self.root.parts += self._late
        self._late = []
        return self.root


def write_structure(pdf: Pdf, structure: Structure, widgets: tuple[Object, ...]) -> None:
    """Put the structure into the file, with its pages' marks; its widgets come last, each called by its /TU."""
    tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    pieces: dict[int, dict[int, Object]] = {}
    document = _element(pdf, structure.finished(), tree, pieces)
    parents: list[Object | int] = []
    for index, page in enumerate(pdf.pages):
        page.obj.StructParents = index
        page.obj.Tabs = Name.S
        marks = pieces.get(index, {})
        parents += [index, pdf.make_indirect(Array([marks[mcid] for mcid in range(len(marks))]))]
    for number, widget in enumerate(widgets, len(pdf.pages)):
        reference = Dictionary(Type=Name.OBJR, Obj=widget, Pg=widget.P)
        form = Dictionary(Type=Name.StructElem, S=Name.Form, P=document, Pg=widget.P, Alt=widget.TU, K=reference)
        element = pdf.make_indirect(form)
        document.K.append(element)
        widget.StructParent = number
        parents += [number, element]
    tree.K = document
    tree.ParentTree = pdf.make_indirect(Dictionary(Nums=Array(parents)))
    tree.ParentTreeNextKey = len(pdf.pages) + len(widgets)
    pdf.Root.StructTreeRoot = tree
    pdf.Root.MarkInfo = Dictionary(Marked=True)


def _element(pdf: Pdf, tag: Tag, parent: Object, pieces: dict[int, dict[int, Object]]) -> Object:
    element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{tag.kind}"), P=parent))
    if tag.alt:
        element.Alt = String(tag.alt)
    if tag.kind == "TH":
        columns, rows = tag.spans
        element.A = Dictionary(O=Name.Table, Scope=Name.Column)
        if tag.spans != (1, 1):
            element.A.ColSpan, element.A.RowSpan = columns, rows
    pages = {part.page for part in tag.parts if isinstance(part, Piece)}
    here = pages.pop() if len(pages) == 1 else None
    if here is not None:
        element.Pg = pdf.pages[here].obj
    kids: list[Object | int] = []
    for part in tag.parts:
        if isinstance(part, Tag):
            kids.append(_element(pdf, part, element, pieces))
            continue
        pieces.setdefault(part.page, {})[part.mcid] = element
        # of one page its number alone will do
        whole = Dictionary(Type=Name.MCR, Pg=pdf.pages[part.page].obj, MCID=part.mcid) if here is None else part.mcid
        kids.append(whole)
    element.K = kids[0] if len(kids) == 1 and here is not None else Array(kids)
    return element
