"""Files in an object store (S3 and its like), for an office on several machines (decision 0076)."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError

from .errors import FileDamaged, FileMissing, StoreAway
from .files import NAME, Files, shelf
from .folder_files import FolderFiles

_LAST: Final = "~"
"""Comes after every name."""


class ObjectFiles(Files):
    """Objects named `ab/ab12...` under an address such as `s3://bucket/folder`.

    `near` keeps copies of what is read by its path: the institution's own pictures and certificates. Papers are not
    kept there.
    """

    def __init__(self, url: str, options: Mapping[str, str], near: Path) -> None:
        self.url = url
        self._near = FolderFiles(near)
        self._store = open_object_store(url, options)

    def put(self, content: bytes) -> str:
        """The store answers when it has the object whole: it compares the hash the request was signed with."""
        sha256 = hashlib.sha256(content).hexdigest()
        try:
            obstore.put(self._store, _object(sha256), content, mode="create")
        except AlreadyExistsError:
            self.get(sha256)
        except (BaseError, OSError) as error:
            raise self._away(error) from error
        return sha256

    def get(self, sha256: str) -> bytes:
        content = b"".join(self._pieces(sha256))
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise FileDamaged(sha256, found)
        return content

    def check(self, sha256: str) -> None:
        digest = hashlib.sha256()
        for piece in self._pieces(sha256):
            digest.update(piece)
        if digest.hexdigest() != sha256:
            raise FileDamaged(sha256, digest.hexdigest())

    def exists(self, sha256: str) -> bool:
        try:
            obstore.head(self._store, _object(sha256))
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            raise self._away(error) from error
        return True

    def place(self, sha256: str) -> Path:
        """A copy near by, fetched the first time."""
        if not self._near.exists(sha256):
            # where nothing is there, whoever reads the path is told so
            with suppress(FileMissing):
                self._near.put(self.get(sha256))
        return self._near.place(sha256)

    def read(self, path: Path) -> bytes:
        return self._near.read(path)

    def reach(self) -> None:
        try:
            for _ in obstore.list(self._store, offset=_LAST):
                pass
        except (BaseError, OSError) as error:
            raise self._away(error) from error

    def __iter__(self) -> Iterator[str]:
        try:
            for page in obstore.list(self._store):
                # S3 lists by name; the other kinds do not promise it
                yield from sorted(name for one in page if NAME.fullmatch(name := one["path"].rpartition("/")[2]))
        except (BaseError, OSError) as error:
            raise self._away(error) from error

    def _pieces(self, sha256: str) -> Iterator[bytes]:
        try:
            for piece in obstore.get(self._store, _object(sha256)).stream():
                yield bytes(piece)
        except FileNotFoundError:
            raise FileMissing(sha256) from None
        except (BaseError, OSError) as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> StoreAway:
        # The library's texts may hold the request with its signature: the kind is enough.
        return StoreAway(f"{self.url}: {type(error).__name__}")


def open_object_store(url: str, options: Mapping[str, str], *, timeout_s: float = 30.0) -> Any:
    """The store behind an address; nothing is asked of it yet. HTTP without TLS only where the operator wrote it into
    the endpoint. Raises BaseError, ValueError for an address or options it does not understand."""
    plain = any(value.startswith("http://") for name, value in options.items() if "endpoint" in name.lower())
    client = {"timeout": timedelta(seconds=timeout_s), "connect_timeout": timedelta(seconds=5), "allow_http": plain}
    retry = {"max_retries": 2, "retry_timeout": timedelta(seconds=timeout_s)}
    terms: Any = {"config": dict(options), "client_options": client, "retry_config": retry}
    return obstore.store.from_url(url, **terms)


def _object(sha256: str) -> str:
    return f"{shelf(sha256)}/{sha256}"
