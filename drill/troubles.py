"""What befalls an act other than its process being killed: the disk is full, the database starts anew under it, the
line to the place of its files is cut.

An act that cannot go on ends its process, as the seal worker and a request of the web process end: the error has left
the transactions it was in, nothing else is tidied up.
"""

import ctypes
import errno
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, OperationalError

from drill.ended_acts import Trouble
from drill.every_step import Named
from drill.kill_points import KillPoint, thinned, watched
from drill.object_store_site import ObjectStoreSite
from drill.outcome import DrillFailed
from store import StoreAway
from tests.store.postgres import PostgresServer

_PAGE = 4096


def small_disk(folder: Path, size: int) -> None:
    """A disk of this many bytes, in memory, on `folder`: in a mount namespace of one's own, gone with it."""
    folder.mkdir(parents=True)
    # by the call itself: mount(8) asks who one is, not what one may
    if ctypes.CDLL(None, use_errno=True).mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, b"size=%d" % size):
        raise DrillFailed(f"no small disk: {os.strerror(ctypes.get_errno())}")


def full_disk(disk: Path, register: Path, pages: Sequence[int]) -> Callable[[Sequence[KillPoint]], Sequence[Named]]:
    """The act finds so many pages of 4 KiB left on `disk`, once each; afterwards there is room again. `register` is the
    SQLite file on it."""
    return lambda _steps: [(f"{left} pages left", _with_left(disk, register, left)) for left in pages]


def _with_left(disk: Path, register: Path, left: int) -> Trouble:
    @contextmanager
    def full() -> Iterator[None]:
        # else what is written goes into room that its log has kept from before
        with closing(sqlite3.connect(register)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ballast = disk / "ballast"
        room = os.statvfs(disk).f_bavail - left
        with ballast.open("wb") as file:
            if room > 0:
                os.posix_fallocate(file.fileno(), 0, room * _PAGE)
        try:
            yield
        except (OperationalError, OSError, StoreAway) as error:
            if not _is_full(error):
                raise
            ballast.unlink()
            _end()
        ballast.unlink()

    return full


def _is_full(error: BaseException) -> bool:
    if isinstance(error, StoreAway):
        return error.__cause__ is None or _is_full(error.__cause__)  # no cause: there was too little room to begin
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    return "disk is full" in str(error) or "disk I/O error" in str(error)


def restarted(server: PostgresServer, most: int) -> Callable[[Sequence[KillPoint]], Sequence[Named]]:
    """The database ends at once and starts anew as the act comes to a step, for so many of its steps."""
    return lambda steps: [(str(one), _restarted_at(server, one)) for one in thinned(steps, most)]


def _restarted_at(server: PostgresServer, point: KillPoint) -> Trouble:
    def passed(step: KillPoint) -> None:
        if step == point:
            server.restart()

    @contextmanager
    def away() -> Iterator[None]:
        try:
            with watched(passed):
                yield
        except DBAPIError as error:
            if not (error.connection_invalidated or isinstance(error, OperationalError)):
                raise
            _end()

    return away


def line_cut(site: ObjectStoreSite, most: int) -> Callable[[Sequence[KillPoint]], Sequence[Named]]:
    """The line to the object store is cut in the middle of a request: so many moments, evenly spread over the bytes
    that pass in an act. By turns it stays cut until the act is over, and is mended at once. The first act only
    measures; one that asks for no file meets nothing."""

    def troubles(steps: Sequence[KillPoint]) -> Sequence[Named]:
        if not any(one.file == _ASKS for one in steps):
            return []
        cuts = [(number / most, bool(number % 2)) for number in range(most)]
        named = [(f"cut after {share:.0%}", _cut_at(site, share, blip)) for share, blip in cuts]
        return [("measured", _cut_at(site, None, False)), *named]

    return troubles


_ASKS = "store/object_files.py"


def _cut_at(site: ObjectStoreSite, share: float | None, blip: bool) -> Trouble:
    @contextmanager
    def cut() -> Iterator[None]:
        if share is None:
            site.measure()
        else:
            site.cut_after(share, blip=blip)
        try:
            yield
        except StoreAway:
            site.mend()
            _end()
        site.mend()

    return cut


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
