"""The register's journal becomes a Merkle log: a leaf for every row of every append-only table.

Rows written before get their leaves in the journal's order, the seal log's after them. Checkpoints signed over the two
chains of before say nothing about the log and go; the text file beside the database is left as it is.
"""

import hashlib
import secrets
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from store.append_only import make_append_only
from store.metadata import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WIDTH = 256
_AT_A_TIME = 1000


def upgrade() -> None:
    """Make the tables, give each row its leaf, drop what they replace."""
    log = op.create_table(
        "register_log",
        sa.Column("leaf", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("leaf", name="pk_register_log"),
        sa.UniqueConstraint("source", "key", name="uq_register_log_source_key"),
    )
    nodes = op.create_table(
        "register_log_nodes",
        sa.Column("level", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name="pk_register_log_nodes"),
    )
    _fill(op.get_bind(), log, nodes)
    op.drop_table("register_journal")
    op.drop_table("register_checkpoints")
    op.create_table(
        "register_checkpoints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(160), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("time", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_checkpoints"),
    )
    op.create_table(
        "register_checkpoint_times",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=False),
        sa.Column("gen_time", UtcDateTime(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_checkpoint_times"),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["register_checkpoints.id"], name="fk_register_checkpoint_times_checkpoint_id"
        ),
    )
    op.create_index("ix_register_checkpoint_times_checkpoint_id", "register_checkpoint_times", ["checkpoint_id"])
    op.create_table(
        "register_exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=False),
        sa.Column("destination", sa.String(300), nullable=False),
        sa.Column("exported_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_exports"),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["register_checkpoints.id"], name="fk_register_exports_checkpoint_id"
        ),
    )
    for table in (
        "register_log",
        "register_log_nodes",
        "register_checkpoints",
        "register_checkpoint_times",
        "register_exports",
    ):
        make_append_only(op.get_bind(), table)


def _fill(connection: sa.Connection, log: sa.Table, nodes: sa.Table) -> None:
    leaves: list[dict[str, object]] = []
    levels: list[list[bytes]] = [[]]
    for leaf, (source, key, content) in enumerate(_rows(connection)):
        salt = secrets.token_bytes(16)
        committed = hashlib.sha256(salt + leaf.to_bytes(8) + bytes.fromhex(content)).digest()
        leaves.append({"leaf": leaf, "source": source, "key": key, "salt": salt, "commitment": committed})
        if len(leaves) == _AT_A_TIME:
            connection.execute(sa.insert(log), leaves)
            leaves = []
        levels[0].append(hashlib.sha256(b"\x00" + f"{source} {committed.hex()}\n".encode()).digest())
        _close(connection, nodes, levels, leaf + 1)
    if leaves:
        connection.execute(sa.insert(log), leaves)


def _rows(connection: sa.Connection) -> Iterator[tuple[str, str, str]]:
    """Table, key and content hash of every row, as the two chains of before had them."""
    for query in (
        "SELECT source, key, content_hash FROM register_journal ORDER BY seq",
        "SELECT 'register_seal_log', CAST(seq AS VARCHAR(20)), row_hash FROM register_seal_log ORDER BY seq",
    ):
        for row in connection.execute(sa.text(query)).all():
            yield row[0], row[1], row[2]


def _close(connection: sa.Connection, nodes: sa.Table, levels: list[list[bytes]], count: int) -> None:
    level = 0
    while count % _WIDTH == 0:
        hashes = levels[level]
        while len(hashes) > 1:
            hashes = [
                hashlib.sha256(b"\x01" + left + right).digest()
                for left, right in zip(hashes[::2], hashes[1::2], strict=True)
            ]
        levels[level] = []
        level, count = level + 1, count // _WIDTH
        connection.execute(sa.insert(nodes), {"level": level, "position": count - 1, "hash": hashes[0]})
        if len(levels) == level:
            levels.append([])
        levels[level].append(hashes[0])
