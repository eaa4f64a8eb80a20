"""The two marks as the signer takes them: a picture, checked against the decree, on a page of exactly its real size."""

import io
from dataclasses import dataclass, field
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageChops, UnidentifiedImageError

from templates.errors import MarkInvalid
from templates.sheet import MM

Picture = Image.Image

_LARGEST_SIDE: Final = 4000
_SMALLEST_SEAL: Final = 600  # 423 dpi at 36 mm: below, the distinguishing mark is no longer sharp in print
_OPAQUE: Final = 128
_INK_PART: Final = 0.9
_ROUND: Final = 0.01

# Hue in 256ths of the circle, as Pillow counts: blue 190-270 degrees, red 340-20. Greys have no hue worth asking.
_BLUE: Final = (135, 192)
_RED: Final = (242, 14)
_COLOURED: Final = 64


@dataclass(frozen=True, kw_only=True)
class DrawnMark:
    """A one-page PDF that shows the mark and nothing else, `width_pt` by `height_pt` points (1/72 inch)."""

    pdf: bytes = field(repr=False)
    width_pt: float
    height_pt: float


def officer_mark(png: bytes, width_mm: float, height_mm: float) -> DrawnMark:
    """The picture of a handwritten signature, blue on nothing, as large as fits the box and in its middle.

    Raises MarkInvalid (NĐ 30/2020, PL I, 7.d).
    """
    picture = _opened(png)
    picture = picture.crop(_ink_box(picture))
    _require_ink(picture, _BLUE, MarkInvalid("not_blue", "Hình chữ ký phải màu xanh.", "A signature must be blue."))
    box = (width_mm * MM, height_mm * MM)
    scale = min(box[0] / picture.width, box[1] / picture.height)
    return _drawn(picture, box, (picture.width * scale, picture.height * scale))


def seal_mark(png: bytes, diameter_mm: float) -> DrawnMark:
    """The picture of a round seal, red on nothing, at its real diameter in mm.

    Raises MarkInvalid (NĐ 30/2020, PL I, 8.a; NĐ 99/2016: round, red).
    """
    picture = _opened(png)
    picture = picture.crop(_ink_box(picture))
    ratio = picture.width / picture.height
    if abs(ratio - 1) > _ROUND or _corners_inked(picture):
        raise MarkInvalid("not_round", "Hình con dấu phải tròn.", "A seal must be round.", found=ratio)
    if picture.width < _SMALLEST_SEAL:
        raise MarkInvalid(
            "too_small",
            f"Hình con dấu chỉ có {picture.width} điểm ảnh, cần ít nhất {_SMALLEST_SEAL}.",
            f"The seal's picture is {picture.width} pixels across; it takes {_SMALLEST_SEAL}.",
            found=picture.width,
        )
    _require_ink(picture, _RED, MarkInvalid("not_red", "Hình con dấu phải màu đỏ.", "A seal must be red."))
    side = diameter_mm * MM
    return _drawn(picture, (side, side), (side, side))


def _opened(png: bytes) -> Picture:
    try:
        picture = Image.open(io.BytesIO(png), formats=("PNG",))
        # The header's size is looked at before a single pixel is unpacked.
        if max(picture.size) > _LARGEST_SIDE:
            raise MarkInvalid(
                "too_large",
                f"Hình lớn quá {_LARGEST_SIDE} điểm ảnh.",
                f"The picture is larger than {_LARGEST_SIDE} pixels.",
                found=max(picture.size),
            )
        if not picture.has_transparency_data:
            raise MarkInvalid("no_alpha", "Hình phải có nền trong suốt.", "The picture's background must be clear.")
        return picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MarkInvalid("not_png", "Không phải hình PNG đọc được.", "Not a readable PNG picture.") from error


def _opaque(picture: Picture) -> Picture:
    """White where there is ink, black elsewhere."""
    return picture.getchannel("A").point(lambda alpha: 255 if alpha >= _OPAQUE else 0)


def _ink_box(picture: Picture) -> tuple[int, int, int, int]:
    opaque = _opaque(picture)
    box = opaque.getbbox()
    if box is None:
        raise MarkInvalid("empty", "Hình không có nét nào.", "There is nothing in the picture.")
    if _count(opaque) == picture.width * picture.height:
        # An alpha channel that hides nothing is a white box on the paper.
        raise MarkInvalid("no_alpha", "Hình phải có nền trong suốt.", "The picture's background must be clear.")
    return box


def _count(mask: Picture) -> int:
    return mask.histogram()[255]


def _require_ink(picture: Picture, hues: tuple[int, int], complaint: MarkInvalid) -> None:
    """At least nine in ten opaque pixels within the hues (AC-35, AC-36, AC-100)."""
    opaque = _opaque(picture)
    hue, saturation, _ = picture.convert("RGB").convert("HSV").split()
    low, high = hues
    inside = hue.point(
        lambda value: 255 if (low <= value <= high if low <= high else value >= low or value <= high) else 0
    )
    coloured = saturation.point(lambda value: 255 if value >= _COLOURED else 0)
    inked = ImageChops.multiply(ImageChops.multiply(inside, coloured), opaque)
    part = _count(inked) / _count(opaque)
    if part < _INK_PART:
        complaint.found = round(part, 3)
        raise complaint


def _corners_inked(picture: Picture) -> bool:
    """Whether anything lies outside the circle that fills the box: a square has the right box too."""
    opaque = _opaque(picture)
    corner = int(min(picture.size) * 0.14)  # a square of (1 - 1/sqrt 2)/2 fits between circle and corner
    right, bottom = picture.size
    boxes = (
        (0, 0, corner, corner),
        (right - corner, 0, right, corner),
        (0, bottom - corner, corner, bottom),
        (right - corner, bottom - corner, right, bottom),
    )
    return any(opaque.crop(box).getbbox() is not None for box in boxes)


def _drawn(picture: Picture, box: tuple[float, float], size: tuple[float, float]) -> DrawnMark:
    with pikepdf.new() as pdf:
        image = _image(pdf, picture)
        x, y = (box[0] - size[0]) / 2, (box[1] - size[1]) / 2
        stroke = f"q {size[0]:.4f} 0 0 {size[1]:.4f} {x:.4f} {y:.4f} cm /Mark Do Q".encode()
        page = pikepdf.Page(
            Dictionary(
                Type=Name.Page,
                MediaBox=Array([0, 0, round(box[0], 4), round(box[1], 4)]),
                Resources=Dictionary(XObject=Dictionary(Mark=image)),
                Contents=pdf.make_stream(stroke),
            )
        )
        pdf.pages.append(page)
        out = io.BytesIO()
        pdf.save(out, min_version="1.7", object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return DrawnMark(pdf=out.getvalue(), width_pt=box[0], height_pt=box[1])


def _image(pdf: Pdf, picture: Picture) -> pikepdf.Object:
    def plane(pixels: Picture, space: Name) -> pikepdf.Stream:
        # No /Interpolate: PDF/A forbids it (ISO 19005-3, 6.2.8).
        return pdf.make_stream(
            pixels.tobytes(),
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=pixels.width,
            Height=pixels.height,
            ColorSpace=space,
            BitsPerComponent=8,
        )

    colour = plane(picture.convert("RGB"), Name.DeviceRGB)
    colour.SMask = plane(picture.getchannel("A"), Name.DeviceGray)
    return colour
