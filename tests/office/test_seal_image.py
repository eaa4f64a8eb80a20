"""A picture may stand for a seal, or everything wrong with it is said at once."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw

from office import LARGEST_FILE, check_seal_image
from templates import MarkInvalid, sample_seal_png, seal_mark

RED, BLUE = (200, 24, 32, 255), (20, 40, 180, 255)


def ring(
    *,
    size: tuple[int, int] = (800, 800),
    ink: tuple[int, int, int, int] = RED,
    ground: tuple[int, int, int, int] = (0, 0, 0, 0),
    mode: str = "RGBA",
) -> bytes:
    """A plain ring that fills its picture."""
    picture = Image.new("RGBA", size, ground)
    ImageDraw.Draw(picture).ellipse((0, 0, size[0] - 1, size[1] - 1), outline=ink, width=40)
    return saved(picture.convert(mode))


def saved(picture: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", **options)
    return out.getvalue()


def square() -> bytes:
    picture = Image.new("RGBA", (800, 800))
    ImageDraw.Draw(picture).rectangle((0, 0, 799, 799), outline=RED, width=40)
    return saved(picture)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))


def codes(png: bytes) -> list[str]:
    found = check_seal_image(png)
    assert found.good == (not found.faults)
    assert all(fault.text_vi and fault.text_en for fault in found.faults)
    return [fault.code for fault in found.faults]


def test_the_demo_offices_seal_passes() -> None:
    """AC-100, AC-104: the invented seal that says MẪU is drawn as a real one must be."""
    found = check_seal_image(sample_seal_png("ỦY BAN NHÂN DÂN XÃ MẪU", "2"))
    assert found.good
    assert (found.across, found.roundness, found.red_part) == (840, 1.0, 1.0)


@pytest.mark.parametrize(
    ("png", "expected"),
    [
        (ring(), []),
        (ring(size=(804, 800)), []),
        (ring(size=(812, 800)), ["not_round"]),
        (square(), ["not_round"]),
        (ring(size=(600, 600)), []),
        (ring(size=(599, 599)), ["too_small"]),
        (ring(ink=BLUE), ["not_red"]),
        (ring(ink=(90, 80, 80, 255)), ["not_red"]),
        (ring(mode="RGB"), ["no_alpha", "not_round", "not_red"]),
        (ring(ground=(255, 255, 255, 255)), ["no_alpha", "not_round", "not_red"]),
        (saved(Image.new("RGBA", (800, 800))), ["empty"]),
        (ring(size=(300, 200), ink=BLUE), ["not_round", "too_small", "not_red"]),
    ],
)
def test_everything_wrong_is_said_at_once(png: bytes, expected: list[str]) -> None:
    """AC-100: alpha, red, round to one in a hundred, not empty; 600 pixels across."""
    assert codes(png) == expected


def test_what_draws_the_seal_agrees() -> None:
    """The two rooms that look at a seal's picture cannot import each other: they must not part either."""
    for png in (
        ring(),
        ring(size=(804, 800)),
        ring(size=(812, 800)),
        ring(size=(600, 600)),
        ring(size=(599, 599)),
        ring(ink=BLUE),
        ring(mode="RGB"),
        square(),
        saved(Image.new("RGBA", (800, 800))),
        b"no picture",
    ):
        drawn = True
        try:
            seal_mark(png, diameter_mm=36)
        except MarkInvalid:
            drawn = False
        assert check_seal_image(png).good == drawn


@pytest.mark.parametrize(
    ("png", "expected"),
    [
        (b"", "not_png"),
        (b"\x89PNG\r\n\x1a\n", "not_png"),
        (b"GIF89a" + bytes(100), "not_png"),
        (header(800, 800), "not_png"),
        (header(800, 800) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b""), "not_png"),
        (ring()[:-200], "not_png"),
        (header(100_000, 100_000) + chunk(b"IDAT", b"") + chunk(b"IEND", b""), "too_large"),
        (header(0, 5) + chunk(b"IEND", b""), "too_large"),
        (ring() + bytes(LARGEST_FILE), "too_large"),
    ],
)
def test_hostile_files_are_refused_before_they_cost_anything(png: bytes, expected: str) -> None:
    """AC-100: bounded by its header, whole by its checksums, PNG and nothing else."""
    assert codes(png) == [expected]


def test_a_flipped_bit_anywhere_is_never_an_error_of_ours() -> None:
    """Whatever the bytes are, the answer is a value."""
    good = bytearray(ring())
    for position in range(0, len(good), 97):
        good[position] ^= 0x10
        check_seal_image(bytes(good))
        good[position] ^= 0x10
    assert codes(bytes(good)) == []


def test_a_moving_picture_is_no_seal() -> None:
    frames = [Image.open(io.BytesIO(ring(ink=ink))) for ink in (RED, BLUE)]
    assert "animated" in codes(saved(frames[0], save_all=True, append_images=frames[1:]))


def test_other_forms_of_png_are_read() -> None:
    """A palette with a clear colour shows the same seal."""
    picture = Image.open(io.BytesIO(ring())).convert("RGBA")
    palette = picture.quantize(colors=8)
    assert codes(saved(palette)) == []
