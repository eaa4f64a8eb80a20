"""The file around the page: PDF/A-3b, data attached, empty signature fields, the same bytes for the same values."""

import hashlib
import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from templates import ATTACHMENT, PaperDataInvalid, render
from templates.pen import Pen
from templates.typeface import BOLD, BOLD_ITALIC, ITALIC, REGULAR
from tests.pdfa.verapdf import validate
from tests.templates.examples import NAME, issue, long_data, long_issue, long_paper, sample_data, sample_paper
from tests.templates.hearing import read_out
from verifier import OFFICER_FIELD, SEAL_FIELD


@pytest.fixture(scope="module")
def pdf() -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(sample_paper().pdf))


def attached(pdf: bytes) -> dict[str, Any]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return dict(json.loads(document.attachments[ATTACHMENT].get_file().read_bytes()))


@pytest.mark.parametrize("flavour", ["3b", "3a", "ua1"])
def test_for_the_archive_and_for_those_who_hear_it(flavour: str) -> None:
    for paper in (sample_paper(), long_paper()):
        report = validate(paper.pdf, flavour)
        assert report.compliant, str(report)


def test_read_out_in_the_order_of_the_paper() -> None:
    """The title is the one heading of its level; a table's head, repeated on every page, is heard once; what stands
    at the foot of page 1 is heard last, before the fields."""
    heard = list(read_out(long_paper().pdf))
    kinds = [kind for kind, _ in heard]
    assert [text for kind, text in heard if kind == "H1"] == ["GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH"]
    assert kinds.count("TH") == 7
    assert kinds.count("TD") == 7 * 12
    texts = [text for _, text in heard]
    order = [
        "CỘNG HÒA",
        "Số: 01/",
        "GIẤY CHỨNG NHẬN",
        "1. Tên hộ",
        "6. Danh sách",
        "TL. CHỦ TỊCH",
        "Nơi nhận:",
        "Mã tra cứu",
    ]
    places = [next(index for index, text in enumerate(texts) if text.startswith(part)) for part in order]
    assert places == sorted(places)
    assert kinds[-3:] == ["Figure", "Form", "Form"]
    names = " ".join(text for kind, text in heard if kind == "P")
    assert "NGUYỄN THƯỢNG HIỀN ƯỚC NGUYỆN NGUYỄN THƯỢNG HIỀN" in names  # over several lines, in one paragraph


def test_qpdf_finds_nothing(tmp_path: Path) -> None:
    for index, paper in enumerate((sample_paper(), long_paper())):
        file = tmp_path / f"{index}.pdf"
        file.write_bytes(paper.pdf)
        checked = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert "WARNING" not in checked.stdout + checked.stderr


def test_laid_out_for_what_is_appended() -> None:
    """One classic cross-reference table, no object streams, nothing encrypted, PDF 1.7."""
    raw = sample_paper().pdf
    assert raw.startswith(b"%PDF-1.7")
    assert raw.count(b"\nxref\n") == raw.count(b"startxref") == raw.count(b"%%EOF") == 1
    assert b"/ObjStm" not in raw
    assert b"/XRef" not in raw
    assert b"/Encrypt" not in raw


def test_nothing_active_nothing_hidden(pdf: pikepdf.Pdf) -> None:
    for name in ("/OpenAction", "/AA", "/OCProperties", "/Outlines"):
        assert name not in pdf.Root
    assert list(pdf.Root.Names.keys()) == ["/EmbeddedFiles"]
    for forbidden in (b"/JavaScript", b"/JS", b"/XFA", b"/Launch", b"/URI"):
        assert forbidden not in sample_paper().pdf


def test_two_empty_prepared_signature_fields(pdf: pikepdf.Pdf) -> None:
    form = pdf.Root.AcroForm
    assert form.is_indirect
    assert "/NeedAppearances" not in form
    assert int(form.SigFlags) == 1
    assert [str(field.T) for field in form.Fields] == [OFFICER_FIELD, SEAL_FIELD]
    page = pdf.pages[0].obj
    assert [annotation.objgen for annotation in page.Annots] == [field.objgen for field in form.Fields]
    for field, place in zip(form.Fields, (sample_paper().officer, sample_paper().seal), strict=True):
        assert (str(field.FT), str(field.Subtype), int(field.F)) == ("/Sig", "/Widget", 132)
        assert "/V" not in field
        assert "/Kids" not in field
        assert str(field.TU).startswith("Chữ ký số")
        assert field.P.objgen == page.objgen
        assert [float(edge) for edge in field.Rect] == pytest.approx(place.rect, abs=0.01)
        assert field.AP.N.read_bytes() == b""
        assert [float(edge) for edge in field.AP.N.BBox[2:]] == pytest.approx(
            [place.rect[2] - place.rect[0], place.rect[3] - place.rect[1]], abs=0.02
        )


def test_fields_stand_on_the_last_page_of_a_long_paper() -> None:
    with pikepdf.open(io.BytesIO(long_paper().pdf)) as pdf:
        assert len(pdf.pages) == long_paper().pages >= 2
        assert long_paper().seal.page == long_paper().pages - 1
        for number, page in enumerate(pdf.pages, start=1):
            assert ("/Annots" in page.obj) == (number == len(pdf.pages))


def test_pyhanko_sees_two_fields_to_fill() -> None:
    reader = PdfFileReader(io.BytesIO(sample_paper().pdf), strict=True)
    found = [(name, value) for name, value, _ in enumerate_sig_fields(reader)]
    assert found == [(OFFICER_FIELD, None), (SEAL_FIELD, None)]


def test_data_round_trip() -> None:
    """Every value comes back; another paper made from the attached data has the same attached data."""
    record = attached(long_paper().pdf)
    assert record["paper"] == {
        "name": NAME,
        "title": "Giấy chứng nhận đăng ký hộ kinh doanh",
        "version": long_paper().version,
    }
    assert record["organisation"] == "Trung tâm phục vụ hành chính công xã Mẫu"
    assert record["number"] == "01/GCN-UBND"
    assert record["code"] == "7K3M9QXV2TBN8RWC4HZD6FYJ5PS"
    assert record["dossier"] == "000.00.16.H05-261119-0007"
    data = record["data"]
    assert data["capital_vnd"] == long_data()["capital_vnd"]
    assert data["household_name"] == long_data()["household_name"]
    assert [member["name"] for member in data["members"]] == [member["name"] for member in long_data()["members"]]
    assert data["representative"]["birth_date"] == "1995-11-03"
    assert render(NAME, data, long_issue()).pdf == long_paper().pdf


def test_data_is_canonical_and_associated(pdf: pikepdf.Pdf) -> None:
    (specification,) = pdf.Root.AF
    assert str(specification.AFRelationship) == "/Data"
    assert str(specification.UF) == ATTACHMENT
    raw = specification.EF.F.read_bytes()
    assert str(specification.EF.F.Subtype) == "/application/json"
    assert int(specification.EF.F.Params.Size) == len(raw)
    record = json.loads(raw)
    assert raw == json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_metadata(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        assert xmp.pdfa_status == "3A"
        assert xmp["dc:title"] == "Giấy chứng nhận đăng ký hộ kinh doanh số 01/GCN-UBND" == str(pdf.docinfo["/Title"])
        assert xmp["xmp:CreateDate"] == "2026-11-21T02:15:30Z"
    assert str(pdf.docinfo["/CreationDate"]) == "D:20261121021530Z"
    assert str(pdf.Root.Lang) == "vi-VN"
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)


def test_metadata_of_awkward_names_is_well_formed() -> None:
    paper = render(NAME, sample_data() | {"household_name": "A & B <C> “D” ]]>"}, issue())
    with pikepdf.open(io.BytesIO(paper.pdf)) as document, document.open_metadata() as xmp:
        assert xmp["dc:description"] == "A & B <C> “D” ]]>"


def test_same_values_same_bytes() -> None:
    assert render(NAME, sample_data(), issue()).pdf == sample_paper().pdf
    later = issue(exported_at=datetime(2026, 11, 21, 2, 15, 31, tzinfo=UTC))
    assert render(NAME, sample_data(), later).pdf != sample_paper().pdf


def test_same_values_same_bytes_in_another_process() -> None:
    """Another hash seed, another order of sets, another time of day."""
    program = (
        "import hashlib; from templates import render, sample_data, sample_issue;"
        f"print(hashlib.sha256(render({NAME!r}, sample_data({NAME!r}), sample_issue({NAME!r})).pdf).hexdigest())"
    )
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7"},
    )
    assert answer.stdout.strip() == hashlib.sha256(sample_paper().pdf).hexdigest()


def test_threads_do_not_disturb_each_other() -> None:
    """A web process renders in a thread pool: the typeface is shared, the letters of one paper are not another's."""
    papers = [(sample_data(), issue()), (long_data(), long_issue())] * 6
    with ThreadPoolExecutor(4) as pool:
        rendered = list(pool.map(lambda paper: render(NAME, *paper).pdf, papers))
    assert rendered == [sample_paper().pdf, long_paper().pdf] * 6


def test_letters_are_cut_out_of_the_fonts_by_one_thread_at_a_time() -> None:
    """reportlab reads a font through one position: threads at it together take each other's outlines."""
    letters = "ắằẳẵặấầẩẫậếềểễệốồổỗộớờởỡợứừửữựỳỵỷỹđ"

    def drawn() -> Pen:
        pen = Pen()
        for row, face in enumerate((REGULAR, BOLD, ITALIC, BOLD_ITALIC)):
            pen.text(50, 700 - 40 * row, letters + letters.upper(), face, 14)
        return pen

    alone = drawn().finish()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(Pen.finish, [drawn() for _ in range(24)]))
    finally:
        sys.setswitchinterval(before)
    assert together == [alone] * 24


def test_a_refused_paper_leaves_the_next_one_whole() -> None:
    with pytest.raises(PaperDataInvalid):
        render(NAME, {}, issue())
    assert render(NAME, sample_data(), issue()).pdf == sample_paper().pdf
