"""`secondseal paper new | check | list | render` with an office's own papers, and what is said of each mistake."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from secondseal.command import main
from templates import catalogue
from tests.templates.folders import BODY, MANIFEST, SCHEMA, folder
from tests.templates.reading import read

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """`secondseal paper WORDS` in an empty home folder: exit status, output, errors."""
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path))

    def said(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(["paper", *words])
        told = capsys.readouterr()
        return status, told.out, told.err

    return said


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        ((), "GIẤY XÁC NHẬN"),
        (("--title", 'Giấy thử "A" & <B>'), 'GIẤY THỬ "A" & <B>'),
        (("--letter",), "Kính gửi: Ông (bà) Nguyễn Thị Mẫu"),
    ],
)
def test_a_new_paper_is_whole_and_comes_out_at_once(
    say: Say, tmp_path: Path, words: tuple[str, ...], stands: str
) -> None:
    """The folder's check finds nothing, not even a remark; what was changed by hand is never written over."""
    assert say("new", "giay-thu", *words)[0] == 0
    (version,) = (tmp_path / "papers" / "giay-thu").iterdir()
    assert [one.name for one in (tmp_path / "papers").iterdir()] == ["giay-thu"]
    status, out, err = say("check")
    assert (status, err) == (0, "")
    assert "note" not in out
    pdf = tmp_path / "out.pdf"
    assert say("render", "giay-thu", "-o", str(pdf))[0] == 0
    text = read(pdf.read_bytes())[0].text
    assert stands in text
    assert "V/v V/v" not in text
    (version / "body.xml").write_text("của tôi", encoding="utf-8")
    status, _, err = say("new", "giay-thu")
    assert status == 1
    assert "is there already" in err
    assert (version / "body.xml").read_text("utf-8") == "của tôi"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("../x",), "must be of a-z"),
        (("Giay",), "must be of a-z"),
        (("x", "--title", "☃"), "no glyph"),
        (("x", "--title", "{{ data }}"), "braces"),
        ((catalogue()[0].name,), "copy that folder"),
    ],
)
def test_what_makes_no_paper_leaves_nothing_behind(say: Say, tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    status, _, err = say("new", *words)
    assert status == 1
    assert told in err
    assert not [one for one in tmp_path.rglob("*") if one.name != "papers"]


def test_check_says_every_fault_with_file_and_line(say: Say, tmp_path: Path) -> None:
    """All of a folder, one paper, one version, and a name; exit status 1."""
    papers = tmp_path / "papers"
    first = folder(papers, name="giay-a", body=BODY.replace("data.name", "data.nobody"))
    second = folder(papers, name="giay-b", manifest=MANIFEST.replace("2026-01-01", "soon"))
    good = folder(papers, name="giay-c")
    lines = f"{first / 'body.xml'}:3: ", f"{second / 'manifest.toml'}:2: "
    status, _, err = say("check")
    assert status == 1
    assert [line.startswith(begun) for line, begun in zip(err.splitlines(), lines, strict=True)] == [True, True]
    assert all(" · " in line for line in err.splitlines())
    for meant in ("giay-a", str(first), str(first.parent)):
        status, _, err = say("check", meant)
        assert (status, err.startswith(lines[0]), lines[1] in err) == (1, True, False)
    status, out, err = say("check", str(good))
    assert (status, err) == (0, "")
    assert out.endswith(f"{good}: 1 phiên bản dùng được · 1 version can be used\n")
    assert say("check", "nowhere")[0] == 1
    for one in ("list",), ("render", "giay-c", "-o", str(tmp_path / "c.pdf")):
        assert lines[1] in say(*one)[2]
    assert not (tmp_path / "c.pdf").exists()


def test_check_sees_what_is_wrong_between_papers(say: Say, tmp_path: Path) -> None:
    for version in ("2026.1", "2026.2"):
        folder(tmp_path / "papers", version=version)
    status, _, err = say("check")
    assert status == 1
    assert "begins on the same day as 2026.1" in err


def test_check_sees_what_comes_out_only_when_it_is_drawn(say: Say, tmp_path: Path) -> None:
    place = folder(tmp_path / "papers", body=BODY.replace("<p>", "<table><column>A</column><row/></table><p>"))
    status, _, err = say("check")
    assert status == 1
    assert err.startswith(f"{place / 'body.xml'}:3: ")


def test_check_remarks_on_traps(say: Say, tmp_path: Path) -> None:
    """What the sample never prints; texts of any length; misspelt names taken. None of them is a fault."""
    body = BODY.replace("</p>", "</p>\n  {% if data.born_on %}<p>Sinh ngày {{ data.born_on | day }}.</p>{% endif %}")
    schema = json.dumps({**SCHEMA, "additionalProperties": True}, indent=1)
    place = folder(tmp_path / "papers", body=body, schema=schema)
    status, out, err = say("check")
    assert (status, err) == (0, "")
    notes = [line for line in out.splitlines() if line.startswith("lưu ý · note: ")]
    assert [f"{place / 'body.xml'}:4: " in notes[0], f"{place / 'schema.json'}:1: data: " in notes[1]] == [True, True]
    assert ": lines: " in notes[2]
    assert len(notes) == 3
    (place / "sample.json").write_text('{"name": "Đặng", "born_on": "2000-01-02"}', encoding="utf-8")
    assert "body.xml" not in say("check")[1]


def test_list_says_which_are_in_force_and_whose(say: Say, tmp_path: Path) -> None:
    folder(tmp_path / "papers")
    folder(
        tmp_path / "papers",
        version="2098.1",
        manifest=MANIFEST.replace("2026-01-01", "2098-01-01").replace("official = false", "official = true"),
    )
    rows = {(row["name"], row["version"]): row for row in json.loads(say("list", "--json")[1])}
    now, later = (rows["giay-xac-nhan-mau", version] for version in ("2026.1", "2098.1"))
    assert [now[key] for key in ("in_force", "own", "official", "procedure")] == [True, True, False, "9.000001"]
    assert [later[key] for key in ("in_force", "own", "official", "effective_from")] == [
        False,
        True,
        True,
        "2098-01-01",
    ]
    assert {row["own"] for name, row in rows.items() if name[0] != "giay-xac-nhan-mau"} == {False}
    out = say("list")[1]
    assert "không dùng hôm nay · not in force; của đơn vị · the office's; theo mẫu ban hành · official" in out


def test_the_version_in_force_is_rendered_with_data_of_one_s_own(say: Say, tmp_path: Path) -> None:
    """AC-96."""
    folder(tmp_path / "papers")
    later = BODY.replace("Xác nhận", "Mai sau xác nhận")
    folder(tmp_path / "papers", version="2098.1", manifest=MANIFEST.replace("2026-01-01", "2098-01-01"), body=later)
    data, pdf = tmp_path / "data.json", tmp_path / "out.pdf"
    data.write_text('{"name": "Ước Mẫu"}', encoding="utf-8")
    assert say("render", "giay-xac-nhan-mau", "--data", str(data), "-o", str(pdf))[0] == 0
    assert "Xác nhận ông (bà) Ước Mẫu." in read(pdf.read_bytes())[0].text
    data.write_text('{"nam": "Ước Mẫu"}', encoding="utf-8")
    status, _, err = say("render", "giay-xac-nhan-mau", "--data", str(data), "-o", str(pdf))
    assert status == 1
    assert "nam: không có trong mẫu này · is not part of this paper" in err
