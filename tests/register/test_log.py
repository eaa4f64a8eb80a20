"""The Merkle log: hashed as RFC 6962 has it, whatever its size; what it publishes says nothing about anybody."""

import hashlib
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, event, select

from register import log, tables
from register.tree import EMPTY_ROOT, ProofInvalid, inclusion_proof, leaf_hash, root_from_inclusion
from store import FolderFiles, read, write
from tests.register.papers import issue_paper

CONTENT = hashlib.sha256(b"a row").digest()


def grow(engine: Engine, count: int) -> list[bytes]:
    """Append `count` leaves; gives all leaf hashes of the log."""
    with write(engine) as connection:
        for number in range(count):
            log.append(connection, "register_x", f"{log.size(connection)}-{number}", CONTENT)
        rows = connection.execute(select(tables.log).order_by(tables.log.c.leaf)).all()
    return [leaf_hash(log.entry_of(row.source, row.commitment)) for row in rows]


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def test_roots_and_proofs_at_every_size_are_those_of_rfc_6962(database: Engine) -> None:
    leaves = grow(database, 40)
    with read(database) as connection:
        for size in range(1, 41):
            root = tree_hash(leaves[:size])
            assert log.hash_of(connection, 0, size) == root
            for leaf in range(size):
                proof = inclusion_proof(leaf, size, lambda low, high: log.hash_of(connection, low, high))
                assert root_from_inclusion(leaves[leaf], leaf, size, proof) == root


def test_leaves_added_together_fill_tiles_like_leaves_added_one_by_one(database: Engine) -> None:
    """Across the ends of two tiles."""
    grow(database, 250)
    with write(database) as connection:
        assert log.append_all(connection, "register_x", [(f"together-{n}", CONTENT) for n in range(270)]) == 250
        assert log.size(connection) == 520
    leaves = grow(database, 0)
    with read(database) as connection:
        assert log.hash_of(connection, 0, 520) == tree_hash(leaves)
        kept = connection.execute(select(tables.log_nodes)).all()
        assert [(row.level, row.position) for row in kept] == [(1, 0), (1, 1)]


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 515, 600])
def test_whole_tiles_are_read_by_their_kept_hash(database: Engine, size: int) -> None:
    leaves = grow(database, size)
    with read(database) as connection:
        assert log.hash_of(connection, 0, size) == tree_hash(leaves)
        for leaf in (0, size // 2, size - 1):
            proof = inclusion_proof(leaf, size, lambda low, high: log.hash_of(connection, low, high))
            assert root_from_inclusion(leaves[leaf], leaf, size, proof) == tree_hash(leaves)
        kept = connection.execute(select(tables.log_nodes)).all()
        assert [(row.level, row.position) for row in kept] == [(1, number) for number in range(size // 256)]


def test_a_root_of_many_leaves_costs_few_reads(database: Engine) -> None:
    grow(database, 600)
    said: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *given: said.append(given[2]))
    with read(database) as connection:
        log.hash_of(connection, 0, 600)
    assert sum(statement.startswith("SELECT") for statement in said) == 2


def test_tiles_and_entries_are_those_of_tlog_tiles(both: Engine) -> None:
    leaves = grow(both, 300)
    with read(both) as connection:
        assert log.tile(connection, 0, 0, 256) == b"".join(leaves[:256])
        assert log.tile(connection, 0, 1, 44) == b"".join(leaves[256:])
        assert log.tile(connection, 0, 1, 10) == b"".join(leaves[256:266])
        assert log.tile(connection, 1, 0, 1) == tree_hash(leaves[:256])
        for level, index, width in ((0, 1, 45), (0, 1, 256), (0, 2, 1), (1, 0, 2), (2, 0, 1)):
            assert log.tile(connection, level, index, width) is None
        bundle = log.entry_bundle(connection, 1, 44)
        assert log.entry_bundle(connection, 1, 45) is None
    assert bundle is not None
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2])
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert [leaf_hash(entry) for entry in entries] == leaves[256:]


def test_every_row_of_a_paper_is_a_leaf_and_no_entry_tells_of_anybody(database: Engine, tmp_path: object) -> None:
    """The same row twice gives two entries that nobody can tell are of the same row."""
    issue_paper(database, FolderFiles(tmp_path))  # type: ignore[arg-type]
    with read(database) as connection:
        rows = connection.execute(select(tables.log).order_by(tables.log.c.leaf)).all()
        bundle = log.entry_bundle(connection, 0, len(rows))
    assert [row.source.removeprefix("register_") for row in rows] == [
        "numbers",
        "outgoing",
        "revisions",
        "revisions",
        "seal_log",
        "revisions",
        "seal_log",
        "issues",
        "status_events",
    ]
    assert bundle is not None
    assert len(bundle) == sum(2 + len(row.source) + 1 + 64 + 1 for row in rows)
    assert len({row.salt for row in rows}) == len(rows)
    salt = bytes(16)
    assert log.commitment(salt, 1, CONTENT) != log.commitment(salt, 2, CONTENT)


def test_an_empty_log_has_the_empty_root(database: Engine) -> None:
    with read(database) as connection:
        assert log.size(connection) == 0
        assert log.hash_of(connection, 0, 0) == EMPTY_ROOT
        assert log.tile(connection, 0, 0, 1) is None
        assert log.leaf_of(connection, "register_numbers", "1") is None


def test_a_torn_log_is_said_to_be_torn(database: Engine) -> None:
    grow(database, 3)
    with read(database) as connection, pytest.raises(log.LogTorn, match="0-9"):
        log.hash_of(connection, 0, 10)


@pytest.mark.parametrize(
    ("leaf", "size", "length"),
    [(0, 1, 1), (0, 2, 0), (3, 3, 2), (-1, 2, 1), (0, 0, 0), (0, 8, 2), (0, 8, 4), (4, 5, 2)],
)
def test_a_proof_of_the_wrong_length_leads_nowhere(leaf: int, size: int, length: int) -> None:
    with pytest.raises(ProofInvalid):
        root_from_inclusion(CONTENT, leaf, size, [CONTENT] * length)


def test_a_leaf_that_is_not_there_has_no_proof() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(3, 3, lambda _low, _high: CONTENT)
