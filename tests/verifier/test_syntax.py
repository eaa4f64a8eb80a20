"""Objects that are read with regular expressions are what pyHanko's strict reader makes of them."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from templates import render
from tests.templates.examples import NAME, issue, sample_data
from tests.verifier.desk import Desk
from tests.verifier.papers import make_paper
from verifier import OFFICER_FIELD
from verifier.pdf.syntax import read_object_at

PIECES = st.sampled_from(
    [
        *b"<< >> [ ] ( ) < > / /A /B /Length /A#20 { } % %x\n \\ \\( \\053 \\7 R 0 1 7 12 -3 +4 .5 6. 7.25".split(b" "),
        *b"-.1 1e3 true false null nul stream endstream endobj obj (a) (a(b)c) <41> <4> <4 1> <g> \xc3\xa9".split(b" "),
        *(b" ", b" ", b" ", b"\n", b"\r\n", b"\r", b"\t", b"\0", b"\f", b" 12 0 R", b" 12 0 R ", b"<</A 1/B 2>>"),
        *b"/A#2fB /A#2F#2f /#2fA /A#2 /A#2g /A/B#2F".split(b" "),
        *(b"/Length 3", b"/A/B", b">>\nstream\nabc\nendstream", b">>stream\r\nabcendstream", b"(\xfe\xff\0a)"),
        b">> stream \nabc\nendstream",
    ]
)  # fmt: skip
HEADS = st.sampled_from([b"5 0 obj\n", b"5 0 obj", b"5 0 obj\n<<", b"5 0 obj<</A["])


@pytest.fixture(scope="module")
def reader_of_nothing() -> PdfFileReader:
    """A reader whose stream is exchanged."""
    return PdfFileReader(io.BytesIO(make_paper()), strict=True)


def told(value: Any) -> Any:
    """A value with its types, for comparison. A text is its bytes: a long one is not decoded."""
    kind = type(value).__name__
    if isinstance(value, generic.StreamObject):
        return kind, {key: told(entry) for key, entry in dict.items(value)}, value.encoded_data
    if isinstance(value, generic.DictionaryObject):
        return kind, {(type(key).__name__, key): told(entry) for key, entry in dict.items(value)}
    if isinstance(value, generic.ArrayObject):
        return kind, [told(entry) for entry in list.__iter__(value)]
    if isinstance(value, generic.IndirectObject):
        return kind, value.reference
    if isinstance(value, generic.TextStringObject | generic.ByteStringObject):
        return value.original_bytes, kind if len(value) < 400 else ""
    if isinstance(value, generic.NumberObject | generic.FloatObject):
        return kind, str(value)
    return kind, None if isinstance(value, generic.NullObject) else str(value)


def compared(pdf: bytes) -> tuple[int, int]:
    """(objects, objects read plainly) of a file's newest revision; each as pyHanko reads it."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    refs = {
        ref for number in range(reader.xrefs.total_revisions) for ref in reader.xrefs.explicit_refs_in_revision(number)
    }
    plain = 0
    for ref in refs:
        place = reader.xrefs[ref]
        mine = read_object_at(pdf, place, generic.Reference(ref.idnum, ref.generation, reader))
        if mine is None:
            continue
        theirs = reader.get_object(ref)
        assert told(mine) == told(theirs), ref
        assert mine.get_container_ref() == theirs.get_container_ref()
        plain += 1
    return len(refs), plain


def test_whole_papers(desk: Desk) -> None:
    """Papers of pyHanko's and pikepdf's writers, and our own."""
    for pdf in (desk.archived, render(NAME, sample_data(), issue()).pdf, make_paper(form=True, scanned=True)):
        objects, plain = compared(pdf)
        assert plain >= 0.9 * objects > 10


def test_our_own_papers_are_plain_to_the_last_object(desk: Desk) -> None:
    """Also what names the kind of an attachment with an escape, application#2fjson: nothing is left to pyHanko."""
    pdf = render(NAME, sample_data(), issue()).pdf
    assert b"/application#2fjson" in pdf.replace(b"#2F", b"#2f")
    for paper in (pdf, desk.sign_t(pdf, desk.officer, OFFICER_FIELD)):
        objects, plain = compared(paper)
        assert plain == objects > 10


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(
    pieces=st.lists(PIECES, max_size=12),
    head=HEADS,
)
def test_anything(reader_of_nothing: PdfFileReader, pieces: list[bytes], head: bytes) -> None:
    """Whatever is read plainly, pyHanko reads too, and as the same."""
    reader = reader_of_nothing
    text = head + b"".join(pieces) + {b"<<": b">>", b"A[": b"]>>"}.get(head[-2:], b"") + b"\nendobj\nxref"
    reference = generic.Reference(5, 0, reader)
    mine = read_object_at(text, 0, reference)
    if mine is not None:
        reader.stream = io.BytesIO(text)
        assert told(mine) == told(reader._read_object(reference, 0))
