"""The one-stop forms: both sets, what stands on them and where, what they are never taken for (AC-96, AC-97)."""

from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from templates import (
    Catalogue,
    FolderInvalid,
    Issue,
    MarkupInvalid,
    PaperDataInvalid,
    PaperUnknown,
    RenderedPaper,
    catalogue,
    paper_for,
    read_qr_text,
    render_form,
)
from templates.catalogue import built_in, form_for, read_papers
from templates.qr import VIETNAM
from templates.rendering import drawn
from templates.sheet import LEFT_CENTRE, RIGHT, RIGHT_CENTRE
from tests.pdfa.verapdf import validate
from tests.templates.examples import issue
from tests.templates.folders import BODY, MANIFEST, folder, paper
from tests.templates.hearing import read_out
from tests.templates.reading import MM, Sheet, read
from tests.templates.test_frame import centre

FORMS = built_in().forms
DUE = datetime(2026, 11, 24, 17, 0, tzinfo=VIETNAM)
ONE_STOP = MANIFEST.replace('procedures = ["9.000001"]', 'procedures = []\nuse = "one-stop"')


def form_issue(**changes: Any) -> Issue:
    """The sample office about the sample's dossier; a form takes no number."""
    base = issue(**changes)
    at = base.verify_url.replace("/v/", "/t/")
    return replace(base, number="", page="t", verify_url=at, appointed_at=DUE)


@cache
def made(name: str, on: date = date(2026, 11, 21)) -> RenderedPaper:
    return render_form(name, form_for(name, on=on).sample_data, form_issue(issued_on=on))


def page(name: str) -> Sheet:
    (sheet,) = read(made(name).pdf)
    return sheet


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.name}-{form.version}")
def test_every_form_is_for_the_archive_and_for_those_who_hear_it(form: Any) -> None:
    pdf = drawn(form, form.sample_data, form_issue()).pdf
    for flavour in ("3a", "ua1"):
        report = validate(pdf, flavour)
        assert report.compliant, str(report)
    assert form.source.official is False, "their field texts are not known to us"


@pytest.mark.parametrize("name", sorted({form.name for form in FORMS}))
def test_ac96_both_sets_by_the_day_of_issue(name: str) -> None:
    versions = [form.version for form in FORMS if form.name == name]
    if "2018.1" in versions:
        assert made(name, date(2025, 9, 14)).version == "2018.1"
        assert form_for(name, on=date(2000, 1, 1)).version == "2018.1"
    assert made(name, date(2025, 9, 15)).version == "2025.1"


def test_no_form_is_offered_or_taken_as_a_result() -> None:
    names = {form.name for form in FORMS}
    assert not names & {one.name for one in catalogue()}
    assert not names & {one.name for one in built_in().on(date(2026, 11, 21))}
    for name in names:
        with pytest.raises(PaperUnknown):
            paper_for(name, on=date(2026, 11, 21))
    with pytest.raises(PaperUnknown):
        render_form("dang-ky-ho-kinh-doanh", {}, form_issue())


def test_a_form_ends_no_procedure_and_keeps_its_use(tmp_path: Path) -> None:
    with pytest.raises(FolderInvalid) as caught:
        paper(tmp_path / "a", manifest=ONE_STOP.replace("procedures = []", 'procedures = ["1.000001"]'))
    assert [(fault.file, fault.line) for fault in caught.value.faults] == [("manifest.toml", 3)]
    folder(tmp_path / "b", version="2026.1")
    folder(tmp_path / "b", version="2026.2", manifest=ONE_STOP.replace("2026-01-01", "2026-09-01"))
    with pytest.raises(FolderInvalid, match=r"2026\.2"):
        Catalogue(read_papers(tmp_path / "b"))


def test_only_a_form_goes_without_a_number() -> None:
    with pytest.raises(PaperDataInvalid, match="number"):
        issue(number="")
    with pytest.raises(PaperDataInvalid, match="number"):
        replace(form_issue(), number="7")


def test_the_receipt_slip_says_what_was_handed_in_and_when_to_come() -> None:
    sheet = page("giay-tiep-nhan")
    text = " ".join(sheet.text.split())
    for said in (
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "Mã hồ sơ: 000.00.16.H05-261119-0007",
        "tiếp nhận hồ sơ của: Đặng Quốc Mẫu",
        "- Hợp đồng thuê địa điểm kinh doanh (bản sao).",
        "2. Số lượng hồ sơ: 1 (bộ).",
        "3. Thời gian giải quyết hồ sơ theo quy định: 3 ngày làm việc.",
        "4. Thời gian nhận hồ sơ: 08 giờ 05 phút, ngày 19 tháng 11 năm 2026.",
        "17 giờ 00 phút, ngày 24 tháng 11 năm 2026.",
        "6. Đăng ký nhận kết quả: tại Trung tâm",
    ):
        assert said in text, said
    assert "Số: " not in text
    qr = read_qr_text(made("giay-tiep-nhan").qr_text)
    assert (qr["appointed_at"], qr["paper"]) == ("2026-11-24T17:00+07:00", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
    assert qr["url"].startswith("https://hcc.example/t/")


def test_what_the_slip_does_not_know_it_does_not_leave_blank() -> None:
    data = dict(form_for("giay-tiep-nhan", on=date(2026, 11, 21)).sample_data)
    bare = {name: data[name] for name in data if name not in {"papers", "copies", "phone", "email", "book", "address"}}
    (sheet,) = read(render_form("giay-tiep-nhan", bare | {"return_way": "online"}, form_issue()).pdf)
    text = " ".join(sheet.text.split())
    assert "1. Thành phần hồ sơ: các giấy tờ, tài liệu đã nộp theo mã hồ sơ trên." in text
    assert "2. Thời gian giải quyết" in text
    assert "5. Đăng ký nhận kết quả: trực tuyến." in text
    assert "Số điện thoại" not in text


def test_the_forms_number_and_two_signatures_side_by_side() -> None:
    sheet = page("giay-tiep-nhan")
    number = sheet.find("Mẫu số 01")
    assert number.box[2] == pytest.approx(RIGHT, abs=1)
    assert number.box[1] > sheet.height - 20 * MM
    gives, takes = sheet.find("NGƯỜI NỘP HỒ SƠ"), sheet.find("NGƯỜI TIẾP NHẬN HỒ SƠ")
    assert gives.baseline == takes.baseline
    assert centre(gives.box) == pytest.approx(LEFT_CENTRE, abs=1)
    assert centre(takes.box) == pytest.approx(RIGHT_CENTRE, abs=1)
    assert (gives.size, gives.font) == (13.0, "Tinos-Bold")
    names = [one for one in sheet.stretches if one.text in {"Đặng Quốc Mẫu", "Nguyễn Văn Mẫu"} and one.size == 13]
    (left, right) = sorted(names, key=lambda one: one.box[0])
    assert left.baseline == right.baseline
    assert centre(right.box) == pytest.approx(RIGHT_CENTRE, abs=1)
    seal, officer = made("giay-tiep-nhan").seal, made("giay-tiep-nhan").officer
    assert takes.box[1] > seal.rect[3] > officer.rect[3] > officer.rect[1] > seal.rect[1] > right.box[3]
    assert gives.box[2] < seal.rect[0], "the seal leaves the citizen's signature alone"


def test_signatures_take_the_recipients_place(tmp_path: Path) -> None:
    both = BODY.replace("</paper>", '<signature post="Người nhận"></signature></paper>')
    with pytest.raises(MarkupInvalid, match="recipient"):
        drawn(paper(tmp_path / "a", body=both), {"name": "Mẫu"}, issue())
    three = BODY.replace("<recipient>Như trên</recipient>", '<signature post="Người nhận"></signature>' * 3)
    with pytest.raises(MarkupInvalid, match="two"):
        drawn(paper(tmp_path / "b", body=three), {"name": "Mẫu"}, issue())


def test_ac97_the_five_steps_are_rows_with_dong_dau_as_its_own() -> None:
    heard = [text for kind, text in read_out(made("phieu-kiem-soat").pdf) if kind == "TD"]
    rows = [heard[start : start + 7] for start in range(0, len(heard), 7)]
    assert [row[1] for row in rows] == ["Tiếp nhận", "Thẩm định", "Phê duyệt", "Đóng dấu", "Trả kết quả"]
    stamped = rows[3]
    assert stamped[:3] == ["4", "Đóng dấu", "Phạm Văn Mẫu (văn thư)"]
    assert stamped[3:6] == ["16:10 20/11/2026", "16:12 20/11/2026", "2 phút"]
    assert rows[1][5] == "1 ngày 2 giờ 25 phút"


def test_a_common_head_stands_over_its_columns() -> None:
    sheet = page("phieu-kiem-soat")
    group, first, second = (sheet.find(one) for one in ("Thời gian giao, nhận", "Nhận", "Giao"))
    assert first.baseline == second.baseline < group.baseline
    upright = sorted({round(rule[0], 1) for rule in sheet.rules if rule[2] - rule[0] < 2 and rule[3] - rule[1] > 10})
    left = max(x for x in upright if x < first.box[0])
    right = min(x for x in upright if x > second.box[2])
    assert centre(group.box) == pytest.approx((left + right) / 2, abs=1)
    between = [rule for rule in sheet.rules if first.baseline < rule[1] < group.baseline and rule[2] - rule[0] > 20]
    ((x0, _, x1, _),) = between
    assert (x0, x1) == (pytest.approx(left, abs=1), pytest.approx(right, abs=1))
    middle = [one for one in upright if left + 2 < one < right - 2]
    assert len(middle) == 1
    tops = [rule[3] for rule in sheet.rules if abs(rule[0] - middle[0]) < 1 and rule[2] - rule[0] < 2]
    assert max(tops) < group.baseline, "the rule between the two does not cut their common head"
    heads = [text for kind, text in read_out(made("phieu-kiem-soat").pdf) if kind == "TH"]
    assert heads == [
        *("TT", "Bước", "Người thực hiện", "Thời gian giao, nhận", "Thời lượng", "Ghi chú", "Nhận", "Giao"),
    ]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "dưới 1 phút"), (59, "59 phút"), (60, "1 giờ"), (1505, "1 ngày 1 giờ 5 phút"), (2880, "2 ngày")],
)
def test_spans_as_people_say_them(minutes: int, said: str, tmp_path: Path) -> None:
    body = BODY.replace("Xác nhận ông (bà) {{ data.name }}.", "{{ " + str(minutes) + " | span }}")
    text = read(drawn(paper(tmp_path, body=body), {"name": "Mẫu"}, issue()).pdf)[0].text
    assert said in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("phieu-bo-sung", ("2. Giấy đề nghị đăng ký: ghi rõ", "chậm nhất vào ngày 30 tháng 11 năm 2026.")),
        ("phieu-tu-choi", ("không tiếp nhận giải quyết hồ sơ này.", "Lý do: Nội dung yêu cầu không thuộc thẩm quyền")),
        ("thong-bao-dung", ("dừng giải quyết hồ sơ này từ ngày 21 tháng 11 năm 2026.", "PHÓ CHỦ TỊCH")),
    ],
)
def test_what_is_written_to_the_applicant(name: str, said: tuple[str, ...]) -> None:
    """To whom, about which dossier, what and why; one of whom nobody knows what they are is addressed as neither."""
    text = " ".join(page(name).text.split())
    for words in ("Kính gửi: Ông (Bà) Đặng Quốc Mẫu", "Hồi 08 giờ 05 phút, ngày 19 tháng 11 năm 2026", *said):
        assert words in text, words
    data = dict(form_for(name, on=date(2026, 11, 21)).sample_data)
    for person, addressed in ((False, "quý tổ chức"), (None, "ông (bà), quý tổ chức")):
        pdf = render_form(name, data | {"person": person}, form_issue()).pdf
        text = " ".join(read(pdf)[0].text.split())
        assert "Kính gửi: Đặng Quốc Mẫu" in text
        assert f"hồ sơ của {addressed} về" in text
