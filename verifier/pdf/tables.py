"""A cross-reference, to the letter: what pyHanko reads with a smile may make another reader throw the table away."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

_BEGIN = re.compile(rb"xref[\t ]*[\r\n]")
_HEAD = re.compile(rb"[\t\n\r ]*(0|[1-9]\d{0,9}) (0|[1-9]\d{0,9}) ?(?:\r\n|\r|\n)")
_ROWS = {
    20: re.compile(rb"(?:\d{10} \d{5} [nf](?: \n|\r\n| \r))*"),
    19: re.compile(rb"(?:\d{10} \d{5} [nf][\r\n])*"),
    21: re.compile(rb"(?:\d{10} \d{5} [nf] \r\n)*"),
}
"""By their length in bytes: a row has 20; some programs end each with one byte, or with three."""
_TRAILER = re.compile(rb"[\0\t\n\f\r ]*trailer[\0\t\n\f\r ]*")
_WHOLE = re.compile(rb"/(?:Size|Prev)[\0\t\n\f\r ]*\d{1,10}(?=[\0\t\n\f\r />])")


def table_problem(pdf: bytes, start: int, end: int, size: int, row: int = 20) -> str | None:
    """Why the table from `xref` at `start` to `end`, where its trailer dictionary begins, is not one; None if it is.

    `size`: no object has this number or a higher one. `row`: how long each of its rows is, in bytes.
    """
    begin = _BEGIN.match(pdf, start)
    if begin is None:
        return "an odd cross-reference table"
    place = begin.end()
    while head := _HEAD.match(pdf, place, end):
        place = head.end()
        first, count = int(head.group(1)), int(head.group(2))
        if first + count > size or not _ROWS[row].fullmatch(pdf, place, min(place + row * count, end)):
            return "a cross-reference table with odd rows"
        if first == 0 < count and pdf[place + 17] != ord("f"):
            return "object 0 in use"
        place += row * count
    return None if _TRAILER.fullmatch(pdf, place, end) else "an odd cross-reference table"


def is_table_of_odd_rows(pdf: bytes, start: int, end: int, size: int) -> bool:
    """Whether it is a table but for the length of its rows, which is the same in all of them: some readers take only
    20 bytes for one, and search the file for its objects instead."""
    lengths = set(_ROWS) - {20}
    return table_problem(pdf, start, end, size) is not None and any(
        table_problem(pdf, start, end, size, row) is None for row in lengths
    )


def stream_problem(data: bytes, entries: dict[str, Any]) -> str | None:
    """Why a cross-reference stream with these (unpacked) bytes and this dictionary is odd; None if it is not."""
    size = _numbers([dict.get(entries, "/Size")])
    widths, index = _numbers(dict.get(entries, "/W")), _numbers(dict.get(entries, "/Index", [0, *(size or [])]))
    if size is None or widths is None or len(widths) != 3 or max(widths) > 8 or index is None or len(index) % 2:
        return "an odd cross-reference stream"
    sections = list(zip(index[::2], index[1::2], strict=True))
    row = sum(widths)
    if len(data) != row * sum(count for _, count in sections) or any(sum(pair) > size[0] for pair in sections):
        return "a cross-reference stream that is too long or too short"
    if any(sum(before) > first for before, (first, _) in pairwise(sections)):
        return "a cross-reference stream that is out of order"
    kinds = list(_kinds(data, row, widths[0]))
    if any(kind > 2 for kind in kinds):
        return "a cross-reference stream with rows of an unknown kind"
    done = 0
    for first, count in sections:
        if first == 0 < count and kinds[done] != 0:
            return "object 0 in use"
        done += count
    return None


def trailer_problem(raw: bytes, trailer: dict[str, Any]) -> str | None:
    """Why `raw`, the bytes of a trailer or of what comes before a stream, leave its two numbers open; None if not."""
    named = [key for key in ("/Size", "/Prev") if key in trailer]
    if _numbers([dict.get(trailer, key) for key in named]) is None or len(_WHOLE.findall(raw)) < len(named):
        return "an odd trailer"
    return None


def _kinds(data: bytes, row: int, width: int) -> Iterator[int]:
    if width == 0:
        return iter([1] * (len(data) // row if row else 0))
    if width == 1:
        return iter(data[::row])
    places = range(0, len(data) + 1, row)
    return (int.from_bytes(data[start : start + width], "big") for start, _ in pairwise(places))


def _numbers(values: Any) -> list[int] | None:
    """Whole numbers that are not negative, and nothing else."""
    if not isinstance(values, list):
        return None
    plain = list(list.__iter__(values))
    fine = all(isinstance(number, int) and number >= 0 for number in plain)
    return [int(number) for number in plain] if fine else None
