"""The recovery ladder, on faults really made: sessions closed and modules finalised behind its back.

An HSM that goes away and comes back: tests/drill.
"""

import ctypes
import hashlib
import os
import threading
import time

import pkcs11
import pytest

from hsm import DeviceFault, HsmKey, Module, ModuleInOtherProcess, PinLocked, Rung, TokenMissing, TokenUnsuitable
from hsm.faults import NAMES, first_rung, name_of, name_of_exception, settled
from hsm.recovery import Ladder, Recovery
from tests.tokens.fixtures import TokenFarm

DIGEST = hashlib.sha256(b"x").digest()


def test_sessions_closed_behind_its_back(farm: TokenFarm):
    """CKR_SESSION_HANDLE_INVALID: a new session, logged in again, the key found again."""
    seat = farm.make("p-256")
    with seat.open(sessions=3) as key:
        key.sign(DIGEST)
        for _ in range(3):
            assert ctypes.CDLL(str(farm.module)).C_CloseAllSessions(ctypes.c_ulong(key.token.slot_id)) == 0
            key.sign(DIGEST)
        assert key.recoveries[Rung.REOPEN] == 3
        assert key.operations == 4


def test_module_finalised_behind_its_back(farm: TokenFarm):
    """CKR_CRYPTOKI_NOT_INITIALIZED: initialised again; the other key on the module finds its way too."""
    one, other = farm.make("p-256"), farm.make("p-256")
    with one.open() as first, other.open() as second:
        first.sign(DIGEST)
        second.sign(DIGEST)
        assert ctypes.CDLL(str(farm.module)).C_Finalize(None) == 0
        first.sign(DIGEST)
        second.sign(DIGEST)
        assert first.recoveries[Rung.REINITIALISE] == 1
        assert second.recoveries[Rung.REINITIALISE] == 0


def test_module_initialised_again_while_threads_sign(farm: TokenFarm):
    """Whoever initialises waits for those inside; their sessions are void and replaced, every signature is made."""
    one, other = farm.make("p-256"), farm.make("rsa-2048")
    module = Module.load(farm.module)
    assert module.concurrent
    faults: list[BaseException] = []
    stop = threading.Event()

    def work(key: HsmKey) -> None:
        try:
            while not stop.is_set():
                key.sign(DIGEST)
        except BaseException as error:  # noqa: BLE001  shown by the assertion below
            faults.append(error)

    with one.open(sessions=2) as first, other.open(sessions=2) as second:
        threads = [threading.Thread(target=work, args=(key,)) for key in (first, second) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            before = first.operations + second.operations
            while first.operations + second.operations < before + 4 and not faults:
                time.sleep(0.01)
            module.reinitialise(module.generation)
        stop.set()
        for thread in threads:
            thread.join(30)
        assert faults == []
        assert set(first.recoveries) | set(second.recoveries) == {Rung.REOPEN}


def test_module_is_not_used_across_a_fork(farm: TokenFarm):
    """Loaded before a fork, it is refused in the child; the parent goes on."""
    with farm.seat("p-256").open() as key:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                key.sign(DIGEST)
                os.write(write, b"signed")
            except ModuleInOtherProcess as error:
                os.write(write, b"refused" if error.loaded_by == os.getppid() else b"wrong parent")
            finally:
                os._exit(0)
        os.close(write)
        os.waitpid(child, 0)
        assert os.read(read, 100) == b"refused"
        os.close(read)
        key.sign(DIGEST)


def test_every_code_has_an_outcome():
    """An unknown code is a device fault and never a wrong PIN."""
    for code in [*NAMES, 0x80000001, 0x7FFF]:
        error = settled(DeviceFault(name_of(code)))
        assert type(error) in {DeviceFault, TokenMissing, PinLocked, TokenUnsuitable}
        assert error.text_vi
        assert error.text_en
    assert name_of(0x80000001) == "0x80000001"
    assert "0x80000001" in DeviceFault("0x80000001").text_vi
    assert "không phải lỗi sai mã PIN" in DeviceFault("0x80000001").text_vi
    for ckr in ("CKR_PIN_INCORRECT", "CKR_PIN_LOCKED", "CKR_FUNCTION_REJECTED"):
        assert first_rung(ckr) is None


def test_exceptions_of_the_binding_are_named_by_their_code():
    known = {name_of(code) for code in NAMES}
    for kind in vars(pkcs11.exceptions).values():
        if isinstance(kind, type) and issubclass(kind, pkcs11.PKCS11Error):
            assert name_of_exception(kind()) in known
    assert name_of_exception(pkcs11.DeviceRemoved()) == "CKR_DEVICE_REMOVED"
    assert name_of_exception(pkcs11.SlotIDInvalid()) == "CKR_SLOT_ID_INVALID"
    assert name_of_exception(pkcs11.PKCS11Error("Unmapped error code 0x80000001")) == "0x80000001"


def test_ladder_is_bounded():
    ladder = Ladder(Recovery(attempts=5, pause_s=0.001, budget_s=2))
    fault = DeviceFault("CKR_SESSION_HANDLE_INVALID")
    rungs = [ladder.climb(fault) for _ in range(5)]
    assert rungs == [Rung.REOPEN, Rung.LOGIN, Rung.RESCAN, Rung.REINITIALISE, Rung.REINITIALISE]
    with pytest.raises(DeviceFault):
        ladder.climb(fault)
    pulled_out = Ladder(Recovery(attempts=100, pause_s=0.01, budget_s=0.1))
    began = time.monotonic()
    removed = DeviceFault("CKR_DEVICE_REMOVED")
    with pytest.raises(TokenMissing):
        all(pulled_out.climb(removed) is Rung.RESCAN for _ in range(1000))
    assert time.monotonic() - began < 1


def test_ladder_does_not_go_on_as_another_fault_began():
    """A token pulled out, or full, after its driver was initialised again: waited for, without doing so each time."""
    ladder = Ladder(Recovery(attempts=9, pause_s=0.001, budget_s=2))
    error, removed, full = (DeviceFault(f"CKR_{name}") for name in ("DEVICE_ERROR", "DEVICE_REMOVED", "SESSION_COUNT"))
    rungs = [ladder.climb(fault) for fault in (error, removed, removed, full, error)]
    assert rungs == [Rung.REINITIALISE, Rung.RESCAN, Rung.RESCAN, Rung.REOPEN, Rung.REINITIALISE]
    assert ladder.climb(TokenMissing(others=0)) is Rung.REINITIALISE
    assert ladder.climb(TokenMissing(others=1)) is Rung.RESCAN
    assert ladder.climb(DeviceFault("CKR_FUNCTION_FAILED")) is Rung.REINITIALISE
