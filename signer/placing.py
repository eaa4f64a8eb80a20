"""The marks where somebody asked for them (`wanted_place`): exactly there, or refused with what was found.

The seal follows from the signature as on every paper (annex I, 8.a). A pair that would leave the page is shifted as a
whole and never scaled; what is printed is never covered.
"""

import io
from typing import Final

import pikepdf

from .anchors import places_of
from .errors import PlaceReason, PlaceUnusable, Unsealable, UnsealableReason
from .fields import Field, field_named, fields, placement_of
from .order import Placement, Rect
from .placement import EDGE, LEAST, MM, box_around, pair, seal_rect
from .sheet import Sheet, sheet_at
from .source import open_source, reading
from .wanted_place import AtPoint, BetweenLines, InField, WantedPlace

_HIDDEN: Final = 1 << 1 | 1 << 5
"""Annotation flags Hidden and NoView (ISO 32000-1 table 165)."""
_AROUND_MM: Final = 5
"""Between two lines the signature may stand this far from the middle (AC-35)."""
_SCALES: Final = (1.0, 0.9, 0.8, 0.7, LEAST)


def place_wanted(
    pdf: bytes, wanted: WantedPlace, *, officer_mark_mm: tuple[float, float], seal_diameter_mm: float
) -> tuple[bytes, Placement, Placement]:
    """Places for the officer's signature and for the seal, and the paper: without the field that gave the place, unless
    somebody has signed the paper.

    Raises `PlaceUnusable`; `Unsealable` (`no_room`) where the page cannot hold the seal in its real size.
    """
    size = (officer_mark_mm[0] * MM, officer_mark_mm[1] * MM)
    diameter = seal_diameter_mm * MM
    if isinstance(wanted, InField):
        pdf, there = _taken_out(pdf, wanted.field)
        sheet, boxes = _in_field(pdf, wanted.field, there, size)
    elif isinstance(wanted, AtPoint):
        sheet, boxes = _at_point(pdf, wanted, size)
    else:
        sheet, boxes = _between(pdf, wanted, size)
    if min(sheet.width, sheet.height) < diameter + 2 * EDGE:
        raise Unsealable(UnsealableReason.NO_ROOM, f"{sheet.width / MM:.0f} x {sheet.height / MM:.0f} mm")
    first, *others = [_inside(sheet, box, diameter) for box in boxes]
    trouble = _trouble(sheet, first, diameter)
    for box in others:
        if trouble is None:
            break
        if _trouble(sheet, box, diameter) is None:
            first, trouble = box, None
    if trouble is not None:
        raise trouble
    return pdf, *pair(sheet, first, diameter)


def _taken_out(pdf: bytes, name: str) -> tuple[bytes, Placement]:
    with open_source(pdf) as source, reading():
        everything = list(fields(source.pdf))
        field = field_named(source, name)
        if field is None:
            empty = [one.name for one in everything if one.kind == "/Sig" and not one.filled]
            raise PlaceUnusable(PlaceReason.FIELD_MISSING, field=name, empty=empty)
        if field.kind != "/Sig":
            raise PlaceUnusable(PlaceReason.FIELD_NOT_SIGNATURE, field=name)
        if field.filled:
            raise PlaceUnusable(PlaceReason.FIELD_SIGNED, field=name)
        there = placement_of(source, field)
        if there is None or field.widget is None or int(field.widget.get("/F", 0)) & _HIDDEN:
            raise PlaceUnusable(PlaceReason.FIELD_NOT_SHOWN, field=name)
        signed = any(one.kind == "/Sig" and one.filled for one in everything)
    if signed:
        return pdf, there
    with pikepdf.open(io.BytesIO(pdf), attempt_recovery=False) as opened, reading():
        _remove(opened, next(one for one in fields(opened) if one.name == name), there.page)
        out = io.BytesIO()
        opened.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, min_version="1.7", deterministic_id=True)
    return out.getvalue(), there


def _remove(pdf: pikepdf.Pdf, field: Field, page: int) -> None:
    """Nobody is to sign in it later, beneath the marks."""
    parent = field.field.get("/Parent")
    siblings = parent.Kids if isinstance(parent, pikepdf.Dictionary) else pdf.Root.AcroForm.Fields
    for array, gone in ((siblings, field.field), (pdf.pages[page].obj.Annots, field.widget)):
        for index in reversed(range(len(array))):
            if gone is not None and array[index].objgen == gone.objgen:
                del array[index]


def _in_field(pdf: bytes, name: str, there: Placement, size: tuple[float, float]) -> tuple[Sheet, list[Rect]]:
    sheet = sheet_at(pdf, there.page)
    x0, y0, x1, y1 = sheet.seen(there.rect)
    scale = min(1.0, (x1 - x0) / size[0], (y1 - y0) / size[1])
    if scale < LEAST - 1e-6:
        raise PlaceUnusable(
            PlaceReason.FIELD_TOO_SMALL,
            field=name,
            width_mm=_mm(x1 - x0),
            height_mm=_mm(y1 - y0),
            least_width_mm=_mm(size[0] * LEAST),
            least_height_mm=_mm(size[1] * LEAST),
        )
    return sheet, [box_around((x0 + x1) / 2, (y0 + y1) / 2, size[0] * scale, size[1] * scale)]


def _at_point(pdf: bytes, wanted: AtPoint, size: tuple[float, float]) -> tuple[Sheet, list[Rect]]:
    sheet = _sheet_of(pdf, wanted.page)
    x, y = wanted.x_mm * MM, sheet.height - wanted.y_mm * MM
    if not (0 <= x <= sheet.width and 0 <= y <= sheet.height):
        raise PlaceUnusable(
            PlaceReason.OFF_PAGE,
            page=wanted.page,
            x_mm=wanted.x_mm,
            y_mm=wanted.y_mm,
            width_mm=_mm(sheet.width),
            height_mm=_mm(sheet.height),
        )
    return sheet, [box_around(x, y, *size)]


def _between(pdf: bytes, wanted: BetweenLines, size: tuple[float, float]) -> tuple[Sheet, list[Rect]]:
    if wanted.page is not None:
        _require_page(pdf, wanted.page)
    page = None if wanted.page is None else wanted.page - 1
    once = []
    texts = (wanted.above, wanted.below)
    for text, found in zip(texts, places_of(pdf, texts, page=page), strict=True):
        if not found:
            raise PlaceUnusable(PlaceReason.ANCHOR_MISSING, text=text)
        if len(found) > 1:
            pages = sorted({one.page + 1 for one in found})
            raise PlaceUnusable(PlaceReason.ANCHOR_AMBIGUOUS, text=text, times=len(found), pages=pages)
        once.append(found[0])
    above, below = once
    if above.page != below.page or below.rect[3] > above.rect[1]:
        raise PlaceUnusable(
            PlaceReason.ANCHORS_APART,
            above=wanted.above,
            above_page=above.page + 1,
            below=wanted.below,
            below_page=below.page + 1,
        )
    x = (above.rect[0] + above.rect[2] + below.rect[0] + below.rect[2]) / 4
    y = (above.rect[1] + below.rect[3]) / 2
    reach = range(-_AROUND_MM, _AROUND_MM + 1)
    moves = sorted((dx * dx + dy * dy, dx, dy) for dx in reach for dy in reach if dx * dx + dy * dy <= _AROUND_MM**2)
    return sheet_at(pdf, above.page), [
        box_around(x + dx * MM, y + dy * MM, size[0] * scale, size[1] * scale)
        for scale in _SCALES
        for _, dx, dy in moves
    ]


def _sheet_of(pdf: bytes, page: int) -> Sheet:
    _require_page(pdf, page)
    return sheet_at(pdf, page - 1)


def _require_page(pdf: bytes, page: int) -> None:
    with open_source(pdf) as source:
        pages = len(source.pdf.pages)
    if not 1 <= page <= pages:
        raise PlaceUnusable(PlaceReason.NO_PAGE, page=page, pages=pages)


def _inside(sheet: Sheet, box: Rect, diameter: float) -> Rect:
    """The signature's box, shifted so that both marks are on the part of the page that printers print."""
    seal = seal_rect(box, diameter)
    left, bottom = min(box[0], seal[0]), min(box[1], seal[1])
    right, top = max(box[2], seal[2]), max(box[3], seal[3])
    dx = max(0.0, EDGE - left) or min(0.0, sheet.width - EDGE - right)
    dy = max(0.0, EDGE - bottom) or min(0.0, sheet.height - EDGE - top)
    return (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)


def _trouble(sheet: Sheet, box: Rect, diameter: float) -> PlaceUnusable | None:
    seal, radius = seal_rect(box, diameter), diameter / 2
    for reason, mark, free in (
        (PlaceReason.SIGNATURE_COVERS_TEXT, box, sheet.is_free(box)),
        (PlaceReason.SEAL_COVERS_TEXT, seal, sheet.is_free_disc(seal[0] + radius, seal[1] + radius, radius)),
    ):
        if not free:
            x, y = (mark[0] + mark[2]) / 2, sheet.height - (mark[1] + mark[3]) / 2
            return PlaceUnusable(reason, page=sheet.index + 1, x_mm=_mm(x), y_mm=_mm(y))
    return None


def _mm(points: float) -> float:
    return round(points / MM, 1)
