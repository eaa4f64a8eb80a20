"""`secondseal register ...`: numbers, paper documents, the books as files; every refusal in words."""

import csv
import io
import json
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from office import demo_office_text
from secondseal.command import main
from store import migrate, open_database, vietnam_date
from store import now as today_utc

ORGANISATION = "M01.X1"
SHEET = (
    "paper",
    "--organisation",
    ORGANISATION,
    "--symbol",
    "UBND-VP",
    "--type",
    "CÔNG VĂN",
    "--subject",
    "Đính chính giấy chứng nhận",
    "--signer",
    "Nguyễn Văn Mẫu",
    "--recipients",
    "Phạm Thị Mẫu",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An office with an empty register."""
    (tmp_path / "office.toml").write_text(demo_office_text(), encoding="utf-8")
    engine = open_database(f"sqlite:///{tmp_path / 'secondseal.db'}")
    migrate(engine)
    engine.dispose()
    return tmp_path


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


def said(home: Path, *words: str) -> Said:
    """`secondseal register WORDS`, in this process: a start of its own costs seconds."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("SECONDSEAL_HOME", str(home))
        status = main(["register", *words])
    return Said(status, out.getvalue(), err.getvalue())


def test_a_number_is_reserved_listed_and_voided(home: Path) -> None:
    """Decision 0047; rules 7.3."""
    asked = (
        "reserve",
        "--organisation",
        ORGANISATION,
        "--symbol",
        "QĐ-UBND",
        "--purpose",
        "giao con dấu",
        "--key",
        "k",
    )
    first, again = said(home, *asked), said(home, *asked)
    assert first.returncode == 0, first.stderr
    assert first.stdout == again.stdout
    assert "01/QĐ-UBND" in first.stdout
    listed = json.loads(said(home, "numbers", "--json").stdout)
    assert [(one["notation"], one["purpose"]) for one in listed] == [("01/QĐ-UBND", "giao con dấu")]
    voided = said(home, "void", str(listed[0]["id"]), "--reason", "không ban hành", "--by", "Lê Thị Mẫu")
    assert voided.returncode == 0, voided.stderr
    assert "Không có số nào đang để ngỏ" in said(home, "numbers").stdout
    twice = said(home, "void", str(listed[0]["id"]), "--reason", "không ban hành")
    assert (twice.returncode, "đã huỷ" in twice.stderr) == (1, True)
    assert "Traceback" not in twice.stderr


def test_what_the_register_or_the_office_refuses_is_said(home: Path) -> None:
    """No traceback: a number that is nobody's, and an office's file with an error."""
    unknown = said(home, "void", "999", "--reason", "không ban hành")
    assert (unknown.returncode, "Traceback" in unknown.stderr, unknown.stderr != "") == (1, False, True)
    (home / "office.toml").write_text("[office]\n", encoding="utf-8")
    broken = said(home, *SHEET)
    assert (broken.returncode, "office.toml" in broken.stderr) == (1, True), broken.stderr


def test_the_books_are_written_as_csv_xlsx_and_pdf(home: Path) -> None:
    """AC-10: the options that were there go on working; the file's ending says the format."""
    today = vietnam_date(today_utc())
    entered = said(home, *SHEET, "--issued", today.isoformat())
    assert entered.returncode == 0, entered.stderr
    assert entered.stdout.startswith("01/UBND-VP\t")
    as_before = said(
        home, "export", "--organisation", ORGANISATION, "--year", str(today.year), "-o", str(home / "a.csv")
    )
    assert as_before.returncode == 0, as_before.stderr
    rows = list(csv.reader((home / "a.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert (len(rows), rows[1][0], rows[1][9]) == (2, "01/UBND-VP", "Văn bản giấy")
    for book in ("outgoing", "seal"):
        for form, begins in {"xlsx": b"PK\x03\x04", "pdf": b"%PDF"}.items():
            out = home / f"{book}.{form}"
            done = said(home, "export", "--book", book, "--since", today.isoformat(), "-o", str(out))
            assert done.returncode == 0, done.stderr
            assert out.read_bytes()[:4] == begins
    assert zipfile.ZipFile(home / "outgoing.xlsx").testzip() is None
    exchanged = said(home, "exchange", "--format", "json", "-o", str(home / "e.json"))
    assert exchanged.returncode == 0, exchanged.stderr
    assert [one["CodeNotation"] for one in json.loads((home / "e.json").read_text())] == ["UBND-VP"]


def test_what_is_refused_is_said_and_leaves_the_file_before(home: Path) -> None:
    (home / "e.json").write_text("before")
    today = vietnam_date(today_utc())
    long_name = [*SHEET, "--issued", today.isoformat()]
    long_name[long_name.index("Nguyễn Văn Mẫu")] = "M" * 51
    assert said(home, *long_name).returncode == 0
    refused = said(home, "exchange", "-o", str(home / "e.json"))
    assert refused.returncode == 1
    assert "SignerInfo.FullName dài 51 ký tự" in refused.stderr
    assert (home / "e.json").read_text() == "before"
    assert [path.name for path in home.iterdir() if path.name.startswith(".")] == []
    wrong = said(home, "reserve", "--organisation", "M99", "--symbol", "QĐ-UBND")
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (1, False)
    nowhere = said(home, "export", "-o", str(home / "none" / "a.csv"))
    assert (nowhere.returncode, "cannot be used" in nowhere.stderr) == (1, True)
