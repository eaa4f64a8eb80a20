"""The corpus is what its README says: sound files of other programs, each with the one special thing it stands for."""

import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from tests.corpus import letter
from tests.corpus.make_table import table

CORPUS = Path(__file__).parent
FOREIGN = sorted((CORPUS / "foreign").glob("*.pdf"))
WITHOUT_TEXT = {"scan.pdf", "ghostscript-printed.pdf"}


def _pages(path: Path) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(path.read_bytes()))


def test_readme_tells_the_files_as_they_are() -> None:
    assert (CORPUS / "foreign" / "README.md").read_text(encoding="utf-8") == table()


@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.name)
def test_foreign_file_is_sound_and_small(path: Path) -> None:
    checked = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert path.stat().st_size < (150_000 if path.name == "scan.pdf" else 60_000)


@pytest.mark.parametrize("path", [p for p in FOREIGN if p.name not in WITHOUT_TEXT], ids=lambda path: path.name)
def test_foreign_file_shows_the_signature_block_with_room_to_sign(path: Path) -> None:
    """The post and the name stand one above the other, at least 45 mm apart, for a reader that is not ours."""
    said = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True, check=True).stdout
    words = [
        (float(top), float(bottom), word)
        for top, bottom, word in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]+)</word>', said)
    ]
    post = max(bottom for _, bottom, word in words if word == letter.POST.split()[0])
    name = max(top for top, _, word in words if word == letter.SIGNER.split()[0])
    assert name - post >= 45 * 72 / 25.4


def _page_objects_say_nothing(raw: bytes) -> bool:
    """In the bytes: qpdf copies inherited entries into the pages when it opens the file."""
    pages = re.findall(rb"<<[^\n]*/Type /Page >>", raw)
    return len(pages) == 3 and not any(b"/MediaBox" in page or b"/Resources" in page for page in pages)


SPECIAL: dict[str, Callable[[bytes, pikepdf.Pdf], bool]] = {
    "hybrid-xref.pdf": lambda raw, pdf: b"/XRefStm" in raw and pdf.Root.StructTreeRoot.Type == "/StructTreeRoot",
    "qpdf-classic-xref.pdf": lambda raw, _: b"/Type /XRef" not in raw and b"\nxref\n" in raw,
    "qpdf-object-streams.pdf": lambda raw, _: b"/ObjStm" in raw and b"\nxref\n" not in raw,
    "qpdf-linearized.pdf": lambda raw, _: b"/Linearized 1" in raw[:1024],
    "qpdf-linearized-object-streams.pdf": lambda raw, _: b"/Linearized 1" in raw[:1024] and b"/ObjStm" in raw,
    "rotated-90.pdf": lambda _, pdf: pdf.pages[0].obj.Rotate == 90,
    "cropbox.pdf": lambda _, pdf: list(pdf.pages[0].obj.CropBox) != list(pdf.pages[0].obj.MediaBox),
    "offset-origin.pdf": lambda _, pdf: [int(n) for n in pdf.pages[0].obj.MediaBox][:2] == [100, 50],
    "inherited-page-tree.pdf": lambda raw, _: _page_objects_say_nothing(raw),
    "libreoffice-landscape.pdf": lambda _, pdf: pdf.pages[0].mediabox[2] > pdf.pages[0].mediabox[3],
    "reportlab-form.pdf": lambda _, pdf: pdf.Root.AcroForm.Fields[0].FT == "/Tx",
    "libreoffice-form-drawn.pdf": lambda _, pdf: "/NeedAppearances" not in pdf.Root.AcroForm,
    "scan.pdf": lambda _, pdf: list(pdf.pages[0].resources) == ["/ProcSet", "/XObject"],
}


@pytest.mark.parametrize("name", SPECIAL)
def test_foreign_file_has_its_special_thing(name: str) -> None:
    path = CORPUS / "foreign" / name
    with _pages(path) as pdf:
        assert SPECIAL[name](path.read_bytes(), pdf)


def test_hybrid_reads_the_same_without_its_cross_reference_stream() -> None:
    """Legal hybrid: a reader that does not know /XRefStm sees the same page (ISO 32000-1, 7.5.8.4)."""
    raw = (CORPUS / "foreign" / "hybrid-xref.pdf").read_bytes()
    old = re.sub(rb"/XRefStm (\d+)", lambda found: b" " * len(found.group()), raw)
    with pikepdf.open(io.BytesIO(raw)) as new_reader, pikepdf.open(io.BytesIO(old)) as old_reader:
        assert "/StructTreeRoot" not in old_reader.Root or old_reader.Root.StructTreeRoot is None
        assert new_reader.pages[0].Contents.read_bytes() == old_reader.pages[0].Contents.read_bytes()


def test_every_unsealable_file_has_its_reason() -> None:
    folder = CORPUS / "unsealable"
    expected = json.loads((folder / "expected.json").read_text())
    assert sorted(expected) == sorted(path.name for path in folder.glob("*.pdf"))
