"""The ladder climbed when a token fails: bounded in steps and in time, with a growing pause.

| the driver said                                            | first rung    | then                           |
|------------------------------------------------------------|---------------|--------------------------------|
| session or object handle invalid, operation state, unknown | REOPEN        | LOGIN, RESCAN, REINITIALISE    |
| no room for a session                                      | REOPEN        | REOPEN until the time is up    |
| user not logged in                                         | LOGIN         | RESCAN, REINITIALISE           |
| (nothing: its signature is wrong)                          | LOGIN         | the error, the second time     |
| device removed, token not present, slot invalid            | RESCAN        | RESCAN until the time is up,   |
|                                                            |               | REINITIALISE if none is seen   |
| device error, general error, not initialised               | REINITIALISE  | the same until the time is up  |
| wrong or locked PIN, mechanism or data refused, cancelled  | none: the error at once                        |
| to a login: a code that does not say what became of it     | none: the error at once, counted on disk       |
| to a login: device error, removed, and the token is there  | as above, counted on disk, twice at most       |

A token that was pulled out comes back without a reinitialisation, which would cut off the other tokens of the same
driver; only where the driver sees no token at all (its service went away and came back) is one tried.

The last rung is not climbed here: RESTART, the process. A driver that hangs holds its thread for ever, one that crashes
takes the process with it, and one that fails on after REINITIALISE keeps state of its own that only its unloading ends.
So whoever owns the process ends it (`hsm.watch`, the seal worker) and it goes on from the database when it is started
again. What each code led to, measured: docs/token-faults.md.
"""

import logging
import time
from dataclasses import dataclass

from .errors import DeviceFault, TokenError, TokenMissing
from .faults import Rung, first_rung, settled

logger = logging.getLogger("hsm")

_WRONG_ANSWERS = frozenset({"CKR_SIGNATURE_INVALID", "CKR_SIGNATURE_LEN_RANGE"})
_WAITED_FOR = frozenset({"CKR_SESSION_COUNT"})


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """How long to try, and how often at most (None: the time alone ends it). The pause doubles from `pause_s` up to
    `longest_pause_s`."""

    attempts: int | None = None
    budget_s: float = 5.0
    pause_s: float = 0.05
    longest_pause_s: float = 1.0


class SessionVoid(DeviceFault):
    """The session stems from before the module was initialised again."""

    def __init__(self) -> None:
        super().__init__("CKR_SESSION_HANDLE_INVALID", "C_SignInit", "the module was initialised again")


class Ladder:
    """One climb, for one operation."""

    _tried = 0
    _last: Rung | None = None
    _wrong_answers = 0

    def __init__(self, recovery: Recovery, of: str = "a token", *, since: float | None = None) -> None:
        """`of` names key and token in the log; the time counts from `since` (monotonic), else from now."""
        self._recovery = recovery
        self._of = of
        self._until = (time.monotonic() if since is None else since) + recovery.budget_s

    def climb(self, error: DeviceFault | TokenMissing) -> Rung:
        """The rung to take now, after its pause. Raises the error to show when nothing is left to try."""
        fault = error if isinstance(error, DeviceFault) else DeviceFault("CKR_TOKEN_NOT_PRESENT")
        first = first_rung(fault.ckr, fault.call)
        self._wrong_answers += fault.ckr in _WRONG_ANSWERS
        pause = (
            min(self._recovery.pause_s * 2 ** min(self._tried, 20), self._recovery.longest_pause_s)
            if self._tried
            else 0.0
        )
        enough = self._recovery.attempts is not None and self._tried >= self._recovery.attempts
        enough = enough or self._wrong_answers > 1
        if first is None or enough or time.monotonic() + pause > self._until:
            shown: TokenError = settled(error) if isinstance(error, DeviceFault) else error
            raise shown from error
        if isinstance(error, SessionVoid):
            # Nothing failed here: another key had the module initialised again. No reason to climb.
            self._tried += 1
            return Rung.REOPEN
        rung = first
        if self._last is not None:
            if isinstance(error, TokenMissing) and error.others == 0:
                first = Rung.REINITIALISE
            waits = first is Rung.RESCAN or fault.ckr in _WAITED_FOR
            climbs = first < Rung.RESCAN and self._last < Rung.REINITIALISE
            # What is only waited for does not become a reason to cut the driver's other tokens off again and again.
            rung = first if waits else max(first, Rung(self._last + 1) if climbs else self._last)
        self._tried += 1
        self._last = rung
        logger.warning("%s: %s: %s, attempt %d", self._of, fault, rung.name.lower(), self._tried)
        time.sleep(pause)
        return rung
