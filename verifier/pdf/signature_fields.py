"""Signature fields and their dictionaries, read without judging them."""

from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import FieldMDPSpec

from verifier.facts import Box
from verifier.pdf.entries import dictionary, get, items


@dataclass(frozen=True, kw_only=True)
class Field:
    """One signature field as the newest revision shows it; `value` is the signature dictionary, None when empty."""

    name: str
    boxes: tuple[Box, ...]
    value: "Value | None"


@dataclass(frozen=True, kw_only=True)
class Value:
    """A signature dictionary, read without judging it. `revision` is where it was last written, -1 if unknown."""

    kind: str
    subfilter: str | None
    byte_range: tuple[int, ...]
    contents: bytes
    revision: int
    modified: str | None
    name: str | None
    reason: str | None
    location: str | None
    docmdp: int | None
    locks: FieldMDPSpec | None


# A signature that cannot be read is still a signature: it must appear, and fail.
BROKEN_VALUE = Value(
    kind="/Sig",
    subfilter=None,
    byte_range=(),
    contents=b"",
    revision=-1,
    modified=None,
    name=None,
    reason=None,
    location=None,
    docmdp=None,
    locks=None,
)


def widget_places(pages: tuple[Any, ...]) -> dict[tuple[int, int], list[int]]:
    """Page numbers on which each widget, by object and generation number, really stands."""
    places: dict[tuple[int, int], list[int]] = {}
    for number, page in enumerate(pages):
        annotations = get(page, "/Annots")
        for position in range(len(annotations) if isinstance(annotations, generic.ArrayObject) else 0):
            entry = annotations.raw_get(position)
            if isinstance(entry, generic.IndirectObject):
                places.setdefault((entry.idnum, entry.generation), []).append(number)
    return places


def rect(widget: Any) -> tuple[float, float, float, float] | None:
    """(left, bottom, right, top) in pt, or None where nothing can be seen."""
    if "/Rect" not in widget:
        return None
    a, b, c, d = (float(n) for n in widget["/Rect"])
    left, right, bottom, top = min(a, c), max(a, c), min(b, d), max(b, d)
    return (left, bottom, right, top) if right > left and top > bottom else None


def docmdp(entry: Any, field: Any) -> int | None:
    """The DocMDP level this signature or its field asks for (1, 2, 3), or None."""
    for item in items(entry, "/Reference"):
        if get(item, "/TransformMethod") == "/DocMDP":
            return int(get(dictionary(get(item, "/TransformParams")), "/P", 2))
    lock = dictionary(get(field, "/Lock"))
    return int(lock["/P"]) if "/P" in lock else None


def locks(entry: Any) -> FieldMDPSpec | None:
    """The fields this signature locks, or None."""
    for item in items(entry, "/Reference"):
        if get(item, "/TransformMethod") == "/FieldMDP":
            return FieldMDPSpec.from_pdf_object(item["/TransformParams"])
    return None
