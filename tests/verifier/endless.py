"""Files that would keep a reader busy for ever, or fill its memory: loops, mountains, and what unpacks into them."""

import zlib
from collections.abc import Callable
from functools import partial

from tests.verifier.hostile import CATALOGUE, FORM, PAGE, PAGES, assemble

HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def _simple(catalogue: bytes, others: dict[int, bytes] | None = None, page: bytes = PAGE) -> bytes:
    return assemble({1: catalogue, 2: PAGES, 3: page} | (others or {}))


def _stream(entries: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def _deflated(times: int, length: int) -> bytes:
    """Zeros packed `times` over: each layer some hundredth of the one in it."""
    packed = bytes(length)
    for _ in range(times):
        packed = zlib.compress(packed, 1)
    return packed


def prev_in_a_circle(length: int) -> bytes:
    """Cross-reference sections each naming the one before, and the first naming the last."""
    out = bytearray(assemble({1: CATALOGUE, 2: PAGES, 3: PAGE}, trailer=b"/Prev 0000000000"))
    first = out.rindex(b"xref\n0 1\n")
    previous = first
    for _ in range(length):
        here = len(out)
        out += b"xref\n0 0\ntrailer\n<</Size 4/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (previous, here)
        previous = here
    return bytes(out).replace(b"/Prev 0000000000", b"/Prev %010d" % previous)


def revisions(count: int) -> bytes:
    """One paper, then `count` empty revisions of it."""
    out = bytearray(assemble({1: CATALOGUE, 2: PAGES, 3: PAGE}))
    previous = out.rindex(b"xref\n0 1\n")
    for _ in range(count):
        here = len(out)
        out += b"xref\n0 0\ntrailer\n<</Size 4/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (previous, here)
        previous = here
    return bytes(out)


def objects(count: int) -> bytes:
    """A table of `count` objects, all the same one."""
    out = bytearray(HEAD)
    places = []
    for body in (CATALOGUE, PAGES, PAGE):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (len(places), body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (count + 4)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"%010d 00000 n \n" % places[2] * count
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count + 4, start)
    return bytes(out)


def _with_xref_stream(bodies: dict[int, bytes], rows: list[tuple[int, int, int]], entries: bytes) -> bytes:
    """A PDF whose last object is a cross-reference stream with `rows`; a row (1, 0, 0) is filled with its place."""
    out = bytearray(HEAD)
    places = {}
    for number, body in bodies.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    last, start = len(rows), len(out)
    filled = [(kind, places[n] if (kind, value) == (1, 0) else value, at) for n, (kind, value, at) in enumerate(rows)]
    table = b"".join(
        bytes([kind]) + value.to_bytes(4, "big") + bytes([at]) for kind, value, at in [*filled, (1, start, 0)]
    )
    here = entries.replace(b"HERE", b"%010d" % start)
    xref = _stream(b"/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R%s" % (last + 1, here), table)
    return bytes(out) + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (last, xref, start)


def object_stream_in_itself() -> bytes:
    """The catalogue lies in object stream 4, which lies in object stream 4."""
    inside = b"1 0 4 29 " + CATALOGUE + b" <<>>"
    bodies = {4: _stream(b"/Type/ObjStm/N 2/First 9", inside), 2: PAGES, 3: PAGE}
    return _with_xref_stream(bodies, [(0, 0, 0), (2, 4, 0), (1, 0, 0), (1, 0, 0), (2, 4, 1)], b"")


def object_streams_of_each_other() -> bytes:
    """Object streams 4 and 5 each say the other extends it, and each lies in the other."""
    first = _stream(b"/Type/ObjStm/N 1/First 4/Extends 5 0 R", b"1 0 " + CATALOGUE)
    second = _stream(b"/Type/ObjStm/N 1/First 4/Extends 4 0 R", b"4 0 <<>>")
    rows = [(0, 0, 0), (2, 4, 0), (1, 0, 0), (1, 0, 0), (2, 5, 0), (2, 4, 0)]
    return _with_xref_stream({4: first, 5: second, 2: PAGES, 3: PAGE}, rows, b"")


def xref_stream_before_itself() -> bytes:
    """A cross-reference stream whose /Prev is itself."""
    bodies = {1: CATALOGUE, 2: PAGES, 3: PAGE}
    return _with_xref_stream(bodies, [(0, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0)], b"/Prev HERE")


def names_in_a_circle() -> bytes:
    """A tree of attached files whose branches are one another's."""
    catalogue = b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 4 0 R>>>>"
    return _simple(catalogue, {4: b"<</Kids[5 0 R 5 0 R]>>", 5: b"<</Kids[4 0 R 4 0 R]>>"})


def pages_in_a_wide_circle(length: int) -> bytes:
    """A page tree as deep as `length`, whose last node is its first."""
    nodes = {n: b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (n + 1) for n in range(2, length)}
    return assemble({1: CATALOGUE} | nodes | {length: b"<</Type/Pages/Count 1/Kids[2 0 R]>>"})


def fields_in_a_wide_circle(length: int) -> bytes:
    nodes = {n: b"<</T(a)/Kids[%d 0 R %d 0 R]>>" % (n + 1, n + 1) for n in range(4, length)}
    return _simple(FORM, nodes | {length: b"<</T(z)/Kids[4 0 R]>>"})


def signatures(count: int) -> bytes:
    """So many filled signature fields, no value the same."""
    references = b" ".join(b"%d 0 R" % (10 + n) for n in range(count))
    form = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[%s]>>>>" % references
    value = b"<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 9 20 9]/Contents<3003%06X>>>"
    fields = {10 + n: b"<</FT/Sig/T(F%d)/V %s>>" % (n, value % n) for n in range(count)}
    return _simple(form, fields)


def attached_bomb(times: int) -> bytes:
    """data.json, of a few kilobytes, unpacks `times` over."""
    catalogue = b"<</Type/Catalog/Pages 2 0 R/AF[4 0 R]>>"
    spec = b"<</Type/Filespec/F(data.json)/UF(data.json)/EF<</F 5 0 R>>>>"
    content = _stream(b"/Filter[%s]" % (b"/FlateDecode" * times), _deflated(times, 1 << 24))
    return _simple(catalogue, {4: spec, 5: content})


def evidence_bomb() -> bytes:
    """A security store whose one certificate is sixteen megabytes of zeros."""
    catalogue = b"<</Type/Catalog/Pages 2 0 R/DSS<</Certs[4 0 R]>>>>"
    return _simple(catalogue, {4: _stream(b"/Filter/FlateDecode", _deflated(1, 1 << 24))})


def predictor_bomb() -> bytes:
    """A filter asked for rows of two thousand million columns."""
    catalogue = b"<</Type/Catalog/Pages 2 0 R/DSS<</Certs[4 0 R]>>>>"
    terms = b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 2000000000>>"
    return _simple(catalogue, {4: _stream(terms, _deflated(1, 1 << 16))})


def deep(opening: bytes, closing: bytes, depth: int) -> bytes:
    """A catalogue entry nested in itself."""
    return _simple(b"<</Type/Catalog/Pages 2 0 R/AcroForm %s%s>>" % (opening * depth, closing * depth))


ENDLESS: dict[str, Callable[[], bytes]] = {
    "cross-references in a circle": partial(prev_in_a_circle, 40),
    "a cross-reference stream before itself": xref_stream_before_itself,
    "an object stream in itself": object_stream_in_itself,
    "object streams of each other": object_streams_of_each_other,
    "names in a circle": names_in_a_circle,
    "pages in a wide circle": partial(pages_in_a_wide_circle, 500),
    "fields in a wide circle": partial(fields_in_a_wide_circle, 60),
    "100 signatures": partial(signatures, 100),
    "10,000 revisions": partial(revisions, 10_000),
    "a million objects": partial(objects, 1_000_000),
    "an attachment packed three times": partial(attached_bomb, 3),
    "a bomb of evidence": evidence_bomb,
    "a row without end": predictor_bomb,
    "deep dictionaries": partial(deep, b"<</K", b">>", 50_000),
    "deep text": partial(deep, b"(", b")", 200_000),
}
