"""Files in a folder of this machine, or of a share mounted on it."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .errors import FileDamaged, FileMissing, StoreAway
from .files import NAME, Files, shelf

ROOM_BYTES: Final = 16 * 1024 * 1024
"""Less than this left on the disk counts as full: a sealed paper must find room after the key was used for it."""


class FolderFiles(Files):
    """A folder of files, made where it is missing; `room_bytes` less on its disk count as full."""

    def __init__(self, folder: Path, *, room_bytes: int = ROOM_BYTES) -> None:
        self.folder = folder
        self._room_bytes = room_bytes
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def put(self, content: bytes) -> str:
        """When this returns, the bytes are on the disk under their name, and so is the name."""
        sha256 = hashlib.sha256(content).hexdigest()
        place = self.place(sha256)
        try:
            if place.exists():
                self.get(sha256)
            else:
                place.parent.mkdir(exist_ok=True)
                self._write(content, place)
            # Also for a file already there: the process that put it may have died before it synced the folder.
            _sync_folder(place.parent)
            _sync_folder(self.folder)
        except OSError as error:
            raise _away(error) from error
        return sha256

    def get(self, sha256: str) -> bytes:
        try:
            content = self.place(sha256).read_bytes()
        except FileNotFoundError:
            raise FileMissing(sha256) from None
        except OSError as error:
            raise _away(error) from error
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise FileDamaged(sha256, found)
        return content

    def check(self, sha256: str) -> None:
        try:
            with self.place(sha256).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise FileMissing(sha256) from None
        except OSError as error:
            raise _away(error) from error
        if found != sha256:
            raise FileDamaged(sha256, found)

    def exists(self, sha256: str) -> bool:
        return self.place(sha256).exists()

    def place(self, sha256: str) -> Path:
        return self.folder / shelf(sha256) / sha256

    def read(self, path: Path) -> bytes:
        return self.get(path.name) if path.is_relative_to(self.folder) else path.read_bytes()

    def reach(self) -> None:
        """Raises StoreAway where the folder is gone or the disk as good as full."""
        try:
            disk = os.statvfs(self._incoming)
        except OSError as error:
            raise _away(error) from error
        if disk.f_bavail * disk.f_frsize < self._room_bytes:
            raise StoreAway("no space left on device")

    def __iter__(self) -> Iterator[str]:
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(file.name for file in folder.iterdir() if NAME.fullmatch(file.name))

    def _write(self, content: bytes, place: Path) -> None:
        """Under a name that nobody else has until the last byte is on the disk."""
        name = f"{self._incoming}/{place.name}-{secrets.token_hex(8)}"
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            try:
                _write_all(handle, content)
                os.fchmod(handle, 0o440)
                os.fsync(handle)
            finally:
                os.close(handle)
            os.rename(name, place)  # noqa: PTH104
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _away(error: OSError) -> StoreAway:
    return StoreAway(error.strerror or type(error).__name__)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
