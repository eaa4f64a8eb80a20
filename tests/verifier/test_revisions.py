"""The frame of a file: what may stand before a revision's end, and what no cross-reference may leave open."""

import asyncio
import io

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from tests.verifier import raw, strikes
from tests.verifier.desk import Desk
from tests.verifier.papers import make_paper, sign, signer_for
from verifier import OFFICER_FIELD
from verifier.gather import gather


def with_before_the_end(pdf: bytes, inserted: bytes) -> bytes:
    """`inserted` in front of the last startxref, which lies behind everything that is signed."""
    place = pdf.rindex(b"startxref")
    return pdf[:place] + inserted + pdf[place:]


@pytest.mark.parametrize("inserted", [b"%iText-5.5.13.3\n", b"%iText-pdfHTML-4.0.3\r\n%another\n", b"\n \n"])
def test_a_comment_changes_nothing(desk: Desk, inserted: bytes) -> None:
    assert desk.judge(with_before_the_end(desk.sealed, inserted)).word == "genuine"


@pytest.mark.parametrize(
    "inserted",
    [
        b"9 0 obj <<>> endobj\n",
        b"%iText\n9 0 obj <<>> endobj\n",
        b"9 0 obj <<>> endobj %iText\n",
        b"trailer <</Root 9 0 R>>\n",
        b"%%EOF\n9 0 obj <<>> endobj\n",
        b"%" + b"x" * 300 + b"\n",
    ],
)
def test_anything_else_is_a_change(desk: Desk, inserted: bytes) -> None:
    """A repairing reader would take it for part of the paper."""
    assert desk.judge(with_before_the_end(desk.sealed, inserted)).word == "changed"


AHEAD = 60_000
"""A byte offset beyond the end of the papers signed here."""


def drawing_something_more(pdf: bytes, content: bytes = b"<</Length 0>>\nstream\n\nendstream") -> bytes:
    """The paper's page also draws an object of its own, the last of the file."""
    number = raw.size_of(pdf)
    page = strikes.page_of(pdf)
    both = b"/Contents[%s %d 0 R]" % (strikes.contents_of(pdf), number)
    entries = strikes.with_entries(raw.object_of(pdf, page), both, b"/Contents")
    return raw.update(pdf, {page: entries, number: content})


def placed_ahead(pdf: bytes) -> bytes:
    """The table says that the last object lies where the file has not come to yet."""
    number = raw.size_of(pdf) - 1
    place = pdf.rindex(b"\n%d 0 obj" % number) + 1
    table = pdf.rindex(b"xref\n", 0, pdf.rindex(b"trailer"))
    return pdf[:table] + pdf[table:].replace(b"%010d 00000 n" % place, b"%010d 00000 n" % AHEAD)


def test_a_place_that_comes_into_being_later(desk: Desk) -> None:
    """Who prepares the paper names a place beyond its end; who appends evidence fills it. Nothing was rewritten."""
    number = raw.size_of(make_paper())
    signed = sign(placed_ahead(drawing_something_more(make_paper())), desk.officer, OFFICER_FIELD)
    assert len(signed) < AHEAD
    assert desk.judge(signed).word == "changed"
    filled = signed.ljust(AHEAD) + b"%d 0 obj\n%s\nendobj\n" % (number, raw.stream(strikes.BAD))
    struck = strikes.adds_evidence(raw.size_of(signed))(filled)
    assert gather(struck).revisions[-1].change == "dss"
    assert desk.judge(struck).word == "changed"


@pytest.mark.parametrize("length", [b"/Length 99999", b"/L#65ngth 99999", b"/Length%\n 0099999", b"/Length +99999"])
def test_a_stream_that_comes_to_its_end_later(desk: Desk, length: bytes) -> None:
    """Readers that repair show the short stream; once bytes are appended, the long one."""
    prepared = drawing_something_more(make_paper(), b"<<" + length + b">>\nstream\n\nendstream")
    assert desk.judge(sign(prepared, desk.officer, OFFICER_FIELD)).word == "changed"


def hybrid(*, again: bool = False) -> bytes:
    """A paper whose last revision is a table with a stream beside it (/XRefStm), which knows one object more; or
    `again` one that a table knows, at another place."""
    pdf = make_paper()
    named = raw.number_of(pdf, b"/Producer") if again else raw.size_of(pdf)
    place, own = len(pdf), raw.size_of(pdf) + 1
    body = b"%d 0 obj\n%s\nendobj\n" % (named, raw.object_of(pdf, named) if again else b"(beside)")
    row = bytes([1]) + place.to_bytes(4, "big") + b"\0\0"
    entries = b"/Type/XRef/W[1 4 2]/Index[%d 1]/Size %d/Root %d 0 R" % (named, own + 1, strikes.root_of(pdf))
    beside = place + len(body)
    body += b"%d 0 obj\n%s\nendobj\n" % (own, raw.stream(row, entries))
    free = b"0 1\n0000000000 65535 f \n"
    return raw.update(pdf + body, {}, also=[free], trailer=b"/XRefStm %d" % beside, size=own + 1)


def test_two_forms_of_cross_reference_that_agree(desk: Desk) -> None:
    """Word writes such files: what is beside the table is in no table."""
    assert desk.judge(sign_leniently(hybrid(), desk)).word == "warning"


def test_two_forms_of_cross_reference_that_do_not_agree(desk: Desk) -> None:
    assert desk.judge(sign_leniently(hybrid(again=True), desk)).word == "changed"


def test_a_generation_that_was_never_freed(desk: Desk) -> None:
    """Poppler writes them. One number with two generations is unreadable: readers disagree about it."""
    paper = make_paper()
    number = raw.size_of(paper)
    first = raw.update(paper, {(number, 1): b"(one)"})
    signed = sign_leniently(first, desk)
    assert desk.judge(signed).word == "warning"
    assert desk.judge(raw.update(signed, {(number, 0): b"(another)"})).word == "unreadable"
    assert desk.judge(raw.update(signed, {(number, 2): b"(another)"})).word == "unreadable"
    assert desk.judge(raw.update(signed, {(number, 1): b"(another)"})).word == "changed"


def sign_leniently(pdf: bytes, desk: Desk) -> bytes:
    metadata = signers.PdfSignatureMetadata(field_name=OFFICER_FIELD, md_algorithm="sha256")
    signer = signers.PdfSigner(metadata, signer=signer_for(desk.officer))
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    return asyncio.run(signer.async_sign_pdf(writer, bytes_reserved=16384)).getvalue()
