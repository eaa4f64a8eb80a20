"""`secondseal client ...`: programs made, limited, listed and revoked; `account reset-factor`; refusals in words."""

import io
import os
import pwd
import re
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import Engine, select

from api import accounts, clients, second_factor
from api.receipt_key import ReceiptKey
from api.tables import factor_events, factors
from office import demo_office_text
from secondseal.command import main
from secondseal.commands.web import encrypt_second_factors
from secondseal.settings import load_settings
from stamping import EVERYTHING, Reach
from store import migrate, open_database, read, write
from templates import catalogue

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
    found = clients.find(_engine(home), token, datetime.now(UTC))
    assert found is not None
    assert found.reach == Reach(papers=frozenset({PAPER}), seals=frozenset({"x1-2"}))
    assert _said("limit", "motcua", "--organisation", "M01.X1")[0] == 0
    _, listed, _ = _said("list")
    assert "documents:write; cơ quan · organisations: M01.X1" in listed
    assert token not in listed
    assert _said("limit", found.id, "--everything")[0] == 0
    assert clients.named(_engine(home), "motcua").reach == EVERYTHING
    assert _said("revoke", "motcua")[0] == 0
    assert clients.find(_engine(home), token, datetime.now(UTC)) is None
    assert "đã thu hồi · revoked" in _said("list")[1]


def test_what_cannot_be_is_said_and_changes_nothing(home: Path) -> None:
    """A paper, seal or organisation the office does not have; a program nobody knows; a name of two."""
    _said("add", "motcua", "--scope", "documents:read")
    for words, told in (
        (
            ("add", "khac", "--scope", "approvals", "--paper", "giay-la"),
            f"no paper 'giay-la'; there are: {', '.join(sorted({paper.name for paper in catalogue()}))}",
        ),
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


def test_keys_overlap_and_end(home: Path) -> None:
    """The key before works until the overlap ends, never longer than it was to; keys are kept as hashes only."""
    engine = _engine(home)
    first = _said("add", "motcua", "--scope", "documents:read")[1].splitlines()[1]
    status, out, _ = _said("rotate", "motcua", "--overlap", "7d")
    assert status == 0
    second, at = out.splitlines()[1], datetime.now(UTC)
    for token, after, fits in (
        (first, timedelta(days=6), True),
        (first, timedelta(days=8), False),
        (second, timedelta(days=800), True),
    ):
        assert (clients.find(engine, token, at + after) is not None) is fits, (token, after)
    third = _said("rotate", "motcua", "--overlap", "0h")[1].splitlines()[1]
    assert [clients.find(engine, token, datetime.now(UTC)) is None for token in (first, second, third)] == [
        True,
        True,
        False,
    ]
    kept = (home / "secondseal.db").read_bytes() + (home / "secondseal.db-wal").read_bytes()
    assert not any(token.split("_", 2)[2].encode() in kept for token in (first, second, third))
    for words, told in (
        (("rotate", "motcua", "--overlap", "91d"), "between 0 and 90 days"),
        (("rotate", "khac"), "no program 'khac'"),
    ):
        status, _, err = _said(*words)
        assert (status, told in err) == (1, True), err
    _said("revoke", "motcua")
    assert "the program is revoked" in _said("rotate", "motcua")[2]
    with pytest.raises(SystemExit):
        _said("rotate", "motcua", "--overlap", "soon")


def test_one_key_is_revoked_at_once_and_the_list_shows_when_each_was_used(home: Path) -> None:
    """To the hour: between, a call writes nothing."""
    engine, at = _engine(home), datetime.now(UTC)
    first = _said("add", "motcua", "--scope", "documents:read")[1].splitlines()[1]
    client = clients.named(engine, "motcua")
    assert "chưa dùng · unused" in _said("list")[1]
    for after, written in ((timedelta(), at), (timedelta(minutes=59), at), (timedelta(hours=2),) * 2):
        assert clients.find(engine, first, at + after) is not None
        (key,) = clients.keys_of(engine, client.id)
        assert key.used_at == (written if isinstance(written, datetime) else at + written)
    second = _said("rotate", "motcua")[1].splitlines()[1]
    key_id = first.split("_")[1]
    other = _said("add", "khac", "--scope", "documents:read")[1].splitlines()[1]
    assert "has no key" in _said("revoke", "motcua", "--key", other.split("_")[1])[2]
    assert _said("revoke", "motcua", "--key", key_id)[0] == 0
    assert "is in force" in _said("revoke", "motcua", "--key", key_id)[2]
    now = datetime.now(UTC)
    assert [clients.find(engine, token, now) is None for token in (first, second, other)] == [True, False, False]
    assert len(re.findall("khoá · key", _said("list")[1])) == 3


def test_secrets_from_before_are_encrypted_as_the_web_process_starts(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Their number is logged, nothing of them; without the key it starts all the same, and says so."""
    engine, at, settings = _engine(home), datetime.now(UTC), load_settings({}, home=home)
    accounts.create(engine, name="lethimau", password="mat-khau-thu-nghiem", roles=["clerk"], now=at)
    encrypt_second_factors(engine, settings)
    assert not settings.second_factor_key.exists(), "nobody needs one yet"
    with write(engine) as connection:
        before = {"account": "lethimau", "secret": pyotp.random_base32(), "confirmed_at": at, "last_step": 0}
        connection.execute(factors.insert().values(**before))
    caplog.set_level("INFO")
    encrypt_second_factors(engine, settings)
    assert "secrets of 1 second factors were encrypted" in caplog.text
    with read(engine) as connection:
        kept = connection.execute(select(factors)).one()
    assert kept.secret == ""
    assert kept.sealed
    settings.second_factor_key.unlink()
    encrypt_second_factors(engine, settings)
    assert f"{settings.second_factor_key} cannot be read" in caplog.text
    assert str(before["secret"]) not in caplog.text


def test_a_lost_second_factor_is_reset(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On record with the operator's own name; somebody without one, or nobody, is said."""
    engine, at = _engine(home), datetime.now(UTC)
    accounts.create(engine, name="lethimau", password="mat-khau-thu-nghiem", roles=["clerk"], now=at)
    key = home / "second-factor.key"
    secret = second_factor.begin(engine, "lethimau", at, key=key)
    second_factor.confirm(engine, "lethimau", pyotp.TOTP(secret).at(at), at, keep_session="", key=key)
    key.unlink()  # which the doctor says; a reset needs none
    assert main(["token", "doctor"]) == 1
    assert f"{key} cannot be read" in capsys.readouterr().out
    assert main(["account", "reset-factor", "lethimau"]) == 0
    assert main(["token", "doctor"]) == 1, "no seal has a key"
    assert str(key) not in capsys.readouterr().out
    assert not second_factor.in_force(engine, "lethimau")
    with read(engine) as connection:
        last = connection.execute(select(factor_events).order_by(factor_events.c.id.desc())).first()
    assert last is not None
    assert (last.event, last.actor) == ("reset", f"command:{pwd.getpwuid(os.getuid()).pw_name}")
    assert [main(["account", "reset-factor", name]) for name in ("lethimau", "khong-co")] == [1, 1]
    told = capsys.readouterr().err
    assert "lethimau has no second factor" in told
    assert "no account 'khong-co'" in told


def test_the_doctor_looks_at_the_key_of_the_receipts(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Made with the first receipt, so none is no trouble; one that cannot be used is told."""

    def told() -> str:
        assert main(["token", "doctor"]) == 1, "no seal has a key"
        return capsys.readouterr().out

    key, beside = home / "receipt.key", home / "second-factor.key"
    assert "receipt" not in told()
    ReceiptKey.create(key, "UBND xã Mẫu", datetime.now(UTC))
    assert "receipt" not in told()
    key.chmod(0o640)
    assert f"others can read {key}" in told()
    key.chmod(0o600)
    beside.write_text("")
    assert "receipt" not in told()
    if os.geteuid() == 0:
        os.chown(beside, 65534, 65534)
        assert f"{key} does not belong to the web process's user" in told()
    beside.unlink()
    key.write_text("no key")
    assert "does not hold a key" in told()
    (home / "secondseal.toml").write_text('receipt_key = "nowhere/receipt.key"\n', "utf-8")
    assert f"There is no folder {home / 'nowhere'}" in told()


def _engine(home: Path) -> Engine:
    return open_database(f"sqlite:///{home / 'secondseal.db'}")


def _said(*words: str) -> tuple[int, str, str]:
    """Status, output and errors of `secondseal client WORDS`."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(["client", *words])
    return status, out.getvalue(), err.getvalue()
