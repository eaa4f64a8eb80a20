"""Does every object of the signed part end there? One that does not (an open string, array or dictionary) is nothing
to most readers, until bytes are appended that close it: then it says whatever whoever appended them wrote.

Only brackets are followed, not grammar: far cheaper than parsing, and of the same opinion as every reader about them.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

# Whatever holds no bracket: plain bytes, simple strings, strings in hexadecimal digits, comments. No two of these begin
# alike, so nothing is ever tried again.
_NO_BRACKETS = re.compile(
    rb"(?:[^()<>\[\]%es]+|e(?!ndobj)|s(?!tream[\0\t\n\f\r ])|\([^()\\]*\)|<[0-9A-Fa-f\0\t\n\f\r ]*>"
    rb"|%[^\r\n]*(?:[\r\n]|\Z)){1,999}"
)
_IN_STRING = re.compile(rb"[^()\\]+|\\.", re.S)
_CLOSING = {b"<<": b">>", b"[": b"]"}


def open_ended(pdf: bytes, places: Iterable[int], others: Iterable[int]) -> int | None:
    """The first of `places` (byte offsets of objects) whose object is still open where the next begins, or one of
    `others` (cross-references, the end)."""
    objects = set(places)
    for start, stop in pairwise(sorted({*objects, *others})):
        if start in objects and not _closes(pdf, start, stop):
            return start
    return None


def _closes(pdf: bytes, place: int, stop: int) -> bool:
    """Whether a value between `place` and `stop` has no bracket left open where its stream, or the next one, begins."""
    waiting: list[bytes] = []
    while place < stop:
        match = _NO_BRACKETS.match(pdf, place, stop)
        if match is not None:
            place = match.end()
            continue
        two = pdf[place : place + 2]
        one = two[:1]
        if one in (b"e", b"s"):  # endobj, or the stream, whose length is judged elsewhere
            return not waiting
        if two == b"<<" or one == b"[":
            waiting.append(_CLOSING[two if two == b"<<" else one])
            place += len(waiting[-1])
        elif waiting and pdf.startswith(waiting[-1], place):
            place += len(waiting.pop())
        elif one == b"(":
            place = _after_string(pdf, place, stop)
        else:
            return False
    return not waiting and place == stop


def _after_string(pdf: bytes, place: int, stop: int) -> int:
    """Where the string that begins at `place` is closed; beyond `stop` where it is not."""
    depth = 0
    while place < stop:
        match = _IN_STRING.match(pdf, place, stop)
        if match is not None:
            place = match.end()
            continue
        depth += 1 if pdf[place : place + 1] == b"(" else -1
        place += 1
        if depth == 0:
            return place
    return stop + 1
