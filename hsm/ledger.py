"""Failed logins, remembered on disk: a restarted program must not try a wrong PIN again (AC-114).

One small JSON file per token in the state folder. It holds counts and, for each refused PIN, a 12-bit fingerprint
(scrypt, salted per token): enough to recognise the value when it comes again, too little to find it. A right PIN is
taken for a refused one once in 4,096 times; `forget` clears the record.
"""

import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .errors import PinSourceInvalid, PinUnsettled, PinWrong
from .pin import Pin
from .tokens import TokenInfo
from .watch import away

try:
    import fcntl
except ImportError:  # Windows: the agent is the token's only user there
    fcntl = None  # type: ignore[assignment]

UNSETTLED_MAX = 2
"""Logins with one PIN whose outcome nobody knows (the driver crashed, or gave an answer of its own), before a person
has to look: two of the three wrong PINs that lock a token."""
_REMEMBERED = 16


@dataclass
class LoginRecord:
    """What is known about logins to one token since the last one that was accepted."""

    token: str
    serial: str
    salt: str = field(default_factory=lambda: secrets.token_hex(16))
    failed: int = 0
    refused: list[int] = field(default_factory=list)
    trying: int | None = None
    unsettled: int = 0
    """Logins with the PIN being tried whose outcome is not known, the one under way included."""
    lost: int = 0
    """The same, with other PINs than the one tried last."""
    locked: bool = False
    """The token was seen locked; when it no longer is, somebody has unblocked it."""

    def __post_init__(self) -> None:
        """Raises `ValueError`, `TypeError` for what no program of ours wrote."""
        if self.spent < 0 or not isinstance(self.refused, list):
            raise ValueError("not a record of logins")

    @property
    def spent(self) -> int:
        """Tries the token may have counted, at most."""
        return self.failed + self.lost + self.unsettled

    def fingerprint(self, pin: Pin) -> int:
        """12 bits."""
        derived = hashlib.scrypt(pin.reveal(), salt=bytes.fromhex(self.salt), n=2**12, r=8, p=1, dklen=2)
        return int.from_bytes(derived, "big") & 0xFFF


class Attempt:
    """One login under way; the record is on disk before the token is asked."""

    def __init__(self, path: Path, record: LoginRecord) -> None:
        self._path = path
        self.record = record
        self._begun = False

    def recognise(self, pin: Pin) -> int:
        """The value's fingerprint. Raises `PinWrong(tried=False)` or `PinUnsettled` where it may not be sent again."""
        record = self.record
        value = record.fingerprint(pin)
        if value in record.refused:
            raise PinWrong(None, tried=False)
        if record.trying == value and record.unsettled >= UNSETTLED_MAX:
            raise PinUnsettled(record.unsettled)
        return value

    def begin(self, value: int) -> None:
        """On disk from now on: a login with the PIN of this fingerprint."""
        record = self.record
        if record.trying != value:
            record.lost += record.unsettled
            record.unsettled = 0
        record.unsettled += 1
        record.trying = value
        self._begun = True
        _write(self._path, record)

    def accepted(self) -> None:
        """The token took the PIN: nothing is held against it."""
        _remove(self._path)

    def refused(self) -> None:
        """The token said that the PIN is wrong."""
        record = self.record
        if self._begun and record.trying is not None:
            record.refused = [*record.refused, record.trying][-_REMEMBERED:]
            record.unsettled -= 1
        record.failed += 1
        # Earlier logins with this PIN, cut short, were refused most likely, too.
        record.lost += record.unsettled
        record.trying, record.unsettled = None, 0
        _write(self._path, record)

    def not_judged(self) -> None:
        """The token failed before it judged the PIN (pulled out, driver fault): this login cost no try."""
        if not self._begun:  # at the token's own keypad: what is on record is of other logins
            return
        record = self.record
        record.unsettled = max(record.unsettled - 1, 0)
        record.trying = record.trying if record.unsettled else None
        _write(self._path, record)

    def observed(self, *, locked: bool) -> None:
        """Keep in mind that it is locked; forget everything once it was unblocked."""
        if locked:
            self.record.locked = True
            _write(self._path, self.record)
        elif self.record.locked:
            _remove(self._path)


@dataclass(frozen=True, kw_only=True)
class KeptRecord:
    """A record in the state folder, for a person to look at and to clear. `damaged`: it cannot be read."""

    path: Path
    token: str
    serial: str
    failed: int
    unsettled: int
    damaged: bool = False

    def forget(self) -> None:
        """After a person has looked: the next login starts afresh."""
        self.path.unlink(missing_ok=True)


class LoginLedger:
    """The records in a state folder (made with mode 0700)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def attempt(self, token: TokenInfo) -> Iterator[Attempt]:
        """One at a time per token, over all processes. Raises `PinSourceInvalid` where nothing can be remembered."""
        path = self._path(token)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _not_kept(self.folder, error) from error
        try:
            if fcntl is not None:
                with away():  # another process may be waiting for a person at the token's keypad
                    fcntl.flock(lock, fcntl.LOCK_EX)
            yield Attempt(path, _read(path, token))
        finally:
            os.close(lock)

    def failures(self, token: TokenInfo) -> int:
        """Logins since the last accepted one that were refused, or may have been, whichever PIN comes next."""
        record = _read(self._path(token), token)
        return record.failed + record.lost

    def observe(self, token: TokenInfo) -> None:
        """Start afresh where a token that was locked no longer is: somebody unblocked its PIN, and may have changed it.

        Without this an unblocked token would be taken to have one try left, for ever.
        """
        record = _read(self._path(token), token)
        if record.locked == token.pin_locked or not (record.spent or record.refused):
            return
        with self.attempt(token) as attempt:
            attempt.observed(locked=token.pin_locked)

    def records(self) -> tuple[KeptRecord, ...]:
        """Every record there is, also of tokens that are not plugged in."""
        return tuple(_kept(path) for path in sorted(self.folder.glob("*.json")))

    def forget(self, token: TokenInfo) -> None:
        """After a person has looked: the next login starts afresh."""
        self._path(token).unlink(missing_ok=True)

    def _path(self, token: TokenInfo) -> Path:
        name = hashlib.sha256(
            f"{token.manufacturer}\0{token.model}\0{token.serial}\0{token.label}".encode()
        ).hexdigest()
        return self.folder / f"{name[:32]}.json"


def _kept(path: Path) -> KeptRecord:
    try:
        record = LoginRecord(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return KeptRecord(path=path, token="", serial="", failed=0, unsettled=0, damaged=True)
    return KeptRecord(
        path=path,
        token=record.token,
        serial=record.serial,
        failed=record.failed,
        unsettled=record.lost + record.unsettled,
    )


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _not_kept(path, error) from error


def _read(path: Path, token: TokenInfo) -> LoginRecord:
    try:
        return LoginRecord(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return LoginRecord(token=token.label, serial=token.serial)
    except OSError as error:
        raise _not_kept(path, error) from error
    except (ValueError, TypeError) as error:
        # A record that cannot be read may hide failures: fail closed, a person removes it.
        raise PinSourceInvalid(str(path), "the record of logins is damaged") from error


def _write(path: Path, record: LoginRecord) -> None:
    """Raises `PinSourceInvalid`: what cannot be remembered (a full disk, another user's folder) is not tried."""
    try:
        _write_through(path, record)
    except OSError as error:
        raise _not_kept(path, error) from error


def _not_kept(path: Path, error: OSError) -> PinSourceInvalid:
    return PinSourceInvalid(str(path), f"failed logins cannot be counted: {error.strerror}")


def _write_through(path: Path, record: LoginRecord) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".login-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(record), file)
        file.flush()
        os.fsync(handle)
    Path(temporary).replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
