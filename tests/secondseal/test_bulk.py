"""`secondseal bulk`: 200 rows of a real CSV and a real XLSX become 200 papers, once each, whatever ends the run."""

import csv
import io
import os
import signal
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from secondseal.bulk.progress import Progress
from secondseal.command import main
from secondseal.demo.pki import Pki
from stamping import documents, endings
from store import VIETNAM
from templates import sample_data
from tests.secondseal.served import give_settings, until
from tests.stamping.office_desk import ORGANISATION, PROCEDURE, Place, PlaceMaker

ROOT = Path(__file__).parents[2]
PAPER = "dang-ky-ho-kinh-doanh"
Said = tuple[int, str]
HEADINGS = (
    "Mã hồ sơ",
    "dossier.applicant.name",
    "Người nộp hồ sơ – Số định danh",
    "Tiếp nhận lúc",
    "Tên hộ kinh doanh",
    "Ngành, nghề kinh doanh",
    "Vốn kinh doanh (đồng)",
    "address",
    "Chủ hộ kinh doanh – Họ và tên",
    "representative.birth_date",
    "representative.gender",
    "representative.ethnicity",
    "representative.nationality",
    "representative.id_number",
    "registered_on",
    "members.0.name",
    "members.1.name",
)


def row(number: int, place: Place) -> list[Any]:
    """A right one, its cells as a clerk types them."""
    received = place.clock().astimezone(VIETNAM) - timedelta(hours=5)
    return [
        f"000.00.16.H05-261118-{number:04d}",
        f"Phạm Thị Mẫu {number}",
        "000000000001",
        f"{received:%d/%m/%Y %H:%M}",
        f"Hộ kinh doanh Mẫu {number}",
        "Bán lẻ lương thực",
        "80.000.000",
        "Thôn Mẫu, xã Mẫu",
        f"Phạm Thị Mẫu {number}",
        "05/01/1990",
        "Nữ",
        "Kinh",
        "Việt Nam",
        "001090000001",
        "2026-11-20",
        f"Phạm Văn Mẫu {number}",
        "",
    ]


def moment(text: str) -> datetime:
    """As a spreadsheet keeps it: without a zone."""
    return datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007


def as_csv(
    file: Path, rows: Sequence[Sequence[Any]], *, separator: str = ";", headings: Sequence[str] = HEADINGS
) -> Path:
    """As a Vietnamese spreadsheet saves it: a byte order mark, semicolons."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([headings, *rows])
    file.write_bytes(text.getvalue().encode("utf-8-sig"))
    return file


def report(file: Path) -> list[dict[str, str]]:
    """What the report beside the table says."""
    with file.with_name(f"{file.name}.report.csv").open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def made(place: Place) -> list[str]:
    """The dossier of each paper there is, in order."""
    return sorted(view.dossier for view in documents.list_documents(place.desk, limit=1000))


@pytest.fixture
def place(desk_with: PlaceMaker, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An office of the test's own, as the command finds it."""
    office = desk_with()
    give_settings(office, pki)
    monkeypatch.setenv("SECONDSEAL_HOME", str(office.desk.home))
    return office


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Exit status and all that was said."""

    def run(verb: str, file: Path, *words: str) -> Said:
        capsys.readouterr()
        status = main(["bulk", verb, str(file), "--procedure", PROCEDURE, *words])
        written = capsys.readouterr()
        return status, written.out + written.err

    return run


def test_a_run_killed_in_the_middle_goes_on_and_makes_each_of_200_papers_once(
    place: Place, tmp_path: Path, said: Callable[..., Said]
) -> None:
    """SIGKILL to the real process, then Ctrl-C; then to the end; then once more, which makes nothing."""
    file = as_csv(tmp_path / "danh sách.csv", [row(number, place) for number in range(1, 201)])
    command = [sys.executable, "-m", "secondseal.command", "bulk", "make", str(file), "--procedure", PROCEDURE]
    for least, how in ((20, signal.SIGKILL), (60, signal.SIGINT)):
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        reached = partial(
            lambda least, process: len(made(place)) >= least or process.poll() is not None, least, process
        )
        until(reached, 240, "some papers")
        process.send_signal(how)
        assert process.wait() == (130 if how == signal.SIGINT else -how)
        assert least <= len(made(place)) < 200
    before = len(made(place))
    assert len(report(file)) >= before - 1  # what was made last may not have been written down
    status, words = said("make", file)
    assert status == 0, words
    assert "200 văn bản" in words
    assert "Lập văn bản · made 200/200" in words
    assert made(place) == [f"000.00.16.H05-261118-{number:04d}" for number in range(1, 201)]
    told = report(file)
    assert [line["row"] for line in told] == [str(number) for number in range(2, 202)]
    assert [line["status"] for line in told].count("made-before") == before
    assert {line["status"] for line in told} == {"made", "made-before"}
    kept = {view.id: view for view in documents.list_documents(place.desk, limit=1000)}
    assert {line["document"] for line in told} == kept.keys()
    assert all(kept[line["document"]].number == line["number"] for line in told)
    # numbers without a gap, in the order of the rows
    assert [int(line["number"].partition("/")[0]) for line in told] == list(range(1, 201))
    assert said("make", file)[0] == 0
    assert {line["status"] for line in report(file)} == {"made-before"}
    assert len(made(place)) == 200


def sheet(file: Path, rows: Sequence[Sequence[Any]], formats: Mapping[int, str] | None = None) -> Path:
    """A real XLSX; numbers stay numbers, moments become serial numbers with a format."""
    book = xlsxwriter.Workbook(str(file))
    listed = book.add_worksheet()
    listed.write_row(0, 0, HEADINGS)
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    own = {index: book.add_format({"num_format": form}) for index, form in (formats or {}).items()}
    for number, cells in enumerate(rows, 1):
        for index, cell in enumerate(cells):
            if isinstance(cell, datetime):
                listed.write_datetime(number, index, cell, own.get(index, day))
            elif isinstance(cell, str) and cell.startswith("="):
                listed.write_formula(number, index, cell, None, 7)
            else:
                listed.write(number, index, cell, own.get(index))
    book.close()
    return file


def test_every_row_is_checked_before_anything_is_made_and_each_fault_is_at_its_row_and_column(
    place: Place, tmp_path: Path, said: Callable[..., Said]
) -> None:
    """200 rows of an XLSX, nine of them wrong in nine ways: nothing is made."""
    rows = [row(number, place) for number in range(1, 201)]
    for one in rows:
        one[6], one[9], one[13] = 80_000_000, moment("05/01/1990 00:00"), 1090000001
        one[3] = moment(one[3])
    formats = {3: "dd/mm/yyyy hh:mm", 13: "000000000000"}
    good = sheet(tmp_path / "right.xlsx", rows, formats)
    status, words = said("check", good)
    assert status == 0, words
    assert {line["status"] for line in report(good)} == {"right"}

    rows[4][4] = "Hộ 😀 Mẫu"  # the typeface has no such character
    rows[9][6] = "=7*1000"
    rows[14][2] = 1  # a number, its zeros are gone
    rows[19][9] = 32878  # a serial number that does not say it is a day
    rows[24][0] = rows[23][0]
    rows[29][14] = None
    rows[34][15], rows[34][16] = None, "Phạm Văn Mẫu"
    rows[39][9], rows[39][10] = moment("05/01/2031 00:00"), "=x"
    rows[44][0] = "123"
    file = sheet(tmp_path / "wrong.xlsx", rows, formats)
    status, words = said("make", file)
    assert status == 1
    assert "nothing was made" in words
    assert made(place) == []
    found = {(int(line["row"]) - 1, line["column"]): line for line in report(file) if line["status"] == "fault"}
    assert {number for number, _ in found} == {5, 10, 15, 20, 25, 30, 35, 40, 45}
    glyph = found[5, "Tên hộ kinh doanh"]
    assert glyph["path"] == "household_name"
    assert "“😀” (U+1F600)" in glyph["reason_vi"]
    assert "“😀” (U+1F600)" in glyph["reason_en"]
    assert "công thức" in found[10, "Vốn kinh doanh (đồng)"]["reason_vi"]
    assert "leading zeros" in found[15, "Người nộp hồ sơ – Số định danh"]["reason_en"]
    assert "20/11/2026" in found[20, "representative.birth_date"]["reason_vi"]
    assert "dòng 25" in found[25, "Mã hồ sơ"]["reason_vi"]
    assert found[30, "registered_on"]["reason_vi"] == "còn thiếu"
    assert found[35, "members.0.name"]["path"] == "members.0"
    assert (40, "representative.gender") in found
    assert "mẫu" in found[45, "Mã hồ sơ"]["reason_vi"]
    assert all(line["reason_vi"] and line["reason_en"] for line in found.values())
    assert all(f"dòng · row {number + 1}, {column}: " in words for number, column in found)


def test_letters_taken_apart_come_out_composed_and_commas_part_columns_as_well(
    place: Place, tmp_path: Path, said: Callable[..., Said]
) -> None:
    """NFD, as a Mac writes it, in headings and cells; a comma-separated file with quotes and a line break."""
    cells = [unicodedata.normalize("NFD", cell) for cell in row(1, place)]
    cells[7] = unicodedata.normalize("NFD", "Thôn Mẫu, xã “Mẫu”; tỉnh Mẫu")
    headings = [unicodedata.normalize("NFD", heading) for heading in HEADINGS]
    file = as_csv(tmp_path / "nfd.csv", [[], cells], separator=",", headings=headings)
    status, words = said("make", file)
    assert status == 0, words
    assert report(file)[0]["row"] == "3"
    (view,) = documents.list_documents(place.desk)
    assert "Mẫu 1" in view.holder
    assert unicodedata.is_normalized("NFC", view.holder + view.subject)


def test_a_corrected_file_makes_no_second_paper_for_a_dossier_unless_the_first_has_ended(
    place: Place, tmp_path: Path, said: Callable[..., Said]
) -> None:
    """Another file has other keys: what is known then is the dossier."""
    first = as_csv(tmp_path / "one.csv", [row(1, place)])
    assert said("make", first)[0] == 0
    changed = row(1, place)
    changed[5] = "Bán lẻ đồ uống"
    again = as_csv(tmp_path / "two.csv", [changed, row(2, place)])
    status, words = said("make", again)
    assert status == 1
    assert "has this paper already" in words
    assert len(made(place)) == 1
    (view,) = documents.list_documents(place.desk)
    endings.decline(place.desk, view.id, "withdrawn", "sai ngành, nghề", "một cửa")
    assert said("make", again)[0] == 0
    assert len(made(place)) == 3


def test_other_options_under_the_same_file_are_no_second_run(
    place: Place, tmp_path: Path, said: Callable[..., Said]
) -> None:
    """The key of each row was used for something else: refused, not made anew."""
    file = as_csv(tmp_path / "one.csv", [row(1, place)])
    assert said("make", file)[0] == 0
    status, words = said("make", file, "--officer", "chu-tich", "--organisation", ORGANISATION)
    assert status == 1
    assert "Idempotency-Key" in words
    assert len(made(place)) == 1


def test_the_empty_table_filled_with_its_own_example_makes_that_paper(
    place: Place, tmp_path: Path, said: Callable[..., Said]
) -> None:
    """What the second sheet shows, typed into the first; as it is, the table has no row."""
    file = tmp_path / "empty.xlsx"
    assert main(["bulk", "template", PAPER, "-o", str(file)]) == 0
    status, words = said("make", file)
    assert status == 1
    assert "headings only" in words
    book = openpyxl.load_workbook(file)
    listed, example = book.worksheets
    assert [cell.value for cell in listed[2]] == [cell.value for cell in example[2]]
    received = place.clock().astimezone(VIETNAM) - timedelta(hours=5)
    for shown in example[3]:
        cell = listed.cell(row=3, column=shown.column, value=shown.value)
        cell.number_format = shown.number_format
        name = str(example.cell(row=2, column=shown.column).value)
        if name.endswith(("received_at", "appraised_at")):
            cell.value = f"{received:%d/%m/%Y %H:%M}"
        elif name == "dossier.due_at":
            cell.value = None
    book.save(file)
    status, words = said("make", file)
    assert status == 0, words
    (view,) = documents.list_documents(place.desk)
    given = sample_data("dang-ky-ho-kinh-doanh")
    assert given["household_name"] in (view.subject + view.holder)


def test_a_hostile_file_is_refused_before_it_is_unpacked(
    place: Place, tmp_path: Path, said: Callable[..., Said]
) -> None:
    """A zip bomb, a damaged archive, an old .xls, bytes that are no text, one column too many."""
    bomb = sheet(tmp_path / "bomb.xlsx", [])
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/media/big", "w") as part:
        for _ in range(130):
            part.write(bytes(2**20))
    assert bomb.stat().st_size < 2**20
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(bomb.read_bytes()[:3000])
    entities = tmp_path / "entities.xlsx"
    with (
        zipfile.ZipFile(sheet(tmp_path / "plain.xlsx", [row(1, place)])) as plain,
        zipfile.ZipFile(entities, "w") as out,
    ):
        laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
        for name in plain.namelist():
            text = plain.read(name)
            if name.endswith("sharedStrings.xml"):
                head, _, rest = text.partition(b"?>")
                text = (
                    head + f'?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'.encode() + rest.replace(b"<t>", b"<t>&l11;", 1)
                )
            out.writestr(name, text)
    (old := tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    (latin := tmp_path / "latin.csv").write_bytes("Mã".encode("utf-16"))
    wide = as_csv(tmp_path / "wide.csv", [["x"] * 401])
    strange = as_csv(tmp_path / "strange.csv", [["x", "y"]], headings=("Mã hồ sơ", "Họ và tên"))
    for file, expected in (
        (bomb, "too large when unpacked"),
        (cut, "cannot be read"),
        (entities, "cannot be read"),
        (old, "old .xls"),
        (latin, "not UTF-8"),
        (wide, "more than 400 columns"),
        (strange, "may be any of: dossier.applicant.name, representative.name"),
        (tmp_path / "none.csv", "cannot be used"),
    ):
        status, words = said("check", file)
        assert (status, expected in words) == (1, True), (file.name, words)
    assert made(place) == []


def test_a_terminal_gets_a_bar_and_anything_else_a_few_lines() -> None:
    """Never 5,000 lines in a log."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for shown in (Terminal(), io.StringIO()):
        progress = Progress(5000, "Lập", shown)
        for _ in range(5000):
            progress.step()
        progress.end()
        lines = shown.getvalue().split("\n")
        if shown.isatty():
            assert len(lines) == 2
            assert lines[0].endswith(f"Lập {'█' * 30} 5000/5000, còn · left 0:00 ")
        else:
            assert lines == [*(f"Lập {count}/5000" for count in range(250, 5001, 250)), ""]


def test_no_cell_of_the_report_is_a_formula(place: Place, tmp_path: Path, said: Callable[..., Said]) -> None:
    """A dossier's code and a heading are another's words."""
    cells = row(1, place)
    cells[0] = '=HYPERLINK("http://mau.example")'
    file = as_csv(tmp_path / "formula.csv", [cells])
    assert said("check", file)[0] == 1
    assert report(file)[0]["dossier"] == '\'=HYPERLINK("http://mau.example")'
    assert file.with_name("formula.csv.report.csv").stat().st_mode & 0o777 == 0o600
