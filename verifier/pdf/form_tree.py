"""The form's fields and the pages, as one revision shows them."""

from typing import Any

from pyhanko.pdf_utils import generic

from verifier.pdf.step import refuse
from verifier.pdf.views import Ref, View, is_dictionary, ref_of

_DEEP = 50


def is_field(value: Any) -> bool:
    return is_dictionary(value) and ("/FT" in value or ("/T" in value and "/Subtype" in value))


def name_in_form(view: View, ref: Ref) -> str | None:
    """The full name of a field that the form's list leads to; None for anything else."""
    names: list[str] = []
    top = view.entry(view.entry(view.root, "/AcroForm"), "/Fields")
    for _ in range(_DEEP):
        field = view.get(ref)
        name = dict.get(field, "/T") if is_dictionary(field) else None
        if not isinstance(name, generic.TextStringObject | generic.ByteStringObject):
            return None
        names.append(str(name))
        parent = ref_of(dict.get(field, "/Parent"))
        siblings = top if parent is None else view.entry(view.get(parent), "/Kids")
        if not isinstance(siblings, generic.ArrayObject) or ref not in map(ref_of, list.__iter__(siblings)):
            return None
        if parent is None:
            return ".".join(reversed(names))
        ref = parent
    return None


def kind_of(view: View, ref: Ref | None) -> Any:
    """/FT, inherited where the field itself has none."""
    for _ in range(_DEEP):
        field: Any = view.get(ref) if ref is not None else None
        if not is_dictionary(field):
            return None
        if "/FT" in field:
            return view.entry(field, "/FT")
        ref = ref_of(dict.get(field, "/Parent"))
    return None


def has_other_kids(view: View, field: Any) -> bool:
    """Whether below a signature's field there is anything but its own widgets: that inherits what the field says."""
    kids = view.entry(field, "/Kids")
    for kid in list.__iter__(kids) if isinstance(kids, generic.ArrayObject) else ():
        widget = view.resolve(kid)
        if not is_dictionary(widget) or "/Kids" in widget or view.entry(widget, "/FT") not in (None, "/Sig"):
            return True
    return False


def pages_of(view: View) -> list[Ref]:
    found: list[Ref] = []
    waiting = [ref_of(dict.get(view.root, "/Pages"))]
    seen: set[Ref] = set()
    while waiting:
        ref = waiting.pop()
        if ref is None or ref in seen:
            refuse("the page tree is no tree")
        seen.add(ref)
        node = view.get(ref)
        kids = view.entry(node, "/Kids")
        if isinstance(kids, generic.ArrayObject):
            waiting.extend(map(ref_of, list.__iter__(kids)))
        else:
            found.append(ref)
    return found
