"""The marks put on papers: drawn by `templates` from the office's images, handed to `signer` with the order."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from office import Officer, Seal
from signer import Mark, Placement, preflight
from stamping.desk import Desk
from stamping.refusal import Refusal
from store import FileDamaged, FileMissing, Files
from templates import DrawnMark, MarkInvalid, appendix_mark, officer_mark, seal_mark
from verifier import SEAL_FIELD

MM_PER_PT = 25.4 / 72


def officer_mark_for(desk: Desk, officer: Officer, placement: Placement) -> Mark:
    """The officer's handwritten signature, blue, filling the prepared field (Decree 30, annex I, II.7.d)."""
    x0, y0, x1, y1 = placement.rect
    path = _image_path(desk, officer.signature_image, officer.name)
    try:
        # a signature's box is wider than high as people see it, whichever way the page is turned
        high, wide = sorted(((x1 - x0) * MM_PER_PT, (y1 - y0) * MM_PER_PT))
        drawn = _officer(desk.files, path, path.stat().st_mtime_ns, wide, high)
    except (MarkInvalid, FileMissing, FileDamaged) as error:
        raise _unusable(officer.name, error) from error
    return Mark(pdf=drawn.pdf, width_pt=drawn.width_pt, height_pt=drawn.height_pt)


def seal_mark_for(desk: Desk, seal: Seal) -> Mark:
    """The office's round seal, red, at its real size (Decree 30, annex I, II.8.a)."""
    path = _image_path(desk, seal.image, seal.id)
    try:
        drawn = _seal(desk.files, path, path.stat().st_mtime_ns, seal.diameter_mm)
    except (MarkInvalid, FileMissing, FileDamaged) as error:
        raise _unusable(seal.id, error) from error
    return Mark(pdf=drawn.pdf, width_pt=drawn.width_pt, height_pt=drawn.height_pt)


def appendix_mark_for(pdf: bytes, number: str, at: datetime) -> Mark:
    """The text on a separate attachment, filling its prepared field (Decree 30, annex I, II.8.b).

    Raises `Refusal` unsealable, `SignerError`.
    """
    field = preflight(pdf).field(SEAL_FIELD)
    if field is None or field.placement is None:
        raise Refusal(
            "unsealable",
            "Văn bản kèm theo không có ô dành cho chữ ký số của cơ quan.",
            "The attachment has no field prepared for the organisation's signature.",
        )
    # one line of text, whichever way the page is turned
    high, wide = sorted((field.placement.width, field.placement.height))
    try:
        drawn = appendix_mark(number, at, width_pt=wide, height_pt=high)
    except MarkInvalid as error:
        raise Refusal("unsealable", error.text_vi, error.text_en, reason=error.reason) from error
    return Mark(pdf=drawn.pdf, width_pt=drawn.width_pt, height_pt=drawn.height_pt)


@lru_cache(maxsize=64)
def _officer(files: Files, path: Path, _changed_ns: int, width_mm: float, height_mm: float) -> DrawnMark:
    return officer_mark(files.read(path), width_mm=width_mm, height_mm=height_mm)


@lru_cache(maxsize=16)
def _seal(files: Files, path: Path, _changed_ns: int, diameter_mm: float) -> DrawnMark:
    return seal_mark(files.read(path), diameter_mm=diameter_mm)


def _image_path(desk: Desk, relative: str | Path | None, owner: str) -> Path:
    path = desk.home / relative if relative else None
    if path is None or not path.is_file():
        raise Refusal(
            "unsealable",
            f"Chưa có hình chữ ký hoặc hình con dấu của {owner} trong cấu hình của cơ quan.",
            f"The office has no signature or seal image for {owner}.",
            owner=owner,
        )
    return path


def _unusable(owner: str, error: MarkInvalid | FileMissing | FileDamaged) -> Refusal:
    return Refusal(
        "unsealable",
        f"Hình chữ ký hoặc hình con dấu của {owner} không dùng được: {error}",
        f"The signature or seal image of {owner} cannot be used: {error}",
        owner=owner,
    )
