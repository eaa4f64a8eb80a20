"""The ceremony with people at a terminal: PINs typed, not shown; a wrong one typed again; a token that is not there."""

from pathlib import Path

import pytest

from hsm import check_record
from tests.secondseal.terminal import at_a_terminal
from tests.tokens.fixtures import USER_PIN, Seat, TokenFarm


@pytest.fixture(scope="module")
def witness(farm: TokenFarm) -> Seat:
    """A person with a token and a PIN of their own."""
    return farm.make("p-256", common_name="Lê Thị Chứng", pin="pin-chung-kien")


def plan(folder: Path, farm: TokenFarm, witness_uri: str) -> None:
    (folder / "plan.toml").write_text(
        f'uri = "{farm.token().uri}"\nlabel = "con dấu"\nalgorithm = "p-256"\n[subject]\ncommon_name = "MẪU"\n'
        f'[[witnesses]]\nname = "Lê Thị Chứng"\npost = "Chánh văn phòng"\nuri = "{witness_uri}"\n',
        encoding="utf-8",
    )


CEREMONY = ("token", "ceremony", "plan.toml", "--csr", "seal.csr", "--record", "record.json")


def test_each_person_types_a_pin_that_is_not_shown(tmp_path: Path, farm: TokenFarm, witness: Seat) -> None:
    """A wrong PIN of the witness is said, and asked for again."""
    plan(tmp_path, farm, str(witness.uri))
    with at_a_terminal(tmp_path, *CEREMONY) as (process, terminal):
        terminal.until("Mã PIN · PIN: ")
        terminal.type(USER_PIN)
        terminal.until("PIN of Lê Thị Chứng: ")
        assert check_record((tmp_path / "record.json").read_text("utf-8")).missing == ("Lê Thị Chứng",)
        terminal.type("sai-ma-pin")
        terminal.until("Mã PIN không đúng")
        terminal.until("PIN of Lê Thị Chứng: ")
        terminal.type(witness.pin)
        terminal.until("record.json")
        assert process.wait(30) == 0
        for pin in (USER_PIN, witness.pin, "sai-ma-pin"):
            assert pin not in terminal.shown
    assert check_record((tmp_path / "record.json").read_text("utf-8")).whole
    assert not list(tmp_path.glob(".*")), "no half-written file is left"


def test_a_ceremony_given_up_at_the_witness_has_lost_nothing(tmp_path: Path, farm: TokenFarm, witness: Seat) -> None:
    """The token is asked for as often as it takes; Ctrl-C leaves key, request and record, and says who is missing."""
    away = str(witness.uri).replace("token=", "token=kh%C3%B4ng%20c%C3%B3%20").replace("serial=", "serial=0")
    plan(tmp_path, farm, away)
    with at_a_terminal(tmp_path, *CEREMONY) as (process, terminal):
        terminal.until("Mã PIN · PIN: ")
        terminal.type(USER_PIN)
        for _ in range(2):
            terminal.until("Plug in the token of Lê Thị Chứng, then press Enter.")
            terminal.type("")
        terminal.until("press Enter.")
        terminal.type("\x03")
        terminal.until("Lê Thị Chứng has not signed")
        assert process.wait(30) != 0
    found = check_record((tmp_path / "record.json").read_text("utf-8"))
    assert found.signed_by_key
    assert found.missing == ("Lê Thị Chứng",)
    assert (tmp_path / "seal.csr").read_text() == found.statement["request_pem"]
