"""Logging in without ever locking a token by accident.

In this order: 1 flags read from the token · 2 PIN read from its source · 3 the value checked against the record on
disk · 4 the attempt written to disk · 5 exactly one `C_Login` · 6 the outcome written.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from .cryptoki import CKU_CONTEXT_SPECIFIC, CKU_USER
from .errors import DeviceFault, PinLastTry, PinLocked, PinWrong, TokenUnsuitable
from .faults import pin_maybe_judged, pin_unjudged
from .ledger import LoginLedger
from .module import Module
from .pin import PinSource
from .tokens import TokenInfo, refresh
from .watch import away

ASSUMED_TRIES = 3
"""Wrong PINs that lock the tokens in use here. OpenSC reports nothing after the first one."""
_FRESH_S = 0.5
"""How long the token's flags are believed, seconds."""
_WRONG = frozenset({"CKR_PIN_INCORRECT", "CKR_PIN_INVALID", "CKR_PIN_LEN_RANGE"})
_logging_in = threading.Lock()


def check_flags(token: TokenInfo, failures: int, *, allow_last_try: bool) -> None:
    """May a PIN be sent at all? `failures`: logins on record that were refused, or whose outcome nobody knows.

    Raises `PinLocked`, `PinLastTry`, `TokenUnsuitable`.
    """
    if token.pin_locked:
        raise PinLocked
    if not token.user_pin_set:
        raise TokenUnsuitable("the token has no user PIN yet")
    assumed = failures >= ASSUMED_TRIES - 1 and not token.is_software
    if (token.pin_final_try or assumed) and not allow_last_try:
        raise PinLastTry


def ensure_login(
    module: Module, token: TokenInfo, session: int, pin: PinSource, ledger: LoginLedger, *, allow_last_try: bool = False
) -> None:
    """Log in on `session` unless this process already is. A PIN is asked for only when it is needed.

    A login belongs to the process and the token, not to the session: all sessions share it, and it ends with the last
    of them. Raises `PinError`s, `TokenMissing`, `DeviceFault`.
    """
    with _one_at_a_time(), module.use():
        if not module.direct.logged_in(session):
            _log_in(module, token, session, pin, ledger, user=CKU_USER, allow_last_try=allow_last_try)


def confirm_login(module: Module, token: TokenInfo, session: int, pin: PinSource, ledger: LoginLedger) -> None:
    """The PIN once more for one operation just begun (CKA_ALWAYS_AUTHENTICATE), under the same rules."""
    with _one_at_a_time(), module.use():
        _log_in(module, token, session, pin, ledger, user=CKU_CONTEXT_SPECIFIC, allow_last_try=False)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Waiting for another thread's login, which may wait for a person, is no time spent in the driver."""
    with away():
        _logging_in.acquire()
    try:
        yield
    finally:
        _logging_in.release()


def _log_in(
    module: Module,
    token: TokenInfo,
    session: int,
    pin: PinSource,
    ledger: LoginLedger,
    *,
    user: int,
    allow_last_try: bool,
) -> None:
    looked, now = monotonic(), refresh(module, token)
    ledger.observe(now)
    check_flags(now, ledger.failures(now), allow_last_try=allow_last_try)
    with away():
        secret = None if now.keypad else pin.read()
    with ledger.attempt(now) as attempt:
        if monotonic() - looked > _FRESH_S:
            # A person took their time, or another process had its turn at this token.
            now = refresh(module, now)
        value = attempt.recognise(secret) if secret is not None else None
        check_flags(now, attempt.record.spent, allow_last_try=allow_last_try)
        if value is not None:
            attempt.begin(value)
        try:
            module.direct.login(session, secret, user)
        except DeviceFault as fault:
            if fault.ckr in _WRONG:
                attempt.refused()
                refusal = _refusal(module, now)
                if isinstance(refusal, PinLocked):
                    attempt.observed(locked=True)
                raise refusal from fault
            # Else the attempt stays on record without an outcome: it may have cost a try, and two such are the most.
            if pin_unjudged(fault.ckr) and not (pin_maybe_judged(fault.ckr) and _still_there(module, now)):
                attempt.not_judged()
            if fault.ckr == "CKR_USER_ALREADY_LOGGED_IN" and (
                user == CKU_CONTEXT_SPECIFIC or module.direct.logged_in(session)
            ):
                return
            if fault.ckr == "CKR_PIN_LOCKED":
                attempt.observed(locked=True)
                raise PinLocked from fault
            raise
        attempt.accepted()


def _still_there(module: Module, token: TokenInfo) -> bool:
    """Whether a token said to be broken or gone answers all the same: then it may have judged the PIN before."""
    try:
        refresh(module, token)
    except DeviceFault:
        return False
    return True


def _refusal(module: Module, token: TokenInfo) -> PinWrong | PinLocked:
    try:
        after = refresh(module, token)
    except DeviceFault:
        return PinWrong(None)
    return PinLocked() if after.pin_locked else PinWrong(after.tries_left)
