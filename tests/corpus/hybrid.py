"""Writes a hybrid-reference file (ISO 32000-1, 7.5.8.4) in the way Microsoft Word does when it exports a tagged PDF.

A first section has the classic cross-reference table, in which the hidden objects are free; a second, empty section
names it with /Prev and, with /XRefStm, a cross-reference stream for the hidden objects. Readers that know only classic
tables take what is hidden for null and show the same page. What is hidden here, as there, is the structure tree.
"""

import io

import pikepdf
from pikepdf import Array, Dictionary


def as_hybrid(pdf: bytes) -> bytes:
    """The same document with its structure tree in an object stream that only the cross-reference stream knows."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        hidden = _only_in_structure(document)
        bodies = {o.objgen[0]: _body(o) for o in document.objects if _is_there(o) and o.objgen[0] not in hidden}
        packed = {number: document.get_object(number, 0).unparse(resolved=True) for number in hidden}
        trailer = {"Root": document.Root.objgen[0], "Info": document.trailer.Info.objgen[0]}
    return _file(bodies, packed, trailer)


def _is_there(value: pikepdf.Object) -> bool:
    kinds = (pikepdf.Dictionary, pikepdf.Array, pikepdf.Stream, pikepdf.Name, pikepdf.String)
    return isinstance(value, kinds) and not _is_container(value)


def _is_container(value: pikepdf.Object) -> bool:
    return isinstance(value, pikepdf.Stream) and value.get("/Type") in {"/ObjStm", "/XRef"}


def _body(value: pikepdf.Object) -> bytes:
    if not isinstance(value, pikepdf.Stream):
        return value.unparse(resolved=True)
    raw = value.read_raw_bytes()
    entries = Dictionary(dict(value.items()))
    entries.Length = len(raw)
    return entries.unparse(resolved=True) + b"\nstream\n" + raw + b"\nendstream"


def _only_in_structure(document: pikepdf.Pdf) -> set[int]:
    """Numbers of the objects reached through the structure tree that are neither pages, annotations nor streams."""
    found: set[int] = set()
    waiting = [document.Root.StructTreeRoot]
    while waiting:
        value = waiting.pop()
        if isinstance(value, pikepdf.Stream) or (isinstance(value, Dictionary) and value.get("/Type") == "/Page"):
            continue
        if value.is_indirect:
            if value.objgen[0] in found:
                continue
            found.add(value.objgen[0])
        children = value.values() if isinstance(value, Dictionary) else value if isinstance(value, Array) else ()
        waiting += [child for child in children if isinstance(child, Dictionary | Array)]
    return found


def _file(bodies: dict[int, bytes], packed: dict[int, bytes], trailer: dict[str, int]) -> bytes:
    container = max(*bodies, *packed) + 1
    table_stream, size = container + 1, container + 2
    bodies = {**bodies, container: _object_stream(packed)}
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    offsets: dict[int, int] = {}
    for number in sorted(bodies):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, bodies[number])
    stream_at = offsets[table_stream] = len(out)
    out += b"%d 0 obj\n%s\nendobj\n" % (table_stream, _cross_reference_stream(packed, container, size))
    table_at = len(out)
    out += b"xref\n0 %d\n" % size
    free = [number for number in range(1, size) if number not in offsets]
    following = dict(zip([0, *free], [*free, 0], strict=True))  # each free entry names the next, the last names 0
    for number in range(size):
        if number in offsets:
            out += b"%010d 00000 n \n" % offsets[number]
        else:
            out += b"%010d %05d f \n" % (following[number], 65535 if number == 0 else 0)
    entries = b" ".join(b"/%s %d 0 R" % (key.encode(), number) for key, number in trailer.items())
    out += b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, entries, table_at)
    newest_at = len(out)
    out += b"xref\n0 0\ntrailer\n<< /Size %d %s /Prev %d /XRefStm %d >>\n" % (size, entries, table_at, stream_at)
    out += b"startxref\n%d\n%%%%EOF\n" % newest_at
    return bytes(out)


def _object_stream(packed: dict[int, bytes]) -> bytes:
    head, content = b"", b""
    for number, body in sorted(packed.items()):
        head += b"%d %d " % (number, len(content))
        content += body + b"\n"
    entries = b"<< /Type /ObjStm /N %d /First %d /Length %d >>" % (len(packed), len(head), len(head) + len(content))
    return entries + b"\nstream\n" + head + content + b"\nendstream"


def _cross_reference_stream(packed: dict[int, bytes], container: int, size: int) -> bytes:
    """Entries for the packed objects alone: type 2, the container's number, the place within it."""
    numbers = sorted(packed)
    index = b" ".join(b"%d 1" % number for number in numbers)
    rows = b"".join(b"\x02" + container.to_bytes(2, "big") + place.to_bytes(2, "big") for place in range(len(numbers)))
    entries = b"<< /Type /XRef /Size %d /W [1 2 2] /Index [%s] /Length %d >>" % (size, index, len(rows))
    return entries + b"\nstream\n" + rows + b"\nendstream"
