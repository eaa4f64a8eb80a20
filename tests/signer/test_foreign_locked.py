"""Papers of other programs that are made to hurt: opened in a locked process, refused, and nobody else notices."""

import io
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Name

from signer import FieldUnusable, ReadyPaper, Unsealable, UnsealableReason, make_ready, preflight
from verifier.fields import OFFICER_FIELD, SEAL_FIELD

FOREIGN = Path(__file__).parents[1] / "corpus" / "foreign"
FIELDS = [(OFFICER_FIELD, "Chữ ký số của người có thẩm quyền"), (SEAL_FIELD, "Chữ ký số của cơ quan (con dấu)")]


def ready(pdf: bytes) -> ReadyPaper:
    return make_ready(
        pdf,
        rewrite=False,
        signer_name="Nguyễn Văn Mẫu",
        officer_mark_mm=(50.0, 22.0),
        seal_diameter_mm=36.0,
        fields=FIELDS,
    )


def paper(*, box: tuple[int, int] = (595, 842), unpacked: int = 0, field: str = "") -> bytes:
    """One empty page of `box` points, with a content stream that unpacks to `unpacked` bytes."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj.MediaBox = Array([0, 0, *box])
        if unpacked:
            packer = zlib.compressobj(1)
            blank = b" " * (1 << 24)
            packed = b"".join(packer.compress(blank) for _ in range(unpacked >> 24)) + packer.flush()
            stream = pikepdf.Stream(pdf, b"")
            stream.write(packed, filter=Name.FlateDecode)
            page.obj.Contents = pdf.make_indirect(stream)
        if field:
            taken = pdf.make_indirect(pikepdf.Dictionary(FT=Name.Sig, T=field, Kids=Array()))
            pdf.Root.AcroForm = pikepdf.Dictionary(Fields=Array([taken]))
        pdf.save(out)
    return out.getvalue()


def children() -> set[int]:
    """Processes this one has started and that are still there; other tests' services may be among them."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            found |= {int(child) for child in (task / "children").read_text().split()}
    return found


def peak_kib() -> int:
    """The most memory this process had resident at once."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1])


def test_a_paper_is_made_ready_outside_this_process() -> None:
    """AC-9: both fields stand in the answer, each once; no child is left."""
    before = children()
    made = ready(sorted(FOREIGN.glob("*.pdf"))[0].read_bytes())
    inspection = preflight(made.pdf)
    assert [field.name for field in inspection.fields if field.kind == "Sig"][-2:] == [OFFICER_FIELD, SEAL_FIELD]
    assert made.pages == inspection.pages
    assert children() <= before


@pytest.mark.parametrize(
    "made",
    [
        pytest.param({"box": (200_000, 200_000)}, id="a page as large as a field"),
        pytest.param({"unpacked": 3 << 29}, id="a page that unpacks to more than memory holds"),
    ],
)
def test_what_takes_too_much_is_refused_and_costs_this_process_nothing(made: dict[str, Any]) -> None:
    """Measured before: 1 MB took the web process 2 GB of memory, another 0.5 MB pdfium's lock for ever."""
    hostile = paper(**made)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew: an earlier test's would hide this one's
    before, began = peak_kib(), time.monotonic()
    with pytest.raises(Unsealable) as caught:
        ready(hostile)
    assert caught.value.reason is UnsealableReason.TOO_LARGE
    assert time.monotonic() - began < 30
    assert peak_kib() - before < 64 * 1024


def test_a_field_of_our_name_that_is_there_already_is_said(subtests: pytest.Subtests) -> None:
    """A stranger's field under our name never becomes the officer's or the seal's place."""
    for name in (OFFICER_FIELD, SEAL_FIELD):
        with subtests.test(name), pytest.raises(FieldUnusable, match="exists already") as caught:
            ready(paper(field=name))
        assert caught.value.field == name
        assert "đã có trong tệp" in caught.value.text_vi
