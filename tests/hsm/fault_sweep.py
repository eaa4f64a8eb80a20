"""Every answer the standard allows at the calls a signature needs, given once and for ever, and what comes of it.

Each fault is injected while a key is being opened and in the middle of the life of one that signs; the outcome is a few
words. What must hold for all of them is asserted here, in one place: `Sweep`.
"""

import ctypes
import hashlib
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from hsm import (
    DeviceFault,
    HsmKey,
    LoginLedger,
    Module,
    PinError,
    PinValue,
    PinWrong,
    Recovery,
    Rung,
    TokenError,
    open_key,
)
from hsm.tokens import find
from hsm.watch import overdue
from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import Seat, TokenFarm

DIGEST = hashlib.sha256("văn bản".encode()).digest()
RECOVERY = Recovery(attempts=4, budget_s=4.0, pause_s=0.001, longest_pause_s=0.004)
"""Ended by its attempts, so that the outcome does not depend on the machine's speed."""
LIMIT_S = 4.5
"""No operation may last longer: the budget, and the call under way when it ends."""
_PIN_REFUSED = frozenset({"CKR_PIN_INCORRECT", "CKR_PIN_INVALID", "CKR_PIN_LEN_RANGE"})

# PKCS #11 Cryptographic Token Interface Base Specification v2.40, section 5: what each function may return.
_ANY = "CRYPTOKI_NOT_INITIALIZED FUNCTION_FAILED GENERAL_ERROR HOST_MEMORY "
_TOKEN = _ANY + "DEVICE_ERROR DEVICE_MEMORY DEVICE_REMOVED "
_SESSION = _TOKEN + "SESSION_CLOSED SESSION_HANDLE_INVALID "
_ALLOWED = {
    "C_OpenSession": _TOKEN + "ARGUMENTS_BAD SESSION_COUNT SESSION_PARALLEL_NOT_SUPPORTED SESSION_READ_WRITE_SO_EXISTS "
    "SLOT_ID_INVALID TOKEN_NOT_PRESENT TOKEN_NOT_RECOGNIZED TOKEN_WRITE_PROTECTED",
    "C_Login": _SESSION + "ARGUMENTS_BAD FUNCTION_CANCELED OPERATION_NOT_INITIALIZED PIN_INCORRECT PIN_LOCKED "
    "SESSION_READ_ONLY_EXISTS USER_ALREADY_LOGGED_IN USER_ANOTHER_ALREADY_LOGGED_IN USER_PIN_NOT_INITIALIZED "
    "USER_TOO_MANY_TYPES USER_TYPE_INVALID",
    "C_FindObjectsInit": _SESSION + "ARGUMENTS_BAD ATTRIBUTE_TYPE_INVALID ATTRIBUTE_VALUE_INVALID OPERATION_ACTIVE "
    "PIN_EXPIRED",
    "C_FindObjects": _SESSION + "ARGUMENTS_BAD OPERATION_NOT_INITIALIZED",
    "C_FindObjectsFinal": _SESSION + "OPERATION_NOT_INITIALIZED",
    "C_SignInit": _SESSION + "ARGUMENTS_BAD FUNCTION_CANCELED KEY_FUNCTION_NOT_PERMITTED KEY_HANDLE_INVALID "
    "KEY_SIZE_RANGE KEY_TYPE_INCONSISTENT MECHANISM_INVALID MECHANISM_PARAM_INVALID OPERATION_ACTIVE PIN_EXPIRED "
    "USER_NOT_LOGGED_IN",
    "C_Sign": _SESSION + "ARGUMENTS_BAD BUFFER_TOO_SMALL DATA_INVALID DATA_LEN_RANGE FUNCTION_CANCELED "
    "FUNCTION_REJECTED OPERATION_NOT_INITIALIZED USER_NOT_LOGGED_IN",
    # Around them, made on the way.
    "C_GetSlotList": _ANY + "ARGUMENTS_BAD BUFFER_TOO_SMALL",
    "C_GetSlotInfo": _ANY + "ARGUMENTS_BAD DEVICE_ERROR SLOT_ID_INVALID",
    "C_GetTokenInfo": _TOKEN + "ARGUMENTS_BAD SLOT_ID_INVALID TOKEN_NOT_PRESENT TOKEN_NOT_RECOGNIZED",
    "C_GetSessionInfo": _SESSION + "ARGUMENTS_BAD",
    "C_GetAttributeValue": _SESSION + "ARGUMENTS_BAD ATTRIBUTE_SENSITIVE ATTRIBUTE_TYPE_INVALID BUFFER_TOO_SMALL "
    "OBJECT_HANDLE_INVALID",
    "C_CloseSession": _SESSION,
    # When a fault of the device had everything initialised again.
    "C_Finalize": _ANY + "ARGUMENTS_BAD",
    "C_Initialize": "ARGUMENTS_BAD CANT_LOCK CRYPTOKI_ALREADY_INITIALIZED FUNCTION_FAILED GENERAL_ERROR HOST_MEMORY "
    "NEED_TO_CREATE_THREADS",
}
_UNKNOWN = ("0x00007fff", "0x80000001")
_SPOILED = {
    "length 0": "length=0",
    "length 10": "length=10",
    "length 2^64-1": f"length={2**64 - 1}",
    "a wrong signature": "corrupt",
}
_ONLY_SIGNING = frozenset({"C_SignInit", "C_Sign", "C_CloseSession", "C_Finalize", "C_Initialize"})
# What brings these about.
_FIRST = {
    "C_CloseSession": "C_SignInit ckr=CKR_FUNCTION_FAILED times=1",
    "C_Finalize": "C_SignInit ckr=CKR_DEVICE_ERROR times=1",
    "C_Initialize": "C_SignInit ckr=CKR_DEVICE_ERROR times=1",
}
_NEEDS_LOGIN = frozenset({"C_Login", "C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo", "C_GetSessionInfo"})
# Said of a session that is gone: then it is gone.
_GONE = frozenset({"CKR_CRYPTOKI_NOT_INITIALIZED", "CKR_DEVICE_REMOVED", "CKR_SESSION_CLOSED",
                   "CKR_SESSION_HANDLE_INVALID"})  # fmt: skip
_HANGS = frozenset({"C_OpenSession", "C_Login", "C_FindObjectsInit", "C_FindObjects", "C_FindObjectsFinal",
                    "C_SignInit", "C_Sign"})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One row: at `call`, `answer` (for people) by `rule` (for the fault module)."""

    call: str
    answer: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a fault; "" where it cannot happen."""

    opening_once: str
    opening_lasting: str
    signing_once: str
    signing_lasting: str


def faults() -> Iterator[Fault]:
    """All of them, call by call."""
    for call, names in _ALLOWED.items():
        answers = [f"CKR_{name}" for name in sorted(names.split())]
        for answer in (*answers, *_UNKNOWN):
            late = " late" if call in {"C_CloseSession", "C_Finalize"} and answer in _GONE else ""
            yield Fault(call=call, answer=answer, rule=f"{call} ckr={answer}{late}")
        if call == "C_Sign":
            for answer, word in _SPOILED.items():
                yield Fault(call=call, answer=answer, rule=f"{call} {word}")
        if call in _HANGS:
            yield Fault(call=call, answer="no answer", rule=f"{call} hang")


class Sweep:
    """Injects faults on one token and says what came of them.

    Except where the login is what fails, the test itself keeps a session logged in beside the key's: a login belongs to
    the process, so the key finds it there and the sweep is spared some thousand of them.
    """

    def __init__(self, farm: TokenFarm, folder: Path) -> None:
        self._seat: Seat = farm.make("p-256")
        self.fault = FaultModule(folder)
        self._uri = replace(self._seat.uri, module_path=str(self.fault.path))
        self._plain = ctypes.CDLL(str(self.fault.path))
        self._module = Module.load(self.fault.path)
        self._slot = find(self._module, self._uri)[1].slot_id
        self._slots = len(self._module.slots())
        self._key: HsmKey | None = None
        self._beside: tuple[int, int] | None = None
        # The record of logins is written through to the disk each time; on a slow one that is most of the sweep.
        memory = Path("/dev/shm")
        self._state = Path(tempfile.mkdtemp(prefix="secondseal-", dir=memory if os.access(memory, os.W_OK) else None))

    def outcome(self, fault: Fault) -> Outcome:
        """Both moments, once and for ever."""
        opens = fault.call not in _ONLY_SIGNING
        if fault.answer == "no answer":
            return Outcome(
                opening_once="",
                opening_lasting=self._hang(fault, opening=True) if opens else "",
                signing_once="",
                signing_lasting=self._hang(fault, opening=False),
            )
        # One look at the tokens asks each slot.
        once = f" times={self._slots if fault.call == 'C_GetTokenInfo' else 1}"
        return Outcome(
            opening_once=self._opening(fault, once) if opens else "",
            opening_lasting=self._opening(fault, "") if opens else "",
            signing_once=self._signing(fault, once),
            signing_lasting=self._signing(fault, ""),
        )

    def close(self) -> None:
        """Nothing is left open."""
        self._let_go()
        self._alone()
        shutil.rmtree(self._state)
        assert self.fault.open_sessions() == 0, "a session leaked"

    def _open(self) -> HsmKey:
        return open_key(
            self._uri,
            PinValue(self._seat.pin),
            certificate=self._seat.certificate,
            state=self._state,
            sessions=1,
            recovery=RECOVERY,
            opening=RECOVERY,
        )

    def _opening(self, fault: Fault, times: str) -> str:
        self._let_go()
        self._prepare(fault)
        self.fault.rules(fault.rule + times)
        before, done, began = self.fault.calls(), self.fault.succeeded(), time.monotonic()
        try:
            self._key = self._open()
        except TokenError as error:
            said = self._refused(fault, error)
        else:
            said = self._recovered(self._key, Counter())
        self._hold(fault, before, done, began)
        self._settle()
        return said

    def _signing(self, fault: Fault, times: str) -> str:
        key = self._warm()
        self._prepare(fault)
        self._check(key.sign(DIGEST))
        taken = Counter(key.recoveries)
        rules = [fault.rule + times]
        if fault.call in _FIRST:
            rules.append(_FIRST[fault.call])
        elif fault.call not in _ONLY_SIGNING:
            self._lose_sessions(key)
        self.fault.rules(*rules)
        before, done, began = self.fault.calls(), self.fault.succeeded(), time.monotonic()
        try:
            self._check(key.sign(DIGEST))
        except TokenError as error:
            said = self._refused(fault, error)
        else:
            said = self._recovered(key, taken)
        self._hold(
            fault,
            before,
            done,
            began,
            stays_open=fault.call == "C_CloseSession" and not times and "late" not in fault.rule,
        )
        self._settle()
        self._check(key.sign(DIGEST))  # it goes on by itself once the fault is over
        return said

    def _hang(self, fault: Fault, *, opening: bool) -> str:
        """A thread inside the driver cannot be freed from Python; that it is there is seen, and by whom it is ended."""
        if opening:
            self._let_go()
        else:
            self._warm()
        self._prepare(fault)
        if not opening:
            self._lose_sessions(self._warm())
        self.fault.rules(fault.rule)
        with ThreadPoolExecutor(1) as pool:
            made = pool.submit(lambda: self._warm().sign(DIGEST))
            deadline = time.monotonic() + 10
            try:
                while (late := overdue(0.03)) is None or late.call != fault.call:
                    assert time.monotonic() < deadline, f"nobody notices that {fault.call} hangs"
                    time.sleep(0.005)
                assert not made.done()
            finally:
                self.fault.rules()
            self._check(made.result(10))
        return "seen by the watch"

    def _prepare(self, fault: Fault) -> None:
        """The login beside the key's, or none."""
        if fault.call in _NEEDS_LOGIN:
            self._alone()
        elif self._beside is None or self._beside[0] != self._module.generation:
            with self._module.use() as generation:
                session = ctypes.c_ulong()
                assert self._plain.C_OpenSession(self._slot, 4, None, None, ctypes.byref(session)) == 0
                if not self._module.direct.logged_in(session.value):
                    self._module.direct.login(session.value, PinValue(self._seat.pin).read())
            self._beside = (generation, session.value)

    def _alone(self) -> None:
        if self._beside is not None and self._beside[0] == self._module.generation:
            assert self._plain.C_CloseSession(ctypes.c_ulong(self._beside[1])) == 0
        self._beside = None

    def _lose_sessions(self, key: HsmKey) -> None:
        """Behind the key's back: all of the token's with their login, or only the key's own."""
        if self._beside is None:
            assert self._plain.C_CloseAllSessions(ctypes.c_ulong(self._slot)) == 0
        else:
            assert self._plain.C_CloseSession(ctypes.c_ulong(key._pool._idle[0].handle)) == 0

    def _refused(self, fault: Fault, error: TokenError) -> str:
        if fault.call == "C_Login":
            refused = fault.answer in _PIN_REFUSED
            assert isinstance(error, PinWrong) == refused, "a code that is no refusal was called a wrong PIN"
        else:
            assert not isinstance(error, PinError), "a wrong PIN is said where none was sent"
        assert error.text_vi
        assert error.text_en
        name = type(error).__name__
        return f"{name} {error.ckr}" if isinstance(error, DeviceFault) and error.ckr != fault.answer else name

    def _recovered(self, key: HsmKey, taken: Counter[Rung]) -> str:
        self._check(key.sign(DIGEST))
        rungs = [
            rung.name.lower() + (f" x{times}" if times > 1 else "")
            for rung, times in sorted((Counter(key.recoveries) - taken).items())
        ]
        return "goes on" + (f": {', '.join(rungs)}" if rungs else "")

    def _check(self, signature: bytes) -> None:
        public_key = self._seat.certificate.public_key()
        assert isinstance(public_key, ec.EllipticCurvePublicKey)
        public_key.verify(signature, DIGEST, ec.ECDSA(utils.Prehashed(hashes.SHA256())))

    def _hold(
        self, fault: Fault, before: Counter[str], done: Counter[str], began: float, *, stays_open: bool = False
    ) -> None:
        """What must be true after every fault, whatever came of it."""
        assert time.monotonic() - began < LIMIT_S, "longer than its limit"
        assert self.fault.ruled()[fault.call] > 0
        made, succeeded = self.fault.calls() - before, self.fault.succeeded() - done
        assert made["C_FindObjectsFinal"] == succeeded["C_FindObjectsInit"], "a search was left open"
        if fault.call == "C_Login" and ("PIN" in fault.answer or fault.answer in _UNKNOWN):
            assert made["C_Login"] == 1, "a PIN was sent again"
        if fault.call == "C_Finalize":
            assert self.fault.open_sessions() <= 2, "a session leaked"  # and where it failed, nothing was given up
            return
        held = 0 if self._key is None else self._key._pool.size
        beside = self._beside is not None and self._beside[0] == self._module.generation
        if stays_open:
            # The driver refused to close it each time it was asked: all that can be done is to begin anew.
            assert self.fault.open_sessions() == held + beside + 1
            self._module.reinitialise(self._module.generation)
        else:
            assert self.fault.open_sessions() == held + beside, "a session leaked"

    def _settle(self) -> None:
        self.fault.rules()
        for record in LoginLedger(self._state).records():
            record.forget()

    def _warm(self) -> HsmKey:
        if self._key is None:
            self._key = self._open()
        return self._key

    def _let_go(self) -> None:
        if self._key is not None:
            self._key.close()
            self._key = None
