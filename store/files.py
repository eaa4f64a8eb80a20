"""Files kept under the hash of their bytes: a name that cannot lie."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .errors import FileDamaged, FileMissing

_NAME = re.compile(r"[0-9a-f]{64}")


class Files:
    """A folder of files, each named by its SHA-256. Nothing in it is ever changed or overwritten."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def put(self, content: bytes) -> str:
        """Keep `content`; give its SHA-256 in hexadecimal.

        When this returns, the bytes are on the disk under their name; before, nothing is there. Keeping the same
        bytes again is no change. Raises OSError (disk full: nothing is left behind) and FileDamaged when the name is
        taken by other bytes: damaged evidence is never painted over.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        place = self._place(sha256)
        if place.exists():
            self.get(sha256)
        else:
            place.parent.mkdir(exist_ok=True)
            self._write(content, place)
        # Also for a file already there: the process that put it may have died before it synced the folder.
        _sync_folder(place.parent)
        _sync_folder(self.folder)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes kept under `sha256`, hashed again on the way out. Raises FileMissing, FileDamaged."""
        try:
            content = self._place(sha256).read_bytes()
        except FileNotFoundError:
            raise FileMissing(sha256) from None
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise FileDamaged(sha256, found)
        return content

    def read(self, path: Path) -> bytes:
        """What a path leads to. One of this folder is a name that cannot lie: its bytes are hashed as `get` does it,
        for several processes write here. Raises OSError, FileMissing, FileDamaged."""
        return self.get(path.name) if path.is_relative_to(self.folder) else path.read_bytes()

    def check(self, sha256: str) -> None:
        """Hash the kept file piece by piece, in little memory. Raises FileMissing, FileDamaged."""
        try:
            with self._place(sha256).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise FileMissing(sha256) from None
        if found != sha256:
            raise FileDamaged(sha256, found)

    def place(self, sha256: str) -> Path:
        """Where the file of this name is, or would be, for readers that take a path. Its bytes never change; `get`
        and `check` say whether it is whole."""
        return self._place(sha256)

    def exists(self, sha256: str) -> bool:
        """Whether a file of this name is here; `get` and `check` say whether it is whole."""
        return self._place(sha256).exists()

    def __iter__(self) -> Iterator[str]:
        """The names of all kept files, in order."""
        for shelf in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(file.name for file in shelf.iterdir() if _NAME.fullmatch(file.name))

    def _place(self, sha256: str) -> Path:
        # A name from outside never walks out of the folder.
        if not _NAME.fullmatch(sha256):
            raise ValueError("not a SHA-256 in lower-case hexadecimal")
        return self.folder / sha256[:2] / sha256

    def _write(self, content: bytes, place: Path) -> None:
        handle, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), 0o440)
                os.fsync(file.fileno())
            Path(name).rename(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
