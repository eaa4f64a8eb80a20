"""Faults that need more than one answer: flags, room for sessions, wrong signatures, a PIN at each signature."""

import hashlib
import logging
import threading
import time
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pkcs11 import Attribute, KeyType, ObjectClass

from hsm import (
    CeremonyPlan,
    DeviceFault,
    HsmKey,
    LoginLedger,
    Module,
    PinLastTry,
    PinLocked,
    PinUnsettled,
    PinValue,
    PinWrong,
    Recovery,
    Rung,
    TokenMissing,
    list_tokens,
    make_key,
    open_key,
    subject_name,
)
from hsm.login import ensure_login
from hsm.tokens import find, public_session
from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import USER_PIN, TokenFarm

from .test_key import check
from .test_pin import fault, through

__all__ = ["fault"]

DIGEST = hashlib.sha256("văn bản".encode()).digest()
BRIEF = Recovery(attempts=4, budget_s=4.0, pause_s=0.001, longest_pause_s=0.004)
FEW, LAST, LOCKED = 0x10000, 0x20000, 0x40000


def test_an_unclear_login_is_told_as_such(farm: TokenFarm, fault: FaultModule):
    """Neither called a wrong PIN nor promised not to be one; the log names no PIN."""
    seat = through(fault, farm.make("p-256"))
    fault.rules("C_Login ckr=CKR_GENERAL_ERROR")
    with pytest.raises(DeviceFault) as raised, seat.open(recovery=BRIEF):
        pass
    assert not isinstance(raised.value, PinWrong)
    assert "không phải lỗi sai mã PIN" not in raised.value.text_vi
    assert "did not say whether" in raised.value.text_en


@pytest.mark.parametrize(
    ("flags", "refusal"),
    [(LOCKED, PinLocked), (LOCKED | LAST | FEW, PinLocked), (LAST, PinLastTry), (LAST | FEW, PinLastTry)],
)
def test_flags_refuse_without_a_login(farm: TokenFarm, fault: FaultModule, flags, refusal):
    """Read from the token itself: on its last try, or locked, no PIN is sent at all."""
    seat = through(fault, farm.seat("p-256"))
    fault.rules(f"C_GetTokenInfo flags={flags:#x}")
    with pytest.raises(refusal), seat.open():
        pass
    assert fault.calls()["C_Login"] == 0
    if refusal is PinLastTry:
        with seat.open(allow_last_try=True) as key:  # a person's consent
            key.sign(DIGEST)
        assert fault.calls()["C_Login"] == 1


@pytest.mark.parametrize("answer", ["ckr=CKR_DEVICE_ERROR late", "ckr=CKR_SESSION_HANDLE_INVALID"])
def test_consent_to_the_last_try_is_for_one(farm: TokenFarm, fault: FaultModule, answer: str):
    """A person agreed to one login: the ladder makes no second of it, whatever the first led to."""
    seat = through(fault, farm.make("p-256"))
    fault.rules(f"C_GetTokenInfo flags={LAST:#x}", f"C_Login {answer} times=1")
    with pytest.raises(PinLastTry), seat.open(allow_last_try=True, pin_value="sai-ma-pin", opening=BRIEF):
        pass
    assert fault.calls()["C_Login"] == 1


def test_few_tries_left_is_no_refusal(farm: TokenFarm, fault: FaultModule):
    seat = through(fault, farm.seat("p-256"))
    fault.rules(f"C_GetTokenInfo flags={FEW:#x}")
    with seat.open() as key:
        key.sign(DIGEST)
        assert key.token.pin_count_low


def test_a_wrong_signature_is_made_anew_once(farm: TokenFarm, fault: FaultModule):
    """Never let out; a second one means that the token is broken."""
    seat = through(fault, farm.seat("p-256"))
    with seat.open(sessions=3, recovery=Recovery(pause_s=0.001)) as key:
        fault.rules("C_Sign corrupt times=1")
        check(seat.certificate, key.sign(DIGEST), DIGEST, key.scheme)
        assert key.operations == 2
        assert key.recoveries == {Rung.LOGIN: 1}
        fault.rules("C_Sign corrupt")
        with pytest.raises(DeviceFault, match="CKR_SIGNATURE_INVALID"):
            key.sign(DIGEST)
        assert key.operations == 4


def test_nonsense_from_the_length_query_is_never_heard(farm: TokenFarm, fault: FaultModule):
    """The Viettel-CA case: the length is not asked for, a room of 1,024 bytes is given."""
    for algorithm in ("rsa-2048", "p-256"):
        seat = through(fault, farm.seat(algorithm))
        fault.rules("C_Sign query=7")
        with seat.open() as key:
            check(seat.certificate, key.sign(DIGEST), DIGEST, key.scheme)
            assert fault.calls()["C_Sign"] == key.operations
            assert fault.ruled()["C_Sign"] == key.operations  # each was made under the rule
        fault.rules()
        fault = FaultModule(fault.path.parent)


def test_rungs_stand_in_the_log_and_in_the_counter(farm: TokenFarm, fault: FaultModule, caplog):
    """Each by name, with the token's label and the code; bounded; no PIN."""
    seat = through(fault, farm.make("p-256"))
    caplog.set_level(logging.WARNING, "hsm")
    with seat.open(recovery=BRIEF) as key:
        fault.rules("C_SignInit ckr=CKR_FUNCTION_FAILED times=4")
        key.sign(DIGEST)
        assert key.recoveries == {Rung.REOPEN: 1, Rung.LOGIN: 1, Rung.RESCAN: 1, Rung.REINITIALISE: 1}
        said = [record.getMessage() for record in caplog.records]
        assert [line.split(": ")[2].split(",")[0] for line in said] == ["reopen", "login", "rescan", "reinitialise"]
        assert all(seat.token.label in line and "CKR_FUNCTION_FAILED (C_SignInit)" in line for line in said)
        assert seat.pin not in caplog.text
        fault.rules("C_SignInit ckr=CKR_FUNCTION_FAILED")
        with pytest.raises(DeviceFault):
            key.sign(DIGEST)
        assert sum(key.recoveries.values()) == 8
    patient = Recovery(budget_s=0.3, pause_s=0.02)
    fault.rules()
    with seat.open(recovery=patient) as key:
        fault.rules("C_SignInit ckr=CKR_DEVICE_ERROR")
        began = time.monotonic()
        with pytest.raises(DeviceFault):
            key.sign(DIGEST)
        assert 0.1 < time.monotonic() - began < 2
        assert 1 <= key.recoveries[Rung.REINITIALISE] <= 6  # pauses of 20, 40, 80, 160 ms


def test_a_token_without_room_for_more_sessions(farm: TokenFarm, fault: FaultModule, monkeypatch):
    """Eight threads live with two sessions; when there is room again the pool grows back."""
    seat = through(fault, farm.seat("p-256"))
    fault.rules("C_OpenSession sessions=2", "C_Sign delay=5")
    faults: list[BaseException] = []

    def work(key: HsmKey) -> None:
        try:
            for _ in range(4):
                check(seat.certificate, key.sign(DIGEST), DIGEST, key.scheme)
        except BaseException as error:  # noqa: BLE001  shown by the assertion below
            faults.append(error)

    def eight(key: HsmKey) -> None:
        threads = [threading.Thread(target=work, args=(key,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert faults == []

    with seat.open(sessions=6) as key:
        eight(key)
        assert key._pool.size == fault.open_sessions() == 2
        assert not key.recoveries
        fault.rules("C_Sign delay=5")
        key._pool._grow_at = time.monotonic()  # half a minute later
        eight(key)
        assert 2 < key._pool.size == fault.open_sessions() <= 6


def test_keys_share_a_token_with_few_sessions(farm: TokenFarm, fault: FaultModule):
    """A key that lost its only session is given one by the key that holds the rest."""
    one = farm.make("p-256")
    other = farm.make("p-256", token=one.token)
    with ExitStack() as stack:
        greedy, modest = (
            stack.enter_context(through(fault, seat).open(sessions=2, recovery=BRIEF)) for seat in (one, other)
        )
        modest.sign(DIGEST)
        modest._pool.clear()
        with greedy._pool.lend(), greedy._pool.lend():
            pass
        fault.rules("C_OpenSession sessions=2")
        assert fault.open_sessions() == 2
        check(other.certificate, modest.sign(DIGEST), DIGEST, modest.scheme)
        check(one.certificate, greedy.sign(DIGEST), DIGEST, greedy.scheme)
        assert not modest.recoveries
        assert fault.open_sessions() == 2
    assert fault.open_sessions() == 0


def test_no_slot_can_be_read(farm: TokenFarm, fault: FaultModule):
    """A driver that fails altogether is not a token that was pulled out."""
    seat = through(fault, farm.seat("p-256"))
    fault.rules("C_GetTokenInfo ckr=CKR_HOST_MEMORY")
    with pytest.raises(DeviceFault, match="CKR_HOST_MEMORY"):
        list_tokens(fault.path)
    fault.rules("C_GetTokenInfo ckr=CKR_TOKEN_NOT_PRESENT")
    assert list_tokens(fault.path) == ()
    with pytest.raises(TokenMissing), seat.open(opening=BRIEF):
        pass
    # One broken reader hides nothing: whichever slot comes first is the broken one.
    fault.rules("C_GetTokenInfo ckr=CKR_HOST_MEMORY times=1")
    assert len(list_tokens(fault.path)) >= 1


@pytest.fixture(scope="module")
def always(farm: TokenFarm):
    """A key that asks for the PIN at each signature (CKA_ALWAYS_AUTHENTICATE), and its seat."""
    token, state = farm.token(), farm.state()
    module = Module.load(farm.module)
    handle, info = find(module, token.uri)
    with public_session(module, handle, write=True) as session:
        ensure_login(module, info, int(session.handle), PinValue(USER_PIN), LoginLedger(state))
        session.generate_keypair(
            KeyType.RSA, 2048, store=True, label="mỗi lần một PIN",
            private_template={Attribute.ALWAYS_AUTHENTICATE: True, Attribute.EXTRACTABLE: False},
        )  # fmt: skip
        public = next(iter(list(session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY}))))
        modulus = int.from_bytes(public[Attribute.MODULUS], "big")
    certificate = farm.issuer.build(farm.issuer.name, rsa.RSAPublicNumbers(65537, modulus).public_key())
    return token, certificate


@pytest.mark.parametrize(
    ("code", "expected", "logins"),
    [
        ("CKR_PIN_INCORRECT", PinWrong, 1),
        ("CKR_PIN_LOCKED", PinLocked, 1),
        ("0x80000005", DeviceFault, 1),
        ("CKR_FUNCTION_FAILED", DeviceFault, 1),
        ("CKR_FUNCTION_CANCELED", DeviceFault, 1),
        ("CKR_OPERATION_NOT_INITIALIZED", None, 3),
        ("CKR_SESSION_HANDLE_INVALID", None, 3),
        ("CKR_DEVICE_REMOVED", None, 3),
        ("CKR_USER_ALREADY_LOGGED_IN", None, 1),
    ],
)
def test_faults_at_the_login_of_each_signature(always, fault: FaultModule, tmp_path, code, expected, logins):
    """The context-specific login keeps the same rules; afterwards nothing is left half done."""
    token, certificate = always
    uri = replace(token.uri, module_path=str(fault.path))
    with closing(
        open_key(uri, PinValue(USER_PIN), certificate=certificate, state=tmp_path / "state", recovery=BRIEF)
    ) as key:
        check(certificate, key.sign(DIGEST), DIGEST, key.scheme)
        late = " late" if code == "CKR_USER_ALREADY_LOGGED_IN" else ""  # said by drivers that took the PIN all the same
        fault.rules(f"C_Login ckr={code} times=1{late}")
        before = fault.calls()["C_Login"]
        if expected is None:
            check(certificate, key.sign(DIGEST), DIGEST, key.scheme)
        else:
            with pytest.raises(expected):
                key.sign(DIGEST)
        assert fault.calls()["C_Login"] - before == logins
        fault.rules()
        for record in LoginLedger(tmp_path / "state").records():
            record.forget()
        check(certificate, key.sign(DIGEST), DIGEST, key.scheme)
        assert fault.open_sessions() == key._pool.size
    assert fault.open_sessions() == 0


def test_unclear_logins_of_one_program_are_counted_too(farm: TokenFarm, fault: FaultModule):
    """A worker that goes on asking sends the PIN twice, then waits for a person."""
    seat = through(fault, farm.make("p-256"))
    fault.rules("C_Login ckr=CKR_FUNCTION_FAILED")
    for expected in (DeviceFault, DeviceFault, PinUnsettled, PinUnsettled):
        with pytest.raises(expected), seat.open(recovery=BRIEF):
            pass
    assert fault.calls()["C_Login"] == 2


def test_threads_in_a_storm_of_faults(farm: TokenFarm, fault: FaultModule):
    """Faults of all rungs, faster than they are recovered from: what is signed verifies, nothing is left open."""
    seat = through(fault, farm.seat("p-256"))
    storm = [
        ("C_Sign ckr=CKR_DEVICE_ERROR times=2",),
        ("C_SignInit ckr=CKR_SESSION_HANDLE_INVALID times=3",),
        ("C_Sign corrupt times=1", "C_CloseSession ckr=CKR_FUNCTION_FAILED times=1"),
        ("C_FindObjects ckr=CKR_OBJECT_HANDLE_INVALID times=2", "C_SignInit ckr=CKR_KEY_HANDLE_INVALID times=2"),
        ("C_OpenSession sessions=1", "C_Sign ckr=CKR_USER_NOT_LOGGED_IN times=2"),
        ("C_Sign ckr=CKR_DEVICE_REMOVED times=1", "C_GetTokenInfo ckr=CKR_TOKEN_NOT_PRESENT times=4"),
    ]
    stop, made, faults = threading.Event(), [0] * 4, []

    def work(key: HsmKey, number: int) -> None:
        try:
            while not stop.is_set():
                digest = hashlib.sha256(f"{number} {made[number]}".encode()).digest()
                check(seat.certificate, key.sign(digest), digest, key.scheme)
                made[number] += 1
        except BaseException as error:  # noqa: BLE001  shown by the assertion below
            faults.append(error)

    with seat.open(sessions=3, recovery=Recovery(budget_s=20, pause_s=0.001, longest_pause_s=0.05)) as key:
        threads = [threading.Thread(target=work, args=(key, number)) for number in range(4)]
        for thread in threads:
            thread.start()
        # wrong answers once only: a thread that meets two in a row is told so, and rightly
        for rules in storm + [rules for rules in storm if "C_Sign corrupt times=1" not in rules] * 3:
            call = rules[-1].split()[0] if "sessions=" in rules[0] else rules[0].split()[0]
            before = fault.ruled()[call]
            fault.rules(*rules)
            deadline = time.monotonic() + 10
            while fault.ruled()[call] == before and time.monotonic() < deadline and not faults:
                time.sleep(0.005)
            time.sleep(0.03)
        fault.rules()
        before = sum(made)
        while sum(made) < before + 20 and not faults:
            time.sleep(0.01)
        stop.set()
        for thread in threads:
            thread.join(30)
        assert faults == []
        assert set(key.recoveries) == set(Rung)
        assert fault.open_sessions() == key._pool.size <= 3
        assert fault.calls()["C_FindObjectsFinal"] == fault.succeeded()["C_FindObjectsInit"]
    assert fault.open_sessions() == 0


@pytest.mark.parametrize(
    ("rules", "ckr"),
    [
        (("C_Sign ckr=CKR_DEVICE_ERROR", "C_DestroyObject ckr=CKR_FUNCTION_FAILED times=1"), "CKR_DEVICE_ERROR"),
        (("C_GenerateKeyPair ckr=CKR_DEVICE_MEMORY",), "CKR_DEVICE_MEMORY"),
        (("C_GetAttributeValue ckr=CKR_DEVICE_ERROR",), "CKR_DEVICE_ERROR"),
    ],
)
def test_a_ceremony_that_fails_says_why(farm: TokenFarm, fault: FaultModule, caplog, rules, ckr):
    """The first fault is told, typed; a key that cannot be removed again is named, and what can be is removed."""
    token = farm.token()
    plan = CeremonyPlan(
        uri=replace(token.uri, module_path=str(fault.path)),
        label="con dấu",
        algorithm="p-256",
        subject=subject_name({"common_name": "MẪU"}),
        id=b"\x0a",
    )
    fault.rules(*rules)
    with pytest.raises(DeviceFault) as raised:
        make_key(plan, PinValue(USER_PIN), state=farm.state())
    assert raised.value.ckr == ckr
    fault.rules()
    module = Module.load(plan.uri.module_path or "")
    with public_session(module, find(module, plan.uri)[0]) as session:
        ensure_login(
            module, find(module, plan.uri)[1], int(session.handle), PinValue(USER_PIN), LoginLedger(farm.state())
        )
        assert len(list(session.get_objects({Attribute.ID: b"\x0a"}))) == len(rules) - 1
    told = "could not be removed again (CKR_FUNCTION_FAILED (C_DestroyObject)): label con dấu, id 0a"
    assert (told in caplog.text) == (len(rules) > 1)
    assert fault.open_sessions() == 0
