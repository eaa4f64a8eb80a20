"""The apology letter: what stands on it, whom it names, which form it is made on, the file around it (AC-96)."""

import io
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pikepdf
import pytest

from templates import (
    ATTACHMENT,
    Issue,
    PaperDataInvalid,
    RenderedPaper,
    catalogue,
    read_qr_text,
    render,
    render_apology,
)
from templates.apology import SAMPLE_DATA, apology_form
from tests.pdfa.verapdf import validate
from tests.templates.examples import NAME, issue, sample_data
from tests.templates.reading import read

COMPANY = "Công ty Trách nhiệm hữu hạn Một thành viên Thương mại, Dịch vụ và Xây dựng Ước Nguyện Mẫu Thượng Hạ"


def letter_issue(**changes: Any) -> Issue:
    """The sample office writing to the sample's applicant."""
    at = SAMPLE_DATA["appointed_at"]
    base = issue(number="03/PXL-UBND")
    return replace(base, page="t", verify_url=base.verify_url.replace("/v/", "/t/"), appointed_at=at, **changes)


def text_of(letter: RenderedPaper) -> str:
    """Every word on its pages, one space between."""
    return " ".join(" ".join(sheet.text for sheet in read(letter.pdf)).split())


def test_it_says_what_the_form_asks_for() -> None:
    """To whom, which dossier, both appointments, why; who signs."""
    letter = render_apology(SAMPLE_DATA, letter_issue())
    text = text_of(letter)
    for said in (
        "Số: 03/PXL-UBND",
        "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN TRẢ KẾT QUẢ",
        "Kính gửi: Ông (Bà) Đặng Quốc Mẫu",
        "mã số 000.00.16.H05-261119-0007, về thủ tục: Đăng ký thành lập hộ kinh doanh.",
        "17 giờ 00 phút, ngày 19 tháng 11 năm 2026, ghi trên giấy tiếp nhận",
        "Lý do: Cơ quan thuế chậm trả lời về mã số của hộ kinh doanh.",
        "xin lỗi ông (bà)",
        "17 giờ 00 phút, thứ Năm, ngày 26 tháng 11 năm 2026.",
        "tại bộ phận đã tiếp nhận hồ sơ",
        "PHÓ CHỦ TỊCH",
        "Trần Thị Mẫu",
        "tại hcc.example/t",
    ):
        assert said in text, said
    assert letter.pages == 1


def test_an_organisation_by_post_a_second_time() -> None:
    data = {**SAMPLE_DATA, "holder": COMPANY, "person": False, "return_way": "post", "again": True}
    text = text_of(render_apology(data | {"reason": "Phải lấy ý kiến của cơ quan thuế. " * 40}, letter_issue()))
    assert f"Kính gửi: {COMPANY}" in text
    assert "đã hẹn lại lần trước" in text
    assert "xin lỗi quý tổ chức vì" in text
    assert "Kết quả được trả qua dịch vụ bưu chính. Rất mong" in text, "whoever never chose did not ask for it"
    assert "ông (bà)" not in text.lower()


def test_one_of_whom_nobody_knows_what_they_are() -> None:
    """An applicant without a number may be a person or an organisation: addressed as neither."""
    text = text_of(render_apology({**SAMPLE_DATA, "person": None}, letter_issue()))
    assert "Kính gửi: Đặng Quốc Mẫu" in text
    assert "xin lỗi ông (bà), quý tổ chức vì" in text


def test_the_form_in_force_is_taken() -> None:
    """AC-96: both sets can be rendered, by the day of issue; before the first, the first."""
    early = render_apology(SAMPLE_DATA, letter_issue(issued_on=date(2025, 9, 14)))
    assert "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ" in text_of(early)
    assert (early.version, apology_form(date(2000, 1, 1)).version) == ("2018.1", "2018.1")
    assert apology_form(date(2025, 9, 15)).version == "2025.1"


def test_it_is_no_paper_of_the_catalogue() -> None:
    """Nobody can ask for one as a document, which would take a result's number."""
    assert "xin-loi" not in {paper.name for paper in catalogue()}


def test_the_file() -> None:
    """PDF/A-3b with its data, both fields empty; the same bytes for the same values."""
    letter = render_apology(SAMPLE_DATA, letter_issue())
    assert letter.pdf == render_apology(SAMPLE_DATA, letter_issue()).pdf
    report = validate(letter.pdf, "3b")
    assert report.compliant, str(report)
    with pikepdf.open(io.BytesIO(letter.pdf)) as document:
        data = json.loads(document.attachments[ATTACHMENT].get_file().read_bytes())
        assert all("/V" not in field for field in document.Root.AcroForm.Fields)
    assert (data["holder"], data["data"]["appointed_at"]) == ("Đặng Quốc Mẫu", "2026-11-26T17:00:00+07:00")


def test_its_symbol_leads_to_the_dossier_and_names_the_day() -> None:
    """AC-91, of a receipt: ngày hẹn trả. A result's still says how long it is good for."""
    said = read_qr_text(render_apology(SAMPLE_DATA, letter_issue()).qr_text)
    assert said["url"].startswith("https://hcc.example/t/")
    assert (said["appointed_at"], "validity" in said) == ("2026-11-26T17:00+07:00", False)
    result = read_qr_text(render(NAME, sample_data(), issue()).qr_text)
    assert ("validity" in result, "appointed_at" in result) == (True, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": " "},
        {"reason": "x" * 2001},
        {"appointed_at": SAMPLE_DATA["missed_at"]},
        {"return_way": "pigeon"},
        {"received_at": SAMPLE_DATA["received_at"].replace(tzinfo=None)},
        {"extra": 1},
    ],
)
def test_what_is_no_letter_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PaperDataInvalid):
        render_apology({**SAMPLE_DATA, **wrong}, letter_issue())


def test_a_letters_code_leads_to_the_dossiers_page_alone() -> None:
    with pytest.raises(PaperDataInvalid, match="/t/"):
        replace(letter_issue(), verify_url=issue().verify_url)
    with pytest.raises(PaperDataInvalid, match="/v/"):
        issue(verify_url=letter_issue().verify_url)
