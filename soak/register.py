"""A register of a million entries beside one of a thousand: what a new entry and a look-up cost, and a whole audit.

The work for one entry is measured inside a transaction, without the commit: what syncing to the disk costs does not
depend on the register's size.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from bench.big_register import LEAVES_EACH, fill
from register import audit, find_code, find_revision, load_public_key, log, proof_of, revisions_of, sign_checkpoint
from soak.finding import SHORT, Finding, Size
from store import Files, migrate, open_database, read, write
from tests.register.papers import Paper, issue_paper, register_paper

MOST: Final = 1.5
ROUNDS: Final = 15
_ORIGIN: Final = "mau.example/log"


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


def findings(size: Size, say: Callable[[str], None]) -> Iterator[Finding]:
    """All of them; `say` hears how far it is."""
    short = size is SHORT
    with tempfile.TemporaryDirectory() as name:
        small = made(Path(name) / "small", 1_000, 20, say)
        big = made(Path(name) / "big", 20_000 if short else 1_000_000, 100 if short else 1_000, say)
        yield from compared(small, big, say)
        yield audited(big, say)
        yield proven(big)
        for one in (small, big):
            one.engine.dispose()


def made(folder: Path, entries: int, with_files: int, say: Callable[[str], None]) -> Big:
    """A register of this many log entries, of which some papers went through all of their acts and have their files."""
    folder.mkdir()
    engine = open_database(f"sqlite:///{folder / 'register.db'}")
    migrate(engine)
    files = Files(folder / "files")
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


def compared(small: Big, big: Big, say: Callable[[str], None]) -> Iterator[Finding]:
    """Each act on both registers in turns; the ratio of the medians."""
    acts: dict[str, Callable[[Big], float]] = {
        "a new entry (number, line and their leaves)": append,
        "look-up by code": by_code,
        "look-up by the hash of a file": by_hash,
        "signing a checkpoint": signing,
    }
    for name, act in acts.items():
        times: dict[int, list[float]] = {0: [], 1: []}
        for _ in range(ROUNDS):
            for which, one in enumerate((small, big)):
                times[which].append(act(one))
        low, high = (statistics.median(times[which]) for which in (0, 1))
        say(f"{name}: {low:.3f} and {high:.3f} ms")
        yield Finding(
            name=f"{name}, {big.entries:,} entries beside {small.entries:,}",
            value=f"{high:.3f} ms beside {low:.3f}: {high / low:.2f}",
            asked=f"at most {MOST}",
            holds=high / low <= MOST,
        )


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


def audited(big: Big, say: Callable[[str], None]) -> Finding:
    """The whole audit: intact, and how fast."""
    said = Every(say, "audit")
    with read(big.engine) as connection:
        report = audit(
            connection,
            big.files,
            load_public_key(big.key_file),
            progress=lambda part, count: said(count, part),
        )
    return Finding(
        name="audit of everything",
        value=f"{report.log_entries:,} entries, {report.files:,} files in {report.seconds:.0f} s: {report.rate:,}/s; "
        f"{'intact' if report.intact else [one.text_en for one in report.findings[:3]]}",
        asked="intact, with progress",
        holds=report.intact and report.log_entries == big.entries and said.words > 1,
    )


def proven(big: Big) -> Finding:
    """A proof for one paper out of all of them."""
    with read(big.engine) as connection:
        spent = timed(lambda: proof_of(connection, random.choice(big.sealed)), 20)
        size = len(proof_of(connection, big.sealed[0]))
    return Finding(name="a paper's proof", value=f"{spent:.1f} ms, {size} bytes", asked="given", holds=True)


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
