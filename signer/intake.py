"""A paper made by another program gets our empty signature fields, before anyone signs it."""

import io
from collections.abc import Sequence

import pikepdf

from .append import Update, body, numbers
from .errors import FieldUnusable, Unsealable, UnsealableReason
from .fields import READ_ONLY, Field, new_widget, page_at, register_fields, register_widgets, rotation
from .order import Placement
from .preflight import examine
from .source import Source, open_source

NewField = tuple[str, Placement, str]
"""Name, place, tooltip."""


def add_fields(pdf: bytes, wanted: Sequence[NewField]) -> bytes:
    """The PDF with empty, invisible signature fields (name, place, tooltip), as an incremental update.

    What no one has signed yet is mended on the way: editable form fields are locked as they are filled in, and a hybrid
    cross-reference is rewritten to a plain one (its two tables may show different papers). A signed file is only
    appended to. Raises `Unsealable` and `FieldUnusable` (a name exists already, no such page).
    """
    with open_source(pdf) as source:
        seen = examine(source, "intake")
        signed = any(f.kind == "/Sig" and f.filled for f in seen.fields)
        if source.hybrid and signed:
            raise Unsealable(UnsealableReason.HYBRID)
        if not source.hybrid:
            return _appended(source, seen.fields, wanted, certified=seen.certified is not None, signed=signed)
    with open_source(rewritten(pdf)) as source:
        seen = examine(source, "intake")
        return _appended(source, seen.fields, wanted, certified=False, signed=False)


def rewritten(pdf: bytes) -> bytes:
    """The same paper written anew with one plain cross-reference table, where a strict reader would have to guess.

    Raises `Unsealable(broken)` for a file somebody has signed: its bytes must stay.
    """
    with open_source(pdf) as source:
        if any(field.kind == "/Sig" and field.filled for field in examine(source, "intake").fields):
            raise Unsealable(UnsealableReason.BROKEN, "a signed file is not written anew")
    plain = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return plain.getvalue()


def _appended(
    source: Source,
    existing: list[Field],
    wanted: Sequence[NewField],
    *,
    certified: bool,
    signed: bool,
) -> bytes:
    names = {field.name for field in existing}
    for name, _, _ in wanted:
        if name in names:
            raise FieldUnusable(name, "đã có trong tệp", "it exists already")
        names.add(name)
    if certified:
        raise Unsealable(UnsealableReason.CERTIFIED, "no new fields")
    update = Update(source)
    for field in existing:
        if field.changeable:
            if signed or not field.field.is_indirect:
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
        seen = examine(written, "signing")
        missing = {name for name, _, _ in wanted} - {field.name for field in seen.fields}
        if missing:
            raise FieldUnusable(", ".join(sorted(missing)), "không ghi được", "it was not written")
    return appended
