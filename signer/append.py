"""One incremental update (ISO 32000-1 clause 7.5.6), written by hand behind the untouched bytes of the file.

qpdf parses, nothing rewrites: what an earlier signer signed stays the exact prefix of the new file. The new
cross-reference section is of the kind the file's last one is (a table also after a hybrid file's table). A
signature's /Contents is the one hole: its bytes are filled in later, everything else is final.
"""

import copy
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pikepdf

from .source import Source

_BYTE_RANGE_ROOM = 52
"""Bytes kept for `/ByteRange[0 a b c]`: three numbers of up to ten digits, the rest spaces."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hole:
    """A signature dictionary with room for its /Contents. `entries`: all of it but /ByteRange and /Contents."""

    number: int
    entries: bytes
    reserve: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Appendix:
    """The bytes to append, and where the hole is: `hole` = offsets in the whole file of `<` and of the byte after
    `>`."""

    data: bytes
    hole: tuple[int, int] | None

    def byte_range(self, file_size: int) -> tuple[int, int, int, int]:
        """/ByteRange for the finished file of `file_size` bytes. Only for an update with a hole."""
        if self.hole is None:
            raise ValueError("this update carries no signature")
        return 0, self.hole[0], self.hole[1], file_size - self.hole[1]


def body(target: pikepdf.Object, changes: Mapping[str, bytes]) -> bytes:
    """A dictionary with some entries replaced (`b""` removes), everything else as it is in the file."""
    rest = copy.copy(target)
    for key in changes:
        if key in rest:
            del rest[key]
    added = b"".join(key.encode() + b" " + value for key, value in changes.items() if value)
    return rest.unparse(resolved=True).rstrip()[:-2] + added + b">>"


def text(value: str) -> bytes:
    """A text string: literal where printable ASCII, else UTF-16BE (ISO 32000-1 clause 7.9.2.2)."""
    if value.isascii() and value.isprintable():
        return b"(" + value.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode() + b")"
    return b"<FEFF" + value.encode("utf-16-be").hex().upper().encode() + b">"


def numbers(values: Iterable[float]) -> bytes:
    """Numbers with at most three decimals, as PDF writes them."""
    return b" ".join(f"{value:.3f}".rstrip("0").rstrip(".").encode() for value in values)


def reference(target: pikepdf.Object) -> bytes:
    """`12 0 R`"""
    return b"%d %d R" % target.objgen


class Update:
    """Collects new and replaced objects, then writes them with their cross-reference section."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._next = source.size
        self._bodies: dict[int, bytes] = {}
        self._generations: dict[int, int] = {}
        self._root: dict[str, bytes] = {}
        self._seed = b""

    def reserve(self, count: int = 1) -> int:
        """The first of `count` new object numbers."""
        first = self._next
        self._next += count
        return first

    def add(self, content: bytes) -> int:
        """A new object; its number."""
        number = self.reserve()
        self._bodies[number] = content
        return number

    def put(self, number: int, content: bytes) -> None:
        """The body of a reserved number."""
        self._bodies[number] = content

    def replace(self, target: pikepdf.Object, content: bytes) -> None:
        """A newer version of an object of the file, under its own number and generation."""
        number, generation = target.objgen
        if number in self._bodies:
            raise ValueError(f"object {number} replaced twice in one update")
        self._bodies[number] = content
        self._generations[number] = generation

    def in_root(self, key: str, value: bytes) -> None:
        """An entry of the document catalogue."""
        self._root[key] = value

    @property
    def pending(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._bodies or self._root)

    def write(self, hole: Hole | None = None) -> Appendix:
        """The finished section."""
        root = self._source.pdf.Root
        if self._root:
            self.replace(root, body(root, self._root))
        position = len(self._source.data)
        parts = [b"\n"]
        position += 1
        offsets: dict[int, int] = {}
        for number in sorted(self._bodies):
            head = b"%d %d obj\n" % (number, self._generations.get(number, 0))
            content = self._bodies[number]
            offsets[number] = position
            parts += (head, content, b"\nendobj\n")
            position += len(head) + len(content) + 8
        if hole is None:
            parts.append(self._cross_reference(offsets, position))
            return Appendix(data=b"".join(parts), hole=None)
        self._seed = hole.entries
        head = b"%d 0 obj\n<<%s" % (hole.number, hole.entries)
        offsets[hole.number] = position
        start = position + len(head) + _BYTE_RANGE_ROOM + len(b"/Contents")
        end = start + 2 * hole.reserve + 2
        closing = b">>\nendobj\n"
        tail = closing + self._cross_reference(offsets, end + len(closing))
        ranges = b"/ByteRange[0 %d %d %d]" % (start, end, len(tail))
        parts += (head, ranges.ljust(_BYTE_RANGE_ROOM), b"/Contents<", b"0" * (2 * hole.reserve), b">", tail)
        return Appendix(data=b"".join(parts), hole=(start, end))

    def _trailer(self) -> bytes:
        trailer = self._source.pdf.trailer
        entries = b"/Root " + reference(self._source.pdf.Root)
        info = trailer.get("/Info")
        if info is not None:
            entries += b"/Info " + (reference(info) if info.is_indirect else info.unparse(resolved=True))
        old = trailer.get("/ID")
        first, second = (
            (bytes(old[0]), bytes(old[1])) if isinstance(old, pikepdf.Array) and len(old) == 2 else (b"", b"")
        )
        # The first identifier stays the document's, the second is this revision's (clause 14.4).
        seed = b"%b %d %d %b" % (second, len(self._source.data), self._next, self._seed)
        revision = hashlib.sha256(seed).digest()[:16]
        identifier = b"/ID[<%s><%s>]" % ((first or revision).hex().encode(), revision.hex().encode())
        return entries + identifier + b"/Prev %d" % self._source.startxref

    def _cross_reference(self, offsets: dict[int, int], position: int) -> bytes:
        size = self._next
        if self._source.xref_stream:
            own = size
            size += 1
            offsets = offsets | {own: position}
        groups = _consecutive(sorted(offsets))
        entries = b"/Size %d" % size + self._trailer()
        if self._source.xref_stream:
            rows = b"".join(
                b"\x01" + offsets[n].to_bytes(5, "big") + self._generations.get(n, 0).to_bytes(2, "big")
                for group in groups
                for n in group
            )
            index = b" ".join(b"%d %d" % (group[0], len(group)) for group in groups)
            section = b"%d 0 obj\n<</Type/XRef/W[1 5 2]/Index[%s]%s/Length %d>>stream\n%s\nendstream\nendobj\n" % (
                own, index, entries, len(rows), rows,
            )  # fmt: skip
        else:
            lines = [b"xref\n"]
            for group in groups:
                lines.append(b"%d %d\n" % (group[0], len(group)))
                lines += [b"%010d %05d n \n" % (offsets[n], self._generations.get(n, 0)) for n in group]
            section = b"".join(lines) + b"trailer\n<<%s>>\n" % entries
        return section + b"startxref\n%d\n%%%%EOF\n" % position


def _consecutive(ordered: list[int]) -> list[list[int]]:
    groups: list[list[int]] = []
    for number in ordered:
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups
