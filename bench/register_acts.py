"""What is done to a register again and again, and a register of any size to do it to: for `make bench` and `make soak`.

The work for one entry is measured inside a transaction that is given up: what syncing to the disk costs does not depend
on the register's size.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, Engine

from bench.big_register import LEAVES_EACH, fill
from register import find_code, find_revision, log, revisions_of, sign_checkpoint
from store import Files, FolderFiles, migrate, open_database, read, write
from tests.register.papers import Paper, issue_paper, register_paper

_ORIGIN: Final = "mau.example/log"
ROUNDS: Final = 15


@dataclass(frozen=True, kw_only=True)
class Big:
    """A register: its codes, and the SHA-256 of some sealed papers that have their files."""

    engine: Engine
    files: Files
    key_file: Path
    codes: list[str]
    sealed: list[str]

    @property
    def entries(self) -> int:
        with read(self.engine) as connection:
            return log.size(connection)


def made(folder: Path, entries: int, with_files: int, say: Callable[[str], None]) -> Big:
    """A register of this many log entries, of which some papers went through all of their acts and have their files."""
    folder.mkdir()
    engine = open_database(f"sqlite:///{folder / 'register.db'}")
    migrate(engine)
    files = FolderFiles(folder / "files")
    began = time.monotonic()
    papers = [issue_paper(engine, files) for _ in range(with_files)]
    with read(engine) as connection:
        left = max(0, entries - log.size(connection)) // LEAVES_EACH
    said = Every(say, f"{entries:,} entries")
    codes = fill(engine, left, lambda done: said(done * LEAVES_EACH))
    with write(engine) as connection:
        sign_checkpoint(connection, key_file=folder / "key.pem", origin=_ORIGIN)
    with read(engine) as connection:
        sealed = [revisions_of(connection, paper.document_id)[-1].sha256 for paper in papers]
    say(f"{entries:,} entries filled in {time.monotonic() - began:.0f} s")
    return Big(
        engine=engine,
        files=files,
        key_file=folder / "key.pem",
        codes=[*(paper.code for paper in papers), *codes],
        sealed=sealed,
    )


class Every:
    """Passes on how far something is, at most once in five seconds."""

    def __init__(self, say: Callable[[str], None], what: str) -> None:
        self._say, self._what = say, what
        self._said = 0.0
        self.words = 0

    def __call__(self, done: int, part: str = "") -> None:
        self.words += 1
        if time.monotonic() - self._said > 5:
            self._said = time.monotonic()
            self._say(f"{self._what} {part}: {done:,}")


def append(one: Big) -> float:
    """Milliseconds for one more registered paper, within one transaction that is given up again."""
    with given_up(one.engine) as connection:
        return timed(lambda: register_paper(connection, Paper()), 20)


def by_code(one: Big) -> float:
    """Milliseconds for the record of a code chosen at random."""
    with read(one.engine) as connection:
        return timed(lambda: find_code(connection, random.choice(one.codes)), 40)


def by_hash(one: Big) -> float:
    """Milliseconds for the record of a file chosen at random."""
    with read(one.engine) as connection:
        return timed(lambda: find_revision(connection, random.choice(one.sealed)), 40)


def signing(one: Big) -> float:
    """Milliseconds for a checkpoint after one more leaf, given up again."""
    with given_up(one.engine) as connection:
        register_paper(connection, Paper())
        return timed(lambda: sign_checkpoint(connection, key_file=one.key_file, origin=_ORIGIN), 1)


@contextmanager
def given_up(engine: Engine) -> Iterator[Connection]:
    """A writing transaction that leaves nothing behind."""
    with suppress(_GivenUp), write(engine) as connection:
        yield connection
        raise _GivenUp


class _GivenUp(Exception):
    pass


def timed(act: Callable[[], object], times: int) -> float:
    """Median milliseconds of a call."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1e3)
    return statistics.median(spent)


ACTS: Final[Mapping[str, Callable[[Big], float]]] = MappingProxyType(
    {
        "a new entry (number, line and their leaves)": append,
        "look-up by code": by_code,
        "look-up by the hash of a file": by_hash,
        "signing a checkpoint": signing,
    }
)


def in_turns(small: Big, big: Big, act: Callable[[Big], float]) -> tuple[float, float]:
    """Median milliseconds of an act on both, measured in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for kept, one in zip(times, (small, big), strict=True):
            kept.append(act(one))
    return statistics.median(times[0]), statistics.median(times[1])
