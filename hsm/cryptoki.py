"""The few PKCS#11 calls made directly, through the module's own function list.

python-pkcs11 makes all other calls. These are made here because it
 - initialises modules as single-threaded (`C_Initialize(NULL)`), so that threads crash in SoftHSM and in others;
 - leaves a session open behind a refused `C_Login`;
 - asks for the signature's length first, which one driver in use here answers with nonsense (python-pkcs11 issue 180);
 - ends a search that failed only when Python collects it: by then its session's number may be another's;
 - has no `C_InitToken`.
Structures: PKCS #11 v2.40 base specification, 3.1 to 3.7 and 5. All calls let go of Python's global lock.
"""

import ctypes
import sys
from collections.abc import Mapping
from contextlib import suppress
from ctypes import POINTER, byref, c_byte, c_char_p, c_ubyte, c_ulong, c_void_p
from time import monotonic
from typing import Any, ClassVar

from pkcs11 import Attribute

from .errors import DeviceFault, ModuleMissing
from .faults import name_of
from .pin import Pin
from .watch import here, person

CKF_OS_LOCKING_OK = 2
CKU_SO, CKU_USER, CKU_CONTEXT_SPECIFIC = 0, 1, 2
CKS_USER_STATES = frozenset({1, 3})
"""CKS_RO_USER_FUNCTIONS and CKS_RW_USER_FUNCTIONS: the user is logged in."""
SIGNATURE_ROOM = 1024
"""Bytes; RSA-8192 needs 1,024."""
_SignatureRoom = c_ubyte * SIGNATURE_ROOM
_AT_ONCE, _MOST_FOUND = 64, 4096
"""Objects asked for at once; a driver that has more on one token than the second is going round in circles."""
_Found = c_ulong * _AT_ONCE
_LONGEST_VALUE = 1 << 16
"""Bytes of an attribute; the longest here is a certificate."""

_ORDER = (
    "C_Initialize", "C_Finalize", "C_GetInfo", "C_GetFunctionList", "C_GetSlotList", "C_GetSlotInfo",
    "C_GetTokenInfo", "C_GetMechanismList", "C_GetMechanismInfo", "C_InitToken", "C_InitPIN", "C_SetPIN",
    "C_OpenSession", "C_CloseSession", "C_CloseAllSessions", "C_GetSessionInfo", "C_GetOperationState",
    "C_SetOperationState", "C_Login", "C_Logout", "C_CreateObject", "C_CopyObject", "C_DestroyObject",
    "C_GetObjectSize", "C_GetAttributeValue", "C_SetAttributeValue", "C_FindObjectsInit", "C_FindObjects",
    "C_FindObjectsFinal", "C_EncryptInit", "C_Encrypt", "C_EncryptUpdate", "C_EncryptFinal", "C_DecryptInit",
    "C_Decrypt", "C_DecryptUpdate", "C_DecryptFinal", "C_DigestInit", "C_Digest", "C_DigestUpdate", "C_DigestKey",
    "C_DigestFinal", "C_SignInit", "C_Sign",
)  # fmt: skip
# pkcs11.h packs its structures on Windows and leaves them as the compiler likes elsewhere.
_PACK = 1 if sys.platform == "win32" else 0


class _FunctionList(ctypes.Structure):
    if _PACK:
        _pack_ = _PACK
    _fields_: ClassVar = [("version", c_ubyte * 2), *((name, c_void_p) for name in _ORDER)]


class _InitializeArgs(ctypes.Structure):
    if _PACK:
        _pack_ = _PACK
    _fields_: ClassVar = [
        *((name, c_void_p) for name in ("create", "destroy", "lock", "unlock")),
        ("flags", c_ulong),
        ("reserved", c_void_p),
    ]


class _Mechanism(ctypes.Structure):
    if _PACK:
        _pack_ = _PACK
    _fields_: ClassVar = [("mechanism", c_ulong), ("parameter", c_char_p), ("length", c_ulong)]


class _SessionInfo(ctypes.Structure):
    if _PACK:
        _pack_ = _PACK
    _fields_: ClassVar = [("slot", c_ulong), ("state", c_ulong), ("flags", c_ulong), ("device_error", c_ulong)]


class _Attribute(ctypes.Structure):
    if _PACK:
        _pack_ = _PACK
    _fields_: ClassVar = [("type", c_ulong), ("value", c_void_p), ("length", c_ulong)]


_U = c_ulong
_ARGUMENTS: dict[str, tuple[type, ...]] = {
    "C_Initialize": (POINTER(_InitializeArgs),),
    "C_Finalize": (c_void_p,),
    "C_InitToken": (_U, c_void_p, _U, c_char_p),
    "C_GetSessionInfo": (_U, POINTER(_SessionInfo)),
    "C_Login": (_U, _U, c_void_p, _U),
    "C_GetAttributeValue": (_U, _U, POINTER(_Attribute), _U),
    "C_DestroyObject": (_U, _U),
    "C_FindObjectsInit": (_U, POINTER(_Attribute), _U),
    "C_FindObjects": (_U, POINTER(_U), _U, POINTER(_U)),
    "C_FindObjectsFinal": (_U,),
    "C_SignInit": (_U, POINTER(_Mechanism), _U),
    "C_Sign": (_U, c_char_p, _U, c_void_p, POINTER(_U)),
}


class Cryptoki:
    """Direct calls into one loaded module. Session, slot and object handles are numbers."""

    def __init__(self, library: object) -> None:
        """`library` is python-pkcs11's object of the module; raises `ModuleMissing` where it is not laid out as known.

        The very same function list must be used: p11-kit's client module makes a new, independent one, with handles of
        its own, for everyone who asks.
        """
        functions = _function_list(library)
        self._calls = {
            name: ctypes.CFUNCTYPE(c_ulong, *arguments)(getattr(functions, name))
            for name, arguments in _ARGUMENTS.items()
        }
        self._sign_init, self._sign = self._calls["C_SignInit"], self._calls["C_Sign"]
        self._mechanisms: dict[tuple[int, bytes | None], Any] = {}

    def _call(self, name: str, *arguments: object) -> None:
        mine = here.place
        if mine.since:
            mine.call, mine.since = name, monotonic()
            code = self._calls[name](*arguments)
            mine.call, mine.since = "", monotonic()
        else:
            code = self._calls[name](*arguments)
        if code:
            raise DeviceFault(name_of(code), name)

    def initialize(self, *, threads: bool = True) -> bool:
        """Initialise for threads. Returns False where the driver can only be used by one thread at a time.

        Without `threads` it is told so, and takes no locks of its own: False as well.
        """
        if threads:
            arguments = _InitializeArgs(flags=CKF_OS_LOCKING_OK)
            try:
                self._call("C_Initialize", byref(arguments))
            except DeviceFault as fault:
                if fault.ckr != "CKR_CANT_LOCK":
                    raise
            else:
                return True
        self._call("C_Initialize", None)
        return False

    def finalize(self) -> None:
        """Every session, login and object handle of the module is gone afterwards."""
        self._call("C_Finalize", None)

    def login(self, session: int, pin: Pin | None, user: int = CKU_USER) -> None:
        """`pin` None asks the token's own keypad (CKF_PROTECTED_AUTHENTICATION_PATH)."""
        if pin is None:
            with person():
                self._call("C_Login", session, user, None, 0)
            return
        room = _copy(pin)
        try:
            self._call("C_Login", session, user, ctypes.cast(room, c_void_p), len(room))
        finally:
            ctypes.memset(room, 0, len(room))

    def logged_in(self, session: int) -> bool:
        """Whether the user is logged in, in this process, on the session's token."""
        info = _SessionInfo()
        self._call("C_GetSessionInfo", session, byref(info))
        return int(info.state) in CKS_USER_STATES

    def find(self, session: int, template: Mapping[Attribute, bytes | int]) -> list[int]:
        """The objects that have these attributes, by handle. The search is ended whatever happens."""
        values = {kind: bytes(c_ulong(value)) if isinstance(value, int) else value for kind, value in template.items()}
        rows = (_Attribute * len(values))(
            *(_Attribute(kind, ctypes.cast(c_char_p(value), c_void_p), len(value)) for kind, value in values.items())
        )
        self._call("C_FindObjectsInit", session, rows, len(values))
        try:
            found = self._found(session)
        except DeviceFault:
            with suppress(DeviceFault):  # the first fault is the one to tell
                self._call("C_FindObjectsFinal", session)
            raise
        self._call("C_FindObjectsFinal", session)
        return found

    def _found(self, session: int) -> list[int]:
        found: list[int] = []
        room, count = _Found(), c_ulong(0)
        while len(found) < _MOST_FOUND:
            self._call("C_FindObjects", session, room, _AT_ONCE, byref(count))
            if not count.value:
                return found
            if count.value > _AT_ONCE:
                break
            found += room[: count.value]
        raise DeviceFault("CKR_GENERAL_ERROR", "C_FindObjects", "more objects than there can be")

    def destroy(self, session: int, item: int) -> None:
        """Remove an object from the token, for ever."""
        self._call("C_DestroyObject", session, item)

    def read(self, session: int, item: int, attribute: Attribute) -> bytes | None:
        """An attribute of an object; None where the object has none, or keeps it to itself.

        Some drivers say CKR_FUNCTION_FAILED for one they lack; so it is asked twice before that is believed.
        """
        for attempt in range(2):
            try:
                return self._read(session, item, attribute)
            except DeviceFault as fault:
                if fault.ckr in {"CKR_ATTRIBUTE_TYPE_INVALID", "CKR_ATTRIBUTE_SENSITIVE"}:
                    return None
                if fault.ckr != "CKR_FUNCTION_FAILED":
                    raise
                if attempt:
                    return None
        return None

    def _read(self, session: int, item: int, attribute: Attribute) -> bytes | None:
        row = _Attribute(attribute, None, 0)
        self._call("C_GetAttributeValue", session, item, byref(row), 1)
        if row.length > _LONGEST_VALUE:  # CK_UNAVAILABLE_INFORMATION is the largest number there is
            return None
        room = ctypes.create_string_buffer(max(row.length, 1))
        row.value = ctypes.cast(room, c_void_p)
        self._call("C_GetAttributeValue", session, item, byref(row), 1)
        return room.raw[: row.length] if row.length <= len(room.raw) else None

    def sign_init(self, session: int, mechanism: int, parameter: bytes | None, key: int) -> None:
        """Start a signature with the private key object `key`."""
        self._call("C_SignInit", session, self._mechanism((mechanism, parameter)), key)

    def sign(self, session: int, data: bytes) -> bytes:
        """Finish it. Raises `DeviceFault` also for a length no signature can have."""
        room, length = _SignatureRoom(), c_ulong(SIGNATURE_ROOM)
        self._call("C_Sign", session, data, len(data), room, byref(length))
        return _signature(room, length.value)

    def sign_at_once(self, session: int, mechanism: tuple[int, bytes | None], key: int, data: bytes) -> bytes:
        """Both of the above, on the shortest way: this is what a seal worker does all day. Inside `Module.use()` only.

        A `DeviceFault` names the call that failed.
        """
        mine = here.place
        row = self._mechanisms.get(mechanism) or self._mechanism(mechanism)
        mine.call = "C_SignInit"
        mine.since = monotonic()
        code = self._sign_init(session, row, key)
        if code:
            raise DeviceFault(name_of(code), "C_SignInit")
        room = _SignatureRoom()
        length = c_ulong(SIGNATURE_ROOM)
        mine.call = "C_Sign"
        mine.since = monotonic()
        code = self._sign(session, data, len(data), room, byref(length))
        mine.call = ""
        mine.since = monotonic()
        if code:
            raise DeviceFault(name_of(code), "C_Sign")
        size = length.value
        return bytes(memoryview(room)[:size]) if 0 < size <= SIGNATURE_ROOM else _signature(room, size)

    def _mechanism(self, mechanism: tuple[int, bytes | None]) -> Any:
        row = self._mechanisms.get(mechanism)
        if row is None:
            number, parameter = mechanism
            # Drivers read it and keep no pointer to it (2.40, 5.1.2); there are four.
            row = byref(_Mechanism(number, parameter, len(parameter) if parameter else 0))
            self._mechanisms[mechanism] = row
        return row

    def init_token(self, slot: int, so_pin: Pin, label: bytes) -> None:
        """`C_InitToken`: erases the token in `slot`. `label` is padded with blanks to 32 bytes."""
        room = _copy(so_pin)
        try:
            self._call("C_InitToken", slot, ctypes.cast(room, c_void_p), len(room), label.ljust(32, b" "))
        finally:
            ctypes.memset(room, 0, len(room))


def _function_list(library: object) -> _FunctionList:
    """The CK_FUNCTION_LIST python-pkcs11 holds: the first of three pointers after the object's header."""
    base = next((kind for kind in type(library).__mro__ if kind.__name__ == "HasFuncList"), None)
    header = object.__basicsize__
    if base is None or base.__basicsize__ != header + 3 * ctypes.sizeof(c_void_p):
        raise ModuleMissing("this version of python-pkcs11 is not known")
    address = c_void_p.from_address(id(library) + header).value
    if not address:
        raise ModuleMissing("no function list")
    functions = _FunctionList.from_address(address)
    if functions.version[0] not in {2, 3} or not all(getattr(functions, name) for name in _ARGUMENTS):
        raise ModuleMissing("the module's function list is not one of PKCS #11 v2 or v3")
    return functions


def _signature(room: ctypes.Array[c_ubyte], size: int) -> bytes:
    if not 0 < size <= SIGNATURE_ROOM:
        raise DeviceFault("CKR_SIGNATURE_LEN_RANGE", "C_Sign", f"{size} bytes")
    return bytes(memoryview(room)[:size])


def _copy(pin: Pin) -> ctypes.Array[c_byte]:
    """The PIN in memory that can be wiped; no frame keeps it in a variable that a traceback would print."""
    return (c_byte * len(pin.reveal())).from_buffer_copy(pin.reveal())
