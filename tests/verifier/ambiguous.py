"""Revisions that pyHanko reads as evidence, and other readers as another paper: they differ about bytes, not objects.

The signed part of the victim holds, in good order and drawn by nobody, another page, and a stray object with another
text that no cross-reference lists: a reader that builds a table of its own finds it.
"""

import re
import zlib
from collections.abc import Callable, Sequence

from tests.verifier.raw import number_of, object_of, size_of, stream, update
from tests.verifier.strikes import BAD, contents_of, page_of, root_of, with_entries

_COLUMNS = 40


def prepare(pdf: bytes) -> bytes:
    other, content = size_of(pdf), int(contents_of(pdf).split()[0])
    page = object_of(pdf, page_of(pdf))
    page = with_entries(page, b"/Contents %d 0 R/Parent %d 0 R" % (other + 2, other + 1), b"/Contents", b"/Parent")
    stray = b"\nendobj\n%d 0 obj\n%s" % (content, stream(BAD))
    pages = b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % other
    return update(pdf, {other: page, other + 1: pages, other + 2: stream(BAD), other + 3: b"null" + stray})


def other_pages(pdf: bytes) -> bytes:
    return b"/Pages %d 0 R" % number_of(pdf, b"/Count 1/Kids")


def catalogue(pdf: bytes) -> bytes:
    """The catalogue with evidence, in one line, open at its end."""
    return object_of(pdf, root_of(pdf))[:-2].replace(b"\n", b" ") + b"/DSS<</Certs[%d 0 R]>>" % size_of(pdf)


def evidence(pdf: bytes) -> bytes:
    """An honest revision."""
    return update(pdf, {root_of(pdf): catalogue(pdf) + b">>", size_of(pdf): stream(b"0")})


def in_stream(
    pdf: bytes,
    text: bytes,
    *,
    held: Sequence[tuple[int, int]] = (),
    pack: Callable[[bytes], bytes] = bytes,
    entries: bytes = b"",
) -> bytes:
    """A revision whose catalogue is `text`, in an object stream. `held`: further objects that begin inside of it, and
    where."""
    number, objects = size_of(pdf), size_of(pdf) + 10
    table = b" ".join(b"%d %d" % pair for pair in ((root_of(pdf), 0), *held)) + b" "
    kind = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode%s" % (1 + len(held), len(table), entries)
    packed = stream(zlib.compress(pack(table + text)), kind)
    taken = {root: (2, objects, place) for place, (root, _) in enumerate(((root_of(pdf), 0), *held))}
    return with_xref_stream(pdf, {number: stream(b"0"), objects: packed}, taken=taken)


def with_xref_stream(
    pdf: bytes,
    objects: dict[int, bytes],
    *,
    taken: dict[int, tuple[int, int, int]] | None = None,
    widths: tuple[int, int, int] = (1, 4, 2),
    pack: Callable[[bytes], bytes] = bytes,
    entries: bytes = b"",
    repeat: bool = False,
    own: int | None = None,
) -> bytes:
    """A revision with a cross-reference stream. `taken`: its rows of the objects inside object streams; `repeat`: its
    first object is listed twice; `own`: its number, which it does not list then."""
    body, rows = b"", dict(taken or {})
    for number, text in objects.items():
        rows[number] = (1, len(pdf) + len(body), 0)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    start, size = len(pdf) + len(body), max(rows) + 2
    if own is None:
        own = size - 1
        rows[own] = (1, start, 0)
    listed = [*sorted(rows)[:1] * repeat, *sorted(rows)]
    cells = (zip(rows[number], widths, strict=True) for number in listed)
    data = pack(b"".join(value.to_bytes(width, "big") for row in cells for value, width in row))
    index = b" ".join(b"%d 1" % number for number in listed)
    named = (b"%d %d %d" % widths, index, size, root_of(pdf), re.findall(rb"startxref\s+(\d+)", pdf)[-1], entries)
    kind = b"/Type/XRef/W[%s]/Index[%s]/Size %d/Root %d 0 R/Prev %s%s" % named
    return pdf + body + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, stream(data, kind), start)


def _rows(rows: Sequence[tuple[int, bytes]]) -> bytes:
    return b"".join(bytes([kind]) + row for kind, row in rows)


def half_closed(pdf: bytes) -> bytes:
    """pyHanko takes `> ` for the end of the dictionary, and never looks at what follows it in an object stream."""
    return in_stream(pdf, catalogue(pdf) + b"> " + other_pages(pdf) + b">>")


def zero_rows(pdf: bytes) -> bytes:
    """A PNG row without prediction is zeros to pyHanko, and another page tree to everybody else."""

    def pack(content: bytes) -> bytes:
        plain = content.ljust(-len(content) // _COLUMNS * -_COLUMNS)
        above, rows = bytes(_COLUMNS), []
        for place in range(0, len(plain), _COLUMNS):
            row = plain[place : place + _COLUMNS]
            rows.append((2, bytes((now - then) % 256 for now, then in zip(row, above, strict=True))))
            above = row
        rows.append((0, other_pages(pdf).ljust(_COLUMNS)))
        # added to what is left of it, as readers do, this is ">>" and spaces; pyHanko adds the bytes as they stand
        rows.append((1, bytes((ord(">"), 0, (ord(" ") - ord(">")) % 256)).ljust(_COLUMNS, b"\0")))
        return _rows(rows)

    return in_stream(pdf, catalogue(pdf), pack=pack, entries=b"/DecodeParms<</Predictor 12/Columns %d>>" % _COLUMNS)


def overlapping(pdf: bytes) -> bytes:
    """The next object of the stream begins inside the catalogue: some read it to there only."""
    text = catalogue(pdf) + b">>"
    return in_stream(pdf, text, held=((size_of(pdf) + 1, text.index(b"/AcroForm")),))


def wide_rows(*widths: int) -> Callable[[bytes], bytes]:
    def strike(pdf: bytes) -> bytes:
        objects = {root_of(pdf): catalogue(pdf) + b">>", size_of(pdf): stream(b"0")}
        return with_xref_stream(pdf, objects, widths=(widths[0], widths[1], widths[2]))

    return strike


def numbered(number: int) -> Callable[[bytes], bytes]:
    """Evidence with a number that readers do not take."""
    return lambda pdf: update(
        pdf,
        {root_of(pdf): object_of(pdf, root_of(pdf))[:-2] + b"/DSS<</Certs[%d 0 R]>>>>" % number, number: stream(b"0")},
    )


def sized(size: int) -> Callable[[bytes], bytes]:
    return lambda pdf: update(pdf, {root_of(pdf): catalogue(pdf) + b">>", size_of(pdf): stream(b"0")}, size=size)


def numbered_as_the_page(pdf: bytes) -> bytes:
    """The cross-reference stream bears the number of the page, which its rows do not name."""
    objects = {root_of(pdf): catalogue(pdf) + b">>", size_of(pdf): stream(b"0")}
    return with_xref_stream(pdf, objects, own=page_of(pdf))


def listed_twice(pdf: bytes) -> bytes:
    objects = {root_of(pdf): catalogue(pdf) + b">>", size_of(pdf): stream(b"0")}
    return with_xref_stream(pdf, objects, repeat=True)


def hexadecimal(pdf: bytes) -> bytes:
    objects = {root_of(pdf): catalogue(pdf) + b">>", size_of(pdf): stream(b"0")}
    entries = b"/Filter/ASCIIHexDecode"
    return with_xref_stream(pdf, objects, pack=lambda data: b"\x0b" + data.hex().encode() + b">", entries=entries)


def padded(pdf: bytes) -> bytes:
    """`startxref` is further from the end than readers look for it."""
    return _at_startxref(evidence(pdf), b"startxref" + b"\n" * 5000)


def parted_by(blank: bytes) -> Callable[[bytes], bytes]:
    return lambda pdf: _at_startxref(evidence(pdf), b"startxref" + blank)


def _at_startxref(pdf: bytes, word: bytes) -> bytes:
    head, _, tail = pdf.rpartition(b"startxref\n")
    return head + word + tail


def endless_content(length: int) -> Callable[[bytes], bytes]:
    """The content of the page is so long, says an object of its own; while the file is shorter, it ends where it
    ends."""

    def prepare(pdf: bytes) -> bytes:
        number, text = size_of(pdf), b"BT /F1 12 Tf 100 700 Td (Von: 1) Tj ET"
        page = with_entries(object_of(pdf, page_of(pdf)), b"/Contents %d 0 R" % number, b"/Contents")
        content = b"<</Length %d 0 R>>\nstream\n%s\nendstream" % (number + 1, text)
        return update(pdf, {page_of(pdf): page, number: content, number + 1: b"%d" % length})

    return prepare


def reach_the_end(pdf: bytes, length: int) -> bytes:
    """Evidence that ends where that content is said to end."""
    number = size_of(pdf)
    begin = pdf.index(b"stream\n", pdf.index(b"/Length %d 0 R" % number_of(pdf, b"%d\nendobj" % length))) + 7

    def strike(pad: int) -> bytes:
        evidence = stream(b"\n" * pad + b" Q Q 1 0 0 1 0 0 cm 80 500 400 40 re f")
        return update(pdf, {number: evidence, root_of(pdf): catalogue(pdf) + b">>"})

    pad = length // 2
    for _ in range(3):
        pad += begin + length - strike(pad).index(b"\nendstream", len(pdf))
    return strike(pad)


def linearised(length: int) -> Callable[[bytes], bytes]:
    """In the file's first bytes: read me from here, if I am so long. To be used on the paper's first revision."""

    def prepare(pdf: bytes) -> bytes:
        place = pdf.index(b"\n", pdf.index(b"\n") + 1) + 1
        first = b"%d 0 obj\n<</Linearized 1/L %d/H[9 9]/O 3/E 99/N 1/T 99>>\nendobj\n" % (size_of(pdf) + 60, length)
        start = pdf.rindex(b"xref\n", 0, pdf.index(b"startxref"))
        end = pdf.index(b"%%EOF", start)

        def moved(match: re.Match[bytes]) -> bytes:
            return match.group(1) + (b"%0*d" % (len(match.group(2)), int(match.group(2)) + len(first)))

        table = re.sub(rb"(\n|startxref\n)(\d{10}(?= \d{5} n)|\d+(?=\n\Z))", moved, pdf[start:end])
        return pdf[:place] + first + pdf[place:start] + table + b"%%EOF\n"

    return prepare
