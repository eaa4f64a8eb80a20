"""Whether a picture may stand for a seal: PNG, clear background, red, round, large enough (NĐ 99/2016; AC-100).

Asked when a seal is enrolled or its office's file is checked, and says everything wrong at once. The file may come
from anybody: its size is bounded before anything is decoded. Drawing asks again, where it draws.
"""

import io
import struct
from dataclasses import dataclass
from typing import Final, Literal

from PIL import Image, ImageChops

LARGEST_FILE: Final = 8 * 1024 * 1024
"""Bytes. A seal of 4000 pixels as PNG has about a tenth of it."""
_LARGEST_SIDE: Final = 4000
_SMALLEST_ACROSS: Final = 600  # 423 dpi at 36 mm: below, the distinguishing mark is no longer sharp in print (AC-102)
_ROUND: Final = 0.01
_OPAQUE: Final = 128
_INK_PART: Final = 0.9
_RED: Final = (242, 14)  # 340 to 20 degrees, in 256ths of the circle
_COLOURED: Final = 64
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

FaultCode = Literal["too_large", "not_png", "animated", "no_alpha", "empty", "not_round", "too_small", "not_red"]


@dataclass(frozen=True, kw_only=True)
class ImageFault:
    """One thing wrong with a picture. `found` is the number that was measured, where one was."""

    code: FaultCode
    text_vi: str
    text_en: str
    found: float | None = None


@dataclass(frozen=True, kw_only=True)
class SealImage:
    """What was found: the picture's size, the ink's width (pixels), its width/height, its red part (0 to 1); None
    where it could not be measured. It may be used where there are no `faults`."""

    faults: tuple[ImageFault, ...]
    size: tuple[int, int] | None = None
    across: int | None = None
    roundness: float | None = None
    red_part: float | None = None

    @property
    def good(self) -> bool:
        """Whether it may stand for a seal."""
        return not self.faults


def check_seal_image(png: bytes) -> SealImage:
    """Look at a picture. Raises nothing, whatever the bytes are."""
    # 1 bounded before a pixel is unpacked
    if len(png) > LARGEST_FILE:
        return _only(_too_large(f"{len(png)} byte", f"{len(png)} bytes", len(png)))
    size = _size(png)
    if size is None:
        return _only(_not_png())
    if not 0 < max(size) <= _LARGEST_SIDE or not min(size):
        return _only(_too_large(f"{max(size)} điểm ảnh", f"{max(size)} pixels", max(size)), size)
    # 2 whole: every chunk's checksum, then every pixel
    try:
        Image.open(io.BytesIO(png), formats=("PNG",)).verify()
        opened = Image.open(io.BytesIO(png), formats=("PNG",))
        animated = bool(getattr(opened, "is_animated", False))
        clear = opened.has_transparency_data
        picture = opened.convert("RGBA")
    except Exception:  # noqa: BLE001 - a reader of hostile files fails in many ways, and each is the file's fault
        return _only(_not_png(), size)
    # 3 what it shows
    return _measured(picture, animated=animated, clear=clear)


def _size(png: bytes) -> tuple[int, int] | None:
    """Width and height as the first chunk says (PNG, 11.2.2 IHDR)."""
    if len(png) < 33 or not png.startswith(_SIGNATURE) or png[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _measured(picture: Image.Image, *, animated: bool, clear: bool) -> SealImage:
    faults: list[ImageFault] = []
    opaque = picture.getchannel("A").point(lambda alpha: 255 if alpha >= _OPAQUE else 0)
    inked = opaque.histogram()[255]
    if animated:
        faults.append(_fault("animated", "Hình con dấu không được là hình động.", "A seal's picture must not move."))
    if not clear or inked == picture.width * picture.height:
        # An alpha channel that hides nothing is a white box on the paper.
        faults.append(_fault("no_alpha", "Hình phải có nền trong suốt.", "The picture's background must be clear."))
    box = opaque.getbbox()
    if box is None:
        faults.append(_fault("empty", "Hình không có nét nào.", "There is nothing in the picture."))
        return SealImage(faults=tuple(faults), size=picture.size)
    across, high = box[2] - box[0], box[3] - box[1]
    roundness = across / high
    if abs(roundness - 1) > _ROUND or _corners_inked(opaque.crop(box)):
        faults.append(_fault("not_round", "Hình con dấu phải tròn.", "A seal must be round.", round(roundness, 3)))
    if across < _SMALLEST_ACROSS:
        faults.append(
            _fault(
                "too_small",
                f"Hình con dấu chỉ có {across} điểm ảnh, cần ít nhất {_SMALLEST_ACROSS}.",
                f"The seal's picture is {across} pixels across; it takes {_SMALLEST_ACROSS}.",
                across,
            )
        )
    red = _red_part(picture, opaque, inked)
    if red < _INK_PART:
        faults.append(_fault("not_red", "Hình con dấu phải màu đỏ.", "A seal must be red.", round(red, 3)))
    return SealImage(faults=tuple(faults), size=picture.size, across=across, roundness=roundness, red_part=red)


def _red_part(picture: Image.Image, opaque: Image.Image, inked: int) -> float:
    """How much of the ink is red, and coloured enough to have a hue."""
    hue, saturation, _ = picture.convert("RGB").convert("HSV").split()
    red = hue.point(lambda value: 255 if value >= _RED[0] or value <= _RED[1] else 0)
    coloured = saturation.point(lambda value: 255 if value >= _COLOURED else 0)
    return ImageChops.multiply(ImageChops.multiply(red, coloured), opaque).histogram()[255] / inked


def _corners_inked(opaque: Image.Image) -> bool:
    """Whether anything lies outside the circle that fills the box: a square has the right box too."""
    right, bottom = opaque.size
    corner = int(min(opaque.size) * 0.14)  # a square of (1 - 1/sqrt 2)/2 fits between circle and corner
    xs, ys = (0, right - corner), (0, bottom - corner)
    return any(opaque.crop((x, y, x + corner, y + corner)).getbbox() is not None for x in xs for y in ys)


def _fault(code: FaultCode, text_vi: str, text_en: str, found: float | None = None) -> ImageFault:
    return ImageFault(code=code, text_vi=text_vi, text_en=text_en, found=found)


def _not_png() -> ImageFault:
    return _fault("not_png", "Không phải hình PNG đọc được.", "Not a readable PNG picture.")


def _too_large(size_vi: str, size_en: str, found: float) -> ImageFault:
    limits = f"{LARGEST_FILE // 2**20} MiB, {_LARGEST_SIDE}"
    return _fault(
        "too_large",
        f"Hình quá lớn hoặc rỗng ({size_vi}); nhiều nhất {limits} điểm ảnh mỗi chiều.",
        f"The picture is too large or has no size ({size_en}); at most {limits} pixels a side.",
        found,
    )


def _only(fault: ImageFault, size: tuple[int, int] | None = None) -> SealImage:
    return SealImage(faults=(fault,), size=size)
