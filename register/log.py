"""The register's log: one leaf per row of every append-only table, a Merkle tree over them (C2SP tlog-tiles).

A leaf's entry is one line, `<table> <commitment>`, and holds no personal data: the commitment is SHA-256 over a salt
of 16 random bytes, the leaf's number (8 bytes, big-endian) and the SHA-256 of the row's canonical form. Whoever is
given the row and the salt can check it; nobody can guess a row from its entry. The number in it names a leaf that was
moved. Leaves are kept in `register_log`; of the tree only the hashes of whole tiles (256 leaves, 65,536, ...) are.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from . import tables
from .tree import EMPTY_ROOT, Peaks, leaf_hash

WIDTH: Final = 256
"""Hashes in a whole tile (tlog-tiles)."""
HEIGHT: Final = 8
SALT_BYTES: Final = 16

_LOG: Final = tables.log
_NODES: Final = tables.log_nodes
# Statements used for every document are built once, not per call.
_LEAF: Final = insert(_LOG)
_LAST: Final = select(_LOG.c.leaf).order_by(_LOG.c.leaf.desc()).limit(1)
_LEAVES: Final = (
    select(_LOG.c.source, _LOG.c.commitment)
    .where(_LOG.c.leaf >= bindparam("low"), _LOG.c.leaf < bindparam("high"))
    .order_by(_LOG.c.leaf)
)
_LEVEL: Final = (
    select(_NODES.c.hash)
    .where(
        _NODES.c.level == bindparam("level"),
        _NODES.c.position >= bindparam("low"),
        _NODES.c.position < bindparam("high"),
    )
    .order_by(_NODES.c.position)
)
_OF_ROW: Final = select(_LOG).where(_LOG.c.source == bindparam("source"), _LOG.c.key == bindparam("key"))


class LogTorn(Exception):
    """The log lacks leaves or hashes that must be there: it was edited. `register audit` says where."""

    def __init__(self, where: str) -> None:
        super().__init__(f"the register's log is torn at {where}")
        self.text_vi = f"Nhật ký của sổ bị mất dữ liệu ở {where}: hãy chạy secondseal register audit."
        self.text_en = f"The register's log lacks data at {where}: run secondseal register audit."


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One leaf: its number (from 0), the row it stands for (table and key), the salt and the commitment."""

    leaf: int
    source: str
    key: str
    salt: bytes
    commitment: bytes


def append(connection: Connection, source: str, key: str, content_hash: bytes) -> int:
    """Add the leaf of a row, in the transaction that writes the row; gives the leaf's number."""
    return append_all(connection, source, [(key, content_hash)])


def append_all(connection: Connection, source: str, rows: Sequence[tuple[str, bytes]]) -> int:
    """Add the leaves of rows of one table, each its key and content hash, in this order; gives the first's number."""
    first = size(connection)
    leaves = []
    for leaf, (key, content_hash) in enumerate(rows, first):
        salt = secrets.token_bytes(SALT_BYTES)
        committed = commitment(salt, leaf, content_hash)
        leaves.append({"leaf": leaf, "source": source, "key": key, "salt": salt, "commitment": committed})
    connection.execute(_LEAF, leaves)
    for behind in range(first + 1, first + len(leaves) + 1):
        keep_whole_tiles(connection, behind)
    return first


def size(connection: Connection) -> int:
    """How many leaves there are."""
    last = connection.execute(_LAST).scalar_one_or_none()
    return 0 if last is None else int(last) + 1


def leaf_of(connection: Connection, source: str, key: str) -> Leaf | None:
    """The leaf of a row."""
    row = connection.execute(_OF_ROW, {"source": source, "key": key}).first()
    return None if row is None else Leaf(**row._mapping)


def hash_of(connection: Connection, low: int, high: int) -> bytes:
    """The Merkle tree hash of leaves `[low, high)`; `low` is a multiple of the largest power of two in the range.

    Costs at most 255 hashes read per tile level. Raises LogTorn.
    """
    if low == high:
        return EMPTY_ROOT
    peaks = Peaks()
    for level, first, behind in _tiled(low, high):
        for root in _hashes(connection, level, first, behind):
            peaks.add(root, level * HEIGHT)
    return peaks.root()


def tile(connection: Connection, level: int, index: int, width: int) -> bytes | None:
    """A tile's hashes, one after the other (tlog-tiles); None where the log has not grown so far.

    `width` is 256 for a whole tile, 1 to 255 for a partial one.
    """
    first = index * WIDTH
    if not _reaches(connection, level, first + width):
        return None
    return b"".join(_hashes(connection, level, first, first + width))


def entry_bundle(connection: Connection, index: int, width: int) -> bytes | None:
    """The entries of a level 0 tile, each led by its length in two bytes, big-endian (tlog-tiles)."""
    first = index * WIDTH
    if not _reaches(connection, 0, first + width):
        return None
    entries = _entries(connection, first, first + width)
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def commitment(salt: bytes, leaf: int, content_hash: bytes) -> bytes:
    """What a leaf commits to."""
    return hashlib.sha256(salt + leaf.to_bytes(8) + content_hash).digest()


def entry_of(source: str, committed: bytes) -> bytes:
    """A leaf's entry as it is published."""
    return f"{source} {committed.hex()}\n".encode("ascii")


def root_of_tile(hashes: Iterable[bytes]) -> bytes:
    """The hash over the hashes of a whole tile."""
    peaks = Peaks()
    for one in hashes:
        peaks.add(one)
    return peaks.root()


def keep_whole_tiles(connection: Connection, leaves: int) -> None:
    """After the last leaf of a tile, keep the tile's own hash, and so upwards; nothing where no tile became whole."""
    level, count = 0, leaves
    while count % WIDTH == 0:
        root = root_of_tile(_hashes(connection, level, count - WIDTH, count))
        level, count = level + 1, count // WIDTH
        connection.execute(insert(_NODES), {"level": level, "position": count - 1, "hash": root})


def _reaches(connection: Connection, level: int, behind: int) -> bool:
    return behind <= size(connection) >> (HEIGHT * level)


def _tiled(low: int, high: int) -> Iterator[tuple[int, int, int]]:
    """`[low, high)` as runs of kept hashes, from the left: level, first position, position behind the last."""
    level = 0
    while low % WIDTH ** (level + 1) == 0 and low + WIDTH ** (level + 1) <= high:
        level += 1
    while low < high:
        step = WIDTH**level
        count = (high - low) // step
        if count:
            yield level, low // step, low // step + count
            low += count * step
        level -= 1


def _hashes(connection: Connection, level: int, low: int, high: int) -> list[bytes]:
    if level == 0:
        return [leaf_hash(entry) for entry in _entries(connection, low, high)]
    hashes = [bytes(row[0]) for row in connection.execute(_LEVEL, {"level": level, "low": low, "high": high})]
    if len(hashes) != high - low:
        raise LogTorn(f"level {level}, {low}-{high - 1}")
    return hashes


def _entries(connection: Connection, low: int, high: int) -> list[bytes]:
    entries = [entry_of(row[0], row[1]) for row in connection.execute(_LEAVES, {"low": low, "high": high})]
    if len(entries) != high - low:
        raise LogTorn(f"{low}-{high - 1}")
    return entries
