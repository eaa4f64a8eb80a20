"""Habits of honest programs that are forgiven (docs/decisions/0037), each with what its neighbour may not do.

The honest files themselves, written by the programs, are in tests/corpus/signed_elsewhere.
"""

import asyncio
import hashlib
import io
import re
from collections.abc import Callable
from functools import cache

import pikepdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from tests.verifier import raw, strikes
from tests.verifier.desk import Desk
from tests.verifier.papers import make_paper, signer_for
from verifier import OFFICER_FIELD
from verifier.gather import gather

Edit = Callable[[bytes], bytes]
EMPTY = raw.stream(b"")


@cache
def in_one() -> bytes:
    """A paper of one revision, with its table at the end."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(make_paper())) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def signed(pdf: bytes, desk: Desk, seen: bytes | None = None) -> bytes:
    """Signed by pyHanko; `seen`: what it takes the file for, of the same length, where it cannot read it."""
    metadata = signers.PdfSignatureMetadata(field_name=OFFICER_FIELD, md_algorithm="sha256")
    writer = IncrementalPdfFileWriter(io.BytesIO(seen or pdf), strict=False)
    signer = signers.PdfSigner(metadata, signer=signer_for(desk.officer))
    prepared, _, output = asyncio.run(signer.async_digest_doc_for_signing(writer, bytes_reserved=16384))
    output.seek(0)
    whole = pdf + output.read()[len(pdf) :]
    covered = whole[: prepared.reserved_region_start] + whole[prepared.reserved_region_end :]
    digest = hashlib.sha256(covered).digest()
    cms = asyncio.run(signer_for(desk.officer).async_sign(digest, "sha256"))
    filled = io.BytesIO(whole)
    prepared.fill_with_cms(filled, cms)
    return filled.getvalue()


# --- tables that some readers throw away -----------------------------------------------------------------------------


def table_of(pdf: bytes) -> int:
    return int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])


def with_rows(end: bytes, only: int | None = None) -> Edit:
    """The last table with rows that end so, all or the `only` one."""

    def edit(pdf: bytes) -> bytes:
        start = table_of(pdf)
        rows = re.findall(rb"\d{10} \d{5} [nf](?= \n)", pdf[start:])
        table = pdf[start:]
        for place, row in enumerate(rows):
            table = table.replace(row + b" \n", row + end, 1) if only in (None, place) else table
        return pdf[:start] + table

    return edit


def before_the_table(hidden: Edit) -> Edit:
    """Bytes in front of the last table that it does not list."""

    def edit(pdf: bytes) -> bytes:
        start, more = table_of(pdf), hidden(pdf)
        return (pdf[:start] + more + pdf[start:]).replace(
            b"startxref\n%d" % start, b"startxref\n%d" % (start + len(more))
        )

    return edit


def other_content(pdf: bytes) -> bytes:
    return b"%d 0 obj\n%s\nendobj\n" % (int(strikes.contents_of(pdf).split()[0]), raw.stream(strikes.BAD))


def in_a_comment(pdf: bytes) -> bytes:
    return b"% " + other_content(pdf).replace(b"\n", b" ") + b"\n"


def in_a_stream(pdf: bytes) -> bytes:
    """A stream's end too early, and behind it what a search finds: the object is listed by a second table."""
    return b"1000 0 obj\n%s\nendobj\n" % raw.stream(b"endstream\nendobj\n" + other_content(pdf))


def with_the_bad_content_in_an_attachment(pdf: bytes) -> bytes:
    """Listed, and never unpacked by who reads the table; a search finds the page's content in it."""
    return raw.update(pdf, {raw.size_of(pdf): raw.stream(b"\nendobj\n" + other_content(pdf))})


def frees(pdf: bytes) -> bytes:
    """An object that the page draws, and a second revision that says it is gone."""
    number = raw.size_of(pdf)
    page = strikes.page_of(pdf)
    both = b"/Contents[%s %d 0 R]" % (strikes.contents_of(pdf), number)
    entries = strikes.with_entries(raw.object_of(pdf, page), both, b"/Contents")
    drawn = raw.update(pdf, {page: entries, number: raw.stream(strikes.BAD)})
    return raw.update(drawn, {}, also=[b"%d 1\n0000000000 00001 f \n" % number])


@pytest.mark.parametrize("end", [b"\n", b"\r", b" \r\n"])
def test_rows_of_another_length(desk: Desk, end: bytes) -> None:
    """All of them 19 bytes, or 21: who reads 20 at a time and who searches instead find the same objects."""
    assert desk.judge(signed(with_rows(end)(in_one()), desk)).word == "warning"


@pytest.mark.parametrize(
    "edit",
    [
        with_rows(b"\n", only=3),
        lambda pdf: with_rows(b"\n")(before_the_table(other_content)(pdf)),
        lambda pdf: with_rows(b"\n")(before_the_table(in_a_comment)(pdf)),
        lambda pdf: with_rows(b"\n")(before_the_table(in_a_stream)(pdf)),
        lambda pdf: with_rows(b"\n")(with_the_bad_content_in_an_attachment(pdf)),
        lambda pdf: with_rows(b"\n")(frees(pdf)),
    ],
    ids=["mixed", "hidden object", "in a comment", "in an unlisted stream", "in a stream", "freed"],
)
def test_rows_of_another_length_and_something_for_a_search(desk: Desk, edit: Edit) -> None:
    assert desk.judge(signed(edit(in_one()), desk)).word == "changed"


def test_rows_of_another_length_after_a_signature(desk: Desk) -> None:
    paper = signed(in_one(), desk)
    later = with_object(raw.size_of(paper), raw.size_of(paper) + 1)(paper)
    assert desk.judge(later).word == "warning"
    assert desk.judge(with_rows(b"\n")(later)).word == "changed"


def nothing_before(pdf: bytes) -> bytes:
    return pdf.replace(b"trailer << ", b"trailer << /Prev 0 ")


def seen_without(pdf: bytes) -> bytes:
    return pdf.replace(b"/Prev 0 ", b"        ")


def test_nothing_before_the_first_trailer(desk: Desk) -> None:
    paper = nothing_before(in_one())
    assert b"/Prev 0 " in paper
    assert desk.judge(signed(paper, desk, seen_without(paper))).word == "warning"


@pytest.mark.parametrize("hidden", [other_content, in_a_comment, in_a_stream])
def test_nothing_before_it_but_for_a_search(desk: Desk, hidden: Edit) -> None:
    """A reader that looks for a table at byte 0 finds none and searches the file."""
    paper = nothing_before(before_the_table(hidden)(in_one()))
    assert desk.judge(signed(paper, desk, seen_without(paper))).word == "changed"


def test_nothing_before_a_later_trailer(desk: Desk) -> None:
    """A later revision that denies the ones before it: another paper is appended to a signed one."""
    paper = signed(in_one(), desk)
    later = with_object(raw.size_of(paper), raw.size_of(paper) + 1)(paper)
    cut = re.sub(rb"/Prev \d+(?=>>\nstartxref\n\d+\n%%EOF\n\Z)", b"/Prev 0", later)
    assert cut != later
    assert desk.judge(cut).word == "unreadable"


# --- numbers ----------------------------------------------------------------------------------------------------------


def with_size(size: int) -> Edit:
    return lambda pdf: re.sub(rb"/Size \d+", b"/Size %d" % size, pdf, count=1)


def with_object(number: int, size: int | None = None) -> Edit:
    """A new, empty object under this number, and a trailer of this size."""
    return lambda pdf: raw.update(pdf, {number: EMPTY}, size=size or raw.size_of(pdf))


def with_a_free_number(pdf: bytes) -> bytes:
    """The next number stands in the table, as one that is free: so Word writes many."""
    count = int(re.findall(rb"xref\n0 (\d+)\n", pdf)[-1])
    longer = pdf.replace(b"xref\n0 %d\n" % count, b"xref\n0 %d\n" % (count + 1))
    return longer.replace(b"trailer", b"0000000000 65535 f \ntrailer")


def test_numbers_that_were_left_out(desk: Desk) -> None:
    """A size that is too high, and numbers below it that nobody used or mentioned: pyunderskrift takes them next."""
    number = raw.size_of(in_one())
    paper = signed(with_size(number + 7)(in_one()), desk)
    assert b"\n%d 0 obj" % (number + 2) not in paper
    assert desk.judge(with_object(number + 2)(paper)).word == "warning"


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (lambda pdf, number: strikes.draws(b"%d 0 R" % number)(pdf), "came later"),
        (lambda pdf, number: with_a_free_number(pdf), "was freed"),
    ],
    ids=["mentioned", "free"],
)
def test_numbers_that_were_left_out_for_a_purpose(desk: Desk, prepare: Callable[[bytes, int], bytes], why: str) -> None:
    number = raw.size_of(in_one())
    paper = signed(prepare(with_size(number + 5)(in_one()), number), desk)
    later = with_object(number)(paper)
    facts = gather(later)
    assert why in str(facts.problem_detail or facts.revisions[-1].detail)
    assert desk.judge(later).word in ("changed", "unreadable")


def test_a_size_that_shrinks(desk: Desk) -> None:
    """Above every number that was used, it hides nothing; else some readers find an object there and some do not."""
    number = raw.size_of(in_one())
    paper = signed(with_size(number + 7)(in_one()), desk)
    used = max(int(found) for found in re.findall(rb"\n(\d+) 0 obj", paper))
    assert used > number
    first = with_object(used + 1, used + 9)(paper)
    assert desk.judge(with_object(used + 2, used + 3)(first)).word == "warning"
    assert desk.judge(raw.update(first, {}, size=used + 1)).word == "unreadable"
    assert desk.judge(signed(with_size(number - 1)(in_one()), desk)).word == "unreadable"


# --- what programs leave behind, and write again ----------------------------------------------------------------------


def test_bytes_of_a_stream_are_no_mention(desk: Desk) -> None:
    """Poppler embeds its font as it is, and such a font holds every byte there is."""
    info = int(re.findall(rb"/Info (\d+) 0 R", in_one())[-1])
    paper = signed(strikes.attached(b"x %d 0 R\n" % info)(in_one()), desk)
    again = re.sub(rb"(/ModDate \(D\\072)\d{4}", rb"\g<1>2027", raw.object_of(paper, info))
    assert again != raw.object_of(paper, info)
    assert desk.judge(raw.update(paper, {info: again})).word == "warning"


def test_a_mention_under_a_false_stream(desk: Desk) -> None:
    """The page draws the object as well; a stream that overlaps it must not hide that."""
    number = raw.size_of(in_one())
    drawn = strikes.metadata(in_one())
    covered = strikes.covered_by_false_stream(drawn).replace(b" 400 0 R]", b" %03d 0 R]" % number)
    struck = strikes.move_metadata(signed(covered, desk))
    assert desk.judge(struck).word == "changed"


def with_a_form(pdf: bytes) -> bytes:
    """A text field, and default resources that are an object of their own."""
    form, field = int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1]), raw.size_of(pdf)
    text = raw.object_of(pdf, form)
    fields = re.sub(rb"/Fields\s*\[", b"/Fields [ %d 0 R " % field, text)
    return raw.update(
        pdf,
        {
            form: strikes.with_entries(fields, b"/DR %d 0 R" % (field + 1)),
            field: b"<</FT/Tx/T(so)/V(9)/DA(/Helv 9 Tf)/Type/Annot/Subtype/Widget/Rect[9 9 90 30]/F 4>>",
            field + 1: RESOURCES % b"Helvetica",
        },
    )


RESOURCES = b"<</Font<</Helv<</Type/Font/Subtype/Type1/BaseFont/%s>>>>>>"


def test_default_resources_written_again(desk: Desk) -> None:
    """iText does so at each signature. As they were they change no field; otherwise they may."""
    paper = signed(with_a_form(in_one()), desk)
    number = int(re.findall(rb"/DR (\d+) 0 R", paper)[-1])
    assert desk.judge(raw.update(paper, {number: RESOURCES % b"Helvetica"})).word == "warning"
    assert desk.judge(raw.update(paper, {number: RESOURCES % b"ZapfDingbats"})).word == "changed"


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (b"/NeedAppearances false", b"", "warning"),
        (b"", b"/NeedAppearances false", "warning"),
        (b"/NeedAppearances false", b"/NeedAppearances true", "changed"),
        (b"/NeedAppearances true", b"", "changed"),
        (b"/NeedAppearances 0", b"", "changed"),
    ],
)
def test_a_no_that_is_taken_away(desk: Desk, before: bytes, after: bytes, word: str) -> None:
    """TCPDF says that fields need not be drawn anew, which is so where nothing is said."""
    form = int(re.findall(rb"/AcroForm (\d+) 0 R", in_one())[-1])
    prepared = with_a_form(in_one())
    text = re.sub(rb"/SigFlags \d", b"", raw.object_of(prepared, form))
    prepared = raw.update(prepared, {form: strikes.with_entries(text, b"/SigFlags 3" + before)})
    paper = signed(prepared, desk, prepared.replace(b"/Need", b"/Leed"))  # pyHanko would take it away
    now = re.sub(rb"/NeedAppearances \w+", b"", raw.object_of(paper, form))
    assert before in raw.object_of(paper, form)
    assert desk.judge(raw.update(paper, {form: strikes.with_entries(now, after)})).word == word


NAMED = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/Name/Helv>>"


@pytest.mark.parametrize(
    ("left", "word"),
    [
        (NAMED, "warning"),
        (NAMED[:-2] + b"/ToUnicode 5 0 R>>", "changed"),
        (NAMED.replace(b"/Encoding/WinAnsiEncoding", b"/Encoding 5 0 R"), "changed"),
        (b"<</Type/Font/Subtype/Type3/CharProcs<<>>>>", "changed"),
        (b"<</Type/Annot/Subtype/Stamp>>", "changed"),
        (raw.stream(b"q Q"), "changed"),
    ],
)
def test_an_object_that_nobody_uses(desk: Desk, left: bytes, word: str) -> None:
    """iText writes two fonts by name for a form that has its own."""
    paper = signed(in_one(), desk)
    assert desk.judge(raw.update(paper, {raw.size_of(paper): left})).word == word


@pytest.mark.parametrize(
    ("box", "word"),
    [
        (b"[ 0 0 595.2756 841.8898 ]", "warning"),
        (b"[ 0 0 595.2746 841.8898 ]", "changed"),
        (b"[ 0 0 595.2756 841.8898 0 ]", "changed"),
        (b"[ 0 0 595.2756 true ]", "changed"),
        (b"5 0 R", "changed"),
    ],
)
def test_a_page_box_that_was_rounded(desk: Desk, box: bytes, word: str) -> None:
    """Programs in Rust keep 32 bits of a number, and write the page that they add a field to."""
    page = strikes.page_of(in_one())
    text = re.sub(rb"/MediaBox\s*\[[^\]]*\]", b"/MediaBox [ 0 0 595.27561 841.88983 ]", raw.object_of(in_one(), page))
    paper = signed(raw.update(in_one(), {page: text}), desk)
    rounded = re.sub(rb"/MediaBox\s*\[[^\]]*\]", b"/MediaBox " + box, raw.object_of(paper, page))
    assert desk.judge(with_an_empty_field(paper, rounded)).word == word


def with_an_empty_field(pdf: bytes, page: bytes) -> bytes:
    """A revision that adds a field which nobody sees to the page, and writes it so."""
    form, field = int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1]), raw.size_of(pdf)
    annotated = re.sub(rb"/Annots\s*\[([^\]]*)\]", rb"/Annots [\1 %d 0 R]" % field, page)
    fields = re.sub(rb"/Fields\s*\[([^\]]*)\]", rb"/Fields [\1 %d 0 R]" % field, raw.object_of(pdf, form))
    empty = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Phu)/F 132/Rect[0 0 0 0]>>"
    return raw.update(pdf, {strikes.page_of(pdf): annotated, form: fields, field: empty})


@pytest.mark.parametrize(
    ("apart", "said", "word"),
    [
        (False, b"/MediaBox [ 0 0 500 800 ]", "warning"),
        (False, b"/MediaBox [ 0 0 500 800 ]/Rotate 90", "warning"),
        (False, b"/MediaBox [ 0 0 500 801 ]", "changed"),
        (False, b"/Rotate 180", "changed"),
        (False, b"/CropBox [ 0 0 500 800 ]", "changed"),
        (False, b"/UserUnit 2", "changed"),
        (True, b"/MediaBox [ 0 0 500 800 ]", "changed"),
    ],
)
def test_what_a_page_inherits_said_once_more(desk: Desk, apart: bool, said: bytes, word: str) -> None:
    """iText says it on the page. `apart`: the page names a node above it that does not name the page."""
    pdf = in_one()
    page, above = strikes.page_of(pdf), int(re.findall(rb"/Parent (\d+) 0 R", pdf)[0])
    text = re.sub(rb"/MediaBox\s*\[[^\]]*\]|/Rotate 0", b"", raw.object_of(pdf, page))
    node = strikes.with_entries(raw.object_of(pdf, above), b"/MediaBox [ 0 0 500 800 ]/Rotate 90")
    other = raw.size_of(pdf)
    parts = {page: text, above: node}
    if apart:
        parts[page] = text.replace(b"/Parent %d 0 R" % above, b"/Parent %d 0 R" % other)
        parts |= {above: raw.object_of(pdf, above), other: node.replace(b"%d 0 R" % page, b"")}
    paper = signed(raw.update(pdf, parts), desk)
    again = strikes.with_entries(raw.object_of(paper, page), said)
    assert desk.judge(with_an_empty_field(paper, again)).word == word


def with_the_signature_in_the_field(pdf: bytes) -> bytes:
    """As fpdf2 writes it: a file of one revision, unsigned yet; the zeros are the signature's."""
    form = int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1])
    field = raw.number_of(pdf, OFFICER_FIELD.encode())
    value = b"/V<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[%s]/Contents<%s>>>" % (
        b" " * 40,
        b"0" * 16384,
    )
    assert b"/SigFlags" in raw.object_of(pdf, form)
    return raw.update(pdf, {field: strikes.with_entries(raw.object_of(pdf, field), value)})


def filled_in_place(pdf: bytes, desk: Desk) -> bytes:
    start = pdf.index(b"/Contents<" + b"0" * 16384) + len(b"/Contents")
    stop = start + 16384 + 2
    numbers = b"0 %d %d %d" % (start, stop, len(pdf) - stop)
    pdf = pdf.replace(b"/ByteRange[" + b" " * 40, b"/ByteRange[" + numbers.ljust(40))
    digest = hashlib.sha256(pdf[:start] + pdf[stop:]).digest()
    cms = asyncio.run(signer_for(desk.officer).async_sign(digest, "sha256")).dump().hex().encode()
    return pdf[: start + 1] + cms.ljust(16384, b"0") + pdf[stop - 1 :]


def test_a_signature_that_is_no_object_of_its_own(desk: Desk) -> None:
    """fpdf2 writes it into the field. Who writes the field again writes another signature."""
    paper = filled_in_place(with_the_signature_in_the_field(in_one()), desk)
    assert desk.judge(paper).word == "warning"
    field = raw.number_of(paper, OFFICER_FIELD.encode())
    again = raw.update(paper, {field: raw.object_of(paper, field)})
    assert desk.judge(again).word in ("changed", "invalid")
    moved = raw.update(paper, {field: strikes.with_entries(raw.object_of(paper, field), b"/Rect[9 9 99 99]", b"/Rect")})
    assert desk.judge(moved).word in ("changed", "invalid")
    assert desk.judge(with_object(raw.size_of(paper), raw.size_of(paper) + 1)(paper)).word == "warning"
    assert desk.judge(strikes.edit_page(paper, b"/Rotate 90", b"/Rotate")).word == "changed"
