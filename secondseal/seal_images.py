"""Whether the pictures named in an office's file may stand for its seals (NĐ 99/2016, AC-100)."""

from collections.abc import Iterator
from pathlib import Path

from office import LARGEST_FILE, Office, check_seal_image
from secondseal.next_keys import Remark


def examine_seal_images(office: Office) -> tuple[Remark, ...]:
    """Every seal that names a picture; nothing is said of one that is good."""
    return tuple(remark for seal in office.seals if seal.image is not None for remark in _examine(seal.id, seal.image))


def _examine(seal: str, path: Path) -> Iterator[Remark]:
    try:
        with path.open("rb") as file:
            # one byte more than may be: enough to see that it is too large
            png = file.read(LARGEST_FILE + 1)
    except OSError as error:
        yield Remark(
            seal=seal,
            fault=True,
            text_vi=f"con dấu {seal}: không đọc được hình {path} ({error.strerror})",
            text_en=f"seal {seal}: the picture {path} cannot be read ({error.strerror})",
        )
        return
    for fault in check_seal_image(png).faults:
        yield Remark(
            seal=seal,
            fault=True,
            text_vi=f"con dấu {seal}: {path}: {fault.text_vi}",
            text_en=f"seal {seal}: {path}: {fault.text_en}",
        )
