"""Papers made by other programs: where the marks go, and the empty fields put there before anyone signs."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from secondseal.demo.pki import Pki
from signer import (
    FieldUnusable,
    Level,
    Order,
    Placement,
    Unsealable,
    UnsealableReason,
    add_fields,
    choose_placement,
    preflight,
    seal,
)
from tests.pki.fixtures import MakeKey
from tests.signer import oracle, papers
from tests.signer.certifier import sign_elsewhere
from verifier.fields import OFFICER_FIELD, SEAL_FIELD

_MM = 72 / 25.4
SIZES = {"officer_mark_mm": (50.0, 25.0), "seal_diameter_mm": 36.0}


def scan(*, full: bool = False) -> bytes:
    """An image-only page, grey paper with printed lines; `full`: lines down to the bottom."""
    picture = Image.new("L", (1240, 1754), 235)
    pen = ImageDraw.Draw(picture)
    for line in range(44 if full else 24):
        pen.rectangle((180, 150 + 36 * line, 1100, 166 + 36 * line), fill=30)
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, invariant=True)
    sheet.drawImage(ImageReader(picture), 0, 0, *A4)
    sheet.showPage()
    sheet.save()
    return out.getvalue()


def words_under(pdf: bytes, place: Placement) -> str:
    """The text inside a rectangle."""
    document = pypdfium2.PdfDocument(pdf)
    text = document[place.page].get_textpage()
    try:
        return text.get_text_bounded(*place.rect).strip()
    finally:
        text.close()
        document.close()


def test_between_post_and_name() -> None:
    """AC-35, AC-36: centred between post and name; the seal in real size over a third of the signature on the left."""
    pdf = papers.paper()
    officer, agency = choose_placement(pdf, signer_name=papers.SIGNER, **SIZES)  # type: ignore[arg-type]
    assert officer.page == agency.page == 0
    assert (officer.rect[0] + officer.rect[2]) / 2 == pytest.approx(401, abs=15)
    assert 90 < officer.rect[1] < officer.rect[3] < 230
    assert agency.width == pytest.approx(36 * _MM)
    assert agency.height == pytest.approx(36 * _MM)
    covered = (agency.rect[2] - officer.rect[0]) / officer.width
    assert covered == pytest.approx(1 / 3, abs=0.01)
    assert (agency.rect[1] + agency.rect[3]) == pytest.approx(officer.rect[1] + officer.rect[3])
    assert words_under(pdf, officer) == ""
    assert words_under(pdf, agency) == ""


def test_the_last_page_that_names_the_signer() -> None:
    """An annex after the signature page does not move the signature."""
    out = io.BytesIO()
    with (
        pikepdf.open(io.BytesIO(papers.paper(pages=2))) as signed,
        pikepdf.open(io.BytesIO(papers.paper(name=""))) as annex,
    ):
        signed.pages.extend(annex.pages)
        signed.save(out)
    officer, _ = choose_placement(out.getvalue(), signer_name=papers.SIGNER, **SIZES)  # type: ignore[arg-type]
    assert officer.page == 1


def test_a_narrow_gap_moves_or_shrinks_the_signature_never_the_seal() -> None:
    """The seal keeps its diameter; nothing printed is covered."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, invariant=True)
    papers.paper()  # registers the font
    sheet.setFont("Serif", 13)
    for line in range(25):
        sheet.drawString(85, 780 - 18 * line, "Nội dung của văn bản do chương trình khác tạo ra")
    sheet.drawCentredString(401, 240, "KT. CHỦ TỊCH")
    sheet.drawCentredString(401, 190, papers.SIGNER)
    sheet.showPage()
    sheet.save()
    officer, agency = choose_placement(out.getvalue(), signer_name=papers.SIGNER, **SIZES)  # type: ignore[arg-type]
    assert agency.width == pytest.approx(36 * _MM)
    assert words_under(out.getvalue(), officer) == ""


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_on_turned_pages(degrees: int) -> None:
    """Places are found as the page is seen and written in its own space."""
    turned = papers.rewritten(scan(), lambda pdf: pdf.pages[0].rotate(degrees, relative=False))
    officer, agency = choose_placement(turned, signer_name="Không Có Tên", **SIZES)  # type: ignore[arg-type]
    assert officer.width * officer.height == pytest.approx(50 * 25 * _MM**2, rel=0.01)
    assert (officer.width > officer.height) == (degrees in {0, 180})
    assert agency.width == pytest.approx(agency.height)


def test_a_scan_by_the_annex_drawing() -> None:
    """Decree 30, annex I drawing: box 7c centred at 161 mm, 227.5 mm; the scan's lines are not covered."""
    officer, agency = choose_placement(scan(), signer_name=papers.SIGNER, **SIZES)  # type: ignore[arg-type]
    assert (officer.rect[0] + officer.rect[2]) / 2 / _MM == pytest.approx(161, abs=0.5)
    assert (officer.rect[1] + officer.rect[3]) / 2 / _MM == pytest.approx(297 - 227.5, abs=0.5)
    assert agency.rect[0] < officer.rect[0]


def test_no_free_room_is_said() -> None:
    """AC: marks that would cover other text are refused."""
    with pytest.raises(Unsealable) as caught:
        choose_placement(scan(full=True), signer_name="X", **SIZES)  # type: ignore[arg-type]
    assert caught.value.reason == UnsealableReason.COVERS_TEXT
    assert caught.value.detail == "page 1"
    small = papers.rewritten(
        papers.paper(), lambda pdf: pdf.pages[0].obj.__setattr__("MediaBox", Array([0, 0, 100, 400]))
    )
    with pytest.raises(Unsealable) as caught:
        choose_placement(small, signer_name="X", **SIZES)  # type: ignore[arg-type]
    assert caught.value.reason == UnsealableReason.NO_ROOM


FOREIGN = {**papers.kinds(), "hybrid": papers.hybrid(), "scan": scan(), "turned": papers.turned(90)}


@pytest.mark.parametrize("kind", FOREIGN)
def test_fields_then_both_signatures(kind: str, pki: Pki, software_key: MakeKey, tmp_path: Path) -> None:
    """Issue: papers made by other programs are sealed; both signatures valid elsewhere."""
    officer, agency = choose_placement(FOREIGN[kind], signer_name=papers.SIGNER, **SIZES)  # type: ignore[arg-type]
    ready = add_fields(FOREIGN[kind], [(OFFICER_FIELD, officer, "Chữ ký"), (SEAL_FIELD, agency, "Con dấu")])
    assert ready.startswith(b"%PDF-1.7") or kind == "PDF 2.0"
    seen = preflight(ready)
    assert [f.name for f in seen.fields if f.kind == "Sig"] == [OFFICER_FIELD, SEAL_FIELD]
    approved = seal(ready, Order(role="officer", name="A", level=Level.B_B, mark=papers.mark(50, 25)), software_key())
    sealed = seal(
        approved.pdf, Order(role="agency", name="U", level=Level.B_B, mark=papers.mark()), software_key("organisation")
    )
    oracle.qpdf_check(sealed.pdf, tmp_path)
    statuses = oracle.pyhanko(sealed.pdf, (pki.root,))
    assert set(statuses) == {OFFICER_FIELD, SEAL_FIELD}
    assert all(s.bottom_line for s in statuses.values())


def test_what_no_page_shows_is_left_behind() -> None:
    """Hidden objects and earlier revisions of an unsigned paper do not come along: hide-and-replace needs them."""
    hidden = papers.rewritten(papers.paper(), lambda pdf: pdf.make_indirect(Dictionary(An=String("AN-GIAU"))))
    updated = papers.kinds()["updated before"]
    place = Placement(page=0, rect=papers.SEAL_RECT)
    assert b"AN-GIAU" not in add_fields(hidden, [(SEAL_FIELD, place, "")])
    assert updated.count(b"%%EOF") == 2
    assert add_fields(updated, [(SEAL_FIELD, place, "")]).count(b"%%EOF") == 2  # qpdf's one, and our fields


def test_a_signed_paper_is_only_appended_to(pki: Pki, software_key: MakeKey) -> None:
    """AC-115: what someone signed stays the exact prefix, and stays valid."""
    box = (40, 120, 180, 190)
    signed = sign_elsewhere(papers.paper(), software_key(), field="ChuKyNgoai", box=box)
    ready = add_fields(signed, [(SEAL_FIELD, Placement(page=0, rect=papers.SEAL_RECT), "Con dấu")])
    assert ready.startswith(signed)
    sealed = seal(
        ready, Order(role="agency", name="U", level=Level.B_B, mark=papers.mark()), software_key("organisation")
    )
    statuses = oracle.pyhanko(sealed.pdf, (pki.root,))
    assert set(statuses) == {"ChuKyNgoai", SEAL_FIELD}
    assert all(s.bottom_line for s in statuses.values())


def _editable(pdf: pikepdf.Pdf) -> None:
    look = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 100, 20])
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("họ tên"), V=String("A"), F=4,
        Rect=[90, 300, 190, 320], AP=Dictionary(N=look),
    )  # fmt: skip
    made = pdf.make_indirect(field)
    pdf.pages[0].obj.Annots = Array([made])
    pdf.Root.AcroForm = Dictionary(Fields=Array([made]))


def test_a_filled_form_is_locked_on_the_way_in() -> None:
    """A form that could still be edited is refused for sealing, and locked when it gets our fields."""
    form = papers.rewritten(papers.paper(), _editable)
    with pytest.raises(Unsealable, match="họ tên"):
        preflight(form)
    assert preflight(form, stage="intake").fields[0].changeable
    ready = add_fields(form, [(SEAL_FIELD, Placement(page=0, rect=papers.SEAL_RECT), "Con dấu")])
    assert not any(f.changeable for f in preflight(ready).fields)


def test_fields_that_cannot_be_added(software_key: MakeKey) -> None:
    """A name that exists, a page that does not, a signed form that is still editable."""
    place = Placement(page=0, rect=papers.SEAL_RECT)
    with pytest.raises(FieldUnusable, match="exists already"):
        add_fields(papers.prepared_paper(), [(SEAL_FIELD, place, "")])
    with pytest.raises(FieldUnusable, match="no such page"):
        add_fields(papers.paper(), [(SEAL_FIELD, Placement(page=3, rect=papers.SEAL_RECT), "")])


def _big(megabytes: int) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        for index in range(megabytes):
            pdf.attachments[f"a{index}"] = bytes([index]) * 1_000_000

    return change


def test_fifty_megabytes(pki: Pki, software_key: MakeKey) -> None:
    """Big inputs work: 50 MB of streams, one append."""
    pdf = papers.rewritten(papers.prepared_paper(), _big(50), compress_streams=False)
    assert len(pdf) > 50_000_000
    sealed = seal(
        pdf, Order(role="agency", name="U", level=Level.B_B, mark=papers.mark()), software_key("organisation")
    )
    assert len(sealed.pdf) - len(pdf) < 60_000
    (status,) = oracle.pyhanko(sealed.pdf, (pki.root,)).values()
    assert status.bottom_line
