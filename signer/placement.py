"""Step 2 for papers made by other programs: where the signature and the seal go.

Decree 30/2020, annex I: the signature between the post and the name (7.d), the seal in its real size over a third of
the signature on the left (8.a). The seal's centre follows from the signature's box: cx = sx + w/3 - D/2, cy = sy.
Nothing that is printed may be covered.
"""

from collections.abc import Iterator

from .errors import Unsealable, UnsealableReason
from .order import Placement, Rect
from .sheet import Sheet, sheet_at, sheets_from_last

MM = 72 / 25.4
EDGE = 3 * MM
"""Printers do not print closer to the edge."""
_STEP = 4.0
_REACH = 72.0
"""How far from its ideal place the pair is moved before the name is given up as an anchor, pt."""
LEAST = 0.6
"""A signature image may be drawn smaller than asked for, to this share; the seal never."""
_RIGHT_MARGIN = 15 * MM
_TOPS = tuple(mm * MM for mm in (10, 9, 11, 8, 12, 7, 13, 6, 14, 5, 15, 4, 3.2, 16))
"""Of an attachment's mark, from the page's upper edge: the middle of the top margin (20 to 25 mm) first."""
_RULE_CENTRE = (161 / 210, 1 - 227.5 / 297)
"""Centre of box 7c of the annex's layout drawing, as a share of an A4 page from the lower left."""


def choose_placement(
    pdf: bytes, *, signer_name: str, officer_mark_mm: tuple[float, float], seal_diameter_mm: float
) -> tuple[Placement, Placement]:
    """Places for the officer's signature and for the seal: by the printed name, else by the annex's drawing, else the
    free room nearest the lower right corner of the last page.

    Raises `Unsealable`: `no_room` where the page cannot hold the seal in its real size, `covers_text` where every
    place would cover something.
    """
    wide, high = officer_mark_mm[0] * MM, officer_mark_mm[1] * MM
    diameter = seal_diameter_mm * MM
    sheets = list(sheets_from_last(pdf, signer_name))
    last = sheets[0]
    if min(last.width, last.height) < diameter + 2 * EDGE:
        raise Unsealable(UnsealableReason.NO_ROOM, f"{last.width / MM:.0f} x {last.height / MM:.0f} mm")
    for whole_square in (True, False):
        for sheet in sheets:
            for box in _near_name(sheet, wide, high):
                if _fits(sheet, box, diameter, whole_square=whole_square):
                    return pair(sheet, box, diameter)
    for whole_square in (True, False):
        for box in (*_by_rule(last, wide, high), *_lower_right(last, wide, high)):
            if _fits(last, box, diameter, whole_square=whole_square):
                return pair(last, box, diameter)
    raise Unsealable(UnsealableReason.COVERS_TEXT, f"page {last.index + 1}")


def choose_appendix_placement(pdf: bytes, *, mark_pt: tuple[float, float]) -> Placement:
    """A place for the mark of a separate attachment: the top margin of its first page, right (annex I, 8.b).

    `mark_pt`: width and height, points. Raises `Unsealable` as `choose_placement`.
    """
    wide, high = mark_pt
    sheet = sheet_at(pdf, 0)
    if sheet.width < wide + 2 * EDGE or sheet.height < high + 2 * EDGE:
        raise Unsealable(UnsealableReason.NO_ROOM, f"{sheet.width / MM:.0f} x {sheet.height / MM:.0f} mm")
    for margin in (_RIGHT_MARGIN, 20 * MM, 10 * MM, EDGE):
        right = min(sheet.width - margin, sheet.width - EDGE)
        left = right - wide
        if left < EDGE:
            continue
        for top in _TOPS:
            box = (left, sheet.height - top - high, right, sheet.height - top)
            if box[1] >= EDGE and sheet.is_free(box):
                return Placement(page=sheet.index, rect=sheet.user_space(box))
    raise Unsealable(UnsealableReason.COVERS_TEXT, "page 1")


def seal_rect(officer: Rect, diameter: float) -> Rect:
    """The seal's square for a signature box, points, as seen."""
    x0, y0, x1, y1 = officer
    cx, cy = x0 + (x1 - x0) / 3 - diameter / 2, (y0 + y1) / 2
    return (cx - diameter / 2, cy - diameter / 2, cx + diameter / 2, cy + diameter / 2)


def _near_name(sheet: Sheet, wide: float, high: float) -> Iterator[Rect]:
    """Boxes between the post and the name, the centred one first, then moved aside little by little."""
    signing_side = [name for name in sheet.names if (name[0] + name[2]) / 2 > 0.4 * sheet.width]
    for name in sorted(signing_side, key=lambda n: n[1])[:2]:
        centre = (name[0] + name[2]) / 2
        gap = sheet.free_height_above(name[3] + 1, name[0], name[2])
        for scale in (1.0, 0.9, 0.8, 0.7, LEAST):
            if high * scale > gap:
                continue
            middle = name[3] + 1 + min(gap, 2 * high) / 2
            for dx, dy in _offsets():
                yield box_around(centre + dx, middle + dy, wide * scale, high * scale)


def _offsets() -> list[tuple[float, float]]:
    steps = [i * _STEP for i in range(int(-_REACH / _STEP), int(_REACH / _STEP) + 1)]
    both = [(dx, dy) for dx in steps for dy in steps if abs(dy) <= _REACH / 2]
    return sorted(both, key=lambda d: d[0] ** 2 + 2 * d[1] ** 2)


def _by_rule(sheet: Sheet, wide: float, high: float) -> Iterator[Rect]:
    yield box_around(_RULE_CENTRE[0] * sheet.width, _RULE_CENTRE[1] * sheet.height, wide, high)


def _lower_right(sheet: Sheet, wide: float, high: float) -> Iterator[Rect]:
    step = 2 * _STEP
    for row in range(int(sheet.height / step)):
        for column in range(int(sheet.width / step)):
            right = sheet.width - 5 * EDGE - column * step
            yield (right - wide, 5 * EDGE + row * step, right, 5 * EDGE + row * step + high)


def box_around(x: float, y: float, wide: float, high: float) -> Rect:
    """A box around its middle, points."""
    return (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _fits(sheet: Sheet, box: Rect, diameter: float, *, whole_square: bool) -> bool:
    """Whether both marks are inside the page over nothing printed; the seal with its square's corners, or as a disc."""
    seal = seal_rect(box, diameter)
    if min(box[0], box[1], seal[0], seal[1]) < EDGE:
        return False
    if max(box[2], seal[2]) > sheet.width - EDGE or max(box[3], seal[3]) > sheet.height - EDGE:
        return False
    if not sheet.is_free(box):
        return False
    if whole_square:
        return sheet.is_free(seal)
    radius = diameter / 2
    return sheet.is_free_disc(seal[0] + radius, seal[1] + radius, radius)


def pair(sheet: Sheet, box: Rect, diameter: float) -> tuple[Placement, Placement]:
    """The signature's box, as seen, and the seal that goes with it, as places on the page."""
    officer, seal = sheet.user_space(box), sheet.user_space(seal_rect(box, diameter))
    return Placement(page=sheet.index, rect=officer), Placement(page=sheet.index, rect=seal)
