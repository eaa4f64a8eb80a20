"""A paper is a folder: what is read, and how what is wrong is said."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from templates import FolderInvalid, MarkupInvalid, PaperDataInvalid, PaperUnknown, catalogue, read_qr_text
from templates.catalogue import Catalogue, read_papers, with_own
from templates.folder import load
from templates.paper import Content
from templates.rendering import drawn
from tests.templates.examples import issue
from tests.templates.folders import BODY, MANIFEST, SAMPLE, SCHEMA, folder, paper
from tests.templates.reading import read


def composed(tmp_path: Path, body: str, **data: Any) -> Content:
    return paper(tmp_path, body=body).compose(dict(SAMPLE) | data, issue())


def faults(tmp_path: Path, **parts: Any) -> list[tuple[str, int | None]]:
    place = folder(tmp_path, **parts)
    with pytest.raises(FolderInvalid) as caught:
        load(place, name=place.parent.name)
    assert all(fault.vi and fault.en for fault in caught.value.faults)
    return [(fault.file, fault.line) for fault in caught.value.faults]


def test_a_folder_becomes_a_paper(tmp_path: Path) -> None:
    made = paper(tmp_path)
    assert (made.name, made.version, made.procedure) == ("giay-xac-nhan-mau", "2026.1", "9.000001")
    assert made.source is not None
    assert not made.source.official
    pdf = drawn(made, SAMPLE, issue())
    assert (pdf.subject, pdf.holder) == ("ĐẶNG QUỐC MẪU", "Đặng Quốc Mẫu")
    text = read(pdf.pdf)[0].text
    assert "GIẤY XÁC NHẬN MẪU" in text
    assert "Xác nhận ông (bà) Đặng Quốc Mẫu." in text
    assert drawn(made, SAMPLE, issue()).pdf == pdf.pdf


def test_what_the_data_leave_out_is_null_or_the_schema_s_default(tmp_path: Path) -> None:
    values = paper(tmp_path).compose(SAMPLE, issue()).values
    assert values == {"name": "Đặng Quốc Mẫu", "born_on": None, "lines": []}


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"manifest": MANIFEST.replace("2026-01-01", "soon")}, [("manifest.toml", 2)]),
        ({"manifest": MANIFEST.replace('level = "commune"', 'level = "moon"')}, [("manifest.toml", 4)]),
        ({"manifest": MANIFEST.replace('frame = "named"\n', "")}, [("manifest.toml", None)]),
        ({"manifest": MANIFEST + "colour = 1\n"}, [("manifest.toml", 13)]),
        ({"manifest": MANIFEST.replace("2026-01-01", "2026-01-01\neffective_to = 2025-12-31")}, [("manifest.toml", 3)]),
        ({"manifest": MANIFEST.replace("data.name | upper", "data.name | shout")}, [("manifest.toml", 1)]),
        ({"schema": "{"}, [("schema.json", 1)]),
        ({"schema": "[1]"}, [("schema.json", 1)]),
        ({"schema": {"type": "string"}}, [("schema.json", 1)]),
        ({"schema": {"type": "object", "properties": {"a": {"type": "strin"}}}}, [("schema.json", 1)]),
        ({"schema": {"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}}, [("schema.json", 1)]),
        ({"schema": {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1/"}}}}, [("schema.json", 1)]),
        ({"schema": dict(SCHEMA) | {"$schema": "http://json-schema.org/draft-07/schema#"}}, [("schema.json", 1)]),
        ({"sample": "nothing"}, [("sample.json", 1)]),
        ({"body": BODY.replace("{{ data.name }}", "{{ data.name")}, [("body.xml", 3)]),
        ({"body": BODY.replace("data.name", "applicant.name")}, [("body.xml", 3)]),
        ({"body": BODY + "{% include 'other.xml' %}{{ os }}"}, [("body.xml", 6)]),
        ({"version": "two"}, [(".", None)]),
        ({"name": "Giay"}, [(".", None)]),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_line(
    tmp_path: Path, parts: dict[str, Any], found: list[tuple[str, int | None]]
) -> None:
    assert faults(tmp_path, **parts) == found


def test_every_file_that_is_missing_is_named(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "schema.json").unlink()
    (place / "body.xml").write_bytes(b"\xff\xfe")
    (place / "sample.json").write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(FolderInvalid) as caught:
        load(place, name=place.parent.name)
    assert [fault.file for fault in caught.value.faults] == ["schema.json", "body.xml", "sample.json"]
    assert "schema.json" in caught.value.text_vi


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("<p>Một <script>x</script></p>", "script"),
        ("<p colour='red'>Một</p>", "colour"),
        ("<p align='up'>Một</p>", "align"),
        ("<facts><fact>Một</fact></facts>", "label"),
        ("<facts>Một</facts>", "facts"),
        ("<p>Một</i></p>", "mismatched tag"),
        ("<p>&copy;</p>", "undefined entity"),
        ("<p>{{ data.nothing }}</p>", "nothing"),
        ("<p>{{ data.name.upper() }}</p>", "callable"),
        ("<p>{{ data.born_on }}</p>", "only text and numbers"),
        ("<p>{{ data.lines }}</p>", "only text and numbers"),
        ("<p>{{ data.name == 'A' }}</p>", "only text and numbers"),
        ("<p>{{ data.born_on | day }}</p>", "fromisoformat"),
        ("<facts stops='0.5 0.1'><fact label='a'>b</fact><fact label='a'>b</fact></facts>", "stops"),
        ("<table><column>A</column><row><cell>1</cell><cell>2</cell></row></table>", "row"),
        ("<grounds><ground></ground></grounds>", "grounds"),
        ("<article></article>", "article"),
    ],
)
def test_a_markup_that_cannot_be_set_names_its_line(tmp_path: Path, line: str, told: str) -> None:
    body = BODY.replace("  <recipient>", f"\n\n  {line}\n  <recipient>")
    made = paper(tmp_path, body=body)
    with pytest.raises(MarkupInvalid) as caught:
        drawn(made, SAMPLE, issue())
    assert caught.value.line == 6
    assert told in caught.value.text_en
    assert "dòng 6" in caught.value.text_vi


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MarkupInvalid, match="<\\?"):
        composed(tmp_path / "1", BODY.replace("<title>", "<?xml-stylesheet href='x'?><title>"))
    bomb = '<!DOCTYPE paper [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + BODY.replace("Xác nhận", "&b;")
    with pytest.raises(MarkupInvalid, match="DOCTYPE"):
        composed(tmp_path / "2", bomb)


def test_a_value_is_never_markup(tmp_path: Path) -> None:
    name = "<b>A</b> &amp; {{ 7*7 }}"
    made = paper(tmp_path)
    pdf = drawn(made, {"name": name}, issue())
    assert f"ông (bà) {name}." in read(pdf.pdf)[0].text
    assert pdf.holder == name


def test_checks_between_values(tmp_path: Path) -> None:
    check = """
[[checks]]
where = "born_on"
holds = "not data.born_on or data.born_on < issue.issued_on"
vi = "ngày sinh chưa đến"
en = "is not born yet"
"""
    made = paper(tmp_path, manifest=MANIFEST + check)
    with pytest.raises(PaperDataInvalid) as caught:
        made.compose(dict(SAMPLE) | {"born_on": "2099-01-01"}, issue())
    assert caught.value.problems == (("born_on", "ngày sinh chưa đến", "is not born yet"),)
    assert made.compose(dict(SAMPLE) | {"born_on": "1999-01-01"}, issue()).values["born_on"] == "1999-01-01"


def test_ac96_versions_are_chosen_by_the_day(tmp_path: Path) -> None:
    until = MANIFEST.replace("2026-01-01", "2026-01-01\neffective_to = 2026-06-30")
    after = MANIFEST.replace("2026-01-01", "2026-09-01")
    folder(tmp_path, version="2026.1", manifest=until)
    folder(tmp_path, version="2026.2", manifest=after)
    papers = with_own(tmp_path)
    name = "giay-xac-nhan-mau"
    assert papers.paper(name, on=date(2026, 6, 30)).version == "2026.1"
    assert papers.paper(name, on=date(2026, 9, 1)).version == "2026.2"
    for day in (date(2025, 12, 31), date(2026, 7, 1), date(2026, 8, 31)):
        with pytest.raises(PaperUnknown):
            papers.paper(name, on=day)
    assert [one.version for one in papers.on(date(2026, 6, 1)) if one.name == name] == ["2026.1"]
    assert {one.name for one in catalogue()} < {one.name for one in papers.papers}


def test_two_versions_of_one_day_are_refused(tmp_path: Path) -> None:
    folder(tmp_path, version="2026.1")
    folder(tmp_path, version="2026.2")
    with pytest.raises(FolderInvalid):
        Catalogue(read_papers(tmp_path))


def test_ac91_data_that_bear_their_validity_say_it_in_the_qr(tmp_path: Path) -> None:
    manifest = MANIFEST.replace(
        "\n\n[source]", '\nvalidity = "{% if data.born_on %}Từ {{ data.born_on | day }}{% endif %}"\n\n[source]'
    )
    made = paper(tmp_path, manifest=manifest)
    told = drawn(made, dict(SAMPLE) | {"born_on": "2026-01-05"}, issue())
    assert read_qr_text(told.qr_text)["validity"] == "Từ 05/01/2026"
    assert read_qr_text(drawn(made, SAMPLE, issue()).qr_text)["validity"] == issue().validity


def test_ac27_a_letters_number_names_no_kind(tmp_path: Path) -> None:
    assert paper(tmp_path, manifest=MANIFEST.replace('"named"', '"named"\nsymbol = "GXN"')).symbol == "GXN"
    letter = MANIFEST.replace('"named"', '"letter"\nsymbol = "CV"')
    with pytest.raises(FolderInvalid) as caught:
        paper(tmp_path, name="thu", manifest=letter)
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == ("manifest.toml", 6)
    assert "tên loại" in fault.vi
