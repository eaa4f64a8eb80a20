"""Forgeries that work on the bytes of a signature: its dictionary, its byte range, its CMS, its timestamp."""

import asyncio
import hashlib
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from asn1crypto import cms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from tests.verifier.attacks import Name
from tests.verifier.desk import Desk, written
from tests.verifier.papers import signer_for

CONTENTS = re.compile(rb"/Contents\s*(<[0-9a-fA-F]{4000,}>)")
_RANGE = re.compile(rb"/ByteRange\s*(\[[^\]]*\])")
_ROOM = 5600
YEARS_AGO = datetime(2016, 11, 29, 9, tzinfo=UTC)


def last(pattern: re.Pattern[bytes], pdf: bytes) -> tuple[int, int]:
    """Where the last value of this kind stands."""
    return [found.span(1) for found in pattern.finditer(pdf)][-1]


def _put(pdf: bytes, place: tuple[int, int], value: bytes) -> bytes:
    """In place, filled up with spaces, so that nothing else moves."""
    start, end = place
    assert len(value) <= end - start
    return pdf[:start] + value.ljust(end - start) + pdf[end:]


# universal forgery: the signature is made unreadable, in the hope that what cannot be checked is called good


def contents_as(value: bytes) -> Callable[[bytes], bytes]:
    """The last signature's /Contents becomes `value`."""
    return lambda pdf: _put(pdf, last(CONTENTS, pdf), value)


def contents_zeros(pdf: bytes) -> bytes:
    start, end = last(CONTENTS, pdf)
    return _put(pdf, (start, end), b"<" + b"0" * (end - start - 2) + b">")


def range_as(value: bytes) -> Callable[[bytes], bytes]:
    """The last signature's /ByteRange becomes `value`."""
    return lambda pdf: _put(pdf, last(_RANGE, pdf), value)


def without(key: bytes) -> Callable[[bytes], bytes]:
    """The last signature loses an entry: its name is misspelt in place."""

    def strike(pdf: bytes) -> bytes:
        pattern = {b"Contents": CONTENTS, b"ByteRange": _RANGE}[key]
        start = [found.start() for found in pattern.finditer(pdf)][-1]
        return pdf[: start + 1] + b"X" + pdf[start + 2 :]

    return strike


def _fields(writer: IncrementalPdfFileWriter) -> list[Any]:
    return [reference.get_object() for reference in writer.root["/AcroForm"]["/Fields"]]


# wrapping and incremental saving


def wrap(pdf: bytes) -> bytes:
    """The signed second part is moved back; between the parts come a new byte range, other content and a new table.

    `pdf`: its last revision is the signed one. The table stands where the moved trailer looks for it.
    """
    start, end = last(CONTENTS, pdf)
    number = int(re.findall(rb"(\d+) 0 obj", pdf[:start])[-1])
    hexadecimal = pdf[start + 1 : end - 1].rstrip(b"0")
    hexadecimal += b"0" * (len(hexadecimal) % 2)
    old_table = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    rest = len(pdf) - end
    content = b"BT /F1 12 Tf 100 650 Td (Von: 9 dong) Tj ET"
    shift = 1000 + old_table - end
    head = b"/ByteRange [0 %d %d %d]\n>>\nendobj\n" % (start, end + shift, rest)
    body = pdf[:start] + b"<" + hexadecimal + b">\n" + head
    place = len(body)
    body += b"8 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(content), content)
    assert len(body) < old_table, "the padding is too short for what is put in"
    body = body.ljust(old_table)
    before = re.findall(rb"startxref\s+(\d+)", pdf)[-2]
    sizes, roots = re.findall(rb"/Size (\d+)", pdf), re.findall(rb"/Root (\d+ \d+ R)", pdf)
    moved = re.findall(rb"\n(\d+) 0 obj", pdf[end:old_table])
    kept = re.findall(rb"\n(\d+) 0 obj", pdf[int(before) : end])
    rows = {8: place, number: body.find(b"\n%d 0 obj" % number, int(before)) + 1}
    rows |= {int(n): body.find(b"\n%s 0 obj" % n, int(before)) + 1 for n in kept}
    rows |= {int(n): pdf.find(b"\n%s 0 obj" % n, end) + 1 + shift for n in moved}
    table = b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % row for row in sorted(rows.items()))
    table += b"trailer\n<</Size %s/Root %s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        sizes[-1],
        roots[-1],
        before,
        old_table,
    )
    body += table
    assert len(body) <= end + shift, len(body) - end - shift
    return body.ljust(end + shift) + pdf[end:]


def save_with_copy(pdf: bytes) -> bytes:
    """Incremental saving with a copy of the signature in the new revision: it looks as if the update were signed."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    field = next(f for f in _fields(writer) if "/V" in f)
    page = writer.root["/Pages"]["/Kids"][0]
    page[Name("/Contents")] = writer.add_object(
        generic.StreamObject(stream_data=b"BT /F1 12 Tf 100 650 Td (Von: 9 dong) Tj ET")
    )
    writer.update_container(page)
    writer.update_container(field["/V"])
    return written(writer)


def trailer_without_table(pdf: bytes) -> bytes:
    """An update with new content and a trailer, and no table."""
    root = re.findall(rb"/Root (\d+ \d+ R)", pdf)[-1]
    old = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    body = b"\n8 0 obj\n<</Length 43>>\nstream\nBT /F1 12 Tf 100 650 Td (Von: 9 dong) Tj ET\nendstream\nendobj\n"
    return pdf + body + b"trailer\n<</Size 99/Root %s/Prev %s>>\n%%%%EOF\n" % (root, old)


# byte-range games: signatures whose arithmetic is right, over the wrong bytes


def signed_by_hand(
    desk: Desk,
    pdf: bytes,
    key: Any,
    field_name: str,
    *,
    first: int = 0,
    wider: int = 0,
    shorter: int = 0,
    hidden: bytes = b"",
    numbers: int = 4,
) -> bytes:
    """Sign a prepared field with a byte range of our own.

    It begins at `first`, its gap reaches `wider` bytes beyond the signature, it stops `shorter` bytes before the end,
    and `hidden` stands in the gap behind the signature. `numbers`: how many the array is given.
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    field = next(f for f in _fields(writer) if f["/T"] == field_name)
    value = generic.DictionaryObject(
        {
            Name("/Type"): Name("/Sig"),
            Name("/Filter"): Name("/Adobe.PPKLite"),
            Name("/SubFilter"): Name("/ETSI.CAdES.detached"),
            Name("/Contents"): generic.ByteStringObject(bytes(_ROOM)),
            Name("/ByteRange"): generic.ArrayObject([generic.NumberObject(10**9)] * max(numbers, 4)),
            Name("/Reason"): generic.pdf_string("Phe duyet" + " " * 80),
        }
    )
    field[Name("/V")] = writer.add_object(value)
    writer.update_container(field)
    out = written(writer)
    start, end = last(CONTENTS, out)
    if hidden:
        out = out[: end - 1 - len(hidden)] + b">" + hidden + out[end:]
        assert len(out[start:end]) == end - start
    parts = [first, start - first, end + wider, len(out) - end - wider - shorter, 0, 0][:numbers]
    out = _put(out, last(_RANGE, out), b"[" + b" ".join(b"%d" % part for part in parts) + b"]")
    digest = hashlib.sha256(out[first:start] + out[end + wider : len(out) - shorter]).digest()
    signed = asyncio.run(
        signer_for(key).async_sign(
            digest,
            "sha256",
            use_pades=True,
            timestamper=desk.time,
            signed_attr_settings=PdfCMSSignedAttributes(signing_time=datetime.now(UTC).replace(microsecond=0)),
        )
    )
    room = end - start - 2 - (len(hidden) if hidden else 0)
    held = signed.dump().hex().encode().ljust(room, b"0")
    return out[: start + 1] + held + out[start + 1 + room :]


# the CMS, opened and closed again: what is not signed in it can be exchanged


def cms_of(pdf: bytes) -> cms.ContentInfo:
    """The last signature's CMS."""
    start, end = last(CONTENTS, pdf)
    return cms.ContentInfo.load(bytes.fromhex(pdf[start + 1 : end - 1].decode()).rstrip(b"\0") + b"\0\0")


def with_cms(pdf: bytes, edit: Callable[[Any], None]) -> bytes:
    """The last signature's CMS with something exchanged; `edit` gets its SignedData."""
    start, end = last(CONTENTS, pdf)
    info = cms_of(pdf)
    edit(info["content"])
    held = info.dump(force=True).hex().encode()
    assert len(held) <= end - start - 2
    return pdf[: start + 1] + held.ljust(end - start - 2, b"0") + pdf[end - 1 :]


def token_of(pdf: bytes) -> Any:
    """The timestamp token in the last signature."""
    return cms_of(pdf)["content"]["signer_infos"][0]["unsigned_attrs"][0]["values"][0]


def with_token(pdf: bytes, token: Any) -> bytes:
    """The last signature with another token (None: with none)."""

    def edit(signed_data: Any) -> None:
        signer = signed_data["signer_infos"][0]
        if token is None:
            signer["unsigned_attrs"] = None
        else:
            signer["unsigned_attrs"] = [{"type": "signature_time_stamp_token", "values": [token]}]

    return with_cms(pdf, edit)


def with_token_time(pdf: bytes, moment: datetime) -> bytes:
    """The time inside the token set back or forth; its own signature no longer fits."""
    token = token_of(pdf).copy()
    content = token["content"]["encap_content_info"]["content"]
    info = content.parsed
    info["gen_time"] = moment
    token["content"]["encap_content_info"]["content"] = cms.ParsableOctetString(info.dump(force=True))
    return with_token(pdf, token)


def certificates_turned_round(pdf: bytes) -> bytes:
    """The certificates in the CMS in the other order."""

    def edit(signed_data: Any) -> None:
        turned = [entry.chosen.dump() for entry in signed_data["certificates"]][::-1]
        signed_data["certificates"] = [
            cms.CertificateChoices("certificate", cms.Certificate.load(der)) for der in turned
        ]

    return with_cms(pdf, edit)


def without_certificates(pdf: bytes) -> bytes:
    """No certificate in the CMS at all."""

    def edit(signed_data: Any) -> None:
        signed_data["certificates"] = None

    return with_cms(pdf, edit)


def signer_replaced(pdf: bytes, certificate: Any) -> bytes:
    """Another certificate is named as the signer's, with a name the victim trusts."""

    def edit(signed_data: Any) -> None:
        signed_data["certificates"] = [cms.CertificateChoices("certificate", certificate)]
        sid = cms.IssuerAndSerialNumber({"issuer": certificate.issuer, "serial_number": certificate.serial_number})
        signed_data["signer_infos"][0]["sid"] = cms.SignerIdentifier("issuer_and_serial_number", sid)

    return with_cms(pdf, edit)


def value_flipped(pdf: bytes) -> bytes:
    """One bit of the signature value."""

    def edit(signed_data: Any) -> None:
        value = bytearray(signed_data["signer_infos"][0]["signature"].native)
        value[40] ^= 1
        signed_data["signer_infos"][0]["signature"] = bytes(value)

    return with_cms(pdf, edit)


def padding_written(pdf: bytes) -> bytes:
    """Bytes behind the CMS, where zeros fill up the room."""
    _, end = last(CONTENTS, pdf)
    return pdf[: end - 9] + b"DEADBEEF" + pdf[end - 1 :]
