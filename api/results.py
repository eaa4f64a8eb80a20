"""Results of a check, kept in memory for minutes under an address nobody can guess; the file itself is never kept."""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

T = TypeVar("T")
MOST: Final = 5000
"""Results held at once; the oldest goes first. A result is a few kilobytes."""
MOST_BYTES: Final = 64 * 1024 * 1024
"""What results that say their size may weigh together; again the oldest goes first."""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    until: datetime
    size: int


class Results(Generic[T]):
    """Values by unguessable id (128 bits), each gone after `life`."""

    def __init__(self, life: timedelta, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._life = life
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, _Kept[T]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, value: T, now: datetime, size: int = 0) -> str:
        """Hold a value of about `size` bytes; gives its id."""
        identity = secrets.token_urlsafe(16)
        with self._lock:
            while self._kept and (self._full(size) or next(iter(self._kept.values())).until <= now):
                self._bytes -= self._kept.popitem(last=False)[1].size
            self._kept[identity] = _Kept(value, now + self._life, size)
            self._bytes += size
        return identity

    def _full(self, size: int) -> bool:
        return len(self._kept) >= self._most or self._bytes + size > self._most_bytes

    def get(self, identity: str, now: datetime) -> T | None:
        """The value of that id, unless its time is over."""
        with self._lock:
            kept = self._kept.get(identity)
        return kept.value if kept and now < kept.until else None
