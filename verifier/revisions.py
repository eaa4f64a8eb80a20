"""Where each revision of a file ends, and whether the ends follow one another to the last byte.

A reader that repairs broken files may show bytes that a strict reader never looked at (an appended body whose trailer
is broken). So after the first signature every byte must belong to a revision that was read, in file order.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from verifier.pdf import Document

_TAIL = re.compile(rb"startxref\s+(\d+)\s*%%EOF")
# Readers look for it in the last 1024 bytes, and build another table where they do not find it
_SHORT_TAIL = re.compile(rb"startxref[\t\n\r ]{1,16}\d{1,20}[\t\n\r ]{0,16}%%EOF")
_TAIL_REACH = 64 * 1024
_LINE_ENDS = b"\r\n "
_COMMENT = re.compile(rb"(?<![^\r\n])%[^%\r\n][^\r\n]*(?=[\r\n])")
_COMMENTS_REACH = 256
# /Length in every spelling a name may have, and its number; more than twenty digits are too long whatever they say.
_GAP = rb"(?:[\0\t\n\f\r ]|%[^\r\n]*[\r\n])"
_LENGTH = re.compile(
    rb"/(?:L|#4[Cc])(?:e|#65)(?:n|#6[Ee])(?:g|#67)(?:t|#74)(?:h|#68)"
    + _GAP
    + rb"*[+]?0*([0-9]{1,20})(?:"
    + _GAP
    + rb"+0*([0-9]{1,5})"
    + _GAP
    + rb"*R)?"
)
# A file as long as its first object says is read from its beginning (linearised, ISO 32000-1, annex F)
_FILE_LENGTH = re.compile(rb"/(?:L|#4[Cc])" + _GAP + rb"*[+]?0*([0-9]{1,20})")
_FILE_LENGTH_REACH = 4096


@dataclass(frozen=True, kw_only=True)
class Layout:
    """`ends`: one byte offset per revision (line end included); `problem`: why the order does not hold, or None.

    `trailing`: bytes after the last revision. `bare_ends`: the offsets right after each %%EOF.
    """

    ends: tuple[int, ...]
    bare_ends: tuple[int, ...]
    trailing: int
    problem: str | None


def lay_out(document: Document, pdf: bytes, signed_ends: Mapping[int, int]) -> Layout:
    """Find the revisions' ends. `signed_ends` maps a signed revision to the end of its signature's byte range."""
    first_signed = min(signed_ends, default=document.revisions)
    signed_part = range(min(first_signed + 1, document.revisions))
    # Of an odd table one reader shows what it says, another what a search of the file finds: these must be the same.
    searched = first_signed < document.revisions and any(map(document.is_searched, signed_part))
    ends: list[int] = []
    bare: list[int] = []
    problem: str | None = None
    for number in range(document.revisions):
        declared, start, end, is_stream = document.xref_place(number)
        tail = _TAIL.search(pdf, end, end + _TAIL_REACH)
        if tail is None:
            ends.append(end)
            bare.append(end)
            problem = problem or f"revision {number} has no end"
            continue
        stop = _after_line_end(pdf, tail.end())
        signed_end = signed_ends.get(number)
        if signed_end is not None and signed_end >= tail.end() and not pdf[tail.end() : signed_end].strip(_LINE_ENDS):
            stop = signed_end
        if first_signed < document.revisions:
            problem = problem or document.crossref_problem(
                number, is_later=number > first_signed, searched=number in signed_part
            )
        if number >= first_signed or searched:
            problem = problem or _wrong_tail(document, pdf, number, tail, declared, end, is_stream=is_stream)
        if number > first_signed or searched:
            problem = problem or _wrong_order(document, number, ends[-1] if ends else 0, start, tail.start())
        if searched and number and document.frees(number):
            problem = problem or f"revision {number} frees objects that a search finds"
        ends.append(stop)
        bare.append(tail.end())
    if problem is None and first_signed < document.revisions:
        problem = _beyond(document, pdf, first_signed, ends[first_signed])
    trailing = len(pdf) - max(ends, default=0)
    return Layout(ends=tuple(ends), bare_ends=tuple(bare), trailing=max(trailing, 0), problem=problem)


def _beyond(document: Document, pdf: bytes, first_signed: int, end: int) -> str | None:
    """Whether the signed part reaches into what may be appended later: then whoever appends decides what it says.

    Later revisions are held to their own bytes by `_wrong_order`.
    """
    for number in range(first_signed + 1):
        if any(place >= end for place in (*document.xref_place(number)[:3], *document.object_places(number))):
            return f"revision {number} points beyond the signed part"
    for found in _LENGTH.finditer(pdf, 0, end):
        length = int(found.group(1))
        if found.group(2) is not None:
            length = document.largest_number((length, int(found.group(2))), first_signed)
        if found.end() + length > end:
            return "a stream reaches beyond the signed part"
    for found in _FILE_LENGTH.finditer(pdf, 0, min(end, _FILE_LENGTH_REACH)):
        if (length := int(found.group(1))) > end or length == end < len(pdf):
            return "the signed part says how long the file is going to be"
    return "an object has no end" if document.open_ended() else None


def hash_revisions(pdf: bytes, layout: Layout) -> tuple[tuple[str, ...], ...]:
    """SHA-256 (hex) of the file up to each revision's end, in one pass; both spellings of the line end."""
    running = hashlib.sha256()
    view = memoryview(pdf)
    found: dict[int, str] = {}
    done = 0
    for place in sorted({*layout.ends, *layout.bare_ends}):
        running.update(view[done:place])
        done = place
        found[place] = running.copy().hexdigest()
    pairs = zip(layout.ends, layout.bare_ends, strict=True)
    return tuple(tuple(dict.fromkeys((found[end], found[bare]))) for end, bare in pairs)


def _after_line_end(pdf: bytes, place: int) -> int:
    if pdf[place : place + 2] == b"\r\n":
        return place + 2
    return place + 1 if pdf[place : place + 1] in (b"\n", b"\r") else place


def _wrong_tail(
    document: Document, pdf: bytes, number: int, tail: re.Match[bytes], declared: int, end: int, *, is_stream: bool
) -> str | None:
    if int(tail.group(1)) != declared:
        return f"revision {number} ends with another startxref"
    if _SHORT_TAIL.fullmatch(tail.group()) is None:
        return f"revision {number} has an odd end"
    over = end if is_stream else document.trailer_end(number)
    between = pdf[over : tail.start()]
    if tail.start() < over or _without_comments(between) not in (b"", b"endobj"):
        return f"revision {number} has bytes between its trailer and its end"
    return None


def _without_comments(between: bytes) -> bytes:
    """iText signs its revisions with its name in a comment (%iText-5.5.13); no reader makes anything of one."""
    return _COMMENT.sub(b"", between).strip() if len(between) <= _COMMENTS_REACH else between


def _wrong_order(document: Document, number: int, previous_end: int, start: int, startxref: int) -> str | None:
    if start < previous_end:
        return f"revision {number} lies before the end of revision {number - 1}"
    if any(not previous_end <= place <= start for place in document.object_places(number)):
        return f"revision {number} points outside itself"
    return document.tiling_problem(number, previous_end, startxref)
