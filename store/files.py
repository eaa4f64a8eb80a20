"""Files kept under the hash of their bytes: a name that cannot lie."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Final

NAME: Final = re.compile(r"[0-9a-f]{64}")


class Files(ABC):
    """Files, each named by its SHA-256 in lower-case hexadecimal. None is ever changed or overwritten.

    A name of another form raises ValueError: one from outside never walks out of the place.
    """

    @abstractmethod
    def put(self, content: bytes) -> str:
        """Keep `content`; give its SHA-256.

        When this returns, the bytes are kept under their name; before, nothing is there. Keeping the same bytes again
        is no change. Raises StoreAway (disk full, no answer: nothing is left behind) and FileDamaged when the name is
        taken by other bytes: damaged evidence is never painted over.
        """

    @abstractmethod
    def get(self, sha256: str) -> bytes:
        """The bytes kept under `sha256`, hashed again on the way out. Raises FileMissing, FileDamaged, StoreAway."""

    @abstractmethod
    def check(self, sha256: str) -> None:
        """Hash the kept file piece by piece, in little memory. Raises FileMissing, FileDamaged, StoreAway."""

    @abstractmethod
    def exists(self, sha256: str) -> bool:
        """Whether a file of this name is here; `get` and `check` say whether it is whole. Raises StoreAway."""

    @abstractmethod
    def place(self, sha256: str) -> Path:
        """Where the file of this name is on this machine, or would be, for readers that take a path. Raises StoreAway.

        Its bytes never change; `read` says whether they are whole."""

    @abstractmethod
    def read(self, path: Path) -> bytes:
        """What a path leads to. One that `place` gave is a name that cannot lie: its bytes are hashed as `get` does it,
        for several processes write there. Raises OSError, FileMissing, FileDamaged."""

    @abstractmethod
    def reach(self) -> None:
        """Raises StoreAway where nothing could be kept now."""

    @abstractmethod
    def __iter__(self) -> Iterator[str]:
        """The names of all kept files, in order. Raises StoreAway."""


def shelf(sha256: str) -> str:
    """The folder a file stands in: the first two letters of its name. Raises ValueError."""
    if not NAME.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    return sha256[:2]
