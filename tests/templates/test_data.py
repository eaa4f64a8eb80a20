"""What the papers refuse, and how they say so."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest

from templates import (
    GlyphMissing,
    PaperDataInvalid,
    PaperUnknown,
    catalogue,
    dossier_data,
    paper_for,
    render,
    sample_issue,
)
from tests.templates.examples import DOSSIER, NAME, issue, sample_data
from tests.templates.reading import read


def problems(data: dict[str, Any]) -> dict[str, tuple[str, str]]:
    with pytest.raises(PaperDataInvalid) as caught:
        render(NAME, data, issue())
    return {path: (vi, en) for path, vi, en in caught.value.problems}


def owner(**changes: Any) -> dict[str, Any]:
    return sample_data() | {"representative": sample_data()["representative"] | changes}


def test_missing_and_unknown_are_named_each_in_two_languages() -> None:
    data = sample_data() | {"capital": 1}
    del data["address"]
    del data["household_name"]
    found = problems(data)
    assert set(found) == {"capital", "address", "household_name"}
    assert found["address"] == ("còn thiếu", "is missing")
    assert found["capital"] == ("không có trong mẫu này", "is not part of this paper")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"capital_vnd": "350000000"}, "capital_vnd"),
        ({"capital_vnd": True}, "capital_vnd"),
        ({"capital_vnd": 1.5}, "capital_vnd"),
        ({"capital_vnd": 0}, "capital_vnd"),
        ({"capital_vnd": -1}, "capital_vnd"),
        ({"capital_vnd": 10**16}, "capital_vnd"),
        ({"household_name": "   "}, "household_name"),
        ({"household_name": None}, "household_name"),
        ({"household_name": "A" * 601}, "household_name"),
        ({"registered_on": "21/11/2026"}, "registered_on"),
        ({"registered_on": "2026-02-30"}, "registered_on"),
        ({"registered_on": 20261121}, "registered_on"),
        ({"members": "none"}, "members"),
        ({"members": [{"name": "A", "share_percent": 0}]}, "members.0.share_percent"),
        ({"members": [{"name": "A", "share_percent": 101}]}, "members.0.share_percent"),
        ({"members": [{"name": "A", "share_percent": float("nan")}]}, "members.0.share_percent"),
        ({"members": [{"name": "A", "shares": 1}]}, "members.0.shares"),
        ({"members": [{"name": "A"}] * 51}, "members"),
        ({"members": [{"name": "A", "share_percent": 60}] * 2}, "members"),
        ({"representative": None}, "representative"),
        ({"applicant": {"name": "A", "id_number": "12345"}}, "applicant.id_number"),
    ],
)
def test_wrong_values_are_refused_at_their_path(changes: dict[str, Any], path: str) -> None:
    assert path in problems(sample_data() | changes)


def test_owner_born_after_the_registration() -> None:
    assert "born after" in problems(owner(birth_date="2030-01-01"))["representative.birth_date"][1]
    assert "representative.gender" in problems(owner(gender="nam"))


def test_complaint_never_repeats_an_identity_number() -> None:
    with pytest.raises(PaperDataInvalid) as caught:
        render(NAME, sample_data() | {"applicant": {"name": "A", "id_number": "98765432X"}}, issue())
    assert "98765432X" not in str(caught.value) + caught.value.text_vi
    assert caught.value.__cause__ is None


def test_applicants_number_never_stands_as_another_owners() -> None:
    applicant = sample_data()["applicant"] | {"name": "Người Nộp Hộ Mẫu"}
    assert "representative.id_number" in problems(sample_data() | {"applicant": applicant})
    text = read(render(NAME, owner(id_number="000000000077") | {"applicant": applicant}, issue()).pdf)[0].text
    assert "000000000077" in text
    assert applicant["id_number"] not in text


def test_without_an_applicant_only_a_specimen_can_be_made() -> None:
    data = sample_data()
    del data["applicant"]
    assert "000000000002" in read(render(NAME, data, issue()).pdf)[0].text
    for used in (issue(holder_id=""), issue(sample=False)):
        with pytest.raises(PaperDataInvalid):
            render(NAME, data, used)


def test_a_dossier_as_the_one_stop_office_keeps_it() -> None:
    paper = render(NAME, dossier_data(DOSSIER), issue(dossier=DOSSIER["dossier"]))
    text = " ".join(read(paper.pdf)[0].text.split())
    assert "350.000.000 đồng (bằng chữ: Ba trăm năm mươi triệu đồng)." in text
    assert "Sinh ngày: 29/02/1988" in text
    assert "không có." in text
    assert (paper.subject, paper.holder) == ("HỘ KINH DOANH CƠ KHÍ MẪU", "Phạm Thị Mẫu")
    assert paper.title == "Giấy chứng nhận đăng ký hộ kinh doanh"
    assert dossier_data(sample_data()) == sample_data()


def test_glyph_missing_is_found_before_anything_is_drawn() -> None:
    with pytest.raises(GlyphMissing) as caught:
        render(NAME, sample_data() | {"business_line": "Phở 𝄞"}, issue())
    assert (caught.value.character, caught.value.where) == ("𝄞", "data.business_line")
    assert "U+1D11E" in caught.value.text_vi
    with pytest.raises(GlyphMissing) as caught:
        render(NAME, sample_data() | {"members": [{"name": "李"}]}, issue())
    assert caught.value.where == "data.members.0.name"
    with pytest.raises(GlyphMissing) as caught:
        issue(system="Hệ thống ✓")
    assert caught.value.where == "issue.system"
    with pytest.raises(GlyphMissing):
        issue(signer_name="Trần\x07Mẫu")


def test_ac22_all_vietnamese_letters_can_be_drawn() -> None:
    letters = "aăâeêioôơuưyđ"
    tones = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    every = "".join(
        unicodedata.normalize("NFC", letter + tone) for letter in letters if letter != "đ" for tone in tones
    )
    every += "đ" + every.upper() + "Đ₫“”‘’–—…%&/"
    text = read(render(NAME, sample_data() | {"business_line": every}, issue()).pdf)[0].text
    assert every in text.replace("\r\n", "")


def test_decomposed_input_is_composed() -> None:
    name = unicodedata.normalize("NFD", "HỘ KINH DOANH ƯỚC NGUYỆN")
    composed = unicodedata.normalize("NFC", name)
    one = render(NAME, sample_data() | {"household_name": name}, issue())
    two = render(NAME, sample_data() | {"household_name": composed}, issue())
    assert one.pdf == two.pdf
    assert one.subject == composed


def test_markup_and_line_ends_are_only_text() -> None:
    paper = render(NAME, sample_data() | {"business_line": "A <b>B</b> &amp;\r\n\tC) Tj (x"}, issue())
    assert "A <b>B</b> &amp; C) Tj (x." in read(paper.pdf)[0].text


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"number": "1/QĐ-UBND"}, "issue.number"),
        ({"number": "01 /QĐ-UBND"}, "issue.number"),
        ({"number": "01/qđ-ubnd"}, "issue.number"),
        ({"number": "01/QĐ--UBND"}, "issue.number"),
        ({"signer_name": "TS. Trần Thị Mẫu"}, "issue.signer_name"),
        ({"signer_name": "ThS. Trần Thị Mẫu"}, "issue.signer_name"),
        ({"signer_name": "PGS. TS. Trần Thị Mẫu"}, "issue.signer_name"),
        ({"signer_name": "Tiến sĩ Trần Thị Mẫu"}, "issue.signer_name"),
        ({"signer_name": ""}, "issue.signer_name"),
        ({"authority_lines": ()}, "issue.authority_lines"),
        ({"authority_lines": ("", "CHỦ TỊCH")}, "issue.authority_lines"),
        ({"authority_lines": ("PT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")}, "issue.authority_lines"),
        ({"exported_at": datetime(2026, 11, 21, 9, 0)}, "issue.exported_at"),  # noqa: DTZ001
        ({"seal_diameter_mm": 0.0}, "issue.seal_diameter_mm"),
        ({"seal_diameter_mm": float("nan")}, "issue.seal_diameter_mm"),
        ({"verify_url": "http://hcc.example/v/7K3M9QXV2TBN8RWC4HZD6FYJ5PS"}, "issue.verify_url"),
        ({"verify_url": "https://hcc.example/v/OTHER"}, "issue.verify_url"),
        ({"verify_url": "https://hcc.example/v/7K3M9QXV2TBN8RWC4HZD6FYJ5PS?x=1"}, "issue.verify_url"),
        ({"verify_url": "javascript:alert(1)"}, "issue.verify_url"),
        ({"code": "x"}, "issue.code"),
        ({"organisation": " "}, "issue.organisation"),
        ({"place": "x" * 301}, "issue.place"),
    ],
)
def test_ac27_ac33_ac34_ac103_issue_refuses(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(PaperDataInvalid) as caught:
        issue(**changes)
    assert path in {found for found, _, _ in caught.value.problems}


def test_names_that_only_look_like_titles_are_fine() -> None:
    for name in ("Tsan Mẫu", "Thái Sơn", "Bso Mẫu", "Cn Mẫu"):
        assert issue(signer_name=name).signer_name == name


@pytest.mark.parametrize("lines", [("CHỦ TỊCH",), ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), ("TUQ. CHỦ TỊCH", "GIÁM ĐỐC")])
def test_ac33_capacities_allowed(lines: tuple[str, ...]) -> None:
    assert issue(authority_lines=lines).authority_lines == lines


def test_code_is_read_with_its_hyphens_and_printed_in_groups() -> None:
    used = issue(code="7k3m-9qxv-2tbn-8rwc-4hzd-6fyj-5ps")
    assert used.code == "7K3M9QXV2TBN8RWC4HZD6FYJ5PS"
    assert used.code_in_groups == "7K3-M9Q-XV2-TBN-8RW-C4H-ZD6-FYJ-5PS"
    assert used.lookup_page == "hcc.example/v"


def test_loopback_address_only_for_a_sample() -> None:
    address = "http://127.0.0.1:8000/v/7K3M9QXV2TBN8RWC4HZD6FYJ5PS"
    assert issue(verify_url=address).lookup_page == "127.0.0.1:8000/v"
    with pytest.raises(PaperDataInvalid):
        issue(verify_url=address, sample=False)


def test_ac96_versions_by_date() -> None:
    (paper,) = (one for one in catalogue() if one.name == NAME)
    assert paper.procedure == "1.001612"
    assert paper_for(NAME, on=datetime(2026, 11, 22, tzinfo=UTC).date()) is paper
    with pytest.raises(PaperUnknown):
        paper_for(NAME, on=datetime(2020, 1, 1, tzinfo=UTC).date())
    with pytest.raises(PaperUnknown) as caught:
        sample_issue("khong-co")
    assert caught.value.name == "khong-co"
    assert "khong-co" in caught.value.text_vi
