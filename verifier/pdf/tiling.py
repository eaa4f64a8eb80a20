"""Is a later revision nothing but what its own cross-reference lists? Then every reader finds the same in it.

A reader that takes offence at a cross-reference, be it one of the signed part, builds another by searching the bytes:
it finds objects that no cross-reference names, also inside streams. So after a signature the listed objects, the
section, its trailer and the end must follow one another with nothing between, and hold nothing that such a search
could take for one of them. Objects are not read here: their ends are found by the words that readers search for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier.pdf.views import Ref

# White space to some reader: PDFium knows two characters more, JavaScript's \s another two.
_GAP = rb"[\0\t-\r \x80\x85\xa0\xff]"
_BLANK = re.compile(rb"(?:[\0\t\n\f\r ]|(?<![^\r\n])%[^%\r\n][^\r\n]*(?=[\r\n]))*")
# Two numbers and `obj`, read backwards from the word; comments may lie between, and PDFium takes a sign for a number.
_BACKWARDS = rb"(?:" + _GAP + rb"|[\r\n][^\r\n]*%)"
_NUMBERS_BEFORE = re.compile(_BACKWARDS + rb"*(?:\Z|[0-9+.-]+(?:\Z|" + _BACKWARDS + rb"+(?:\Z|[0-9+.-])))")
_REACH = 1024
_TRAILER = re.compile(rb"trailer(?:" + _GAP + rb"|%[^\r\n]*[\r\n])*(?:<|\Z)")
_DELIMITERS = b"\0\t\n\v\f\r \x80\x85\xa0\xff()<>[]{}/%"


@dataclass(frozen=True, kw_only=True)
class Section:
    """A cross-reference section's place, in bytes: from `xref` or its stream's header to the end of its trailer.

    `table_end`: where a table's `trailer` is over; None for a stream, which is one of the objects then.
    """

    start: int
    end: int
    table_end: int | None


def tiling_problem(
    pdf: bytes, begin: int, objects: Sequence[tuple[int, Ref]], section: Section, startxref: int
) -> str | None:
    """Why the bytes from `begin` (the end of the revision before) to `startxref`'s place are not just these objects and
    their section; None where they are. `objects`: where the cross-reference places each, in bytes."""
    last = section.start if section.table_end is not None else startxref
    listed = sorted(set(objects))
    stops = [place for place, _ in listed[1:]] + [last] * bool(listed)
    if not _blank(pdf, begin, listed[0][0] if listed else last):
        return "bytes before its first object"
    headers: set[int] = set()
    for (place, ref), stop in zip(listed, stops, strict=True):
        header = b"%d %d obj" % ref
        end = pdf.find(b"endobj", place, stop)
        if not pdf.startswith(header, place) or end < 0 or not _blank(pdf, end + 6, stop):
            return f"bytes about object {ref[0]} that belong to none"
        if pdf.count(b"endstream", place, end) > 1:
            return f"object {ref[0]} has more than one end of a stream"
        headers.add(place + len(header) - 3)
    return _stray_word(pdf, begin, headers, section, startxref)


def _blank(pdf: bytes, begin: int, end: int) -> bool:
    """White space, or the comments that programs sign their work with."""
    return begin <= end and (not (between := pdf[begin:end]).strip() or _BLANK.fullmatch(between) is not None)


def _stray_word(pdf: bytes, begin: int, headers: set[int], section: Section, startxref: int) -> str | None:
    end = startxref + len(b"startxref")
    for place in _places(pdf, b"obj", begin, end):
        if place not in headers and pdf[place - 3 : place] != b"end":
            before = pdf[max(place - _REACH, 0) : place][::-1]
            if _NUMBERS_BEFORE.match(before):
                return "an object that its cross-reference does not list"
    table = section.table_end is not None
    words = {startxref + 5, *([section.start] if table else ())}
    for place in _places(pdf, b"xref", begin, end):
        starts = pdf[place - 5 : place] == b"start"
        if place not in words and (starts or (pdf[place - 1] in _DELIMITERS and pdf[place + 4] in _DELIMITERS)):
            return "another cross-reference"
    trailer = pdf.rfind(b"trailer", section.start, section.table_end) if table else -1
    for place in _places(pdf, b"trailer", begin, end):
        if place != trailer and _TRAILER.match(pdf, place, end):
            return "another trailer"
    for place in _places(pdf, b"/XRef", begin, end):
        if table or not section.start <= place < section.end:
            return "another cross-reference stream"
    return None


def _places(pdf: bytes, word: bytes, begin: int, end: int) -> Iterator[int]:
    place = pdf.find(word, begin, end)
    while place >= 0:
        yield place
        place = pdf.find(word, place + 1, end)
