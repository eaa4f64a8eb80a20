"""PINs: where they come from, and that a wrong one is never tried twice."""

import os
import resource
import subprocess
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hsm import (
    DeviceFault,
    KeyUri,
    LoginLedger,
    PinCredential,
    PinFile,
    PinLastTry,
    PinLocked,
    PinPrompt,
    PinSourceInvalid,
    PinUnsettled,
    PinValue,
    PinVariable,
    PinWrong,
    Recovery,
    TokenUnsuitable,
    pin_source,
)
from hsm.login import check_flags
from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import USER_PIN, Seat, TokenFarm

WRONG = "sai-mat-khau"


def test_wrong_pin_is_counted_and_not_sent_again(farm: TokenFarm):
    """AC-114: the second time the token is not even asked, also by a new ledger object (a restarted program)."""
    seat = farm.make("p-256")
    with pytest.raises(PinWrong) as first, seat.open(pin_value=WRONG):
        pass
    assert first.value.tried
    assert first.value.tries_left is None
    assert "không tự thử lại" in first.value.text_vi
    for _ in range(3):
        with pytest.raises(PinWrong) as again, seat.open(pin_value=WRONG):
            pass
        assert not again.value.tried
    assert LoginLedger(seat.state).failures(seat.token) == 1
    with seat.open() as key:
        key.sign(bytes(32))
    assert LoginLedger(seat.state).failures(seat.token) == 0


@pytest.fixture
def fault(tmp_path):
    """Rules end with the test; what is loaded stays in the process."""
    fault = FaultModule(tmp_path / "fault")
    yield fault
    fault.rules()


def through(fault: FaultModule, seat: Seat) -> Seat:
    """The same seat, reached through the fault module."""
    return replace(seat, uri=replace(seat.uri, module_path=str(fault.path)))


RESTART = """
import sys
from pathlib import Path
from cryptography import x509
from hsm import KeyUri, PinFile, Recovery, TokenError, open_key
uri, certificate, pin, state = sys.argv[1:]
certificate = x509.load_pem_x509_certificate(Path(certificate).read_bytes())
try:
    open_key(KeyUri.parse(uri), PinFile(pin), certificate=certificate, state=Path(state)).close()
except TokenError as error:
    print(type(error).__name__)
else:
    print("opened")
"""


def restarts(fault: FaultModule, seat: Seat, folder: Path, pin: str, times: int) -> list[str]:
    """What so many fresh processes say, one after the other."""
    (folder / "certificate.pem").write_bytes(seat.certificate.public_bytes(Encoding.PEM))
    pin_file = folder / "pin"
    pin_file.touch(0o600)
    pin_file.write_text(pin)
    arguments = [str(seat.uri), str(folder / "certificate.pem"), str(pin_file), str(seat.state)]
    return [
        subprocess.run(
            [sys.executable, "-c", RESTART, *arguments],
            env={**os.environ, **fault.environment},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout.strip()
        for _ in range(times)
    ]


def test_five_restarts_with_a_wrong_pin_make_one_login(farm: TokenFarm, fault: FaultModule, tmp_path):
    """AC-114: counted where the token is, over five processes."""
    seat = through(fault, farm.make("p-256"))
    assert restarts(fault, seat, tmp_path, WRONG, 5) == ["PinWrong"] * 5
    assert fault.calls()["C_Login"] == 1
    assert restarts(fault, seat, tmp_path, USER_PIN, 1) == ["opened"]
    assert fault.calls()["C_Login"] == 2


def test_restarts_with_a_pin_nobody_judged_send_it_twice(farm: TokenFarm, fault: FaultModule, tmp_path):
    """A driver with a code of its own for a refused PIN: two tries are risked, never the third that locks."""
    seat = through(fault, farm.make("p-256"))
    fault.rules("C_Login ckr=0x80000005")
    assert restarts(fault, seat, tmp_path, USER_PIN, 4) == [
        "DeviceFault",
        "DeviceFault",
        "PinUnsettled",
        "PinUnsettled",
    ]
    assert fault.calls()["C_Login"] == 2
    fault.rules()
    for record in LoginLedger(seat.state).records():
        record.forget()
    assert restarts(fault, seat, tmp_path, USER_PIN, 1) == ["opened"]


def test_restarts_of_a_driver_that_crashes_in_the_login(farm: TokenFarm, fault: FaultModule, tmp_path):
    """The attempt is on disk before the call: the third process sends nothing."""
    seat = through(fault, farm.make("p-256"))
    fault.rules("C_Login crash")
    for _ in range(2):
        with pytest.raises(subprocess.CalledProcessError) as died:
            restarts(fault, seat, tmp_path, USER_PIN, 1)
        assert died.value.returncode < 0
    assert restarts(fault, seat, tmp_path, USER_PIN, 1) == ["PinUnsettled"]
    assert fault.calls()["C_Login"] == 2


def test_a_login_cut_short_is_not_repeated_for_ever(farm: TokenFarm):
    """A driver that crashes inside C_Login: the attempt is on disk before the call, two are the most."""
    seat = farm.seat("p-256")
    ledger = LoginLedger(farm.state())
    pin = PinValue("bi-ngat").read()
    for _ in range(2):
        with ledger.attempt(seat.token) as attempt:
            attempt.begin(attempt.recognise(pin))  # and the process ends here
    with pytest.raises(PinUnsettled) as raised, ledger.attempt(seat.token) as attempt:
        attempt.recognise(pin)
    assert raised.value.attempts == 2
    ledger.forget(seat.token)
    with ledger.attempt(seat.token) as attempt:
        attempt.recognise(pin)


def test_tries_nobody_can_account_for_count_whatever_the_pin(farm: TokenFarm):
    """One PIN refused, another cut short: on a token that says nothing itself, a third could be its last try."""
    token = replace(farm.seat("p-256").token, manufacturer="bit4id srl", model="TokenME EVO v2")
    ledger = LoginLedger(farm.state())
    one, two, three = (PinValue(value).read() for value in ("mot", "hai", "ba"))
    with ledger.attempt(token) as attempt:
        attempt.begin(attempt.recognise(one))
        attempt.refused()
    with ledger.attempt(token) as attempt:
        attempt.begin(attempt.recognise(two))  # and the process ends here
    for pin in (two, three):
        with ledger.attempt(token) as attempt:
            attempt.recognise(pin)
            assert attempt.record.spent == 2
            with pytest.raises(PinLastTry):
                check_flags(token, attempt.record.spent, allow_last_try=False)
            check_flags(token, attempt.record.spent, allow_last_try=True)
    with ledger.attempt(token) as attempt:
        attempt.begin(attempt.recognise(three))
        attempt.not_judged()  # the token was pulled out: this login cost nothing, the earlier ones still may have
        assert attempt.record.spent == 2
    assert ledger.failures(token) == 2
    with ledger.attempt(token) as attempt:
        attempt.begin(attempt.recognise(two))
        attempt.refused()
        assert attempt.record.spent == 3
        attempt.accepted()
    assert ledger.failures(token) == 0


def test_a_damaged_record_stops_logins(farm: TokenFarm):
    seat = farm.seat("p-256")
    ledger = LoginLedger(farm.state())
    with ledger.attempt(seat.token) as attempt:
        attempt.begin(attempt.recognise(PinValue("1234").read()))
    record = next(ledger.folder.glob("*.json"))
    assert record.stat().st_mode & 0o077 == 0
    record.write_text("{")
    with pytest.raises(PinSourceInvalid), ledger.attempt(seat.token):
        pass


def test_flags_are_read_before_a_pin_is_sent(farm: TokenFarm):
    """The last try needs consent, locked is locked; a token that says nothing is at its last try after two failures."""
    card = replace(farm.seat("p-256").token, manufacturer="bit4id", model="TokenME EVO v2")
    check_flags(card, 0, allow_last_try=False)
    check_flags(card, 1, allow_last_try=False)
    for flags, failures in ((replace(card, pin_final_try=True), 0), (card, 2)):
        with pytest.raises(PinLastTry):
            check_flags(flags, failures, allow_last_try=False)
        check_flags(flags, failures, allow_last_try=True)
    with pytest.raises(PinLocked):
        check_flags(replace(card, pin_locked=True), 0, allow_last_try=True)
    with pytest.raises(TokenUnsuitable):
        check_flags(replace(card, user_pin_set=False), 0, allow_last_try=True)
    assert replace(card, pin_final_try=True).tries_left == 1
    assert "2 lần" in PinWrong(2).text_vi
    assert "2 tries" in PinWrong(2).text_en


def test_prompt_is_not_asked_when_the_token_would_refuse(farm: TokenFarm):
    """A PIN is asked for only after the flags were read, and once for many signatures (AC-114: one PIN per batch)."""
    from hsm import open_key

    seat = farm.seat("p-256")
    asked = []

    def ask(question: str) -> str:
        asked.append(question)
        return USER_PIN

    key = open_key(seat.uri, PinPrompt("Mã PIN: ", ask), certificate=seat.certificate, state=seat.state)
    for _ in range(20):
        key.sign(bytes(32))
    key.close()
    assert asked == ["Mã PIN: "]


def test_pin_file_must_be_closed_to_others(tmp_path):
    path = tmp_path / "pin"
    path.write_text("bí mật\n", "utf-8")
    path.chmod(0o640)
    with pytest.raises(PinSourceInvalid) as raised:
        PinFile(path).read()
    assert raised.value.where == str(path)
    path.chmod(0o600)
    assert PinFile(path).read().reveal() == "bí mật".encode()
    link = tmp_path / "link"
    link.symlink_to(path)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo, 0o600)
    for bad in (link, fifo, tmp_path, tmp_path / "absent"):
        with pytest.raises(PinSourceInvalid):
            PinFile(bad).read()
    for content in (b"", b"\n", b"a\nb", b"a\0b", b"\xff", b"x" * 300):
        path.write_bytes(content)
        with pytest.raises(PinSourceInvalid):
            PinFile(path).read()


def test_systemd_credential_and_variable(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(PinSourceInvalid):
        PinCredential("seal-pin").read()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "seal-pin").write_text("1234")
    assert PinCredential("seal-pin").read().reveal() == b"1234"
    for name in ("absent", "../seal-pin", ""):
        with pytest.raises(PinSourceInvalid):
            PinCredential(name).read()
    monkeypatch.setenv("SECRET_PIN", "5678")
    source = PinVariable("SECRET_PIN")
    assert "SECRET_PIN" not in os.environ
    assert source.read().reveal() == b"5678"


def test_source_named_in_the_uri(tmp_path):
    path = tmp_path / "pin"
    path.touch(0o600)
    path.write_text("1234")
    assert pin_source(KeyUri.parse(f"pkcs11:token=x?pin-source=file:{path}")).read().reveal() == b"1234"
    assert pin_source(KeyUri.parse(f"pkcs11:token=x?pin-source=file://{path}")).read().reveal() == b"1234"
    assert repr(pin_source(KeyUri.parse("pkcs11:?pin-source=credential:seal-pin"))) == "PinCredential('seal-pin')"
    for uri in ("pkcs11:", "pkcs11:?pin-source=http://x", "pkcs11:?pin-source=file:relative"):
        with pytest.raises(PinSourceInvalid):
            pin_source(KeyUri.parse(uri))


def test_pin_never_shows(farm: TokenFarm, tmp_path, caplog):
    """Not in a repr, an error, a traceback with its frames' locals, the log, or the record on disk."""
    caplog.set_level(0)
    seat = farm.make("p-256")
    path = tmp_path / "pin"
    path.touch(0o600)
    path.write_text(WRONG)
    with pytest.raises(PinWrong) as raised, seat.open(pin=PinFile(path)):
        pass
    shown = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    assert "C_Login" in shown or "PinWrong" in shown
    record = next(Path(seat.state).glob("*.json")).read_text()
    sources = (PinValue(WRONG), PinFile(path), PinPrompt("?"), PinValue(WRONG).read())
    for text in (shown, caplog.text, record, str(raised.value), *(f"{source!r} {source}" for source in sources)):
        assert WRONG not in text


@pytest.mark.parametrize("code", ["CKR_DEVICE_ERROR", "CKR_DEVICE_REMOVED", "CKR_TOKEN_NOT_RECOGNIZED"])
def test_a_device_error_of_a_token_that_is_still_there_may_be_a_refusal(farm: TokenFarm, fault: FaultModule, code: str):
    """Drivers answer so to a wrong PIN, too: the token judged it (`late`), and over all restarts gets it twice."""
    seat = through(fault, farm.make("p-256"))
    fault.rules(f"C_Login ckr={code} late")
    for _ in range(4):
        with pytest.raises(PinUnsettled), seat.open(pin_value=WRONG, opening=Recovery(budget_s=5, pause_s=0.001)):
            pass
    assert fault.calls()["C_Login"] == 2


def test_a_device_that_is_really_gone_judged_nothing(farm: TokenFarm, fault: FaultModule):
    """The same code where no token can be seen right after: however often, no try was spent."""
    seat = through(fault, farm.make("p-256"))
    once = Recovery(attempts=0)
    fault.rules("C_Login ckr=CKR_USER_TYPE_INVALID")
    looks = fault.calls()["C_GetTokenInfo"]
    with pytest.raises(DeviceFault), seat.open(opening=once):
        pass
    looks = fault.calls()["C_GetTokenInfo"] - looks
    for _ in range(4):
        fault.rules("C_Login ckr=CKR_DEVICE_ERROR", f"C_GetTokenInfo ckr=CKR_DEVICE_ERROR after={looks}")
        with pytest.raises(DeviceFault), seat.open(opening=once):
            pass
    assert fault.calls()["C_Login"] == 5
    assert [one.unsettled for one in LoginLedger(seat.state).records()] in ([], [0])
    fault.rules()
    with seat.open() as key:
        key.sign(bytes(32))


@pytest.mark.parametrize("text", ['{"token": "a", "serial": "b", "failed": null}', "[]", '{"token": 1}'])
def test_a_record_that_counts_nothing_stops_logins(farm: TokenFarm, text: str):
    seat = farm.make("p-256")
    LoginLedger(seat.state)._path(seat.token).parent.mkdir(exist_ok=True)
    LoginLedger(seat.state)._path(seat.token).write_text(text)
    with pytest.raises(PinSourceInvalid), seat.open():
        pass
    assert [one.damaged for one in LoginLedger(seat.state).records()] == [True]


def test_what_cannot_be_remembered_is_not_tried(farm: TokenFarm, fault: FaultModule):
    """A disk that takes nothing, a record that is not to be read: an error of ours with words, and no C_Login."""
    seat = through(fault, farm.make("p-256"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    fault.calls()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with (
            pytest.raises(PinSourceInvalid, match="cannot be counted"),
            LoginLedger(seat.state).attempt(seat.token) as it,
        ):
            it.begin(it.recognise(PinValue(USER_PIN).read()))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    LoginLedger(seat.state)._path(seat.token).mkdir()
    with pytest.raises(PinSourceInvalid, match="cannot be counted"), seat.open():
        pass
    assert fault.calls()["C_Login"] == 0


@pytest.mark.parametrize("pin", ["1234\ud800", "\udcff1234"])
def test_what_is_no_text_is_refused_without_being_quoted(monkeypatch, pin):
    """A terminal or a variable may hold bytes that are no UTF-8; an encoding error would show them, and where."""
    sources = [lambda: PinValue(pin), lambda: PinPrompt("?", lambda _: pin).read()]
    if pin.startswith("\udcff"):  # a byte, as an environment may hold it; it cannot hold the other one
        monkeypatch.setenv("SECRET_PIN", pin)
        sources.append(lambda: PinVariable("SECRET_PIN"))
    for source in sources:
        with pytest.raises(PinSourceInvalid, match="not UTF-8") as raised:
            source()
        shown = "".join(traceback.TracebackException.from_exception(raised.value).format())
        assert "\\ud" not in shown
        assert pin not in shown


DUMPING = """
import resource, sys
from pathlib import Path
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
from hsm import list_tokens
list_tokens(sys.argv[1])
print(resource.getrlimit(resource.RLIMIT_CORE)[0], int(Path("/proc/self/coredump_filter").read_text(), 16))
"""


def test_a_process_with_a_driver_leaves_no_core(farm: TokenFarm):
    """Whoever loads a driver may be crashed by it, with PINs in memory: no dump, and no memory in a collector's."""
    done = subprocess.run(
        [sys.executable, "-c", DUMPING, str(farm.module)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["0", "0"]
