"""The audit's look at the log: every leaf in its place, every signed checkpoint met, every kept hash right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, Select, Table, select

from trust import TimestampInvalid

from . import log, tables
from .checkpoints import Checkpoint, CheckpointInvalid, kept_checkpoints, open_checkpoint
from .proven_times import check_time, times_of
from .tree import Peaks, leaf_hash

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

_SHOWN: Final = "%Y-%m-%d %H:%M:%S UTC"
_EVERY: Final = 4096
"""Leaves between two words about progress."""
_WIDEST_GAP: Final = 1_000_000
"""Missing leaves that are stepped over one by one; behind a wider gap nothing is read."""


class Findings(Protocol):
    """Where an audit's remarks go."""

    def find(self, code: str, subject: object, **detail: str) -> None: ...
    def note(self, code: str, subject: object, **detail: str) -> None: ...
    def stream(self, table: Table, query: AnySelect) -> Iterator[AnyRow]: ...


@dataclass(kw_only=True)
class LogCheck:
    """One reading of the log. `leaves` and `checkpoints` count what was read; `proven` names the newest
    one that was met and that a time authority stamped: its size and that time."""

    connection: Connection
    said: Findings
    leaves: int = 0
    checkpoints: int = 0
    proven: str = ""
    _signed: dict[int, list[Checkpoint]] = field(default_factory=dict)
    _unmet: list[tuple[int, int, Checkpoint]] = field(default_factory=list)
    _met: int = 0
    _stamped: dict[int, datetime] = field(default_factory=dict)

    def read_checkpoints(self, public_key: Ed25519PublicKey | None, kept_notes: Sequence[str]) -> None:
        """Those in the database and those kept elsewhere: each must carry our signature; then the log must meet it."""
        held = kept_checkpoints(self.connection)
        self.checkpoints = len(held)
        if public_key is None:
            if held or kept_notes:
                self.said.find("checkpoint_unchecked", "")
            return
        stored: list[tuple[Checkpoint | None, str]] = [(row, row.note) for row in held]
        for position, (row, text) in enumerate([*stored, *((None, text) for text in kept_notes)], start=1):
            try:
                point = open_checkpoint(text, public_key)
            except CheckpointInvalid as error:
                self.said.find("checkpoint_invalid", position, why=error.text_en, why_vi=error.text_vi)
                continue
            if row is not None and (row.origin, row.size, row.root) != (point.origin, point.size, point.root):
                why, why_vi = "altered in its table", "đã bị sửa trong bảng."
                self.said.find("checkpoint_invalid", position, why=why, why_vi=why_vi)
            self._signed.setdefault(point.size, []).append(row or point)
        self._check_times(held)

    def walk(self, progress: Callable[[int], None]) -> None:
        """Follow the leaves from the first, making the tree anew. `progress` hears how many were read."""
        nodes = self._nodes()
        tree = _Growing(nodes)
        table = tables.log
        query = select(table.c.leaf, table.c.source, table.c.commitment).order_by(table.c.leaf)
        self._meet(tree)
        for leaf, source, committed in self.said.stream(table, query):
            if leaf != tree.size:
                self.said.find("log_gap", f"{tree.size}–{leaf - 1}")
                if leaf - tree.size > _WIDEST_GAP:
                    break
                while tree.size < leaf:
                    tree.add(None)
                    self._meet(tree)
            tree.add(leaf_hash(log.entry_of(source, committed)))
            self.leaves += 1
            self._meet(tree)
            if self.leaves % _EVERY == 0:
                progress(self.leaves)
        progress(self.leaves)
        for level, position in tree.wrong + sorted(nodes.keys() - tree.used):
            self.said.find("log_hash_wrong", f"{level}/{position}")
        self._say_unmet(tree.size)

    def _meet(self, tree: "_Growing") -> None:
        """The checkpoints signed at this size."""
        for point in self._signed.pop(tree.size, ()):
            if tree.root_is(point.root):
                self._met = tree.size
                if tree.size in self._stamped:
                    self.proven = f"{tree.size} · {self._stamped[tree.size]:{_SHOWN}}"
            else:
                self._unmet.append((self._met, point.size, point))

    def _say_unmet(self, size: int) -> None:
        self._unmet += [(self._met, point.size, point) for signed in self._signed.values() for point in signed]
        if self._unmet:
            low, high, point = min(self._unmet, key=lambda one: one[1])
            time = f"{point.time:{_SHOWN}}" if point.time else "?"
            count = str(len(self._unmet))
            self.said.find("checkpoint_unmet", f"{low}–{max(low, high - 1)}", time=time, size=str(high), count=count)
        elif self._met < size:
            self.said.note("not_yet_signed", f"{self._met}–{size - 1}")

    def _check_times(self, held: Sequence[Checkpoint]) -> None:
        for point in held:
            for stamp in times_of(self.connection, point.id or 0):
                try:
                    moment = check_time(stamp.token, point.note)
                except TimestampInvalid as error:
                    self.said.find("time_invalid", point.size, why=str(error))
                    continue
                if moment != stamp.gen_time:
                    self.said.find("time_invalid", point.size, why="altered in its table")
                self._stamped.setdefault(point.size, moment)

    def _nodes(self) -> dict[tuple[int, int], bytes]:
        table = tables.log_nodes
        query = select(table.c.level, table.c.position, table.c.hash)
        return {(row[0], row[1]): bytes(row[2]) for row in self.said.stream(table, query)}


class _Growing:
    """The tree as it is made anew, leaf by leaf; None stands for a leaf that is missing.

    A tile with a missing leaf is taken by its kept hash, so that what follows can still be compared with what was
    signed; without one, nothing after it can.
    """

    def __init__(self, nodes: dict[tuple[int, int], bytes]) -> None:
        self.size = 0
        self.used: set[tuple[int, int]] = set()
        self.wrong: list[tuple[int, int]] = []
        self._nodes = nodes
        self._whole = Peaks()
        self._levels: list[list[bytes | None]] = [[]]
        self._lost = False

    def add(self, hashed: bytes | None) -> None:
        """One more leaf."""
        self._levels[0].append(hashed)
        self.size += 1
        level, count = 0, self.size
        while count % log.WIDTH == 0:
            root = self._tile_root(level, count // log.WIDTH - 1)
            level, count = level + 1, count // log.WIDTH
            if len(self._levels) == level:
                self._levels.append([])
            self._levels[level].append(root)
            if level == 1 and root is not None:
                self._whole.add(root, log.HEIGHT)

    def root_is(self, root: str) -> bool:
        """Is this (hexadecimal) the root of all leaves so far? False where that cannot be said."""
        tail = self._levels[0]
        if self._lost or None in tail:
            return False
        peaks = Peaks(self._whole)
        for one in tail:
            peaks.add(one or b"")
        return peaks.root().hex() == root

    def _tile_root(self, level: int, position: int) -> bytes | None:
        hashes = [one for one in self._levels[level] if one is not None]
        whole = len(hashes) == len(self._levels[level])
        self._levels[level] = []
        place = (level + 1, position)
        self.used.add(place)
        kept = self._nodes.get(place)
        if whole:
            made = log.root_of_tile(hashes)
            if kept != made:
                self.wrong.append(place)
            return made
        if kept is None:
            self._lost = True
        return kept
