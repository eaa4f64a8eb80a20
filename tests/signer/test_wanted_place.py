"""The marks of papers made elsewhere where somebody asked for them: drawn, seen and measured in millimetres."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageChops
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from signer import (
    AtPoint,
    BetweenLines,
    InField,
    Level,
    Mark,
    Order,
    PlaceReason,
    PlaceUnusable,
    ReadyPaper,
    WantedPlace,
    make_ready,
    preflight,
    prepare,
    seal,
)
from signer.wanted_place import as_order, from_order
from templates import officer_mark, sample_seal_png, sample_signature_png, seal_mark
from tests.corpus.letter import POST, SIGNER
from tests.pki.fixtures import MakeKey
from tests.signer import papers
from tests.signer.certifier import sign_elsewhere
from verifier.fields import OFFICER_FIELD, SEAL_FIELD

FOREIGN = Path(__file__).parents[1] / "corpus" / "foreign"
_MM: Final = 72 / 25.4
_SCALE: Final = 4
BOX = (50.0, 22.0)
DIAMETER = 36.0
LINES = BetweenLines(above=POST, below=SIGNER)
SHAPES = (
    "libreoffice-letter",
    "libreoffice-landscape",
    "libreoffice-three-pages",
    "rotated-90",
    "cropbox",
    "offset-origin",
    "hybrid-xref",
)


@dataclass(frozen=True)
class Seen:
    """Middle and size of the signature's ink and of the seal's, mm from the page's left and upper edge."""

    signature: tuple[float, float, float, float]
    seal: tuple[float, float, float, float]


def ready(pdf: bytes, place: WantedPlace | None) -> ReadyPaper:
    return make_ready(
        pdf,
        rewrite=True,
        signer_name="Không Có Tên",
        officer_mark_mm=BOX,
        seal_diameter_mm=DIAMETER,
        fields=[(OFFICER_FIELD, "Chữ ký"), (SEAL_FIELD, "Con dấu")],
        place=place,
    )


def refused(pdf: bytes, place: WantedPlace) -> PlaceUnusable:
    with pytest.raises(PlaceUnusable) as caught:
        ready(pdf, place)
    assert caught.value.text_vi
    return caught.value


@cache
def marks() -> tuple[Mark, Mark]:
    drawn = (
        officer_mark(sample_signature_png(SIGNER), *BOX),
        seal_mark(sample_seal_png("ỦY BAN NHÂN DÂN XÃ MẪU", "1"), DIAMETER),
    )
    officer, agency = (Mark(pdf=one.pdf, width_pt=one.width_pt, height_pt=one.height_pt) for one in drawn)
    return officer, agency


def picture(pdf: bytes, page: int) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        return document[page].render(scale=_SCALE).to_pil().convert("RGB")


def drawn(made: ReadyPaper, key: MakeKey, page: int = 0) -> Seen:
    """Signed and sealed with the demo office's marks, and looked at: blue ink, red ink."""
    now = datetime.now(UTC)
    officer = Order(role="officer", name="A", level=Level.B_B, field=OFFICER_FIELD, mark=marks()[0], signed_at=now)
    approved = seal(made.pdf, officer, key())
    agency = Order(role="agency", name="U", level=Level.B_B, field=SEAL_FIELD, mark=marks()[1], signed_at=now)
    organisation = key("organisation")
    sealed = prepare(approved.pdf, agency, organisation.certificate, (), organisation.scheme).pdf_with_hole
    return Seen(
        ink(picture(made.pdf, page), picture(approved.pdf, page)),
        ink(picture(approved.pdf, page), picture(sealed, page)),
    )


def ink(before: Image.Image, after: Image.Image) -> tuple[float, float, float, float]:
    box = ImageChops.difference(before, after).convert("L").point(lambda v: 255 if v > 30 else 0).getbbox()
    assert box is not None, "the mark is seen"
    x0, y0, x1, y1 = (edge / _SCALE / _MM for edge in box)
    return ((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0)


def rects(made: ReadyPaper) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The two fields' rectangles, points."""
    places = [preflight(made.pdf).field(name) for name in (OFFICER_FIELD, SEAL_FIELD)]
    officer, agency = (one.placement.rect for one in places if one is not None and one.placement is not None)
    return officer, agency


def require_the_seal_by_the_annex(made: ReadyPaper, seen: Seen) -> None:
    """AC-36: real size, a third over the signature, on its left, level with it."""
    assert seen.seal[2] == pytest.approx(DIAMETER, abs=0.5)
    assert seen.seal[3] == pytest.approx(DIAMETER, abs=0.5)
    officer = rects(made)[0]
    width = max(officer[2] - officer[0], officer[3] - officer[1])
    left = seen.seal[0] + seen.seal[2] / 2 - (seen.signature[0] - width / _MM / 2)
    assert 0.25 <= left / (width / _MM) <= 0.40
    assert seen.seal[0] < seen.signature[0]
    assert seen.seal[1] == pytest.approx(seen.signature[1], abs=1)


def lines_of(pdf: bytes, page: int, *texts: str) -> list[tuple[float, float, float, float]]:
    """Where texts are printed, from PDFium's own search: x0, y0, x1, y1 in mm from the upper left of the page as
    it is shown upright."""
    with pypdfium2.PdfDocument(pdf) as document:
        one = document[page]
        height = one.get_height()
        x, y, right, _ = one.get_cropbox()
        turned = one.get_rotation() == 90
        text = one.get_textpage()
        found = []
        for wanted in texts:
            hit = text.search(wanted).get_next()
            assert hit is not None
            boxes = [text.get_charbox(hit[0] + n) for n in range(hit[1])]
            x0, y0 = min(b[0] for b in boxes) - x, min(b[1] for b in boxes) - y
            x1, y1 = max(b[2] for b in boxes) - x, max(b[3] for b in boxes) - y
            if turned:
                x0, y0, x1, y1 = y0, (right - x) - x1, y1, (right - x) - x0
            found.append((x0 / _MM, (height - y1) / _MM, x1 / _MM, (height - y0) / _MM))
        text.close()
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_ac35_ac36_between_two_printed_lines(name: str, software_key: MakeKey) -> None:
    """Centred between post and name within 5 mm, however the page was made, cut or turned."""
    pdf = (FOREIGN / f"{name}.pdf").read_bytes()
    page = 2 if "three" in name else 0
    made = ready(pdf, LINES)
    seen = drawn(made, software_key, page)
    above, below = lines_of(pdf, page, POST, SIGNER)
    x = (above[0] + above[2] + below[0] + below[2]) / 4
    y = (above[3] + below[1]) / 2
    assert seen.signature[0] == pytest.approx(x, abs=5)
    assert seen.signature[1] == pytest.approx(y, abs=5)
    require_the_seal_by_the_annex(made, seen)


@pytest.mark.parametrize("name", ["scan", "rotated-90", "ghostscript-printed"])
def test_ac36_at_a_point_of_the_page(name: str, software_key: MakeKey) -> None:
    """Millimetres from the upper left of the page as it is shown; also where no text can be found."""
    made = ready((FOREIGN / f"{name}.pdf").read_bytes(), AtPoint(page=1, x_mm=120, y_mm=240))
    seen = drawn(made, software_key)
    assert seen.signature[:2] == pytest.approx((120, 240), abs=0.5)
    require_the_seal_by_the_annex(made, seen)


@pytest.mark.parametrize(("x", "y"), [(5.0, 292.0), (208.0, 292.0)])
def test_at_the_pages_edge_the_pair_is_shifted_and_never_scaled(x: float, y: float, software_key: MakeKey) -> None:
    """AC-36; rules of the annex: a third stays covered, both marks are wholly on the page."""
    made = ready((FOREIGN / "libreoffice-letter.pdf").read_bytes(), AtPoint(page=1, x_mm=x, y_mm=y))
    seen = drawn(made, software_key)
    require_the_seal_by_the_annex(made, seen)
    for middle_x, middle_y, width, height in (seen.signature, seen.seal):
        assert 2.5 < middle_x - width / 2 < middle_x + width / 2 < 207.5
        assert 2.5 < middle_y - height / 2 < middle_y + height / 2 < 294.5
    officer, _ = rects(made)
    assert officer[2] - officer[0] == pytest.approx(BOX[0] * _MM, abs=0.01)


def with_field(
    pdf: bytes, name: str = "ChuKyLanhDao", *, rect: Sequence[float] = (340, 130, 482, 193), **entries: Any
) -> bytes:
    """A word processor's empty signature field, with a frame that says where to sign."""

    def add(opened: pikepdf.Pdf) -> None:
        page = opened.pages[0].obj
        frame = opened.make_stream(
            b"0 0 142 63 re S", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 142, 63], Resources=Dictionary()
        )
        widget = opened.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String(name), F=4, Rect=Array(rect), P=page,
                AP=Dictionary(N=frame), **entries,
            )
        )  # fmt: skip
        page.Annots = Array([widget])
        opened.Root.AcroForm = Dictionary(Fields=Array([widget]), SigFlags=3)

    return papers.rewritten(pdf, add)


def test_ac36_in_a_named_field_which_makes_room(software_key: MakeKey) -> None:
    """The field's middle; nobody can sign in it afterwards, and its frame is gone."""
    made = ready(with_field((FOREIGN / "libreoffice-letter.pdf").read_bytes()), InField(field="ChuKyLanhDao"))
    assert [one.name for one in preflight(made.pdf).fields] == [OFFICER_FIELD, SEAL_FIELD]
    seen = drawn(made, software_key)
    page_height = 842
    assert seen.signature[:2] == pytest.approx((411 / _MM, (page_height - 161.5) / _MM), abs=0.6)
    require_the_seal_by_the_annex(made, seen)


def test_a_field_of_our_own_name_gives_its_place_too() -> None:
    """A template may name its field as we do."""
    made = ready(
        with_field((FOREIGN / "libreoffice-letter.pdf").read_bytes(), OFFICER_FIELD), InField(field=OFFICER_FIELD)
    )
    assert [one.name for one in preflight(made.pdf).fields] == [OFFICER_FIELD, SEAL_FIELD]


def test_a_small_field_holds_a_smaller_signature_never_a_smaller_seal(software_key: MakeKey) -> None:
    """AC-36."""
    small = with_field((FOREIGN / "libreoffice-letter.pdf").read_bytes(), rect=(360, 140, 460, 190))
    made = ready(small, InField(field="ChuKyLanhDao"))
    officer, _ = rects(made)
    assert officer[2] - officer[0] == pytest.approx(100, abs=0.1)
    assert officer[3] - officer[1] == pytest.approx(44, abs=0.1)
    require_the_seal_by_the_annex(made, drawn(made, software_key))
    tiny = with_field((FOREIGN / "libreoffice-letter.pdf").read_bytes(), rect=(360, 140, 400, 190))
    error = refused(tiny, InField(field="ChuKyLanhDao"))
    assert error.reason is PlaceReason.FIELD_TOO_SMALL
    assert (error.found["width_mm"], error.found["least_width_mm"]) == (14.1, 30.0)


def test_a_named_field_of_a_paper_somebody_signed(software_key: MakeKey) -> None:
    """AC-115: what is signed stays the exact prefix; a field that is signed is nobody's place any more."""
    pdf = with_field((FOREIGN / "libreoffice-letter.pdf").read_bytes())
    signed = sign_elsewhere(pdf, software_key(), field="KyNhay", box=(100, 130, 200, 180))
    made = make_ready(
        signed,
        rewrite=False,
        signer_name="",
        officer_mark_mm=(45.0, 19.8),
        seal_diameter_mm=DIAMETER,
        fields=[(OFFICER_FIELD, ""), (SEAL_FIELD, "")],
        place=AtPoint(page=1, x_mm=150, y_mm=200),
    )
    assert made.pdf.startswith(signed)
    error = refused_as_it_is(signed, InField(field="KyNhay"))
    assert error.reason is PlaceReason.FIELD_SIGNED
    assert "KyNhay" in error.text_vi


def refused_as_it_is(pdf: bytes, place: WantedPlace) -> PlaceUnusable:
    with pytest.raises(PlaceUnusable) as caught:
        make_ready(
            pdf, rewrite=False, signer_name="", officer_mark_mm=BOX, seal_diameter_mm=DIAMETER,
            fields=[(OFFICER_FIELD, ""), (SEAL_FIELD, "")], place=place,
        )  # fmt: skip
    return caught.value


def test_fields_that_give_no_place(subtests: pytest.Subtests) -> None:
    """None of that name (and which there are), a text field, one that no page shows."""
    letter = (FOREIGN / "libreoffice-letter.pdf").read_bytes()
    with subtests.test("missing"):
        error = refused(with_field(letter), InField(field="ChuKy"))
        assert error.reason is PlaceReason.FIELD_MISSING
        assert error.found == {"field": "ChuKy", "empty": ["ChuKyLanhDao"]}
        assert "ChuKyLanhDao" in error.text_vi
    with subtests.test("none at all"):
        assert "không có" in refused(letter, InField(field="ChuKy")).text_vi.rpartition(":")[2]
    with subtests.test("a text field"):
        form = (FOREIGN / "reportlab-form.pdf").read_bytes()
        with pikepdf.open(io.BytesIO(form)) as opened:
            name = str(opened.Root.AcroForm.Fields[0].T)
        assert refused(form, InField(field=name)).reason is PlaceReason.FIELD_NOT_SIGNATURE


def stacked(*pages: Sequence[tuple[float, str]]) -> bytes:
    """Lines of text by their height, centred on the right half of A4 pages."""
    papers.paper()  # registers the font
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, invariant=True, initialFontName="Serif")
    for lines in pages:
        sheet.setFont("Serif", 13)
        for y, text in lines:
            sheet.drawCentredString(401, y, text)
        sheet.showPage()
    sheet.save()
    return out.getvalue()


BLOCK = ((300, POST), (150, SIGNER))


def test_ambiguity_is_an_error_with_what_was_found() -> None:
    """Two on two pages, two on one; naming the page settles the first."""
    twice = stacked(BLOCK, [(300, "Điều 1")], BLOCK)
    error = refused(twice, LINES)
    assert error.reason is PlaceReason.ANCHOR_AMBIGUOUS
    assert error.found == {"text": POST, "times": 2, "pages": [1, 3]}
    assert "2 lần" in error.text_vi
    assert "1, 3" in error.text_vi
    made = ready(twice, BetweenLines(above=POST, below=SIGNER, page=3))
    field = preflight(made.pdf).field(OFFICER_FIELD)
    assert field is not None
    assert field.placement is not None
    assert field.placement.page == 2
    on_one = refused(stacked([*BLOCK, (500, f"Ông {SIGNER} là")]), BetweenLines(above=POST, below=SIGNER, page=1))
    assert on_one.found == {"text": SIGNER, "times": 2, "pages": [1]}


def test_anchors_that_give_no_place(subtests: pytest.Subtests) -> None:
    """Not there, part of a longer word, on different pages, upside down, no such page, a scan without text."""
    with subtests.test("missing"):
        error = refused(stacked(BLOCK), BetweenLines(above="PHÓ CHỦ TỊCH", below=SIGNER))
        assert (error.reason, error.found) == (PlaceReason.ANCHOR_MISSING, {"text": "PHÓ CHỦ TỊCH"})
    with subtests.test("part of a word"):
        longer = stacked([(300, POST), (150, f"{SIGNER}ng")])
        assert refused(longer, LINES).found == {"text": SIGNER}
    with subtests.test("pages"):
        error = refused(stacked([(300, POST)], [(150, SIGNER)]), LINES)
        assert error.reason is PlaceReason.ANCHORS_APART
        assert (error.found["above_page"], error.found["below_page"]) == (1, 2)
    with subtests.test("upside down"):
        assert refused(stacked([(150, POST), (300, SIGNER)]), LINES).reason is PlaceReason.ANCHORS_APART
    with subtests.test("no page"):
        error = refused(stacked(BLOCK), BetweenLines(above=POST, below=SIGNER, page=4))
        assert (error.reason, error.found) == (PlaceReason.NO_PAGE, {"page": 4, "pages": 1})
    with subtests.test("scan"):
        assert refused((FOREIGN / "scan.pdf").read_bytes(), LINES).reason is PlaceReason.ANCHOR_MISSING


def test_letters_written_apart_are_found() -> None:
    """NFD in the file or in the request, and any white space, is the same text."""
    import unicodedata

    apart = unicodedata.normalize("NFD", SIGNER)
    for pdf, below in ((stacked(BLOCK), apart), (stacked([(300, POST), (150, apart)]), SIGNER)):
        assert ready(pdf, BetweenLines(above=f"  {POST.replace(' ', '  ')} ", below=below)).pages == 1


def test_nothing_printed_is_covered() -> None:
    """By the signature, by the seal; no room between two lines; and a point that is not on the page."""
    letter = (FOREIGN / "libreoffice-letter.pdf").read_bytes()
    error = refused(letter, AtPoint(page=1, x_mm=120, y_mm=60))
    assert error.reason is PlaceReason.SIGNATURE_COVERS_TEXT
    assert error.found == {"page": 1, "x_mm": 120.0, "y_mm": 60.0}
    beside = stacked([(300, POST), (215, "x" * 60), (150, SIGNER)])
    assert refused(beside, LINES).reason is PlaceReason.SIGNATURE_COVERS_TEXT
    papers.paper()
    left = io.BytesIO()
    sheet = canvas.Canvas(left, pagesize=A4, invariant=True, initialFontName="Serif")
    sheet.setFont("Serif", 13)
    for y, text in BLOCK:
        sheet.drawCentredString(401, y, text)
    sheet.drawRightString(310, 225, "Lưu: VT, VX.")
    sheet.showPage()
    sheet.save()
    error = refused(left.getvalue(), LINES)
    assert error.reason is PlaceReason.SEAL_COVERS_TEXT
    assert "Con dấu" in error.text_vi
    error = refused(letter, AtPoint(page=1, x_mm=211, y_mm=60))
    assert error.reason is PlaceReason.OFF_PAGE
    assert (error.found["width_mm"], error.found["height_mm"]) == (210.0, 297.0)


@pytest.mark.parametrize("place", [InField(field="a"), AtPoint(page=1, x_mm=1.5, y_mm=2), LINES])
def test_an_order_carries_each_kind(place: WantedPlace) -> None:
    """As JSON to the locked process and back."""
    assert from_order(json.loads(json.dumps(as_order(place)))) == place
