"""The Decree 30 frame as a reader measures it on the page: sizes, places, rules (NĐ 30/2020, PL I, part I)."""

import io
import re
import unicodedata
from datetime import date
from itertools import pairwise

import pikepdf
import pytest

from templates import Place, render
from templates.frame import date_in_words
from tests.templates.examples import NAME, issue, long_issue, long_paper, members, sample_data, sample_paper
from tests.templates.reading import MM, Box, Sheet, Stretch, read


@pytest.fixture(scope="module")
def first() -> Sheet:
    return read(sample_paper().pdf)[0]


@pytest.fixture(scope="module")
def long() -> list[Sheet]:
    return read(long_paper().pdf)


def centre(box: Box) -> float:
    return (box[0] + box[2]) / 2


def length(box: Box) -> float:
    return box[2] - box[0]


def test_ac20_a4_upright(long: list[Sheet]) -> None:
    for sheet in long:
        assert sheet.width == pytest.approx(595.28, abs=0.5)
        assert sheet.height == pytest.approx(841.89, abs=0.5)


def test_ac21_text_inside_the_margins(first: Sheet, long: list[Sheet]) -> None:
    for number, sheet in enumerate([first, *long]):
        for stretch in sheet.stretches:
            if re.fullmatch(r"\d{1,3}", stretch.text) and stretch.size == 13:
                continue  # the page number stands in the top margin
            left, bottom, right, top = stretch.box
            # an italic letter leans a third of a millimetre out of its place
            assert left >= 30 * MM - (1 if "Italic" in stretch.font else 0.5), (number, stretch)
            assert right <= sheet.width - 15 * MM + 0.5, (number, stretch)
            assert bottom >= 20 * MM - 0.5, (number, stretch)
            assert top <= sheet.height - 20 * MM + 0.5, (number, stretch)


def test_ac22_fonts_embedded_text_readable_and_nfc() -> None:
    with pikepdf.open(io.BytesIO(long_paper().pdf)) as pdf:
        fonts = [obj for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/Font"]
        assert fonts
        for font in fonts:
            assert "/FontFile2" in font.FontDescriptor
            assert "+Tinos" in str(font.BaseFont)
            assert "/ToUnicode" in font
    for sheet in read(long_paper().pdf):
        assert unicodedata.is_normalized("NFC", sheet.text)
        assert "\ufffd" not in sheet.text


def test_ac23_page_numbers_from_the_second_page(long: list[Sheet]) -> None:
    assert len(long) >= 2
    for number, sheet in enumerate(long, start=1):
        above = [stretch for stretch in sheet.stretches if stretch.baseline > sheet.height - 20 * MM]
        if number == 1:
            assert above == []
            continue
        (shown,) = above
        assert (shown.text, shown.font, shown.size) == (str(number), "Tinos-Regular", 13)
        assert centre(shown.box) == pytest.approx((30 * MM + sheet.width - 15 * MM) / 2, abs=1)


def test_ac24_country(first: Sheet) -> None:
    country = first.find("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    assert (country.font, country.size) == ("Tinos-Bold", 12)
    assert country.box[0] > first.width / 2
    assert country.baseline == max(stretch.baseline for stretch in first.stretches)


def test_ac25_motto_with_a_rule_as_long_as_the_text(first: Sheet) -> None:
    motto = first.find("Độc lập - Tự do - Hạnh phúc")
    assert (motto.font, motto.size) == ("Tinos-Bold", 13)
    assert centre(motto.box) == pytest.approx(centre(first.find("CỘNG HÒA").box), abs=1)
    rule = first.rule_below(motto)
    assert length(rule) == pytest.approx(length(motto.box), abs=1 * MM)
    assert centre(rule) == pytest.approx(centre(motto.box), abs=1)
    assert rule[3] < motto.box[1]


def test_ac26_issuing_body_with_a_short_rule(first: Sheet) -> None:
    parent, body = first.find("ỦY BAN NHÂN DÂN TỈNH BẮC NINH"), first.find("ỦY BAN NHÂN DÂN XÃ MẪU")
    assert (parent.font, parent.size) == ("Tinos-Regular", 12)
    assert (body.font, body.size) == ("Tinos-Bold", 12)
    assert centre(parent.box) == pytest.approx(centre(body.box), abs=1)
    rules = [rule for rule in first.rules if rule[2] < first.width / 2 and 0 < body.baseline - rule[3] < 12]
    (rule,) = rules
    assert 1 / 3 <= length(rule) / length(body.box) <= 1 / 2
    assert centre(rule) == pytest.approx(centre(body.box), abs=1)


def test_ac27_number(first: Sheet) -> None:
    number = first.find("Số: ")
    assert (number.text, number.font, number.size) == ("Số: 01/GCN-UBND", "Tinos-Regular", 13)
    assert centre(number.box) == pytest.approx(centre(first.find("ỦY BAN NHÂN DÂN XÃ MẪU").box), abs=1)


def test_ac28_place_and_date_level_with_the_number(first: Sheet) -> None:
    dated = first.find("Bắc Ninh, ngày")
    assert dated.text == "Bắc Ninh, ngày 21 tháng 11 năm 2026"
    assert dated.font == "Tinos-Italic"
    assert dated.size in (13, 14)
    assert dated.baseline == pytest.approx(first.find("Số: ").baseline, abs=0.1)
    assert centre(dated.box) == pytest.approx(centre(first.find("CỘNG HÒA").box), abs=1)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 1, 5), "ngày 05 tháng 01 năm 2026"),
        (date(2026, 2, 28), "ngày 28 tháng 02 năm 2026"),
        (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
        (date(2026, 12, 31), "ngày 31 tháng 12 năm 2026"),
    ],
)
def test_ac28_days_and_months_with_their_zero(day: date, words: str) -> None:
    assert date_in_words(day) == words


def test_ac29_title(first: Sheet) -> None:
    title, about = first.find("GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH"), first.find("Đăng ký lần đầu")
    for line in (title, about):
        assert (line.font, line.size) == ("Tinos-Bold", 14)
    assert centre(title.box) == pytest.approx(centre(about.box), abs=1)
    assert 1 / 3 <= length(first.rule_below(about)) / length(about.box) <= 1 / 2


def test_ac32_body(first: Sheet, long: list[Sheet]) -> None:
    """Justified both sides, first line indented 1 cm, 6 pt between paragraphs, single to one and a half spacing."""
    opening = first.find("2. Địa chỉ trụ sở")
    assert opening.size in (13, 14)
    assert opening.box[0] == pytest.approx(30 * MM + 10 * MM, abs=1.5)
    assert opening.box[2] == pytest.approx(first.width - 15 * MM, abs=2.5)
    body = sorted(
        {stretch.baseline for stretch in long[0].stretches if stretch.size == opening.size and _is_body(stretch)},
        reverse=True,
    )
    steps = [above - below for above, below in pairwise(body)]
    single = opening.size * 1.149
    for step in steps:
        assert single - 0.1 <= step <= single * 1.5 + 6.1


def _is_body(stretch: Stretch) -> bool:
    return stretch.font != "Tinos-Italic" and 25 * MM < stretch.baseline < 200 * MM


def test_ac33_ac34_signature_block(first: Sheet) -> None:
    posts = [first.find("KT. CHỦ TỊCH"), first.find("PHÓ CHỦ TỊCH")]
    name = first.find("Trần Thị Mẫu")
    for line in (*posts, name):
        assert (line.font, line.size) == ("Tinos-Bold", 14)
        assert centre(line.box) == pytest.approx(centre(name.box), abs=1.5)
    assert posts[0].baseline > posts[1].baseline > name.baseline
    assert centre(name.box) == pytest.approx(centre(first.find("CỘNG HÒA").box), abs=2)


def test_ac35_officer_place_midway_between_post_and_name(first: Sheet) -> None:
    officer = sample_paper().officer.rect
    middle = (first.find("PHÓ CHỦ TỊCH").baseline + first.find("Trần Thị Mẫu").baseline) / 2
    assert (officer[1] + officer[3]) / 2 == pytest.approx(middle, abs=5 * MM)
    assert centre(officer) == pytest.approx(centre(first.find("Trần Thị Mẫu").box), abs=1.5)
    assert length(officer) == pytest.approx(50 * MM)
    assert 20 * MM <= officer[3] - officer[1] <= 25 * MM


@pytest.mark.parametrize("diameter", [30.0, 36.0, 42.0])
def test_ac36_seal_place_covers_a_third_of_the_signature_on_its_left(diameter: float) -> None:
    paper = render(NAME, sample_data(), issue(seal_diameter_mm=diameter))
    officer, seal = paper.officer, paper.seal
    assert seal.page == officer.page
    assert length(seal.rect) == pytest.approx(diameter * MM, abs=0.5 * MM)
    assert seal.rect[3] - seal.rect[1] == pytest.approx(diameter * MM, abs=0.5 * MM)
    assert 0.25 <= (seal.rect[2] - officer.rect[0]) / length(officer.rect) <= 0.40
    assert centre(seal.rect) < centre(officer.rect)
    assert seal.rect[1] + seal.rect[3] == pytest.approx(officer.rect[1] + officer.rect[3])


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 12])
def test_marks_cover_no_text(count: int) -> None:
    """`covers_content` must never be true of a paper of our own, wherever its signature block falls."""
    for used in (issue(), issue(seal_diameter_mm=42.0), long_issue()):
        paper = render(NAME, sample_data() | {"members": members(count)}, used)
        _nothing_under(paper.pdf, paper.officer, paper.seal)


def test_marks_cover_no_text_of_the_long_paper() -> None:
    _nothing_under(long_paper().pdf, long_paper().officer, long_paper().seal)


def _nothing_under(pdf: bytes, *places: Place) -> None:
    sheets = read(pdf)
    for place in places:
        sheet, (left, bottom, right, top) = sheets[place.page], place.rect
        for box in [*(stretch.box for stretch in sheet.stretches), *sheet.rules]:
            assert box[2] <= left or box[0] >= right or box[3] <= bottom or box[1] >= top, (place, box)
        assert 0 <= left < right <= sheet.width
        assert 0 <= bottom < top <= sheet.height


def test_ac37_recipients(first: Sheet) -> None:
    head = first.find("Nơi nhận:")
    assert (head.font, head.size) == ("Tinos-BoldItalic", 12)
    assert head.baseline == pytest.approx(first.find("KT. CHỦ TỊCH").baseline, abs=0.1)
    assert head.box[0] == pytest.approx(30 * MM, abs=1)
    entries = [stretch for stretch in first.stretches if stretch.text.startswith("- ")]
    assert all((entry.font, entry.size) == ("Tinos-Regular", 11) for entry in entries)
    assert [entry.text[-1] for entry in entries] == [";", ";", "."]
    assert entries[-1].text == "- Lưu: VT, HCC."


def test_signature_block_never_alone_on_a_page() -> None:
    """At least two pieces of the body stand above it, whatever the number of members."""
    for count in range(1, 16):
        paper = render(NAME, sample_data() | {"members": members(count)}, issue())
        last = read(paper.pdf)[-1]
        post = last.find("KT. CHỦ TỊCH").baseline
        above = {
            round(stretch.baseline)
            for stretch in last.stretches
            if post < stretch.baseline < last.height - 20 * MM and stretch.font == "Tinos-Regular"
        }
        assert len(above) >= 2, count
        assert paper.officer.page == paper.pages - 1


def test_table_head_on_every_page_and_no_row_lost(long: list[Sheet]) -> None:
    text = "\n".join(sheet.text for sheet in long)
    for index in range(1, 13):
        assert f"{index:012}" in text
    with_rows = [sheet for sheet in long if re.search(r"0000000000\d\d", sheet.text) and "STT" in sheet.text]
    assert len(with_rows) == text.count("STT")
    assert text.count("STT") >= 2


def test_very_long_words_are_broken_not_cut() -> None:
    name = "Ư" * 500
    paper = render(NAME, sample_data() | {"household_name": name}, issue())
    assert "".join(sheet.text for sheet in read(paper.pdf)).count("Ư") >= 500
    for stretch in read(paper.pdf)[0].stretches:
        assert stretch.box[2] <= 595.28 - 15 * MM + 0.5


def test_sample_says_so_and_the_code_is_printed(first: Sheet) -> None:
    """AC-104 in spirit: nothing made for show can be taken for a paper of an office."""
    assert first.find("MẪU – KHÔNG CÓ GIÁ TRỊ").font == "Tinos-Bold"
    assert first.find("Mã tra cứu").text == "Mã tra cứu: 7K3-M9Q-XV2-TBN-8RW-C4H-ZD6-FYJ-5PS tại hcc.example/v"
    real = read(render(NAME, sample_data(), issue(sample=False)).pdf)[0]
    assert "KHÔNG CÓ GIÁ TRỊ" not in real.text
