"""Revisions written byte by byte, for what no library would write."""

import asyncio
import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from tests.verifier.papers import signer_for

Ref = tuple[int, int]
_VALUE = re.compile(rb"/Contents\s*<([0-9a-fA-F]{4000,})>")
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


def size_of(pdf: bytes) -> int:
    return max(int(n) for n in re.findall(rb"/Size (\d+)", pdf))


def object_of(pdf: bytes, number: int) -> bytes:
    """The newest text of an object, without `obj` and `endobj`."""
    found = re.findall(rb"[\r\n]%d 0 obj\s*(.*?)\s*endobj" % number, pdf, re.S)
    assert found, number
    return bytes(found[-1])


def number_of(pdf: bytes, mark: bytes) -> int:
    """The number of the last object that holds these bytes."""
    place = pdf.rfind(mark)
    assert place >= 0, mark
    return int(re.findall(rb"[\r\n](\d+) 0 obj", pdf[:place])[-1])


def signed_anew(pdf: bytes, keys: Sequence[Any]) -> bytes:
    """The same bytes with every signature made anew over them, in their order: signed changes, by who refuses none."""
    values, ranges = list(_VALUE.finditer(pdf)), list(_RANGE.finditer(pdf))
    for value, covered, key in zip(values, ranges, keys, strict=True):
        first, length, second, rest = map(int, covered.groups())
        digest = hashlib.sha256(pdf[first : first + length] + pdf[second : second + rest]).digest()
        made = asyncio.run(signer_for(key).async_sign(digest, "sha256", use_pades=True))
        start, end = value.span(1)
        pdf = pdf[:start] + made.dump().hex().encode().ljust(end - start, b"0") + pdf[end:]
    return pdf


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(content), content)


def update(
    pdf: bytes,
    objects: Mapping[int | Ref, bytes],
    *,
    also: Sequence[bytes] = (),
    root: bytes | None = None,
    trailer: bytes = b"",
    size: int | None = None,
) -> bytes:
    """A classic revision. `also`: further cross-reference sections, as text; `{n}` in one is object n's place."""
    body = b"" if pdf.endswith(b"\n") else b"\n"
    places: dict[Ref, int] = {}
    for key, content in objects.items():
        ref = key if isinstance(key, tuple) else (key, 0)
        places[ref] = len(pdf) + len(body)
        body += b"%d %d obj\n%s\nendobj\n" % (*ref, content)
    table = b"".join(b"%d 1\n%010d %05d n \n" % (ref[0], place, ref[1]) for ref, place in sorted(places.items()))
    for section in also:
        filled = section
        for ref, place in places.items():
            filled = filled.replace(b"{%d}" % ref[0], b"%010d" % place)
        table += filled
    highest = max([size_of(pdf) - 1, *(ref[0] for ref in places)])
    start = len(pdf) + len(body)
    previous = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    named = root or re.findall(rb"/Root (\d+ \d+ R)", pdf)[-1]
    info = re.findall(rb"/Info (\d+ \d+ R)", pdf)[-1]
    return pdf + body + (
        b"xref\n%strailer\n<</Size %d/Root %s/Info %s/Prev %s%s>>\nstartxref\n%d\n%%%%EOF\n"
        % (table, size or highest + 1, named, info, previous, trailer, start)
    )  # fmt: skip


def packed(
    pdf: bytes,
    objects: Mapping[int, bytes],
    *,
    stream_number: int,
    listed: Sequence[int] | None = None,
    inside: int | None = None,
    entries: bytes = b"",
    plain: Mapping[int, bytes] | None = None,
    kinds: Mapping[int, int] | None = None,
) -> bytes:
    """A revision with an object stream and a cross-reference stream.

    `listed`: the numbers the cross-reference takes from it (all); `inside`: take them from this stream instead;
    `plain`: objects outside of it; `kinds`: further rows, by object number, of this kind and without a place.
    """
    taken = list(objects) if listed is None else list(listed)
    body = b"" if pdf.endswith(b"\n") else b"\n"
    rows: dict[int, bytes] = {}

    def row(kind: int, place: int, third: int) -> bytes:
        return bytes([kind]) + place.to_bytes(4, "big") + third.to_bytes(2, "big")

    if objects:
        texts = list(objects.values())
        offsets = [sum(len(text) + 1 for text in texts[:place]) for place in range(len(texts))]
        head = b" ".join(b"%d %d" % pair for pair in zip(objects, offsets, strict=True)) + b" "
        content = zlib.compress(head + b" ".join(texts))
        rows[stream_number] = row(1, len(pdf) + len(body), 0)
        own_entries = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode%s" % (len(objects), len(head), entries)
        body += b"%d 0 obj\n%s\nendobj\n" % (stream_number, stream(content, own_entries))
    for number, text in (plain or {}).items():
        rows[number] = row(1, len(pdf) + len(body), 0)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    for place, number in enumerate(taken):
        index = list(objects).index(number) if number in objects else place
        rows[number] = row(2, inside or stream_number, index)
    rows |= {number: row(kind, 0, 0) for number, kind in (kinds or {}).items()}
    start = len(pdf) + len(body)
    own = max(stream_number, *rows, size_of(pdf)) + 1
    rows[own] = row(1, start, 0)
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    data = b"".join(rows[number] for number in sorted(rows))
    previous = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    root = re.findall(rb"/Root (\d+ \d+ R)", pdf)[-1]
    entries = b"/Type/XRef/W[1 4 2]/Index[%s]/Size %d/Root %s/Prev %s" % (index, own + 1, root, previous)
    body += b"%d 0 obj\n%s\nendobj\n" % (own, stream(data, entries))
    return pdf + body + b"startxref\n%d\n%%%%EOF\n" % start
