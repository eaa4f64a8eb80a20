"""Separate attachments made by other programs: where the text mark goes, and the one empty field for it."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from signer import Level, Mark, Order, Unsealable, UnsealableReason, make_appendix_ready, preflight, prepare, seal
from templates import appendix_box, appendix_mark
from tests.pki.fixtures import MakeKey
from tests.signer import papers
from verifier.fields import SEAL_FIELD

FOREIGN = Path(__file__).parents[1] / "corpus" / "foreign"
SHAPES = (
    "libreoffice-letter",
    "libreoffice-landscape",
    "rotated-90",
    "cropbox",
    "offset-origin",
    "scan",
    "hybrid-xref",
)
BOX = appendix_box("GCN-UBND")
_MM = 72 / 25.4
AT = datetime(2026, 11, 22, 2, 15, 30, tzinfo=UTC)


def ready(pdf: bytes) -> bytes:
    return make_appendix_ready(pdf, rewrite=True, mark_pt=BOX, field=(SEAL_FIELD, "Chữ ký số của cơ quan")).pdf


def seen(pdf: bytes, scale: float) -> tuple[float, float, bytes, tuple[int, int]]:
    """The first page as people see it: size in points, and its grey pixels."""
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        page = document[0]
        picture = page.render(scale=scale, grayscale=True).to_pil()
        return *page.get_size(), picture.tobytes(), picture.size


@pytest.mark.parametrize("name", SHAPES)
def test_ac39_the_mark_stands_at_the_top_right_of_the_first_page(name: str, software_key: MakeKey) -> None:
    """Over nothing that is printed, upright however the page is turned; the rest of the page is as it was."""
    prepared = ready((FOREIGN / f"{name}.pdf").read_bytes())
    field = preflight(prepared).field(SEAL_FIELD)
    assert field is not None
    assert field.placement is not None
    assert field.placement.page == 0
    wide, high = max(field.placement.width, field.placement.height), min(field.placement.width, field.placement.height)
    drawn = appendix_mark("12/GCN-UBND", AT, width_pt=wide, height_pt=high)
    key = software_key("organisation")
    order = Order(
        role="agency",
        name="ỦY BAN",
        level=Level.B_B,
        field=SEAL_FIELD,
        mark=Mark(pdf=drawn.pdf, width_pt=drawn.width_pt, height_pt=drawn.height_pt),
        signed_at=datetime.now(UTC),
    )
    marked = prepare(prepared, order, key.certificate, (), key.scheme).pdf_with_hole
    width, height, before, size = seen(prepared, 2)
    _, _, after, _ = seen(marked, 2)
    changed = [
        (index % size[0], index // size[0])
        for index, (one, other) in enumerate(zip(before, after, strict=True))
        if abs(one - other) > 60
    ]
    assert changed, "the mark is seen"
    left, right = min(x for x, _ in changed) / 2, max(x for x, _ in changed) / 2
    top, bottom = min(y for _, y in changed) / 2, max(y for _, y in changed) / 2
    assert width - 21 * _MM < right < width - 3 * _MM
    assert left > width / 3
    assert 0 < top < bottom < 25 * _MM < height
    assert bottom - top < 14, "one line, upright"


def test_a_first_page_without_room_is_refused() -> None:
    """A page that is full up to its edge, and one that is too narrow for the mark in its size."""
    for pagesize, full in ((A4, True), ((200, 842), False)):
        out = io.BytesIO()
        sheet = canvas.Canvas(out, pagesize=pagesize, invariant=True)
        if full:
            sheet.rect(0, 0, *A4, fill=1)
        sheet.showPage()
        sheet.save()
        with pytest.raises(Unsealable) as caught:
            ready(out.getvalue())
        assert caught.value.reason is (UnsealableReason.COVERS_TEXT if full else UnsealableReason.NO_ROOM)


def test_what_someone_signed_is_only_appended_to(software_key: MakeKey) -> None:
    person = software_key("person")
    signed = seal(papers.paper(), Order(role="officer", name="Người ký", level=Level.B_B), person).pdf
    made = make_appendix_ready(signed, rewrite=False, mark_pt=BOX, field=(SEAL_FIELD, "")).pdf
    assert made.startswith(signed)
