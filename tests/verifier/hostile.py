"""Files made to break a reader: small to make, and each with what must be said of it."""

import io
import random
import zlib
from collections.abc import Iterator

import pikepdf

from tests.verifier.papers import make_paper


def assemble(objects: dict[int, bytes], *, trailer: bytes = b"", size: int | None = None) -> bytes:
    """A PDF from numbered object bodies, with a correct classic cross-reference table."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    top = size or max(objects) + 1
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (top, trailer, start)
    return bytes(out)


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
FORM = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>"


def signature_field(value: bytes) -> bytes:
    """A paper with one filled signature field whose value is `value`."""
    field = b"<</FT/Sig/T(S)/V 5 0 R/Type/Annot/Subtype/Widget/Rect[0 0 9 9]>>"
    return assemble({1: FORM, 2: PAGES, 3: PAGE, 4: field, 5: value})


def encrypted(user: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(make_paper())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user=user))
    return out.getvalue()


def bomb(size: int = 1 << 29) -> bytes:
    """An object stream of a few kilobytes that unpacks to half a gigabyte."""
    packed = _deflated_zeros(size)
    head = b"<</Type/ObjStm/N 1/First 10/Length %d/Filter/FlateDecode>>stream\n" % len(packed)
    body = b"%PDF-1.7\n4 0 obj\n" + head + packed + b"\nendstream\nendobj\n"
    start = len(body)
    rows = b"".join(
        bytes([kind]) + place.to_bytes(4, "big") + bytes([index])
        for kind, place, index in ((0, 0, 0), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, 9, 0), (1, start, 0))
    )
    xref = b"<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(rows)
    return body + b"5 0 obj\n" + xref + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


def _deflated_zeros(length: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    parts = [packer.compress(block) for _ in range(length >> 20)]
    return b"".join(parts) + packer.flush()


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"3 0 R" if n == 0 else b"%d 0 R" % (n + 10) for n in range(count))
    objects = {1: CATALOGUE, 2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count), 3: PAGE}
    objects |= {n + 10: PAGE for n in range(1, count)}
    return assemble(objects)


def many_fields(count: int) -> bytes:
    fields = b" ".join(b"%d 0 R" % (n + 10) for n in range(count))
    objects = {1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[%s]>>>>" % fields, 2: PAGES, 3: PAGE}
    objects |= {n + 10: b"<</FT/Sig/T(F%d)>>" % n for n in range(count)}
    return assemble(objects)


def deep(levels: int) -> bytes:
    """Arrays within arrays."""
    return assemble({1: CATALOGUE, 2: PAGES, 3: b"[" * levels + b"]" * levels})


def structures() -> Iterator[tuple[str, bytes]]:
    """Name and file; none of them may ever be genuine, and none may raise."""
    yield "nothing", b""
    yield "no header", b"hello"
    yield "header alone", b"%PDF-1.7\n"
    yield "header and end", b"%PDF-1.7\nstartxref\n0\n%%EOF"
    yield "xref far away", b"%PDF-1.7\nstartxref\n99999999999999999999\n%%EOF"
    yield "xref of itself", assemble({1: CATALOGUE, 2: PAGES, 3: PAGE}, trailer=b"/Prev 9")
    yield "negative prev", assemble({1: CATALOGUE, 2: PAGES, 3: PAGE}, trailer=b"/Prev -5")
    yield "no catalogue", assemble({2: PAGES, 3: PAGE})
    yield "catalogue is a number", assemble({1: b"42", 2: PAGES, 3: PAGE})
    yield "pages in a circle", assemble({1: CATALOGUE, 2: b"<</Type/Pages/Kids[2 0 R]/Count 1>>"})
    yield "object refers to itself", assemble({1: b"1 0 R"})
    yield "deep arrays", deep(100_000)
    yield "deep page", assemble({1: CATALOGUE, 2: b"<</Type/Pages/Kids[" + b"[" * 50_000 + b"]" * 50_000 + b"]>>"})
    yield "fields in a circle", assemble({1: FORM, 2: PAGES, 3: PAGE, 4: b"<</T(a)/Kids[4 0 R]>>"})
    yield "field without end", assemble({1: FORM, 2: PAGES, 3: PAGE, 4: b"<</T(a)/FT/Sig/V 4 0 R>>"})
    yield "signature is a number", signature_field(b"42")
    yield "signature is empty", signature_field(b"<<>>")
    yield "no contents", signature_field(b"<</Type/Sig/ByteRange[0 1 2 3]>>")
    yield "contents is a number", signature_field(b"<</Type/Sig/ByteRange[0 1 2 3]/Contents 7>>")
    yield "byte range of words", signature_field(b"<</Type/Sig/ByteRange[/a/b/c/d]/Contents<00>>>")
    yield "byte range too short", signature_field(b"<</Type/Sig/ByteRange[0 1]/Contents<00>>>")
    yield "byte range huge", signature_field(b"<</Type/Sig/ByteRange[0 99999999999 1 99999999999]/Contents<00>>>")
    yield "byte range negative", signature_field(b"<</Type/Sig/ByteRange[0 -5 10 -3]/Contents<00>>>")
    sub = b"<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 20 40 60]/Contents<%s>>>"
    for name, der in (("empty", b""), ("garbage", b"DEADBEEF"), ("endless", b"3080"), ("long", b"3084FFFFFFFF")):
        yield f"cms {name}", signature_field(sub % der)
    yield (
        "old subfilter",
        signature_field(b"<</Type/Sig/SubFilter/adbe.x509.rsa_sha1/ByteRange[0 20 40 60]/Contents<3000>>>"),
    )


def mutations(pdf: bytes, count: int) -> Iterator[bytes]:
    """`count` files with a few bytes overwritten, cut out or doubled; the same every time."""
    for seed in range(count):
        chosen = random.Random(seed)
        changed = bytearray(pdf)
        for _ in range(chosen.randint(1, 12)):
            place = chosen.randrange(len(changed))
            length = chosen.randint(1, 40)
            kind = chosen.randrange(3)
            if kind == 0:
                changed[place : place + length] = chosen.randbytes(length)
            elif kind == 1:
                del changed[place : place + length]
            else:
                changed[place:place] = changed[place : place + length]
        yield bytes(changed)
