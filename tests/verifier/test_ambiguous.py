"""Readers differ about bytes: what pyHanko reads as evidence, another shows as another paper."""

from collections.abc import Callable

import pypdfium2
import pytest

from tests.pki.fixtures import MakeKey
from tests.verifier import ambiguous
from tests.verifier.oracle import ALLOWED
from tests.verifier.papers import make_paper, sign
from verifier import OFFICER_FIELD
from verifier.facts import DocumentFacts
from verifier.gather import gather
from verifier.pdf.spelling import is_plain_object, is_plain_value

Strike = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def victim(software_key: MakeKey) -> bytes:
    return sign(ambiguous.prepare(make_paper()), software_key("person"), OFFICER_FIELD)


def shown(pdf: bytes) -> bytes:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return bytes(document[0].render(scale=0.5).buffer)
    finally:
        document.close()


def complaints(facts: DocumentFacts) -> str:
    assert facts.problem is None, facts.problem_detail
    changes = [revision.detail or "" for revision in facts.revisions if revision.change not in (*ALLOWED, "base")]
    return "; ".join([*changes, facts.structure or ""])


def test_what_is_plain_is_no_change(victim: bytes) -> None:
    pdf = ambiguous.evidence(victim)
    assert complaints(gather(pdf)) == ""
    assert shown(pdf) == shown(victim)
    packed = ambiguous.in_stream(victim, ambiguous.catalogue(victim) + b">>")
    assert complaints(gather(packed)) == ""
    assert shown(packed) == shown(victim)


@pytest.mark.parametrize(
    ("strike", "says"),
    [
        (ambiguous.half_closed, "readers may differ"),
        (ambiguous.zero_rows, "oddly packed"),
        (ambiguous.padded, "an odd end"),
        (ambiguous.parted_by(b"\x0b"), "an odd end"),
    ],
)
def test_pdfium_shows_another_paper(victim: bytes, strike: Strike, says: str) -> None:
    pdf = strike(victim)
    assert pdf.startswith(victim)
    assert shown(pdf) != shown(victim)
    assert says in complaints(gather(pdf))


@pytest.mark.parametrize(
    ("strike", "says"),
    [
        (ambiguous.overlapping, "readers may differ"),  # MuPDF, Ghostscript
        (ambiguous.wide_rows(8, 8, 8), "oddly spelled"),  # Poppler, Ghostscript
        (ambiguous.wide_rows(2, 4, 2), "oddly spelled"),  # Ghostscript
        (ambiguous.hexadecimal, "oddly packed"),  # MuPDF, Ghostscript
        (ambiguous.parted_by(b"\f"), "an odd end"),  # pdf.js
        (ambiguous.numbered_as_the_page, "the number of another object"),  # MuPDF
        (ambiguous.numbered(9_000_000), "more objects than"),  # MuPDF, Ghostscript
        (ambiguous.sized(99_999_999), "more objects than"),  # MuPDF, Poppler
    ],
)
def test_other_readers_show_another_paper(victim: bytes, strike: Strike, says: str) -> None:
    assert says in complaints(gather(strike(victim)))


def test_an_object_listed_twice(victim: bytes) -> None:
    """Some take the first row, some the last."""
    assert gather(ambiguous.listed_twice(victim)).problem == "broken"


def test_a_content_that_ends_beyond_the_signed_part(software_key: MakeKey) -> None:
    length = 40_000
    victim = sign(ambiguous.endless_content(length)(make_paper()), software_key("person"), OFFICER_FIELD)
    pdf = ambiguous.reach_the_end(victim, length)
    assert shown(pdf) != shown(victim)
    assert complaints(gather(pdf)) == complaints(gather(victim)) == "a stream reaches beyond the signed part"


@pytest.mark.parametrize(("length", "is_fine"), [(900, True), (60_000, False)])
def test_a_file_that_says_how_long_it_will_be(software_key: MakeKey, length: int, is_fine: bool) -> None:
    """Poppler begins such a file at its first bytes as soon as evidence makes it so long."""
    paper = make_paper(prepare=())
    first = paper[: paper.index(b"%%EOF") + 6]
    victim = sign(ambiguous.linearised(length)(first), software_key("person"), OFFICER_FIELD, box=(300, 200, 442, 260))
    says = "" if is_fine else "the signed part says how long the file is going to be"
    assert complaints(gather(victim)) == says
    assert complaints(gather(ambiguous.evidence(victim))) == says


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (b"<</A 1/B[2 0 R(a(b)\\)c)<41>]/C<</D true>>>>", True),
        (b"<</A#20B -1.5/C null>>", True),
        (b"<</A 1> >>", False),
        (b"<</A 1>>>", False),
        (b"<</A 1% x\n>>", False),
        (b"<</A#00B 1>>", False),
        (b"<</A\x80 1>>", False),
        (b"<</A +-1>>", False),
        (b"<</A 1{>>", False),
        (b"<</A<4x>>>", False),
        (b"<</A(b>>", False),
        (b"<</" + b"A" * 200 + b" 1>>", False),
        (b"[" * 40 + b"]" * 40, False),
        (b"<</A 1>> <<>>", False),
        (b"", False),
    ],
)
def test_spelling(text: bytes, plain: bool) -> None:
    assert is_plain_value(text) is plain
    assert is_plain_object(b"7 0 obj\n" + text + b"\nendobj", 0, (7, 0), None) is plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (b"stream\nabc\nendstream", True),
        (b"stream\r\nabcendstream", True),
        (b"stream\rabc\nendstream", False),
        (b"stream\nabcd\nendstream", False),
        (b"stream\nabc\nendstream x", False),
    ],
)
def test_a_stream_is_as_long_as_it_says(text: bytes, plain: bool) -> None:
    assert is_plain_object(b"7 0 obj\n<</Length 3>>" + text + b"\nendobj", 0, (7, 0), 3) is plain
