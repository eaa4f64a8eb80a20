"""The marks as a reader sees them: upright, in their real size, in their place; looked at in rendered pages."""

import pypdfium2
import pytest
from PIL import Image, ImageChops

from signer import Level, Order, Placement, seal
from signer.append import Update
from signer.mark import prepared
from tests.pki.fixtures import MakeKey
from tests.signer import papers

SCALE = 2.0
_MM = 72 / 25.4


def rendered(pdf: bytes, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    try:
        return document[page].render(scale=SCALE, may_draw_forms=True).to_pil().convert("RGB")
    finally:
        document.close()


def red_box(image: Image.Image) -> tuple[float, float, float, float]:
    """Where red is, in points from the lower left of the page as seen."""
    strong = image.getchannel("R").point(lambda value: 255 if value > 150 else 0)
    others = ImageChops.lighter(image.getchannel("G"), image.getchannel("B")).point(lambda v: 255 if v < 120 else 0)
    box = ImageChops.darker(strong, others).getbbox()
    assert box is not None
    return (box[0] / SCALE, (image.height - box[3]) / SCALE, box[2] / SCALE, (image.height - box[1]) / SCALE)


def wedge_points_up(image: Image.Image, box: tuple[float, float, float, float]) -> bool:
    """The test mark's wedge stands in its upper half and widens downwards."""
    x0, y0, x1, y1 = (n * SCALE for n in box)
    left, right = int(x0 + (x1 - x0) * 0.3), int(x0 + (x1 - x0) * 0.7)
    inner = image.crop((left, int(image.height - y1), right, int(image.height - y0)))
    green = inner.getchannel("G")
    rows = [
        sum(1 for value in green.crop((0, y, green.width, y + 1)).tobytes() if value < 120) for y in range(green.height)
    ]
    wedge = rows[int(green.height * 0.12) : int(green.height * 0.30)]
    return wedge[0] < wedge[-1] and sum(rows[: green.height // 2]) > sum(rows[green.height // 2 :])


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_upright_and_in_real_size_on_turned_pages(degrees: int, software_key: MakeKey) -> None:
    """AC-36: 36 mm ± 0.5, upright as seen, whatever /Rotate says."""
    pdf = papers.turned(degrees)
    place = (300.0, 400.0, 300 + 36 * _MM, 400 + 36 * _MM)
    sealed = seal(
        pdf,
        Order(role="agency", name="U", level=Level.B_B, mark=papers.mark(), placement=Placement(page=0, rect=place)),
        software_key("organisation"),
    )
    image = rendered(sealed.pdf)
    box = red_box(image)
    assert (box[2] - box[0]) / _MM == pytest.approx(36, abs=1.3)
    assert (box[3] - box[1]) / _MM == pytest.approx(36, abs=1.3)
    assert wedge_points_up(image, box)


def test_real_size_in_a_larger_field(software_key: MakeKey) -> None:
    """A seal is centred in a larger field, never scaled up to it."""
    place = (200.0, 300.0, 400.0, 450.0)
    sealed = seal(
        papers.paper(lines=2),
        Order(role="agency", name="U", level=Level.B_B, mark=papers.mark(), placement=Placement(page=0, rect=place)),
        software_key("organisation"),
    )
    box = red_box(rendered(sealed.pdf))
    assert (box[2] - box[0]) / _MM == pytest.approx(36, abs=1.3)
    assert (box[0] + box[2]) / 2 == pytest.approx(300, abs=1.5)
    assert (box[1] + box[3]) / 2 == pytest.approx(375, abs=1.5)


def test_an_officers_image_is_made_smaller_in_proportion(software_key: MakeKey) -> None:
    """A handwritten signature larger than its field is drawn smaller, not squeezed."""
    place = (200.0, 300.0, 271.0, 400.0)
    order = Order(
        role="officer", name="A", level=Level.B_B, mark=papers.mark(50, 25), placement=Placement(page=0, rect=place)
    )  # fmt: skip
    box = red_box(rendered(seal(papers.paper(lines=2), order, software_key()).pdf))
    assert box[2] - box[0] == pytest.approx(71, abs=3)
    assert (box[2] - box[0]) / (box[3] - box[1]) == pytest.approx(2, rel=0.05)


def test_a_mark_is_taken_apart_once() -> None:
    """performance.md: the mark prepared once, whatever the paper."""
    assert prepared(papers.mark()) is prepared(papers.mark())
    first, second = prepared(papers.mark()).bodies(10), prepared(papers.mark()).bodies(500)
    assert len(first) == len(second) > 1
    assert b"11 0 R" in first[0]
    assert b"501 0 R" in second[0]
    assert Update.__doc__ is not None


def test_without_a_mark_nothing_is_drawn(software_key: MakeKey) -> None:
    """An invisible signature leaves the page as it looked."""
    pdf = papers.prepared_paper()
    signed = seal(pdf, Order(role="officer", name="A", level=Level.B_B), software_key())
    assert rendered(signed.pdf).tobytes() == rendered(pdf).tobytes()
