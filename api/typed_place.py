"""Where the marks go, as a clerk typed it into the form for a PDF of another program."""

from collections.abc import Mapping
from typing import Final

from signer import AtPoint, BetweenLines, InField, WantedPlace
from stamping import Refusal

WAYS: Final = ("", "anchors", "coordinates", "field")
"""Of the form's choice; the first leaves it to the rule."""
PLACE_FIELDS: Final = ("place", "place_above", "place_below", "place_page", "place_x_mm", "place_y_mm", "place_field")
_LONGEST: Final = 300
_LARGEST_PAGE: Final = 20_000
_LARGEST_MM: Final = 5_100


def place_of(given: Mapping[str, str]) -> WantedPlace | None:
    """Only what belongs to the chosen way is read. Raises `Refusal` paper-data-invalid, which says what is missing."""
    way = given.get("place", "")
    if way == "field":
        return InField(field=_text(given, "place_field", "tên ô chữ ký", "the field's name"))
    if way == "coordinates":
        page = _page(given)
        if page is None:
            raise _wrong("số trang", "the page's number")
        x = _millimetres(given, "place_x_mm", "khoảng cách từ mép trái (mm)", "the distance from the left edge (mm)")
        y = _millimetres(given, "place_y_mm", "khoảng cách từ mép trên (mm)", "the distance from the upper edge (mm)")
        return AtPoint(page=page, x_mm=x, y_mm=y)
    if way == "anchors":
        above = _text(given, "place_above", "dòng chữ ở trên", "the text above")
        below = _text(given, "place_below", "dòng chữ ở dưới", "the text below")
        return BetweenLines(above=above, below=below, page=_page(given))
    if way:
        raise _wrong("cách chọn vị trí", "how the place is chosen")
    return None


def _text(given: Mapping[str, str], name: str, vi: str, en: str) -> str:
    typed = given.get(name, "").strip()
    if not typed or len(typed) > _LONGEST or "\0" in typed:
        raise _wrong(vi, en)
    return typed


def _page(given: Mapping[str, str]) -> int | None:
    typed = given.get("place_page", "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6 and 1 <= int(typed) <= _LARGEST_PAGE):
        raise _wrong("số trang", "the page's number")
    return int(typed)


def _millimetres(given: Mapping[str, str], name: str, vi: str, en: str) -> float:
    """Written as in Viet Nam, 120,5, or with a full stop."""
    whole, _, part = given.get(name, "").strip().replace(",", ".").partition(".")
    if not (whole.isascii() and whole.isdigit() and (not part or (part.isascii() and part.isdigit()))):
        raise _wrong(vi, en)
    if len(whole) > 4 or len(part) > 3 or (value := float(f"{whole}.{part or 0}")) > _LARGEST_MM:
        raise _wrong(vi, en)
    return value


def _wrong(vi: str, en: str) -> Refusal:
    return Refusal(
        "paper-data-invalid",
        f"Vị trí chữ ký và con dấu: hãy ghi đúng {vi}.",
        f"Place of signature and seal: give {en}.",
        where="place",
    )
