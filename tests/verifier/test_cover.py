"""Later marks and what they hide: several together, on turned pages, over letters that are drawings."""

from collections.abc import Callable
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import fields as hanko_fields
from pyhanko.stamp import StaticStampStyle

from tests.pki.fixtures import MakeKey
from tests.verifier.papers import OFFICER_BOX, make_paper, sign
from tests.verifier.raw import object_of, size_of, stream, update
from tests.verifier.strikes import edit_page, page_of, with_entries
from verifier import OFFICER_FIELD
from verifier.cover import covered_share
from verifier.gather import gather

_BOX = (130, 420, 250, 470)


@pytest.fixture(scope="module")
def key(software_key: MakeKey) -> Any:
    return software_key("person")


def white() -> StaticStampStyle:
    content = RawContent(b"q 1 g 0 0 100 100 re f Q", box=BoxConstraints(width=100, height=100))
    return StaticStampStyle(background=content, border_width=0, background_opacity=1)


@pytest.mark.parametrize(
    ("over", "share"),
    [
        ([], 0.0),
        ([(0, 0, 5, 10)], 0.5),
        ([(0, 0, 5, 10), (0, 0, 5, 10)], 0.5),
        ([(-9, -9, 4, 20), (2, 2, 8, 8), (6, 0, 12, 5)], 0.4 + 0.2 * 0.6 + 0.2 * 0.8 + 0.2 * 0.5),
        ([(0, 0, 4, 10), (4, 0, 8, 10), (8, 0, 10, 10)], 1.0),
        ([(0, 0, 0.1, 10)] * 100, 1.0),
    ],
)
def test_what_several_hide_together(over: list[tuple[float, float, float, float]], share: float) -> None:
    assert covered_share((0, 0, 10, 10), over) == pytest.approx(share)


def test_three_marks_hide_as_much_as_one(key: Any) -> None:
    left, bottom, right, top = OFFICER_BOX
    pdf = sign(make_paper(), key, OFFICER_FIELD)
    for place, (start, stop) in enumerate([(left, left + 55), (left + 55, left + 110), (left + 110, right)]):
        pdf = sign(pdf, key, f"Thu{place}", box=(start, bottom, stop, top), style=white())
    assert [round(one.share, 2) for one in gather(pdf).covered] == [0.39, 0.77, 1.0]


@pytest.mark.parametrize("flags", [4, 4 | 8, 4 | 16])
def test_a_mark_turns_and_grows_with_its_page(key: Any, flags: int) -> None:
    """With NoRotate readers put it beside its rectangle on a turned page, over whatever stands there."""

    def prepare(writer: IncrementalPdfFileWriter) -> None:
        hanko_fields.append_signature_field(writer, hanko_fields.SigFieldSpec(sig_field_name="Thu", box=_BOX))
        fields = writer.root["/AcroForm"]["/Fields"]
        field = fields[len(fields) - 1]
        field["/F"] = generic.NumberObject(flags)
        writer.update_container(field)

    victim = sign(edit_page(make_paper(), b"/Rotate 90", b"/Rotate"), key, OFFICER_FIELD)
    last = gather(sign(victim, key, "Thu", style=white(), edit=prepare)).revisions[-1]
    if flags == 4:
        assert (last.change, last.detail) == ("signature_added", None)
    else:
        assert last.change == "other"
        assert last.detail == "the look of a field does not turn or grow with the page"


def bar(place: bytes, turned: int) -> Callable[[bytes], bytes]:
    """A page with one dark bar."""

    def prepare(pdf: bytes) -> bytes:
        number = size_of(pdf)
        entries = b"/Rotate %d/Contents %d 0 R" % (turned, number)
        return edit_page(pdf, entries, b"/Rotate", b"/Contents", more={number: stream(b"0 g %s 40 20 re f" % place)})

    return prepare


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_what_lies_under_a_mark_on_a_turned_page(key: Any, turned: int) -> None:
    for place, is_hidden in ((b"150 430", True), (b"400 700", False)):
        victim = sign(bar(place, turned)(make_paper(text=False)), key, OFFICER_FIELD)
        facts = gather(sign(victim, key, "Thu", box=_BOX, style=white()))
        assert (facts.cover_unknown, bool(facts.covered)) == (None, is_hidden)


def test_a_letter_that_draws_far_from_its_place(key: Any) -> None:
    """A letter of a Type 3 font says itself how large it is."""

    def prepare(pdf: bytes) -> bytes:
        letter, font, content = range(size_of(pdf), size_of(pdf) + 3)
        texts = {
            letter: stream(b"10 0 0 0 10 10 d1 0 2000 1500 1200 re f"),
            font: b"<</Type/Font/Subtype/Type3/FontBBox[0 0 10 10]/FontMatrix[.001 0 0 .001 0 0]/CharProcs<</a %d 0 R>>"
            b"/Encoding<</Type/Encoding/Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[10]/Resources<<>>>>"
            % letter,
            content: stream(b"BT /F3 60 Tf 150 320 Td (a) Tj ET"),
        }
        head, _, tail = object_of(pdf, page_of(pdf)).partition(b"/Resources <<")
        page = with_entries(head + b"/Resources <</Font<</F3 %d 0 R>>" % font + _after_fonts(tail), b"", b"/Contents")
        return update(pdf, {page_of(pdf): with_entries(page, b"/Contents %d 0 R" % content), **texts})

    victim = sign(prepare(make_paper(text=False)), key, OFFICER_FIELD)
    facts = gather(sign(victim, key, "Thu", box=(130, 440, 250, 500), style=white()))
    assert [one.what for one in facts.covered] == ["drawing"]


def _after_fonts(resources: bytes) -> bytes:
    """The rest of a page's resources, without its own fonts."""
    start = resources.find(b"/Font")
    return resources if start < 0 else resources[:start] + resources[resources.index(b"/ProcSet") :]
