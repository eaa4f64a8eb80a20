"""A seal worker that dies, at a moment a test chooses: at a key operation, at a file, at a row."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from hsm import HsmKey
from signer import Scheme
from store import FolderFiles


class Died(BaseException):
    """The worker's process is gone: nothing after this line runs."""


class NthKey:
    """The office's key; at its n-th operation from now something happens, before or after it signed."""

    def __init__(self, key: HsmKey, n: int, error: BaseException, *, before: bool) -> None:
        self._key, self._left, self._error, self._before = key, n, error, before
        self.certificate, self.chain = key.certificate, key.chain
        self.scheme: Scheme = key.scheme

    @property
    def operations(self) -> int:
        return self._key.operations

    def reach(self) -> None:
        self._key.reach()

    def sign(self, digest: bytes, scheme: Scheme) -> bytes:
        self._left -= 1
        if self._left == 0 and self._before:
            raise self._error
        value = self._key.sign(digest, scheme)
        if self._left == 0:
            raise self._error
        return value


class NthFiles(FolderFiles):
    """A folder of files; at the n-th file put from now something happens, before or after it is kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.left = 0
        self.error: BaseException = Died()
        self.before = True

    def put(self, content: bytes) -> str:
        self.left -= 1
        if self.left == 0 and self.before:
            raise self.error
        sha256 = super().put(content)
        if self.left == 0:
            raise self.error
        return sha256


@contextmanager
def dying_at_row(engine: Engine, n: int) -> Iterator[None]:
    """Within the block the worker dies over the n-th row it would write, counted from 0 at the first reservation."""
    counted = -1

    def die(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal counted
        if statement.startswith(("INSERT", "UPDATE")) and (counted >= 0 or "register_seal_log " in statement):
            counted += 1
        if counted == n:
            raise Died

    event.listen(engine, "before_cursor_execute", die)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", die)
