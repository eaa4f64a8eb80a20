"""Where the bytes of a file mention an object, whether or not a strict reader ever comes by.

Found by looking for the letter R in the bytes and in the decoded object streams, not by walking the objects: other
readers may see references where pyHanko sees none, and a walk of every object costs more than all the rest of `gather`.
What the bytes say is therefore a superset. It is used in two ways, both erring towards "changed":

- `beyond`: does the signed part mention an object that it does not have? Then whoever adds the object later draws it.
- `uses`: who uses this object? A mention that no parsed holder accounts for means that nobody knows.
"""

import io
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.xref import read_object_header

from verifier.pdf.spelling import is_plain_object, is_plain_value
from verifier.pdf.views import Objects, Ref, View

_SPACE = rb"[\0\t\n\f\r ]"
_R = re.compile(rb"R(?![A-Za-z])")
_BEFORE_R = re.compile(rb"([0-9.+-]+)" + _SPACE + rb"+[0-9.+-]+" + _SPACE + rb"*\Z")
_SPACES = b"\0\t\n\f\r "
_DIGITS = b"0123456789"
_NEAR = 64
# A comment may stand between the three parts of a reference; it ends with its line.
_BEGINS_A_LINE = re.compile(rb"[\r\n]" + _SPACE + rb"*(?:[0-9.+-]+" + _SPACE + rb"*)?\Z")
_GAP = rb"(?:" + _SPACE + rb"|%[^\r\n]*[\r\n])"
_ACROSS_COMMENTS = re.compile(rb"(?<![0-9.+-])([0-9.+-]+)" + _GAP + rb"+[0-9.+-]+" + _GAP + rb"*\Z")
_LINE_END = re.compile(rb"[\r\n]+")
_FAR = 4096
_ODD = 1 << 62

Use = tuple[Ref | None, tuple[str, ...]]
"""Holder (None for a trailer) and the keys that lead to the mention inside it, "*" for a place in an array."""


def mentioned(content: bytes) -> Iterator[tuple[int, int]]:
    """(object number, offset of the R) of everything that some reader may take for a reference; a number that is
    written oddly counts as a very high one."""
    for match in _R.finditer(content):
        place = match.start()
        if not place or content[place - 1] not in _SPACES + _DIGITS:
            continue
        before = content[max(0, place - _NEAR) : place]
        found = _BEFORE_R.search(before)
        if found and (found.start() or place <= _NEAR):
            yield _number(found.group(1)), place
        elif found or not before.strip(_SPACES + _DIGITS + b"+-."):
            yield _ODD, place
        if _BEGINS_A_LINE.search(before):
            yield from _across_comments(content, place)


def _across_comments(content: bytes, place: int) -> Iterator[tuple[int, int]]:
    start = max(0, place - _FAR)
    before = content[start:place]
    found = _ACROSS_COMMENTS.search(before) if b"%" in before else None
    if found and b"%" in found.group():
        yield _number(found.group(1)) if found.start() or not start else _ODD, place
    elif start and all(line.lstrip(_SPACES).startswith(b"%") for line in _LINE_END.split(before)[1:-1]):
        yield _ODD, place  # comments as far as one looks


def _number(digits: bytes) -> int:
    return int(digits) if digits.isdigit() and len(digits) < 18 else _ODD


class Mentions:
    """Everything that one file mentions. May raise whatever pyHanko raises on a hostile file."""

    def __init__(self, pdf: bytes, objects: Objects, sections: tuple[tuple[int, dict[str, Any]], ...]) -> None:
        """`sections`: where each revision's cross-reference starts, in bytes, and its own trailer."""
        self._pdf = pdf
        self._objects = objects
        self._sections = sections
        found = sorted((place, number) for number, place in mentioned(pdf))
        self._places = [place for place, _ in found]
        self._numbers = [number for _, number in found]
        self._places_of: dict[int, list[int]] = {}
        for place, number in found:
            self._places_of.setdefault(number, []).append(place)
        starts: list[tuple[int, Ref | None, int]] = []
        for revision, (start, _) in enumerate(sections):
            starts += [(place, ref, revision) for place, ref in objects.places(revision)]
            starts.append((start, None, revision))
        self._starts = sorted(starts, key=lambda entry: entry[0])
        self._start_places = [entry[0] for entry in self._starts]
        self._plain: dict[int, tuple[tuple[int, int], ...]] = {}
        self._packed: dict[tuple[int, int], list[tuple[Ref, bytes]]] = {}
        self._paths: dict[tuple[Ref | None, int], dict[int, list[tuple[str, ...]]]] = {}

    def beyond(self, base: View, end: int, gaps: Collection[int] = ()) -> bool:
        """Whether the file up to `end`, the end of revision `base`, mentions an object number not below its size, or
        one of `gaps`."""
        stop = bisect_right(self._places, end)
        for place, number in zip(self._places[:stop], self._numbers[:stop], strict=True):
            if (number >= base.size or number in gaps) and not self._is_content(place, end):
                return True
        texts = (text for _, _, text in self._unpacked(base.revision))
        return any(number >= base.size or number in gaps for text in texts for number, _ in mentioned(text))

    def uses(self, wanted: Ref, base: View, end: int) -> frozenset[Use] | None:
        """Who mentions `wanted` in the file up to `end`, older versions of objects included; None if nobody knows."""
        places = self._places_of.get(wanted[0], [])
        mentions: dict[int, list[int]] = {}
        for place in places[: bisect_right(places, end)]:
            mentions.setdefault(self._start_index(place), []).append(place)
        if min(mentions, default=0) < 0:
            return None
        found: set[Use] = set()
        for index, here in mentions.items():
            _, holder, revision = self._starts[index]
            paths = self._paths_in(holder, revision).get(wanted[0], [])
            if len(paths) != len(here) and len(paths) != sum(not self._is_content(place, end) for place in here):
                return None
            found |= {(holder, path) for path in paths}
        for packed, revision, text in self._unpacked(base.revision):
            count = sum(number == wanted[0] for number, _ in mentioned(text))
            paths = self._paths_in(packed, revision).get(wanted[0], []) if count else []
            if len(paths) != count:
                return None
            found |= {(packed, path) for path in paths}
        return frozenset(found)

    def is_plain(self, ref: Ref, version: int) -> bool:
        """Whether `ref`, as revision `version` wrote it, is spelled so that every reader finds the same in it."""
        place = self._objects.place(ref, version)
        if not isinstance(place, int):
            return is_plain_value(dict(self._texts(place.obj_stream_id, version))[ref])
        value = self._objects.parsed(ref, version)
        length = len(value.encoded_data) if isinstance(value, generic.StreamObject) else None
        return is_plain_object(self._pdf, place, ref, length)

    def _paths_in(self, holder: Ref | None, revision: int) -> dict[int, list[tuple[str, ...]]]:
        """What an object, or a trailer, as this revision wrote it refers to, by which keys; nothing if it did not."""
        key = (holder, revision)
        if key not in self._paths:
            self._paths[key] = {}
            if holder is None:
                content: Any = self._sections[revision][1]
            else:
                written = self._objects.version(holder, revision) == revision
                content = self._objects.parsed(holder, revision) if written else None
            for number, path in _references(content):
                self._paths[key].setdefault(number, []).append(path)
        return self._paths[key]

    def _start_index(self, place: int) -> int:
        return bisect_right(self._start_places, place) - 1

    def _unpacked(self, revision: int) -> Iterator[tuple[Ref, int, bytes]]:
        """The objects inside the object streams of a revision and its predecessors: which, written when, as what."""
        for number in range(revision + 1):
            for stream in self._objects.streams_of_objects(number):
                for held, text in self._texts(stream, number):
                    yield held, number, text

    def _texts(self, stream: int, revision: int) -> list[tuple[Ref, bytes]]:
        """The objects inside an object stream that the cross-reference of a revision points into."""
        if (stream, revision) not in self._packed:
            version = self._objects.version((stream, 0), revision)
            if version is None:
                raise ValueError(f"object stream {stream} is not there")
            self._packed[(stream, revision)] = unpack(self._objects.parsed((stream, 0), version))
        return self._packed[(stream, revision)]

    def _is_content(self, place: int, end: int) -> bool:
        return any(start <= place < stop for start, stop in self._payloads(end))

    def _payloads(self, end: int) -> tuple[tuple[int, int], ...]:
        """Where the contents of plain streams lie in the file up to `end`: an uncompressed attachment may mention much.

        None are believed where objects reach into one another; else a false stream laid over half a page could hide
        what the page says.
        """
        if end not in self._plain:
            reach = 0
            found: list[tuple[int, int]] = []
            packed = {
                stream for number in range(len(self._sections)) for stream in self._objects.streams_of_objects(number)
            }
            objects = {(start, holder) for start, holder, _ in self._starts if holder is not None and start <= end}
            for start, holder in sorted(objects):
                if start < reach:
                    found = []
                    break
                content, reach = self._span(start, holder)
                if holder[0] not in packed:
                    found.append((content, reach))
            self._plain[end] = tuple(found)
        return self._plain[end]

    def _span(self, start: int, holder: Ref) -> tuple[int, int]:
        """Where an object's stream content begins, in bytes, and where the object ends; the same if it is no stream."""
        window = 4096
        while True:
            stream = io.BytesIO(self._pdf[start : start + window])
            try:
                read_object_header(stream, strict=True)  # type: ignore[no-untyped-call]
                entry = generic.read_object(stream, generic.Reference(*holder, self._objects.reader))
                break
            except Exception:
                if start + window >= len(self._pdf):
                    raise
                window *= 64
        stop = start + stream.tell()
        if not isinstance(entry, generic.StreamObject):
            return stop, stop
        return stop - len(b"endstream") - len(entry.encoded_data), stop


def unpack(stream: Any) -> list[tuple[Ref, bytes]]:
    """The objects of an object stream with the text of each, in the order of their places."""
    content = bytes(stream.read_data(DecodePurpose.OBJECT_STREAM))
    count, first = int(dict.__getitem__(stream, "/N")), int(dict.__getitem__(stream, "/First"))
    numbers = [int(word) for word in content[:first].split()[: 2 * count]]
    if len(numbers) != 2 * count or min(numbers, default=0) < 0:
        raise ValueError("an object stream's list of objects is broken")
    starts = sorted(zip(numbers[1::2], numbers[::2], strict=True))
    ends = [place for place, _ in starts[1:]] + [len(content) - first]
    return [
        ((number, 0), content[first + start : first + stop]) for (start, number), stop in zip(starts, ends, strict=True)
    ]


def _references(content: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[int, tuple[str, ...]]]:
    if isinstance(content, generic.IndirectObject):
        yield content.idnum, path
    elif isinstance(content, dict):
        for key, value in dict.items(content):
            yield from _references(value, (*path, str(key)))
    elif isinstance(content, generic.ArrayObject):
        for value in list.__iter__(content):
            yield from _references(value, (*path, "*"))
