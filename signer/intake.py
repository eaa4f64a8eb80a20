"""A paper made by another program gets our empty signature fields, before anyone signs it."""

import io
from collections.abc import Sequence

import pikepdf

from .append import Update, body, numbers
from .errors import FieldUnusable, Unsealable, UnsealableReason
from .fields import READ_ONLY, new_widget, page_at, register_fields, register_widgets, rotation
from .order import Placement
from .preflight import Examination, examine
from .source import Source, open_source, reading

NewField = tuple[str, Placement, str]
"""Name, place, tooltip."""


def add_fields(pdf: bytes, wanted: Sequence[NewField]) -> bytes:
    """The PDF with empty, invisible signature fields.

    A paper that no one has signed is written anew by qpdf first (PDF 1.7, nothing that nothing refers to, one revision,
    one way to read it) and its editable form fields are locked as they are filled in. A signed one is only appended to.
    Raises `Unsealable` and `FieldUnusable` (a name exists already, no such page).
    """
    with open_source(pdf) as source:
        seen = examine(source, "intake")
        if _signed(seen):
            if source.hybrid:
                raise Unsealable(UnsealableReason.HYBRID)
            with reading():
                return _appended(source, seen, wanted, lock=False)
    with open_source(rewritten(pdf)) as source:
        seen = examine(source, "intake")
        with reading():
            return _appended(source, seen, wanted, lock=True)


def rewritten(pdf: bytes) -> bytes:
    """The same unsigned paper with one plain cross-reference table, where a strict reader would have to guess.

    Raises `Unsealable(broken)` for a file somebody has signed: its bytes must stay.
    """
    with open_source(pdf) as source:
        if _signed(examine(source, "intake")):
            raise Unsealable(UnsealableReason.BROKEN, "a signed file is not written anew")
    plain = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf), attempt_recovery=False) as opened:
        opened.save(
            plain, object_stream_mode=pikepdf.ObjectStreamMode.disable, min_version="1.7", deterministic_id=True
        )
    return plain.getvalue()


def _signed(seen: Examination) -> bool:
    return any(field.kind == "/Sig" and field.filled for field in seen.fields)


def _appended(source: Source, seen: Examination, wanted: Sequence[NewField], *, lock: bool) -> bytes:
    names = {field.name for field in seen.fields}
    for name, _, _ in wanted:
        if name in names:
            raise FieldUnusable(name, "đã có trong tệp", "it exists already")
        names.add(name)
    if seen.certified is not None:
        raise Unsealable(UnsealableReason.CERTIFIED, "no new fields")
    update = Update(source)
    for field in seen.fields:
        if field.changeable:
            if not lock or not field.field.is_indirect:
                raise Unsealable(UnsealableReason.CHANGEABLE_FIELDS, field.name)
            update.replace(field.field, body(field.field, {"/Ff": b"%d" % (field.flags | READ_ONLY)}))
    widgets: list[int] = []
    by_page: dict[int, list[int]] = {}
    for name, placement, tooltip in wanted:
        page = page_at(source, placement.page)
        wide, high = placement.width, placement.height
        if rotation(page) in {90, 270}:
            wide, high = high, wide
        # PDF/A wants an appearance even of what shows nothing (ISO 19005-2 clause 6.3.3).
        empty = b"<</Type/XObject/Subtype/Form/BBox[0 0 %s]/Resources<<>>/Length 0>>stream\n\nendstream"
        look = update.add(empty % numbers((wide, high)))
        widget = update.add(new_widget(page, name, placement.rect, tooltip, b"/AP<</N %d 0 R>>" % look))
        widgets.append(widget)
        by_page.setdefault(placement.page, []).append(widget)
    register_fields(source, update, widgets)
    for index, added in by_page.items():
        register_widgets(update, page_at(source, index), added)
    appended = source.data + update.write().data
    with open_source(appended) as written:  # read again as written: nothing to repair, the fields are there
        missing = {name for name, _, _ in wanted} - {field.name for field in examine(written, "signing").fields}
        if missing:
            raise FieldUnusable(", ".join(sorted(missing)), "không ghi được", "it was not written")
    return appended
