"""Passwords of people: Argon2id (RFC 9106, second recommended set), a few at a time so that memory stays bounded."""

import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 200
_HASHER: Final = PasswordHasher()
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Each check takes 64 MiB for some 50 ms."""


class PasswordUnfit(ValueError):
    """Shorter than `SHORTEST` or longer than `LONGEST` characters."""

    def __init__(self, length: int) -> None:
        super().__init__(f"a password has {SHORTEST} to {LONGEST} characters, this one {length}")
        self.length = length


def hashed(password: str) -> str:
    """The Argon2id hash to keep. Raises `PasswordUnfit`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordUnfit(len(password))
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Does the password fit? With no hash kept (no such account) it takes as long and is false."""
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        if kept is None:
            _HASHER.hash(password)
            return False
        try:
            return _HASHER.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
