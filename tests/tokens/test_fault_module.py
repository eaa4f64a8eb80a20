"""The fault module itself: every word of its grammar does what README.md says."""

import ctypes
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pkcs11
import pytest

from hsm import Module
from hsm.cryptoki import Cryptoki
from hsm.errors import DeviceFault
from hsm.pin import PinValue
from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import USER_PIN, Seat, TokenFarm, farm

__all__ = ["farm"]
DATA = hashlib.sha256(b"x").digest()
CKM_ECDSA = 0x1041


class Bench:
    """A fault module, loaded, and what is needed to sign through it with nothing of ours in between."""

    def __init__(self, fault: FaultModule, seat: Seat) -> None:
        self.fault = fault
        self.seat = seat
        self.module = Module.load(fault.path)
        self.direct: Cryptoki = self.module.direct
        self.token = next(
            token
            for token in (slot.get_token() for slot in self.module.slots())
            if token.serial.decode().strip("\0 ") == seat.token.serial
        )

    def session(self) -> pkcs11.Session:
        session = self.token.open()
        if not self.direct.logged_in(int(session.handle)):
            self.direct.login(int(session.handle), PinValue(USER_PIN).read())
        return session

    def key(self, session: pkcs11.Session) -> int:
        return int(next(iter(session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}))).handle)

    def sign(self, session: pkcs11.Session, key: int) -> bytes:
        self.direct.sign_init(int(session.handle), CKM_ECDSA, None, key)
        return self.direct.sign(int(session.handle), DATA)


@pytest.fixture(scope="module")
def bench(farm: TokenFarm, tmp_path_factory):
    return Bench(FaultModule(tmp_path_factory.mktemp("faults")), farm.make("p-256"))


@pytest.fixture
def seat(bench: Bench):
    """An open session and its key; no rule before, none after."""
    bench.fault.rules()
    session = bench.session()
    yield session, bench.key(session)
    bench.fault.rules()
    session.close()


def answer(bench: Bench, session: pkcs11.Session, key: int) -> str:
    try:
        return f"{len(bench.sign(session, key))} bytes"
    except DeviceFault as fault:
        return fault.ckr


def test_nothing_is_changed_without_rules(bench: Bench, seat):
    session, key = seat
    before = bench.fault.calls()
    assert answer(bench, session, key) == "64 bytes"
    assert bench.fault.calls() - before == {"C_SignInit": 1, "C_Sign": 1}
    assert bench.fault.open_sessions() == 1


def test_an_answer_at_its_call_after_and_times(bench: Bench, seat):
    session, key = seat
    bench.fault.rules("C_SignInit ckr=CKR_KEY_CHANGED after=2 times=1", "C_Sign*  ckr=0x80000001 after=7  # a comment")
    assert [answer(bench, session, key) for _ in range(4)] == ["64 bytes", "64 bytes", "CKR_KEY_CHANGED", "64 bytes"]
    assert answer(bench, session, key) == "0x80000001"
    assert bench.fault.ruled()["C_SignInit"] >= 1


def test_a_change_of_rules_begins_their_counts_anew(bench: Bench, seat):
    session, key = seat
    for _ in range(20):
        bench.fault.rules("C_SignInit ckr=CKR_DEVICE_MEMORY times=1")
        assert answer(bench, session, key) == "CKR_DEVICE_MEMORY"
        assert answer(bench, session, key) == "64 bytes"


@pytest.mark.parametrize(
    "line",
    ["C_Sing ckr=CKR_OK", "C_Sign ckr=CKR_NO_SUCH", "C_Sign times=x", "C_Sign times=-1", "C_Sign hang=1",
     "C_Sign length", "C_Sign whatever=1", "C_Sign delay=1s"],
)  # fmt: skip
def test_what_is_not_understood_is_refused(bench: Bench, line):
    with pytest.raises(ValueError, match="not a rule"):
        bench.fault.rules("C_Login ckr=CKR_OK", line)


def test_rules_that_somebody_spoiled_stop_everything(bench: Bench, seat, capfd):
    """Not passed over: a test whose fault never happens would prove nothing."""
    session, key = seat
    Path(f"{bench.fault.path}.rules").write_text("C_Sign cqr=CKR_OK\n")
    assert answer(bench, session, key) == "CKR_GENERAL_ERROR"
    assert "line 1 is not understood" in capfd.readouterr().err


def test_wrong_signature_and_wrong_lengths(bench: Bench, seat):
    session, key = seat
    public = bench.seat.certificate.public_key()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    def right(raw: bytes) -> bool:
        value = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            public.verify(value, DATA, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        except InvalidSignature:
            return False
        return True

    assert right(bench.sign(session, key))
    bench.fault.rules("C_Sign corrupt")
    spoiled = bench.sign(session, key)
    assert len(spoiled) == 64
    assert not right(spoiled)
    for length in (0, 10, 65, 1024, 1025, 2**64 - 1):
        bench.fault.rules(f"C_Sign length={length}")
        expected = f"{length} bytes" if 0 < length <= 1024 else "CKR_SIGNATURE_LEN_RANGE"
        assert answer(bench, session, key) == expected
    bench.fault.rules("C_Sign query=7")
    room, length = (ctypes.c_ubyte * 64)(), ctypes.c_ulong(0)
    plain = ctypes.CDLL(str(bench.fault.path))  # the plain names are exported too
    bench.direct.sign_init(int(session.handle), CKM_ECDSA, None, key)
    handle = ctypes.c_ulong(int(session.handle))
    assert plain.C_Sign(handle, DATA, ctypes.c_ulong(32), None, ctypes.byref(length)) == 0
    assert length.value == 7
    length.value = 64
    assert plain.C_Sign(handle, DATA, ctypes.c_ulong(32), room, ctypes.byref(length)) == 0
    assert right(bytes(room))


def test_late_does_the_call_and_denies_it(bench: Bench, seat):
    session, _ = seat
    other = bench.session()
    before = bench.fault.open_sessions()
    bench.fault.rules("C_CloseSession late ckr=CKR_DEVICE_ERROR")
    with pytest.raises(pkcs11.DeviceError):
        other.close()
    assert bench.fault.open_sessions() == before - 1
    bench.fault.rules("C_CloseSession ckr=CKR_DEVICE_ERROR times=1")
    third = bench.session()
    with pytest.raises(pkcs11.DeviceError):
        third.close()
    assert bench.fault.open_sessions() == before
    third.close()
    assert bench.fault.open_sessions() == before - 1
    assert session.handle


def test_sessions_and_flags(bench: Bench, seat):
    bench.fault.rules("C_OpenSession sessions=3", "C_GetTokenInfo flags=0x60000")
    more = [bench.session(), bench.session()]
    with pytest.raises(pkcs11.SessionCount):
        bench.session()
    more.pop().close()
    more.append(bench.session())
    for session in more:
        session.close()
    flags = {slot.get_token().flags & 0x60000 for slot in bench.module.slots()}
    assert flags == {0x60000}


def test_latency_and_capacity(bench: Bench, seat):
    """Eight threads through a token that takes two at once, 20 ms each: 4 rounds, never three inside."""
    open_ones = [bench.session() for _ in range(8)]
    keys = [bench.key(session) for session in open_ones]
    bench.fault.rules("C_Sign delay=20 capacity=2")
    with ThreadPoolExecutor(8) as pool:
        began = time.monotonic()
        ends = sorted(
            pool.map(lambda pair: (bench.sign(*pair), time.monotonic())[1], zip(open_ones, keys, strict=True))
        )
    assert 0.08 <= ends[-1] - began < 2
    assert all(later - earlier > 0.015 for earlier, later in zip(ends, ends[2:], strict=False))
    bench.fault.rules("C_Sign delay=0.5")
    began = time.monotonic()
    bench.sign(open_ones[0], keys[0])
    assert time.monotonic() - began >= 0.0005
    for session in open_ones:
        session.close()


def test_hang_ends_with_its_rule_or_its_time(bench: Bench, seat):
    session, key = seat
    bench.fault.rules("C_Sign hang")
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(bench.sign, session, key)
        time.sleep(0.1)
        assert not made.done()
        bench.fault.rules()
        assert len(made.result(5)) == 64
    bench.fault.rules("C_Sign hang ms=60 ckr=CKR_FUNCTION_FAILED")
    began = time.monotonic()
    assert answer(bench, session, key) == "CKR_FUNCTION_FAILED"
    assert time.monotonic() - began >= 0.06


def test_eight_threads_are_counted_one_by_one(bench: Bench, seat):
    open_ones = [bench.session() for _ in range(8)]
    keys = [bench.key(session) for session in open_ones]
    bench.fault.rules("C_SignInit ckr=CKR_HOST_MEMORY times=100")
    before = bench.fault.calls()["C_SignInit"]
    refused: list[int] = []

    def work(session: pkcs11.Session, key: int) -> None:
        refused.append([answer(bench, session, key) for _ in range(50)].count("CKR_HOST_MEMORY"))

    threads = [threading.Thread(target=work, args=pair) for pair in zip(open_ones, keys, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(refused) == 100
    assert bench.fault.calls()["C_SignInit"] - before == 400
    for session in open_ones:
        session.close()


OTHER_PROCESS = """
import ctypes, sys, time
module = ctypes.CDLL(sys.argv[1])
class Arguments(ctypes.Structure):
    _fields_ = [(n, ctypes.c_void_p) for n in "abcd"] + [("flags", ctypes.c_ulong), ("reserved", ctypes.c_void_p)]
assert module.C_Initialize(ctypes.byref(Arguments(flags=2))) == 0
info = ctypes.create_string_buffer(1000)
print("ready", flush=True)
for line in sys.stdin:
    print(module.C_GetInfo(info), flush=True)
"""


def other_process(fault: FaultModule) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(fault.path)],
        env={**os.environ, **fault.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def ask(process: "subprocess.Popen[str]") -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def test_processes_share_rules_and_counts(bench: Bench):
    """A rule with times=1 is spent for all; new rules hold in processes that run already."""
    before = bench.fault.calls()["C_GetInfo"]
    with other_process(bench.fault) as one, other_process(bench.fault) as other:
        bench.fault.rules("C_GetInfo ckr=CKR_HOST_MEMORY times=1")
        assert [ask(one), ask(other), ask(one)] == ["2", "0", "0"]
        bench.fault.rules("C_GetInfo ckr=CKR_HOST_MEMORY after=1 times=2")
        assert [ask(one), ask(other), ask(one), ask(other)] == ["0", "2", "2", "0"]
        bench.fault.rules()
        assert bench.fault.calls()["C_GetInfo"] - before == 7


@pytest.mark.parametrize(("word", "died_of"), [("crash", signal.SIGSEGV), ("abort", signal.SIGABRT)])
def test_crash_ends_that_process_and_leaves_the_others(bench: Bench, seat, word, died_of):
    session, key = seat
    with other_process(bench.fault) as other:
        bench.fault.rules(f"C_GetInfo {word} times=1")
        assert ask(other) == ""
        assert other.wait(30) == -died_of
    assert answer(bench, session, key) == "64 bytes"


def test_a_process_killed_in_a_call_does_not_hold_the_others(bench: Bench, seat):
    """Killed again and again while it calls as fast as it can: whoever held the lock is succeeded."""
    session, key = seat
    bench.fault.rules()
    for _ in range(5):
        with other_process(bench.fault) as other:
            assert other.stdin is not None
            other.stdin.write("\n" * 20000)
            other.stdin.flush()
            other.kill()
        assert answer(bench, session, key) == "64 bytes"


def test_instances_do_not_know_of_each_other(bench: Bench, seat, farm: TokenFarm, tmp_path):
    """Each has its own copy of SoftHSM: a login, a finalise and a rule here mean nothing there."""
    session, key = seat
    other = Bench(FaultModule(tmp_path), bench.seat)
    second = other.token.open()
    assert not other.direct.logged_in(int(second.handle))
    other.fault.rules("C_* ckr=CKR_DEVICE_REMOVED")
    assert answer(bench, session, key) == "64 bytes"
    other.fault.rules()
    other.direct.finalize()
    assert other.fault.open_sessions() == 0
    assert answer(bench, session, key) == "64 bytes"
    with farm.seat("p-256").open() as plain:
        plain.sign(DATA)


def test_alone_with_pkcs11_tool(farm: TokenFarm, tmp_path, bench: Bench):
    """As README.md shows it: no Python, the environment alone."""
    from tests.tokens.faults.module import BUILT
    from tests.tokens.fixtures import softhsm_module

    rules = tmp_path / "rules"
    environment = {
        **os.environ,
        "PKCS11_FAULTS_PROVIDER": str(softhsm_module()),
        "PKCS11_FAULTS_RULES": str(rules),
    }
    command = [
        "pkcs11-tool",
        "--module",
        str(BUILT),
        "--login",
        "--pin",
        USER_PIN,
        "--token-label",
        bench.seat.token.label,
    ]

    def run(*more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*command, *more], env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    sound = run("--list-objects")
    assert sound.returncode == 0, sound.stderr
    assert "Private Key Object" in sound.stdout
    rules.write_text("# as a pulled-out token\nC_OpenSession ckr=CKR_TOKEN_NOT_PRESENT\n")
    refused = run("--list-objects")
    assert refused.returncode != 0
    assert "CKR_TOKEN_NOT_PRESENT" in refused.stderr
    counted = {line.split()[0]: line.split()[1:] for line in Path(f"{rules}.calls").read_text().splitlines() if line}
    assert counted["C_OpenSession"] == ["2", "1", "1"]
    assert counted["open-sessions"][0] == "0"
    del environment["PKCS11_FAULTS_RULES"]
    assert "are not both set" in run("--list-slots").stderr


def test_the_spacing_of_signatures_is_the_delay(bench: Bench, seat):
    session, key = seat
    bench.fault.rules("C_Sign delay=10")
    ends = []
    for _ in range(5):
        bench.sign(session, key)
        ends.append(time.monotonic())
    assert all(later - earlier >= 0.01 for earlier, later in pairwise(ends))
