"""Where a seal's PIN comes from; and where it is not seen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hsm import HsmKey, KeyUri, PinCredential, PinFile, PinSourceInvalid, PinVariable
from secondseal.demo.pki import Pki
from secondseal.pins import Pins
from secondseal.settings import FILE_NAME, Settings, SettingsError, load_settings
from stamping import key_health
from store import read
from tests.secondseal.served import give_key, give_settings, serving, until
from tests.secondseal.terminal import at_a_terminal
from tests.stamping.office_desk import SEAL, PlaceMaker
from tests.tokens.fixtures import USER_PIN, softhsm_module

PLAIN = KeyUri.parse("pkcs11:token=a?module-path=/m.so")
NAMED = KeyUri.parse("pkcs11:token=a?module-path=/m.so&pin-source=file:/run/seal.pin")
CREDENTIAL = KeyUri.parse("pkcs11:token=a?module-path=/m.so&pin-source=credential:seal")


def test_the_keys_own_source_wins_over_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAN_THU", "1234")
    for given, kind in (
        ({"pin_file": tmp_path / "pin"}, PinFile),
        ({"pin_credential": "seal"}, PinCredential),
        ({"pin_variable": "VAN_THU"}, PinVariable),
    ):
        pins = Pins(Settings(home=tmp_path, **given))
        assert isinstance(pins.source(PLAIN, test_office=True), kind)
        own = pins.source(NAMED, test_office=False)
        assert isinstance(own, PinFile)
        assert own.path == Path("/run/seal.pin")
        assert isinstance(pins.source(CREDENTIAL, test_office=False), PinCredential)
        assert "1234" not in repr(pins) + repr(vars(pins))
    assert "VAN_THU" not in os.environ


def test_a_variable_is_for_test_offices_and_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path, pin_variable="VAN_THU")
    with pytest.raises(PinSourceInvalid, match="VAN_THU"):
        Pins(settings).source(PLAIN, test_office=True)
    monkeypatch.setenv("VAN_THU", "1234")
    pins = Pins(settings)
    with pytest.raises(PinSourceInvalid, match="test office") as raised:
        pins.source(PLAIN, test_office=False)
    assert "1234" not in str(raised.value)
    assert pins.source(PLAIN, test_office=True).read().reveal() == b"1234"
    with pytest.raises(PinSourceInvalid, match="none of"):
        Pins(Settings(home=tmp_path)).source(PLAIN, test_office=True)


@pytest.mark.parametrize(
    "text",
    [
        'pin_file = "a"\npin_credential = "b"',
        'pin_credential = "b"\npin_variable = "C"',
        'pin_variable = "SECONDSEAL_PIN"',
    ],
)
def test_a_pin_comes_from_one_place(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="pin_"):
        load_settings({}, home=tmp_path)


def test_a_pin_given_as_a_setting_by_mistake_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({"SECONDSEAL_PIN": "ma-bi-mat"}, home=tmp_path)
    assert "ma-bi-mat" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_variable_taken_is_wiped_from_what_the_system_shows(tmp_path: Path) -> None:
    """/proc/<pid>/environ shows what a process was started with, until the bytes themselves are overwritten."""
    program = (
        "import os, pathlib; from hsm import PinVariable; pin = PinVariable('VAN_THU');"
        "shown = pathlib.Path('/proc/self/environ').read_bytes();"
        "import subprocess; child = subprocess.run(['env'], capture_output=True).stdout;"
        "print(b'ma-bi-mat' in shown, b'ma-bi-mat' in child, b'KEPT=1' in shown, pin.read().reveal(), pin)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"VAN_THU": "ma-bi-mat", "KEPT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[0] == "False False True b'ma-bi-mat' PinVariable('VAN_THU')"


def test_nobody_but_the_worker_has_the_pin(
    desk_with: PlaceMaker, seal_key: HsmKey, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test office with its PIN in a variable: in no environment, command line or log of the service's processes."""
    place = desk_with()
    give_key(place, seal_key, softhsm_module())
    give_settings(place, pki, pin_variable="VAN_THU_PIN")
    settings = place.desk.home / FILE_NAME
    kept = [line for line in settings.read_text("utf-8").splitlines() if not line.startswith("pin_file")]
    settings.write_text("\n".join(kept), encoding="utf-8")
    (place.desk.home / "seal.pin").unlink()
    monkeypatch.setenv("VAN_THU_PIN", USER_PIN)
    before = set(_children(os.getpid()))
    with serving(place) as served:
        until(lambda: _state(place.desk.engine) == "good", 60, "the worker signs with the PIN from the variable")
        running = [pid for pid in _descendants(os.getpid()) if pid not in before]
        names = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in running]
        assert sum(b"secondseal.command\0web" in name for name in names) == 1
        assert sum(b"secondseal.command\0worker" in name for name in names) == 1
        assert len(running) >= 5, "supervisor, web, worker, and the parents of both sandboxes"
        for pid in running:
            for shown in ("environ", "cmdline"):
                assert USER_PIN.encode() not in Path(f"/proc/{pid}/{shown}").read_bytes(), (pid, shown)
    assert USER_PIN not in served.said()


def test_a_worker_asks_for_the_pin_at_its_terminal(desk_with: PlaceMaker, seal_key: HsmKey, pki: Pki) -> None:
    """A small office without a PIN file: typed once, shown nowhere; refused beside a setting that names a source."""
    place = desk_with()
    home = place.desk.home
    give_key(place, seal_key, softhsm_module())
    give_settings(place, pki)
    with at_a_terminal(home, "worker", "--ask-pin", home=home) as (process, terminal):
        terminal.until("a PIN comes from one place")
        assert process.wait(30) != 0
    settings = home / FILE_NAME
    kept = [line for line in settings.read_text("utf-8").splitlines() if not line.startswith("pin_file")]
    settings.write_text("\n".join(kept), encoding="utf-8")
    (home / "seal.pin").unlink()
    with at_a_terminal(home, "worker", "--ask-pin", home=home) as (process, terminal):
        terminal.until("The seal's PIN: ")
        terminal.type(USER_PIN)
        until(lambda: _state(place.desk.engine) == "good", 60, "the worker signs with the PIN typed")
        for pid in _descendants(os.getpid()):
            assert USER_PIN.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
        process.terminate()
        assert process.wait(30) == 0
        assert USER_PIN not in terminal.shown


def _state(engine: object) -> str:
    with read(engine) as connection:  # type: ignore[arg-type]
        found = key_health.find(connection, SEAL, "current")
    return found.state if found is not None else ""


def _children(pid: int) -> list[int]:
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]


def _descendants(pid: int) -> list[int]:
    found = []
    for child in _children(pid):
        found += [child, *_descendants(child)]
    return found
