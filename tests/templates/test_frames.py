"""What the frame sets beside the named paper: letters, grounds and articles, appendices upright and across."""

from pathlib import Path

import pytest

from templates import MarkupInvalid, RenderedPaper
from templates.rendering import drawn
from tests.templates.examples import issue
from tests.templates.folders import BODY, MANIFEST, paper
from tests.templates.reading import MM, Box, Sheet, read
from tests.templates.test_frame import centre

DATA = {"name": "Đặng Quốc Mẫu", "lines": ["Thôn Mẫu", "Xóm Mẫu"]}
LETTER = """\
<paper>
  <about>trả lời đề nghị của ông (bà) {{ data.name }} về việc xác nhận tình trạng sử dụng đất</about>
  <to>{% for line in data.lines %}<line>{{ line }};</line>{% endfor %}</to>
  <p>Ủy ban nhân dân xã trả lời như sau.</p>
  <recipient>Như trên</recipient>
  <appendix title="Danh sách thửa đất" landscape="yes">
    <table>
      <column>STT</column><column part="9" align="right">Địa chỉ</column>
      {% for n in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] %}{% for line in [1, 2, 3] %}
      <row><cell>{{ n }}</cell><cell>Thửa đất số {{ n * 4 + line }}</cell></row>
      {% endfor %}{% endfor %}
    </table>
  </appendix>
  <appendix title="Ghi chú"><p>Không có.</p></appendix>
</paper>
"""
DECISION = """\
<paper>
  <title>Quyết định</title>
  <about>Về việc cho phép sử dụng tạm thời một phần vỉa hè</about>
  <grounds>
    <ground>Căn cứ Luật Tổ chức chính quyền địa phương</ground>
    <ground>Theo đề nghị của Trưởng phòng Kinh tế;</ground>
  </grounds>
  <order>Quyết định:</order>
  <article><p>Cho phép ông (bà) {{ data.name }} sử dụng phần vỉa hè trước nhà số 7.</p></article>
  <article title="Trách nhiệm"><p>Giữ gìn vệ sinh.</p></article>
  <p align="right">Bên phải</p>
</paper>
"""


def letter(root: Path) -> RenderedPaper:
    return drawn(paper(root, body=LETTER, manifest=MANIFEST.replace('"named"', '"letter"')), DATA, issue())


def text_box(sheet: Sheet) -> Box:
    boxes = [one.box for one in sheet.stretches if one.size != 13]
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def test_ac30_a_letter_says_what_it_is_about_under_its_number(tmp_path: Path) -> None:
    sheet = read(letter(tmp_path).pdf)[0]
    number, about, last = (sheet.find(part) for part in ("Số: 01/", "V/v trả lời", "sử dụng đất"))
    assert about.size == 12
    assert about.font.endswith("Regular") or about.font == "Tinos"
    assert centre(about.box) == pytest.approx(centre(number.box), abs=1)
    # 6 pt between the line of the number and the line below it, each 1.149 of its size high
    assert number.baseline - about.baseline == pytest.approx(13 * 0.258 + 6 + 12 * (0.149 / 2 + 0.891 - 0.021), abs=1.5)
    to = [sheet.find(part) for part in ("Kính gửi:", "- Thôn Mẫu;", "- Xóm Mẫu.")]
    assert last.baseline > to[0].baseline > to[1].baseline > to[2].baseline
    # the hyphens stand below one another, under the colon
    assert to[1].box[0] == pytest.approx(to[2].box[0], abs=0.1)
    assert to[0].box[2] - 5 <= to[1].box[0] <= to[0].box[2]
    assert "GIẤY" not in sheet.text


def test_ac31_grounds_in_italics_each_with_its_stop(tmp_path: Path) -> None:
    sheet = read(drawn(paper(tmp_path, body=DECISION), DATA, issue()).pdf)[0]
    for part in ("Căn cứ Luật Tổ chức chính quyền địa phương;", "Theo đề nghị của Trưởng phòng Kinh tế."):
        assert sheet.find(part).font.endswith("Italic")
    order = sheet.find("QUYẾT ĐỊNH:")
    assert order.font.endswith("Bold")
    assert centre(order.box) == pytest.approx((30 * MM + sheet.width - 15 * MM) / 2, abs=1)
    assert sheet.find("Điều 1.").font.endswith("Bold")
    assert not sheet.find("Cho phép ông").font.endswith("Bold")
    assert "Bold" in sheet.find("Điều 2. Trách nhiệm").font
    assert sheet.find("Bên phải").box[2] == pytest.approx(sheet.width - 15 * MM, abs=1)


def test_ac38_appendices_on_pages_of_their_own(tmp_path: Path) -> None:
    """Roman numbers where there are two, titles in capitals, numbered from 1 each, a lying sheet for a wide table."""
    made = letter(tmp_path)
    sheets = read(made.pdf)
    assert made.pages == len(sheets) == 4
    assert (made.officer.page, made.seal.page) == (0, 0)  # signed once, where the letter ends
    first, second, last = sheets[1:]
    for sheet in (first, second):
        assert (sheet.width, sheet.height) == pytest.approx((841.89, 595.28), abs=0.5)
        left, bottom, right, top = text_box(sheet)
        assert left >= 30 * MM - 0.5
        assert right <= sheet.width - 15 * MM + 0.5
        assert bottom >= 20 * MM - 0.5
        assert top <= sheet.height - 20 * MM + 0.5
    head, title = first.find("Phụ lục I"), first.find("DANH SÁCH THỬA ĐẤT")
    assert head.size == title.size == 14
    assert "Bold" in head.font
    assert centre(head.box) == pytest.approx((30 * MM + first.width - 15 * MM) / 2, abs=1)
    assert "(Kèm theo văn bản số ………" in first.text
    assert "STT" in second.text  # the head of a table is repeated
    assert [one.text for one in second.stretches if one.size == 13] == ["2"]
    assert not [one.text for one in first.stretches if one.size == 13]
    assert (last.width, last.height) == pytest.approx((595.28, 841.89), abs=0.5)
    assert "Phụ lục II" in last.text
    assert not [one.text for one in last.stretches if one.size == 13]


def test_one_appendix_has_no_number(tmp_path: Path) -> None:
    body = BODY.replace("</paper>", '<appendix title="Ghi chú"><p>Không có.</p></appendix></paper>')
    sheet = read(drawn(paper(tmp_path, body=body), DATA, issue()).pdf)[1]
    assert sheet.find("Phụ lục").text == "Phụ lục"


@pytest.mark.parametrize(("frame", "body"), [("named", LETTER), ("letter", DECISION)])
def test_a_letter_has_no_title_and_a_named_paper_has_one(tmp_path: Path, frame: str, body: str) -> None:
    made = paper(tmp_path, body=body, manifest=MANIFEST.replace('"named"', f'"{frame}"'))
    with pytest.raises(MarkupInvalid, match="title"):
        drawn(made, DATA, issue())
