"""`secondseal client ...`: programs made, limited, listed and revoked; every refusal in words."""

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api import clients
from office import demo_office_text
from secondseal.command import main
from stamping import EVERYTHING, Reach
from store import migrate, open_database

PAPER = "dang-ky-ho-kinh-doanh"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with an empty database."""
    (tmp_path / "office.toml").write_text(demo_office_text(), encoding="utf-8")
    migrate(_engine(tmp_path))
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path))
    return tmp_path


def test_a_program_is_made_limited_and_revoked(home: Path) -> None:
    """Its key works until it is revoked; its limits are what was typed last."""
    status, out, _ = _said("add", "motcua", "--scope", "documents:write", "--paper", PAPER, "--seal", "x1-2")
    assert status == 0
    token = out.splitlines()[1]
    found = clients.find(_engine(home), token)
    assert found is not None
    assert found.reach == Reach(papers=frozenset({PAPER}), seals=frozenset({"x1-2"}))
    assert _said("limit", "motcua", "--organisation", "M01.X1")[0] == 0
    _, listed, _ = _said("list")
    assert "documents:write; cơ quan · organisations: M01.X1" in listed
    assert token not in listed
    assert _said("limit", found.id, "--everything")[0] == 0
    assert clients.named(_engine(home), "motcua").reach == EVERYTHING
    assert _said("revoke", "motcua")[0] == 0
    assert clients.find(_engine(home), token) is None
    assert "đã thu hồi · revoked" in _said("list")[1]


def test_what_cannot_be_is_said_and_changes_nothing(home: Path) -> None:
    """A paper, seal or organisation the office does not have; a program nobody knows; a name of two."""
    _said("add", "motcua", "--scope", "documents:read")
    for words, told in (
        (("add", "khac", "--scope", "approvals", "--paper", "giay-la"), f"no paper 'giay-la'; there are: {PAPER}"),
        (("limit", "motcua", "--seal", "x9"), "no seal 'x9'"),
        (("limit", "motcua", "--organisation", "H99"), "no organisation 'H99'"),
        (("limit", "motcua"), "name at least one"),
        (("limit", "motcua", "--everything", "--paper", PAPER), "name at least one"),
        (("revoke", "khac"), "no program 'khac'"),
    ):
        status, _, err = _said(*words)
        assert (status, told in err) == (1, True), err
    assert clients.named(_engine(home), "motcua").reach == EVERYTHING
    _said("add", "motcua", "--scope", "documents:read")
    assert "several programs are called 'motcua'" in _said("revoke", "motcua")[2]


def _engine(home: Path) -> Engine:
    return open_database(f"sqlite:///{home / 'secondseal.db'}")


def _said(*words: str) -> tuple[int, str, str]:
    """Status, output and errors of `secondseal client WORDS`."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(["client", *words])
    return status, out.getvalue(), err.getvalue()
