"""Bytes after a signature that no cross-reference lists, and cross-references that make readers look for such."""

import re
from collections.abc import Callable

import pytest

from tests.verifier import raw
from tests.verifier.desk import Desk
from tests.verifier.papers import make_paper, sign
from tests.verifier.strikes import BAD, adds_evidence, contents_of, next_of, root_of, with_entries
from verifier import OFFICER_FIELD
from verifier.gather import gather
from verifier.pdf.tables import stream_problem

Edit = Callable[[bytes], bytes]
EMPTY = raw.stream(b"")


@pytest.fixture(scope="module")
def signed(desk: Desk) -> bytes:
    return sign(make_paper(), desk.officer, OFFICER_FIELD)


def hidden(pdf: bytes) -> bytes:
    """The page's own content, written again with another text."""
    return b"%d 0 obj\n%s\nendobj\n" % (int(contents_of(pdf).split()[0]), raw.stream(BAD))


def tidy(pdf: bytes) -> bytes:
    """A later revision with one new, empty object: nothing is wrong with it."""
    return raw.update(pdf, {next_of(pdf): EMPTY})


def gap(pdf: bytes) -> bytes:
    """The same, and before it an object that its table does not list."""
    return raw.update(pdf + b"\n" * (not pdf.endswith(b"\n")) + hidden(pdf), {next_of(pdf): EMPTY})


def in_stream(pdf: bytes) -> bytes:
    """What hides it: a stream that is empty and over for a reader that unpacks it."""
    return raw.stream(b">\nendobj\n" + hidden(pdf), b"/Filter/ASCIIHexDecode")


def with_last(old: bytes, new: bytes) -> Edit:
    """In place of the last `old`, a pattern of which the first group stays."""

    def edit(pdf: bytes) -> bytes:
        found = list(re.finditer(old, pdf))[-1]
        return pdf[: found.start()] + found.expand(new) + pdf[found.end() :]

    return edit


ODD_TABLES = {
    "underscore": with_last(rb"\n00(\d{8} 00000 n)", rb"\n0_\1"),
    "sign": with_last(rb"\n0(\d{9} 00000 n)", rb"\n+\1"),
    "negative section": with_last(rb"\nxref\n(\d)", rb"\nxref\n-1 0\n\1"),
    "section beyond the size": with_last(rb"\nxref\n(\d)", rb"\nxref\n9999999999 0\n\1"),
    "padded section": with_last(rb"\nxref\n(\d)", rb"\nxref\n0\1"),
    "short row": with_last(rb"( n) \n(?=trailer)", rb"\1\n"),
    "signed size": with_last(rb"/Size (\d)", rb"/Size +\1"),
    "fraction as size": with_last(rb"/Size (\d+)", rb"/Size \1.0"),
    "signed place before": with_last(rb"/Prev (\d)", rb"/Prev +\1"),
}


@pytest.mark.parametrize("name", ODD_TABLES)
@pytest.mark.parametrize("revision", [tidy, gap])
def test_an_odd_table(desk: Desk, signed: bytes, revision: Edit, name: str) -> None:
    """Python reads `0_` as a number; another reader throws the table away and searches for objects."""
    pdf = ODD_TABLES[name](revision(signed))
    assert pdf != revision(signed)
    assert pdf.startswith(signed)
    assert desk.judge(pdf).word == "changed"


def test_an_object_that_no_table_lists(desk: Desk, signed: bytes) -> None:
    assert gather(tidy(signed)).structure is None
    assert desk.judge(gap(signed)).word == "changed"


@pytest.mark.parametrize("row", [b"{%d} 00000 n", b"0000000005 00000 n", b"0000000017 00000 n"])
@pytest.mark.parametrize("hides", [True, False])
def test_object_0_in_use(desk: Desk, signed: bytes, row: bytes, hides: bool) -> None:
    number = next_of(signed)
    content = in_stream(signed) if hides else EMPTY
    section = b"0 1\n" + (row % number if b"%" in row else row) + b" \n"
    pdf = raw.update(signed, {number: content}, also=[section])
    assert desk.judge(pdf).word == "changed"


@pytest.mark.parametrize("generation", [0, 1])
def test_object_0_written(desk: Desk, signed: bytes, generation: int) -> None:
    pdf = raw.update(signed, {next_of(signed): in_stream(signed), (0, generation): b"<<>>"})
    assert desk.judge(pdf).word == "changed"


@pytest.mark.parametrize("kind", [3, 255])
@pytest.mark.parametrize("hides", [True, False])
def test_rows_of_an_unknown_kind(desk: Desk, signed: bytes, kind: int, hides: bool) -> None:
    """Its stream of rows is one that pyHanko passes over."""
    number = next_of(signed)
    root = with_entries(raw.object_of(signed, root_of(signed)), b"/DSS<</Certs[%d 0 R]>>" % number)
    objects = {root_of(signed): root, number: in_stream(signed) if hides else raw.stream(b"0")}
    pdf = raw.packed(signed, {}, stream_number=number + 1, plain=objects, kinds={number + 5: kind})
    assert desk.judge(pdf).word == "changed"
    if not hides:
        known = raw.packed(signed, {}, stream_number=number + 1, plain=objects)
        assert gather(known).structure is None
        assert "unknown kind" in (gather(pdf).structure or "")


def test_kinds_of_rows() -> None:
    """Of any width; object 0 is never in use, also where the kind is left out."""
    entries = {"/Size": 2, "/W": [2, 1, 1]}
    assert stream_problem(b"\0\0\0\xff\0\1\7\0", entries) is None
    assert "unknown" in (stream_problem(b"\0\0\0\xff\1\1\7\0", entries) or "")
    assert stream_problem(b"\0\1\0\xff\0\1\7\0", entries) == "object 0 in use"
    assert stream_problem(b"\7\0\7\0", {"/Size": 2, "/W": [0, 1, 1]}) == "object 0 in use"
    assert stream_problem(b"\7\0", {"/Size": 2, "/W": [0, 1, 1], "/Index": [1, 1]}) is None
    assert "too long" in (stream_problem(b"\7\0", {"/Size": 2, "/W": [0, 1, 1], "/Index": [2, 1]}) or "")
    assert "odd" in (stream_problem(b"", {"/Size": 2, "/W": [0, -1, 1]}) or "")


def only_in_stream(pdf: bytes) -> bytes:
    return raw.update(pdf, {next_of(pdf): in_stream(pdf)})


@pytest.mark.parametrize("revision", [gap, only_in_stream])
def test_an_odd_table_in_the_signed_part(desk: Desk, revision: Edit) -> None:
    """Whoever prepares the paper sees to it that readers search it; what they find comes later, and is tidy."""
    prepared = ODD_TABLES["section beyond the size"](make_paper())
    victim = sign(prepared, desk.officer, OFFICER_FIELD)
    assert desk.judge(victim).word == "changed"
    pdf = revision(victim)
    assert pdf.startswith(victim)
    assert desk.judge(pdf).word == "changed"
    assert "odd rows" in (gather(victim).structure or "")
    assert gather(revision(sign(make_paper(), desk.officer, OFFICER_FIELD))).structure is not None


@pytest.mark.parametrize(
    "content",
    [
        b"8 0 obj",
        b"+8\0-\x800obj",
        b"8%a\n0 %b%\r\n obj<<",
        b"8" + b" " * 2000 + b"0 obj",
        b"8 0" + b"\n" * 2000 + b"obj",
        b"trailer<</Root 8 0 R>>",
        b"trailer %x\n <</Root 8 0 R>>",
        b"\nxref\n0 0",
        b"xstartxref 8",
        b"endobj",
        b"endstream ",
        b"<</Type/XRef>>",
    ],
)
def test_what_a_search_would_find(signed: bytes, content: bytes) -> None:
    assert gather(adds_evidence(400, content)(signed)).structure is not None


@pytest.mark.parametrize(
    "content", [b"x 0 obj", b"8 of 0 objects", b"a trailer (semi)", b"xrefs, axref ", b"end stream"]
)
def test_what_no_search_would_find(signed: bytes, content: bytes) -> None:
    facts = gather(adds_evidence(400, content)(signed))
    assert (facts.structure, facts.revisions[-1].change) == (None, "dss")


def test_streams_that_are_not_what_they_say(signed: bytes) -> None:
    """A search takes a stream of objects as one, whether a cross-reference points into it or not."""
    inside = b"%d 0 <</Length 0>>" % int(contents_of(signed).split()[0])
    packed = raw.stream(inside, b"/Type/ObjStm/N 1/First 4")
    assert "what it says" in (gather(raw.update(signed, {next_of(signed): packed})).structure or "")
    root = with_entries(raw.object_of(signed, root_of(signed)), b"/DSS<</Certs[500 0 R]>>")
    reaching = with_last(rb"/Length 1>>\nstream\n0(?=\nendstream)", rb"/Length 70>>\nstream\n0")
    pdf = reaching(raw.update(signed, {500: raw.stream(b"0"), root_of(signed): root}))
    assert gather(pdf).structure is not None
