"""Every paper of the catalogue, from its own sample: whole, in its frame, for the archive, with all it was given."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

import pytest

from templates import PaperDataInvalid, RenderedPaper, catalogue, read_qr_text, render, sample_data, sample_issue
from templates.manifest import Manifest, read_manifest
from tests.pdfa.verapdf import validate
from tests.templates import test_frame as frame
from tests.templates.reading import MM, read

NAMES = sorted({paper.name for paper in catalogue()})
every_paper = pytest.mark.parametrize("name", NAMES)

NOT_SHOWN = {("thong-bao", "holder"): "whom a notice is for stands in the register; on the page are its recipients"}
BROKEN = [
    ("quyet-dinh", "effective_on", "2026-11-20", "effective_on"),
    ("quyet-dinh", "effective_until", "2026-11-27", "effective_until"),
    ("cong-van", "issuer", "Ủy ban nhân dân xã Khác", "issuer"),
    ("cong-van", "answers.dated", "2026-11-22", "answers.dated"),
    ("thong-bao", "issuer", "Ủy ban nhân dân xã Khác", "issuer"),
    ("thong-bao", "until", "2026-11-22", "until"),
    ("giay-phep", "valid_from", "2026-11-20", "valid_from"),
    ("giay-phep", "valid_until", "2026-11-27", "valid_until"),
    ("giay-xac-nhan", "issuer", "Ủy ban nhân dân xã Khác", "issuer"),
    ("giay-xac-nhan", "person.birth_date", "2026-11-22", "person.birth_date"),
    ("giay-xac-nhan", "valid_until", "2026-11-20", "valid_until"),
    ("an-toan-thuc-pham", "issuer", "Ủy ban nhân dân xã Khác", "issuer"),
    ("an-toan-thuc-pham", "inspected_on", "2026-11-22", "inspected_on"),
    ("an-toan-thuc-pham", "valid_until", "2026-11-21", "valid_until"),
    ("an-toan-thuc-pham", "replaces.dated", "2026-11-22", "replaces.dated"),
    ("dang-ky-ho-kinh-doanh", "representative.birth_date", "2026-11-21", "representative.birth_date"),
    ("dang-ky-ho-kinh-doanh", "members.0.share_percent", 100.5, "members.0.share_percent"),
    ("dang-ky-ho-kinh-doanh", "applicant.name", "Phạm Thị Mẫu", "representative.id_number"),
]


@cache
def sample(name: str) -> RenderedPaper:
    return render(name, sample_data(name), sample_issue(name))


@cache
def longest(name: str) -> RenderedPaper:
    return render(name, _lengthened(name), sample_issue(name))


def _file(name: str, file: str) -> str:
    version = next(paper.version for paper in reversed(catalogue()) if paper.name == name)
    return (resources.files("templates") / "papers" / name / version / file).read_text(encoding="utf-8")


def _schema(name: str) -> dict[str, Any]:
    return dict(json.loads(_file(name, "schema.json")))


def _manifest(name: str) -> Manifest:
    manifest = read_manifest(_file(name, "manifest.toml"))
    assert isinstance(manifest, Manifest)
    return manifest


def _fields(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from _fields(part, f"{path}.{name}".lstrip("."))
    if "items" in schema:
        yield from _fields(schema["items"], f"{path}.0")


def _types(field: Mapping[str, Any]) -> set[str]:
    kind = field.get("type", ())
    return {kind} if isinstance(kind, str) else set(kind)


def _bounded(field: Mapping[str, Any]) -> bool:
    """Whether a text has an end: its length, the calendar, or a pattern from ^ to $ that repeats nothing for ever."""
    pattern = field.get("pattern", "")
    fixed = pattern.startswith("^") and pattern.endswith("$") and not re.search(r"(?<!\\)[*+]|,\}", pattern[1:])
    return "maxLength" in field or field.get("format") in {"date", "date-time"} or bool(fixed)


def test_the_catalogue_holds_what_an_office_starts_with() -> None:
    wanted = {"quyet-dinh", "cong-van", "thong-bao", "giay-phep", "giay-xac-nhan", "dang-ky-ho-kinh-doanh"}
    assert wanted | {"an-toan-thuc-pham"} <= set(NAMES)
    for paper in catalogue():
        assert paper.source
        assert not paper.source.official, "only where the field texts were compared with the text named"


@every_paper
def test_every_field_has_its_words_and_its_limits(name: str) -> None:
    for path, field in _fields(_schema(name)):
        where = (name, path)
        assert field.get("title") or path.endswith(".0"), where
        if "object" in _types(field):
            assert field["additionalProperties"] is False, where
        if "array" in _types(field):
            assert field["maxItems"] <= 200, where
        if "string" in _types(field):
            assert _bounded(field), where


@pytest.mark.parametrize(
    "field",
    [{"type": "string"}, {"type": ["string", "null"], "minLength": 1}, {"type": "string", "pattern": "^[0-9]+$"}],
)
def test_a_text_without_an_end_is_found(field: Mapping[str, Any]) -> None:
    assert not _bounded(field)


@every_paper
def test_the_same_again_is_the_same_bytes(name: str) -> None:
    assert render(name, sample_data(name), sample_issue(name)).pdf == sample(name).pdf


@every_paper
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_for_the_archive_and_for_those_who_hear_it(name: str, flavour: str) -> None:
    report = validate(sample(name).pdf, flavour)
    assert report.compliant, str(report)


@every_paper
def test_every_value_stands_on_the_page(name: str) -> None:
    shown = _squeezed(" ".join(one.text for sheet in read(sample(name).pdf) for one in sheet.stretches))
    paths = set()
    for path, value in _leaves(sample_data(name)):
        paths.add((name, path))
        if (name, path) not in NOT_SHOWN:
            assert any(_squeezed(form) in shown for form in _forms(value)), (path, value)
    assert {one for one in NOT_SHOWN if one[0] == name} <= paths


@every_paper
def test_without_what_may_be_left_out(name: str) -> None:
    """Nothing is printed as a program says "nothing", and no label stands before an empty place."""
    data = _required(_schema(name), sample_data(name))
    _identified(data)
    text = " ".join(sheet.text for sheet in read(render(name, data, sample_issue(name)).pdf))
    assert "None" not in text
    assert not re.search(r":\s*\.|,\s*\.|\(\s*\)|;\s*;", text)


@pytest.mark.parametrize(("name", "path", "value", "where"), BROKEN)
def test_values_that_contradict_each_other_are_refused(name: str, path: str, value: object, where: str) -> None:
    data: Any = sample_data(name)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = data
    for step in steps:
        place = place[step]
    place[last] = value
    with pytest.raises(PaperDataInvalid) as caught:
        render(name, data, sample_issue(name))
    assert [one for one, _, _ in caught.value.problems] == [where]


@every_paper
def test_every_check_is_tried(name: str) -> None:
    tried = {where for one, _, _, where in BROKEN if one == name}
    assert {check.where for check in _manifest(name).checks} - {"members"} <= tried


@every_paper
def test_ac27_number_with_the_symbol_of_its_kind(name: str) -> None:
    manifest, number = _manifest(name), sample_issue(name).number
    assert re.fullmatch(r"\d{2,}/[A-ZĐ0-9]+(-[A-ZĐ0-9]+)*", number)
    kind = number.partition("/")[2].partition("-")[0]
    assert kind == ("UBND" if manifest.frame == "letter" else manifest.symbol)
    assert read(sample(name).pdf)[0].find("Số: ").text == f"Số: {number}"


@every_paper
def test_ac24_to_ac34_the_frame_of_every_paper(name: str) -> None:
    sheet = read(sample(name).pdf)[0]
    number = sheet.find("Số: ").baseline
    head = replace(sheet, stretches=tuple(one for one in sheet.stretches if one.baseline > number - 1))
    frame.test_ac24_country(sheet)
    frame.test_ac25_motto_with_a_rule_as_long_as_the_text(head)
    frame.test_ac26_issuing_body_with_a_short_rule(head)
    frame.test_ac28_place_and_date_level_with_the_number(head)
    frame.test_ac33_ac34_signature_block(sheet)


@every_paper
def test_ac29_ac30_what_it_is_and_what_it_is_about(name: str) -> None:
    sheet, manifest = read(sample(name).pdf)[0], _manifest(name)
    if manifest.frame == "letter":
        about = sheet.find("V/v ")
        assert (about.font, about.size) == ("Tinos-Regular", 12)
        assert frame.centre(about.box) == pytest.approx(frame.centre(sheet.find("Số: ").box), abs=1)
        assert manifest.title.upper() not in sheet.text
        return
    number = sheet.find("Số: ").baseline
    bold = [one for one in sheet.stretches if one.baseline < number and (one.font, one.size) == ("Tinos-Bold", 14)]
    title, about = bold[0], bold[1]
    assert manifest.title.upper().startswith(title.text)
    page = (30 * MM + sheet.width - 15 * MM) / 2
    assert [frame.centre(one.box) for one in (title, about)] == pytest.approx([page, page], abs=1)
    rule = sheet.rule_below(about)
    assert frame.centre(rule) == pytest.approx(page, abs=1)


@every_paper
def test_ac32_ac37_body_and_recipients(name: str) -> None:
    sheet = read(sample(name).pdf)[0]
    post = sheet.find("KT. CHỦ TỊCH")
    number = sheet.find("Số: ").baseline
    body = [one for one in sheet.stretches if post.baseline < one.baseline < number - 20 and one.font != "Tinos-Bold"]
    running = {one.size for one in body} - {12.0}  # 12: a table's cells and a letter's 5b
    assert running in ({13.0}, {14.0})
    (size,) = running
    lines = sorted({round(one.baseline, 1) for one in body if one.size == size}, reverse=True)
    assert min(above - below for above, below in pairwise(lines)) >= size * 1.149 - 0.1
    starts = {round(one.box[0] / MM) for one in body if one.size == size}
    assert {30, 40} <= starts  # first lines are indented 1 cm, the others begin at the margin
    head = sheet.find("Nơi nhận:")
    assert head.baseline == pytest.approx(post.baseline, abs=0.1)
    entries = [one for one in sheet.stretches if one.text.startswith("- ") and one.baseline < head.baseline]
    assert all((one.font, one.size) == ("Tinos-Regular", 11) for one in entries)
    assert [one.text[-1] for one in entries] == [";"] * (len(entries) - 1) + ["."]
    assert entries[-1].text.startswith("- Lưu: VT, ")


@every_paper
def test_ac21_ac23_within_the_margins_however_long(name: str) -> None:
    frame.test_ac21_text_inside_the_margins(read(sample(name).pdf)[0], read(longest(name).pdf))
    frame.test_ac23_page_numbers_from_the_second_page(read(longest(name).pdf))


@every_paper
def test_nothing_of_a_long_paper_is_lost(name: str) -> None:
    shown = _squeezed(" ".join(one.text for sheet in read(longest(name).pdf) for one in sheet.stretches))
    given = [value for path, value in _leaves(_lengthened(name)) if (name, path) not in NOT_SHOWN]
    ends = [str(value)[-5:] for value in given if re.search(r"z\d{3}z$", str(value))]
    assert len(ends) > 4
    assert [end for end in ends if end not in shown] == []


@every_paper
def test_signatures_are_kept_with_text_and_cover_none(name: str) -> None:
    made = longest(name)
    assert made.officer.page == made.seal.page == made.pages - 1
    last = read(made.pdf)[-1]
    post = last.find("KT. CHỦ TỊCH").baseline
    above = {round(one.baseline) for one in last.stretches if post < one.baseline < last.height - 20 * MM}
    assert len(above) >= 2
    for paper in (sample(name), made):
        frame._nothing_under(paper.pdf, paper.officer, paper.seal)


def test_ac91_the_qr_says_how_long_it_counts() -> None:
    told = {name: read_qr_text(sample(name).qr_text)["validity"] for name in NAMES}
    assert told["giay-phep"] == "Từ 28/11/2026 đến hết 27/12/2026; ỦY BAN NHÂN DÂN XÃ MẪU"
    assert told["quyet-dinh"] == "Từ 28/11/2026 đến hết 29/11/2026"
    assert told["giay-xac-nhan"] == "Đến hết 21/05/2027"
    assert told["cong-van"] == sample_issue("cong-van").validity


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text).casefold()


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _leaves(part, f"{path}.{index}")
    elif value is not None:
        yield path, value


def _forms(value: object) -> tuple[str, ...]:
    """How a value may stand on a page."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        day = date.fromisoformat(value)
        return f"{day:%d/%m/%Y}", frame.date_in_words(day)
    if isinstance(value, int):
        return (f"{value:,}".replace(",", "."),)
    return (str(value).rstrip(".;"),)


def _required(schema: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: value[name] for name in schema["required"]}
        return {name: _required(schema["properties"][name], part) for name, part in kept.items()}
    if isinstance(value, list):
        return [_required(schema["items"], part) for part in value[: schema.get("minItems", 0)]]
    return value


def _lengthened(name: str) -> dict[str, Any]:
    """The sample with every text as long as it may be, ending in a mark of its own, and lists of several; what the
    checks speak of stays."""
    bound = {check.where for check in _manifest(name).checks}
    count = 0

    def grown(schema: Mapping[str, Any], value: Any, path: str, most: int) -> Any:
        nonlocal count
        types = _types(schema)
        if path in bound or "format" in schema or "pattern" in schema:
            return value
        if "object" in types:
            parts = schema["properties"].items()
            return {one: grown(part, (value or {}).get(one), f"{path}.{one}".lstrip("."), most) for one, part in parts}
        if "array" in types:
            given = value or [{} if "object" in _types(schema["items"]) else ""]
            length = min(schema["maxItems"], most)
            return [grown(schema["items"], given[min(n, len(given) - 1)], f"{path}.{n}", 3) for n in range(length)]
        if "string" in types:
            count += 1
            end = f" z{count:03}z"
            words = "Nguyễn Thượng Hiền ước nguyện " * (schema["maxLength"] // 20 + 1)
            return words[: schema["maxLength"] - len(end)].rstrip() + end
        return value

    made = grown(_schema(name), sample_data(name), "", 5)
    assert isinstance(made, dict)
    _identified(made)
    return made


def _identified(data: dict[str, Any]) -> None:
    """An owner's number is asked for where no applicant of the same name gives it; an applicant of another name does
    not stand on the paper."""
    if "representative" in data:
        data["representative"]["id_number"] = "000000000002"
        data["applicant"] = None
