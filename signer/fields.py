"""The form fields of a PDF, read, and our own signature fields, written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pikepdf

from .append import Update, body, numbers, reference, text
from .errors import FieldUnusable, Unsealable, UnsealableReason
from .order import Placement, Rect
from .source import Source

_DEPTH = 32
"""Deeper field trees are hostile or broken."""
READ_ONLY = 1
"""Field flag, bit 1 (ISO 32000-1 table 221)."""
_PUSH_BUTTON = 1 << 16
WIDGET_FLAGS = 132
"""Print and Locked (table 165); PDF/A wants Print set and every hiding flag clear."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Field:
    """One terminal field. `widget` is the annotation that is drawn: the field itself or its only kid."""

    name: str
    kind: str
    flags: int
    filled: bool
    field: pikepdf.Object
    widget: pikepdf.Object | None

    @property
    def rect(self) -> Rect:
        """The widget's rectangle, pt; all zero for an invisible field."""
        if self.widget is None or "/Rect" not in self.widget:
            return (0.0, 0.0, 0.0, 0.0)
        return _box(self.widget["/Rect"])

    @property
    def changeable(self) -> bool:
        """Whether a reader can change what this field shows after we signed."""
        if self.kind == "/Sig" or self.flags & READ_ONLY:
            return False
        return not (self.kind == "/Btn" and self.flags & _PUSH_BUTTON)


def fields(pdf: pikepdf.Pdf) -> Iterator[Field]:
    """Every terminal field in form order. Raises `Unsealable(broken)` for circular or absurdly deep trees."""
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary):
        tops = form.get("/Fields")
        if isinstance(tops, pikepdf.Array):
            for top in tops:
                yield from _walk(top, "", None, 0, False, 0)


def field_named(source: Source, name: str) -> Field | None:
    """The field with this fully qualified name."""
    return next((found for found in fields(source.pdf) if found.name == name), None)


def _walk(node: object, prefix: str, kind: str | None, flags: int, filled: bool, depth: int) -> Iterator[Field]:
    if depth > _DEPTH:
        raise Unsealable(UnsealableReason.BROKEN, "field tree")
    if not isinstance(node, pikepdf.Dictionary):
        return
    partial = node.get("/T")
    name = prefix
    if partial is not None:
        name = f"{prefix}.{partial}" if prefix else str(partial)
    kind = str(node["/FT"]) if "/FT" in node else kind
    flags = int(node["/Ff"]) if "/Ff" in node else flags
    filled = filled or "/V" in node
    kids = node.get("/Kids")
    children = list(kids) if isinstance(kids, pikepdf.Array) else []
    if any(isinstance(kid, pikepdf.Dictionary) and "/T" in kid for kid in children):
        for kid in children:
            yield from _walk(kid, name, kind, flags, filled, depth + 1)
        return
    widgets = children or [node]
    yield Field(
        name=name,
        kind=kind or "",
        flags=flags,
        filled=filled,
        field=node,
        widget=widgets[0] if len(widgets) == 1 and isinstance(widgets[0], pikepdf.Dictionary) else None,
    )


def page_at(source: Source, index: int) -> pikepdf.Object:
    """The page's dictionary. Raises `FieldUnusable` when there is no such page."""
    pages = source.pdf.pages
    if index >= len(pages):
        raise FieldUnusable(str(index + 1), "không có trang này", "there is no such page")
    return pages[index].obj


def inherited(page: pikepdf.Object, key: str) -> object:
    """A page attribute, looked up through its parents (ISO 32000-1 clause 7.7.3.4)."""
    node: object = page
    for _ in range(_DEPTH):
        if not isinstance(node, pikepdf.Dictionary):
            break
        value = node.get(key)
        if value is not None:
            return value
        node = node.get("/Parent")
    return None


def rotation(page: pikepdf.Object) -> int:
    """How the page is turned clockwise when shown: 0, 90, 180 or 270."""
    value = inherited(page, "/Rotate")
    return int(value) % 360 // 90 * 90 if isinstance(value, int) else 0


def new_widget(page: pikepdf.Object, name: str, rect: Rect, tooltip: str | None, entries: bytes) -> bytes:
    """A merged signature field and widget. `entries`: /V and /AP where they exist."""
    if "." in name or not name:
        raise FieldUnusable(name, "tên có dấu chấm hoặc để trống", "its name is empty or has a full stop")
    label = b"/TU" + text(tooltip) if tooltip else b""
    return b"<</Type/Annot/Subtype/Widget/FT/Sig/T%s%s/F %d/Rect[%s]/P %s%s>>" % (
        text(name), label, WIDGET_FLAGS, numbers(rect), reference(page), entries,
    )  # fmt: skip


def register_fields(source: Source, update: Update, added: Sequence[int]) -> None:
    """Makes the form list the new fields and say that it carries signatures that only append (/SigFlags 3)."""
    root = source.pdf.Root
    form = root.get("/AcroForm")
    references = b"".join(b" %d 0 R" % number for number in added)
    if not isinstance(form, pikepdf.Dictionary):
        update.in_root("/AcroForm", b"<</Fields[%s]/SigFlags 3>>" % references.strip())
        return
    changes: dict[str, bytes] = {}
    if form.get("/SigFlags") != 3:
        changes["/SigFlags"] = b"3"
    tops = form.get("/Fields")
    if added:
        if isinstance(tops, pikepdf.Array) and tops.is_indirect:
            update.replace(tops, _longer(tops, references))
        else:
            changes["/Fields"] = _longer(tops, references)
    if not changes:
        return
    if form.is_indirect:
        update.replace(form, body(form, changes))
    else:
        update.in_root("/AcroForm", body(form, changes))


def register_widgets(update: Update, page: pikepdf.Object, added: Sequence[int]) -> None:
    """Puts new widgets on their page."""
    references = b"".join(b" %d 0 R" % number for number in added)
    annotations = page.get("/Annots")
    if isinstance(annotations, pikepdf.Array) and annotations.is_indirect:
        update.replace(annotations, _longer(annotations, references))
    else:
        update.replace(page, body(page, {"/Annots": _longer(annotations, references)}))


def _longer(array: object, references: bytes) -> bytes:
    if not isinstance(array, pikepdf.Array):
        return b"[" + references.strip() + b"]"
    return array.unparse(resolved=True).rstrip()[:-1] + references + b" ]"


def placement_of(source: Source, field: Field) -> Placement | None:
    """Where an existing field stands; None when its page cannot be told."""
    widget = field.widget
    if widget is None:
        return None
    for index, page in enumerate(source.pdf.pages):
        if shows(page.obj, widget):
            return Placement(page=index, rect=field.rect)
    return None


def shows(page: pikepdf.Object, widget: pikepdf.Object) -> bool:
    """Whether the page lists this annotation."""
    annotations = page.get("/Annots")
    return isinstance(annotations, pikepdf.Array) and any(
        isinstance(a, pikepdf.Dictionary) and a.is_indirect and a.objgen == widget.objgen for a in annotations
    )


def visible_box(page: pikepdf.Object) -> Rect:
    """The part of the page that is shown: the crop box inside the media box."""
    media = _box(inherited(page, "/MediaBox"))
    crop = _box(inherited(page, "/CropBox") or inherited(page, "/MediaBox"))
    return (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))


def _box(value: object) -> Rect:
    if not isinstance(value, pikepdf.Array):
        raise TypeError("a page without a box")
    a, b, c, d = (float(n) for n in value)
    return (min(a, c), min(b, d), max(a, c), max(b, d))
