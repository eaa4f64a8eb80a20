"""The marks: a picture of the right colour and shape, on a page of exactly its real size."""

import io
from collections.abc import Callable

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw

from templates import MarkInvalid, officer_mark, sample_seal_png, sample_signature_png, seal_mark
from tests.templates.reading import MM

OFFICE = "ỦY BAN NHÂN DÂN XÃ MẪU"


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def disc(colour: tuple[int, int, int], size: tuple[int, int] = (700, 700)) -> Image.Image:
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=(*colour, 255))
    return picture


def reason(make: Callable[[], object]) -> str:
    with pytest.raises(MarkInvalid) as caught:
        make()
    assert caught.value.text_vi
    assert caught.value.text_en
    return caught.value.reason


def shown(pdf: bytes, scale: float = 6.0) -> Image.Image:
    with pdfium.PdfDocument(pdf) as document:
        assert len(document) == 1
        return document[0].render(scale=scale).to_pil().convert("RGB")


def inked(picture: Image.Image) -> tuple[int, int, int, int]:
    box = picture.convert("L").point(lambda value: 255 if value < 200 else 0).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("diameter", [30.0, 36.0, 42.0])
def test_ac36_seal_has_its_real_size(diameter: float) -> None:
    mark = seal_mark(sample_seal_png(OFFICE, "2"), diameter)
    assert (mark.width_pt, mark.height_pt) == (pytest.approx(diameter * MM), pytest.approx(diameter * MM))
    picture = shown(mark.pdf)
    left, top, right, bottom = inked(picture)
    for length in (right - left, bottom - top):
        assert length / 6 / MM == pytest.approx(diameter, abs=0.5)
    with pikepdf.open(io.BytesIO(mark.pdf)) as pdf:
        assert [float(edge) for edge in pdf.pages[0].MediaBox] == pytest.approx(
            [0, 0, diameter * MM, diameter * MM], abs=1e-3
        )


def test_officer_mark_fills_its_box_and_keeps_its_shape() -> None:
    mark = officer_mark(sample_signature_png("Trần Thị Mẫu"), 50, 22)
    assert (mark.width_pt, mark.height_pt) == (pytest.approx(50 * MM), pytest.approx(22 * MM))
    picture = shown(mark.pdf)
    left, top, right, bottom = inked(picture)
    assert left + right == pytest.approx(picture.width, abs=6)
    assert top + bottom == pytest.approx(picture.height, abs=6)
    assert right - left > 0.97 * picture.width or bottom - top > 0.97 * picture.height


def test_ac35_ac100_alpha_kept_and_nothing_pdfa_forbids() -> None:
    for mark in (seal_mark(sample_seal_png(OFFICE, "2"), 36), officer_mark(sample_signature_png("A B"), 50, 22)):
        with pikepdf.open(io.BytesIO(mark.pdf)) as pdf:
            (image,) = pdf.pages[0].get_images().values()
            assert image.ColorSpace == "/DeviceRGB"
            assert image.SMask.ColorSpace == "/DeviceGray"
            for plane in (image, image.SMask):
                assert "/Interpolate" not in plane
                assert "/Alternates" not in plane
            assert "/Annots" not in pdf.pages[0]
            assert "/Rotate" not in pdf.pages[0]


def test_ac35_signature_must_be_blue() -> None:
    officer_mark(png(disc((20, 60, 170))), 50, 22)
    officer_mark(png(disc((0, 0, 90))), 50, 22)
    for colour in ((200, 20, 30), (0, 0, 0), (90, 90, 95), (20, 160, 60)):
        assert reason(lambda colour=colour: officer_mark(png(disc(colour)), 50, 22)) == "not_blue"


def test_ac100_seal_must_be_red_and_round() -> None:
    assert reason(lambda: seal_mark(png(disc((20, 60, 170))), 36)) == "not_red"
    assert reason(lambda: seal_mark(png(disc((0, 0, 0))), 36)) == "not_red"
    assert reason(lambda: seal_mark(png(disc((200, 20, 30), (720, 700))), 36)) == "not_round"
    seal_mark(png(disc((200, 20, 30), (705, 700))), 36)
    square = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    ImageDraw.Draw(square).rectangle((50, 50, 749, 749), fill=(200, 20, 30, 255))
    assert reason(lambda: seal_mark(png(square), 36)) == "not_round"
    assert reason(lambda: seal_mark(png(disc((200, 20, 30), (500, 500))), 36)) == "too_small"


def test_ac35_background_must_be_clear() -> None:
    flat = Image.new("RGB", (700, 700), "white")
    flat.paste(disc((200, 20, 30)), (0, 0), disc((200, 20, 30)))
    assert reason(lambda: seal_mark(png(flat), 36)) == "no_alpha"
    assert reason(lambda: seal_mark(png(flat.convert("RGBA")), 36)) == "no_alpha"
    assert reason(lambda: officer_mark(png(Image.new("RGBA", (700, 300), (0, 0, 0, 0))), 50, 22)) == "empty"


def test_hostile_pictures_are_refused() -> None:
    good = sample_signature_png("Trần Thị Mẫu")
    assert reason(lambda: officer_mark(b"", 50, 22)) == "not_png"
    assert reason(lambda: officer_mark(good[: len(good) // 2], 50, 22)) == "not_png"
    assert reason(lambda: officer_mark(b"\x89PNG\r\n\x1a\n" + b"\0" * 50, 50, 22)) == "not_png"
    out = io.BytesIO()
    disc((20, 60, 170)).convert("RGB").save(out, "JPEG")
    assert reason(lambda: officer_mark(out.getvalue(), 50, 22)) == "not_png"
    assert reason(lambda: seal_mark(png(Image.new("LA", (5000, 10))), 36)) == "too_large"


def test_same_picture_same_bytes() -> None:
    assert seal_mark(sample_seal_png(OFFICE, "2"), 36).pdf == seal_mark(sample_seal_png(OFFICE, "2"), 36).pdf


def test_ac100_ac104_sample_seal_is_red_round_clear_and_sharp() -> None:
    with Image.open(io.BytesIO(sample_seal_png(OFFICE, "2"))) as picture:
        assert picture.mode == "RGBA"
        left, top, right, bottom = picture.getchannel("A").getbbox() or (0, 0, 0, 0)
        assert (right - left) / (bottom - top) == pytest.approx(1, abs=0.01)
        assert right - left >= 600
        assert picture.getpixel((5, 5)) == (200, 24, 32, 0)


def test_sample_signatures_differ_by_name() -> None:
    names = ("Nguyễn Văn Mẫu", "Trần Thị Mẫu", "Lê Thị Mẫu")
    assert len({sample_signature_png(name) for name in names}) == 3
