"""Where a PIN comes from. It never shows in a repr, a log, a traceback or the list of processes."""

import ctypes
import os
import stat
from collections.abc import Callable
from getpass import getpass
from pathlib import Path
from typing import Protocol

from .errors import PinSourceInvalid
from .uri import KeyUri

LONGEST = 256
"""Bytes. A PIN is 4 to 16 characters on the tokens in use."""


class Pin:
    """A PIN in memory. `reveal()` gives its bytes to `C_Login`, nothing else shows them."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """UTF-8, as PKCS#11 takes it."""
        return self._value

    def __repr__(self) -> str:
        return "Pin(...)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a PIN is not copied to another process")


class PinSource(Protocol):
    """Gives the PIN when it is needed; may be asked again after a token was pulled out and put back."""

    def read(self) -> Pin:
        """Raises `PinSourceInvalid`."""


class PinFile:
    """A file holding the PIN alone; a line end after it is dropped.

    It must belong to this user (or to root), be a plain file, and be closed to everyone else (mode 0600 or stricter).
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def read(self) -> Pin:
        """Checks the file as it is now, on the handle it reads from."""
        where = str(self.path)
        try:
            handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            raise PinSourceInvalid(where, error.strerror or "cannot be opened") from None
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise PinSourceInvalid(where, "not a plain file")
            if os.name == "posix":
                if status.st_uid not in {os.geteuid(), 0}:
                    raise PinSourceInvalid(where, "belongs to another user")
                if status.st_mode & 0o077:
                    raise PinSourceInvalid(where, f"mode {stat.S_IMODE(status.st_mode):04o}, 0600 is needed")
            return _checked(os.read(handle, LONGEST + 3), where)
        finally:
            os.close(handle)

    def __repr__(self) -> str:
        return f"PinFile({str(self.path)!r})"


class PinCredential:
    """A systemd credential (`LoadCredential=`, `LoadCredentialEncrypted=`), found in `$CREDENTIALS_DIRECTORY`."""

    def __init__(self, name: str) -> None:
        if not name or "/" in name or name in {".", ".."}:
            raise PinSourceInvalid("systemd credential", "not a credential's name")
        self.name = name

    def read(self) -> Pin:
        """systemd guards the folder; the mode of the file itself varies with its version."""
        where = f"credential {self.name}"
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise PinSourceInvalid(where, "the service was given no credentials")
        try:
            with (Path(folder) / self.name).open("rb") as file:
                return _checked(file.read(LONGEST + 3), where)
        except OSError as error:
            raise PinSourceInvalid(where, error.strerror or "cannot be read") from None

    def __repr__(self) -> str:
        return f"PinCredential({self.name!r})"


class PinPrompt:
    """Asks a person, on the terminal unless told otherwise, each time a login is needed."""

    def __init__(self, question: str, ask: Callable[[str], str] = getpass) -> None:
        self.question = question
        self._ask = ask

    def read(self) -> Pin:
        """An empty answer means the person gave up: `PinSourceInvalid`."""
        return _checked(_bytes(self._ask(self.question)), "prompt")

    def __repr__(self) -> str:
        return "PinPrompt()"


class PinVariable:
    """An environment variable, for test offices only; taken out of the environment when this is made."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._pin = _checked(take_variable(name), f"variable {name}")

    def read(self) -> Pin:
        """The value taken at the start."""
        return self._pin

    def __repr__(self) -> str:
        return f"PinVariable({self.name!r})"


class PinValue:
    """A PIN already in memory: asked once for a batch, or a test's."""

    def __init__(self, value: str) -> None:
        self._pin = _checked(_bytes(value), "value")

    def read(self) -> Pin:
        """The value."""
        return self._pin

    def __repr__(self) -> str:
        return "PinValue(...)"


def pin_source(uri: KeyUri) -> PinSource:
    """The source the URI's `pin-source` names: `file:/path` or `credential:name`. Raises `PinSourceInvalid`."""
    kind, _, rest = (uri.pin_source or "").partition(":")
    if kind == "file" and rest.startswith("/"):
        return PinFile(rest.removeprefix("//"))
    if kind == "credential":
        return PinCredential(rest)
    raise PinSourceInvalid("pin-source", "names neither file: nor credential:")


def take_variable(name: str) -> bytes:
    """The value of an environment variable, which is gone afterwards: children do not get it, `/proc` does not show it.

    Empty where it is not set.
    """
    value = _bytes(os.environ.get(name, ""))
    if value and os.name == "posix":
        # Taking a variable out only drops a pointer: what the process was started with stays readable in
        # /proc/<pid>/environ until it is overwritten.
        getenv = ctypes.CDLL(None).getenv
        getenv.restype = ctypes.c_void_p
        place = getenv(name.encode())
        if place:
            ctypes.memset(place, 0, len(ctypes.string_at(place)))
    os.environ.pop(name, None)
    return value


def _bytes(text: str) -> bytes:
    """UTF-8. What is no text stays as it came, to be refused by `_checked`: an error here would quote it."""
    return text.encode("utf-8", "surrogatepass")


def _checked(raw: bytes, where: str) -> Pin:
    raw = raw.removesuffix(b"\n").removesuffix(b"\r")
    fault = _fault(raw)
    if fault:
        # A traceback may be written with its frames' variables.
        del raw
        raise PinSourceInvalid(where, fault)
    return Pin(raw)


def _fault(value: bytes) -> str:
    if not value:
        return "empty"
    if len(value) > LONGEST or b"\n" in value or b"\0" in value:
        return "does not hold a PIN alone"
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return "not UTF-8"
    return ""
