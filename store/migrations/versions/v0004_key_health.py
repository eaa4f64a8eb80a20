"""What the seal worker found out about its keys last, and when it was last seen."""

import sqlalchemy as sa
from alembic import op

from store.metadata import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. They hold the present, not a record: their rows are written over."""
    op.create_table(
        "stamping_key_health",
        sa.Column("seal_id", sa.String(100), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("text_vi", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("latency_ms", sa.Float(), nullable=True),
        sa.Column("maker", sa.String(80), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("serial", sa.String(80), nullable=False),
        sa.Column("firmware", sa.String(40), nullable=False),
        sa.Column("level", sa.String(200), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=True),
        sa.Column("operations", sa.Integer(), nullable=False),
        sa.Column("canaries", sa.Integer(), nullable=False),
        sa.Column("recoveries", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seal_id", "role", name=op.f("pk_stamping_key_health")),
    )
    op.create_table(
        "stamping_seal_worker",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("examining", sa.String(120), nullable=True),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamping_seal_worker")),
    )
