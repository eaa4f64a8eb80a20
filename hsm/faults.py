"""PKCS#11 return values: their names, and what each calls for.

Codes: PKCS #11 v2.40 and v3.0, section 5.1 (OASIS). python-pkcs11 turns them into exception classes; the calls of
`cryptoki` see the number itself. Both become a `DeviceFault` that names the code, and `settled` turns the few that
have a meaning of their own into their typed error.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import pkcs11

from .errors import DeviceFault, ModuleMissing, PinLocked, TokenError, TokenMissing, TokenUnsuitable
from .watch import here

NAMES = {
    0x001: "CANCEL", 0x002: "HOST_MEMORY", 0x003: "SLOT_ID_INVALID", 0x005: "GENERAL_ERROR", 0x006: "FUNCTION_FAILED",
    0x007: "ARGUMENTS_BAD", 0x008: "NO_EVENT", 0x009: "NEED_TO_CREATE_THREADS", 0x00A: "CANT_LOCK",
    0x010: "ATTRIBUTE_READ_ONLY", 0x011: "ATTRIBUTE_SENSITIVE", 0x012: "ATTRIBUTE_TYPE_INVALID",
    0x013: "ATTRIBUTE_VALUE_INVALID", 0x01B: "ACTION_PROHIBITED", 0x020: "DATA_INVALID", 0x021: "DATA_LEN_RANGE",
    0x030: "DEVICE_ERROR", 0x031: "DEVICE_MEMORY", 0x032: "DEVICE_REMOVED", 0x040: "ENCRYPTED_DATA_INVALID",
    0x041: "ENCRYPTED_DATA_LEN_RANGE", 0x050: "FUNCTION_CANCELED", 0x051: "FUNCTION_NOT_PARALLEL",
    0x054: "FUNCTION_NOT_SUPPORTED", 0x060: "KEY_HANDLE_INVALID", 0x062: "KEY_SIZE_RANGE",
    0x063: "KEY_TYPE_INCONSISTENT", 0x064: "KEY_NOT_NEEDED", 0x065: "KEY_CHANGED", 0x066: "KEY_NEEDED",
    0x067: "KEY_INDIGESTIBLE", 0x068: "KEY_FUNCTION_NOT_PERMITTED", 0x069: "KEY_NOT_WRAPPABLE",
    0x06A: "KEY_UNEXTRACTABLE", 0x070: "MECHANISM_INVALID", 0x071: "MECHANISM_PARAM_INVALID",
    0x082: "OBJECT_HANDLE_INVALID", 0x090: "OPERATION_ACTIVE", 0x091: "OPERATION_NOT_INITIALIZED",
    0x0A0: "PIN_INCORRECT", 0x0A1: "PIN_INVALID", 0x0A2: "PIN_LEN_RANGE", 0x0A3: "PIN_EXPIRED", 0x0A4: "PIN_LOCKED",
    0x0B0: "SESSION_CLOSED", 0x0B1: "SESSION_COUNT", 0x0B3: "SESSION_HANDLE_INVALID",
    0x0B4: "SESSION_PARALLEL_NOT_SUPPORTED", 0x0B5: "SESSION_READ_ONLY", 0x0B6: "SESSION_EXISTS",
    0x0B7: "SESSION_READ_ONLY_EXISTS", 0x0B8: "SESSION_READ_WRITE_SO_EXISTS", 0x0C0: "SIGNATURE_INVALID",
    0x0C1: "SIGNATURE_LEN_RANGE", 0x0D0: "TEMPLATE_INCOMPLETE", 0x0D1: "TEMPLATE_INCONSISTENT",
    0x0E0: "TOKEN_NOT_PRESENT", 0x0E1: "TOKEN_NOT_RECOGNIZED", 0x0E2: "TOKEN_WRITE_PROTECTED",
    0x0F0: "UNWRAPPING_KEY_HANDLE_INVALID", 0x0F1: "UNWRAPPING_KEY_SIZE_RANGE",
    0x0F2: "UNWRAPPING_KEY_TYPE_INCONSISTENT", 0x100: "USER_ALREADY_LOGGED_IN", 0x101: "USER_NOT_LOGGED_IN",
    0x102: "USER_PIN_NOT_INITIALIZED", 0x103: "USER_TYPE_INVALID", 0x104: "USER_ANOTHER_ALREADY_LOGGED_IN",
    0x105: "USER_TOO_MANY_TYPES", 0x110: "WRAPPED_KEY_INVALID", 0x112: "WRAPPED_KEY_LEN_RANGE",
    0x113: "WRAPPING_KEY_HANDLE_INVALID", 0x114: "WRAPPING_KEY_SIZE_RANGE", 0x115: "WRAPPING_KEY_TYPE_INCONSISTENT",
    0x120: "RANDOM_SEED_NOT_SUPPORTED", 0x121: "RANDOM_NO_RNG", 0x130: "DOMAIN_PARAMS_INVALID",
    0x140: "CURVE_NOT_SUPPORTED", 0x150: "BUFFER_TOO_SMALL", 0x160: "SAVED_STATE_INVALID",
    0x170: "INFORMATION_SENSITIVE", 0x180: "STATE_UNSAVEABLE", 0x190: "CRYPTOKI_NOT_INITIALIZED",
    0x191: "CRYPTOKI_ALREADY_INITIALIZED", 0x1A0: "MUTEX_BAD", 0x1A1: "MUTEX_NOT_LOCKED", 0x1B7: "PUBLIC_KEY_INVALID",
    0x200: "FUNCTION_REJECTED",
}  # fmt: skip
_CODES = {"CKR_" + name: code for code, name in NAMES.items()}
# Classes whose name is not the code's name in another case.
_CLASS_NAMES = {
    "FunctionCancelled": "CKR_FUNCTION_CANCELED",
    "NoSuchToken": "CKR_TOKEN_NOT_PRESENT",
    "RandomNoRNG": "CKR_RANDOM_NO_RNG",
    "SessionReadWriteSOExists": "CKR_SESSION_READ_WRITE_SO_EXISTS",
    "SlotIDInvalid": "CKR_SLOT_ID_INVALID",
    "TokenNotRecognised": "CKR_TOKEN_NOT_RECOGNIZED",
    "AnotherUserAlreadyLoggedIn": "CKR_USER_ANOTHER_ALREADY_LOGGED_IN",
}
# Codes it has no class for.
_MESSAGES = {
    "Buffer was too small": "CKR_BUFFER_TOO_SMALL",
    "(already initialized)": "CKR_CRYPTOKI_ALREADY_INITIALIZED",
    "(not initialized)": "CKR_CRYPTOKI_NOT_INITIALIZED",
    "Parallel not supported": "CKR_SESSION_PARALLEL_NOT_SUPPORTED",
    "User type invalid": "CKR_USER_TYPE_INVALID",
}


class Rung(IntEnum):
    """The recovery ladder, lowest first. Each rung does what those below it do, and more; then comes the error."""

    REOPEN = 1
    """A new session in place of the failed one, and the key's object found again in it."""
    LOGIN = 2
    """All of the key's sessions closed, which ends the login; logged in again."""
    RESCAN = 3
    """Slots read again, the token looked up by its serial."""
    REINITIALISE = 4
    """The module finalised and initialised again."""


_FIRST_RUNG = {
    "CKR_USER_NOT_LOGGED_IN": Rung.LOGIN,
    # A wrong answer: none of the sessions is trusted any further.
    "CKR_SIGNATURE_INVALID": Rung.LOGIN,
    "CKR_SIGNATURE_LEN_RANGE": Rung.LOGIN,
    "CKR_DEVICE_REMOVED": Rung.RESCAN,
    "CKR_TOKEN_NOT_PRESENT": Rung.RESCAN,
    "CKR_TOKEN_NOT_RECOGNIZED": Rung.RESCAN,
    "CKR_SLOT_ID_INVALID": Rung.RESCAN,
    "CKR_DEVICE_ERROR": Rung.REINITIALISE,
    "CKR_GENERAL_ERROR": Rung.REINITIALISE,
    "CKR_CRYPTOKI_NOT_INITIALIZED": Rung.REINITIALISE,
}
# Trying again changes nothing: the request itself is refused, or a person said no.
_FINAL = frozenset({
    "CKR_ACTION_PROHIBITED", "CKR_ARGUMENTS_BAD", "CKR_CURVE_NOT_SUPPORTED", "CKR_DATA_INVALID", "CKR_DATA_LEN_RANGE",
    "CKR_FUNCTION_CANCELED", "CKR_FUNCTION_NOT_SUPPORTED", "CKR_FUNCTION_REJECTED",
    "CKR_KEY_FUNCTION_NOT_PERMITTED", "CKR_KEY_SIZE_RANGE",
    "CKR_KEY_TYPE_INCONSISTENT", "CKR_MECHANISM_INVALID", "CKR_MECHANISM_PARAM_INVALID", "CKR_PIN_EXPIRED",
    "CKR_PIN_INCORRECT", "CKR_PIN_INVALID", "CKR_PIN_LEN_RANGE", "CKR_PIN_LOCKED",
    "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", "CKR_USER_PIN_NOT_INITIALIZED", "CKR_USER_TYPE_INVALID",
})  # fmt: skip

# Of these: the token, its key or its PIN is not in a state to be used for this.
_UNSUITABLE = frozenset({
    "CKR_CURVE_NOT_SUPPORTED", "CKR_KEY_FUNCTION_NOT_PERMITTED", "CKR_KEY_SIZE_RANGE", "CKR_KEY_TYPE_INCONSISTENT",
    "CKR_MECHANISM_INVALID", "CKR_MECHANISM_PARAM_INVALID", "CKR_PIN_EXPIRED", "CKR_USER_PIN_NOT_INITIALIZED",
})  # fmt: skip
# The device or the way to it is gone, or there is no room: nothing was judged.
_GONE = frozenset({
    "CKR_CRYPTOKI_NOT_INITIALIZED", "CKR_DEVICE_ERROR", "CKR_DEVICE_MEMORY", "CKR_DEVICE_REMOVED", "CKR_HOST_MEMORY",
    "CKR_OPERATION_NOT_INITIALIZED", "CKR_SESSION_CLOSED", "CKR_SESSION_COUNT", "CKR_SESSION_HANDLE_INVALID",
    "CKR_SLOT_ID_INVALID", "CKR_TOKEN_NOT_PRESENT", "CKR_TOKEN_NOT_RECOGNIZED",
})  # fmt: skip
# Of these: said of the device itself, which may have had the PIN already.
_OF_THE_DEVICE = frozenset({
    "CKR_DEVICE_ERROR", "CKR_DEVICE_MEMORY", "CKR_DEVICE_REMOVED", "CKR_TOKEN_NOT_PRESENT", "CKR_TOKEN_NOT_RECOGNIZED",
})  # fmt: skip
# To C_Login: the PIN was not looked at either, but sending it again would not help.
_NOT_ASKED = frozenset({
    "CKR_ACTION_PROHIBITED", "CKR_FUNCTION_CANCELED", "CKR_FUNCTION_NOT_SUPPORTED", "CKR_FUNCTION_REJECTED",
    "CKR_PIN_LOCKED", "CKR_SESSION_READ_ONLY_EXISTS", "CKR_USER_ALREADY_LOGGED_IN",
    "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", "CKR_USER_PIN_NOT_INITIALIZED", "CKR_USER_TOO_MANY_TYPES",
    "CKR_USER_TYPE_INVALID",
})  # fmt: skip


def name_of(code: int) -> str:
    """`CKR_...` of a return value; a vendor's or unknown code stays a number ("0x80000001")."""
    name = NAMES.get(code)
    return f"CKR_{name}" if name else f"0x{code:08x}"


def name_of_exception(error: pkcs11.PKCS11Error) -> str:
    """The code's name behind an exception of python-pkcs11."""
    kind = type(error).__name__
    if kind in _CLASS_NAMES:
        return _CLASS_NAMES[kind]
    if kind == "PKCS11Error":
        code = re.search(r"Unmapped error code (0x[0-9a-f]+)", str(error))
        said = (name for words, name in _MESSAGES.items() if words in str(error))
        return name_of(int(code.group(1), 16)) if code else next(said, "CKR_GENERAL_ERROR")
    name = "CKR_" + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).upper()
    return name if name in _CODES else "CKR_GENERAL_ERROR"


def first_rung(ckr: str, call: str = "") -> Rung | None:
    """Where recovery starts for this code; None where trying again is useless or would hurt.

    A login is begun again only where nothing was judged: behind a code that only its driver understands may stand a
    refused PIN, and a try.
    """
    if ckr in _FINAL or (call == "C_Login" and ckr not in _GONE):
        return None
    return _FIRST_RUNG.get(ckr, Rung.REOPEN)


def pin_unjudged(ckr: str) -> bool:
    """Whether this answer to C_Login says that the PIN was not looked at, so that it cost no try."""
    return ckr in _GONE or ckr in _NOT_ASKED


def pin_maybe_judged(ckr: str) -> bool:
    """Whether this answer to C_Login is `pin_unjudged` only if the device is really gone: to be looked at."""
    return ckr in _OF_THE_DEVICE


def passes(error: TokenError) -> bool:
    """Whether it may pass by itself, so that asking again later is worth it and safe; else a person must act first.

    A login that failed for a reason only its driver knows is not repeated without a person: it may have cost a try.
    """
    match error:
        case TokenMissing():
            return True
        case DeviceFault():
            return first_rung(error.ckr, error.call) is not None
        case ModuleMissing():
            # the driver is there, what it speaks to is not yet
            return isinstance(error.__cause__, DeviceFault) and passes(error.__cause__)
        case _:
            return False


def settled(fault: DeviceFault) -> TokenError:
    """The error to show once nothing more is tried: typed where the code has a meaning, else the fault itself."""
    match first_rung(fault.ckr, fault.call):
        case Rung.RESCAN:
            return TokenMissing(str(fault))
        case None if fault.ckr == "CKR_PIN_LOCKED":
            return PinLocked(str(fault))
        case None if fault.ckr in _UNSUITABLE:
            return TokenUnsuitable(str(fault))
        case _:
            return fault


@contextmanager
def named(call: str) -> Iterator[None]:
    """Turn what python-pkcs11 raises inside into a `DeviceFault` naming the code and `call`."""
    mine = here.place
    if mine.since:
        mine.call, mine.since = call, time.monotonic()
    try:
        yield
    except pkcs11.PKCS11Error as error:
        raise DeviceFault(name_of_exception(error), call) from error


def load_failure(path: str, error: pkcs11.PKCS11Error) -> ModuleMissing:
    """For a module that did not load or did not initialise."""
    return ModuleMissing(f"{path}: {error or name_of_exception(error)}")
