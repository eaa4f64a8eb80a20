"""`secondseal statistics` on a real database."""

import json
from pathlib import Path

import pytest

from office import demo_office_text
from secondseal.command import main
from store import migrate, open_database, write
from tests.stamping.figures_data import add_document, add_line, moment


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two papers of March 2026: one sealed in time, one overdue."""
    engine = open_database(f"sqlite:///{tmp_path / 'secondseal.db'}")
    migrate(engine)
    due = moment("2026-03-05 17:00")
    with write(engine) as connection:
        add_document(
            connection,
            1,
            due_at=due,
            state="sealed",
            approved_at=moment("2026-03-02 10:00"),
            sealed_at=moment("2026-03-02 11:00"),
        )
        add_document(connection, 2, due_at=due)
        add_line(connection, 1, at=moment("2026-03-02 08:00"), ways=("file", "sealed"))
    engine.dispose()
    (tmp_path / "office.toml").write_text(demo_office_text(), encoding="utf-8")
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path))
    return tmp_path


MARCH = ("statistics", "--from", "2026-03-01", "--until", "2026-04-01")


def test_told_to_people(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(MARCH) == 0
    told = capsys.readouterr().out
    assert told.startswith("01/03/2026 – 31/03/2026\n")
    assert "Đúng hạn · On time: 100% (1/1)" in told
    assert "Đang quá hạn · Overdue now: 1" in told
    assert "Tiếp nhận đến đóng dấu · Receipt to seal: 3 hours" in told


def test_as_json_and_csv(home: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main([*MARCH, "--json", "--organisation", "M01.X1"]) == 0
    found = json.loads(capsysbinary.readouterr().out)
    assert (found["from"], found["papers"], found["deadlines"]["overdue"]) == ("2026-03-01", 2, 1)
    assert main([*MARCH, "--csv"]) == 0
    assert b"all,,,overdue,papers,1\r\n" in capsysbinary.readouterr().out


def test_what_cannot_be_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statistics", "--from", "2026-03-01", "--until", "2026-03-01"]) == 1
    assert "ten years" in capsys.readouterr().err
    assert main(["statistics", "--organisation", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err
    (home / "office.toml").write_text("day_begins = 8", encoding="utf-8")
    assert main(MARCH) == 1
    assert "day_begins" in capsys.readouterr().err
    (home / "office.toml").unlink()
    assert main(MARCH) == 1
    assert "cannot be read" in capsys.readouterr().err
