"""Several seal workers on one database: whose turn a document is, and what each worker found (decision 0078)."""

import sqlalchemy as sa
from alembic import op

from store.metadata import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Turns get an owner and a lease; waits and workers one row a worker. Both hold the present only: they begin anew,
    and what was queued is still queued."""
    op.add_column("stamping_confirmation_documents", sa.Column("owner", sa.String(length=120), nullable=True))
    op.add_column("stamping_confirmation_documents", sa.Column("claim", sa.String(length=32), nullable=True))
    op.add_column("stamping_confirmation_documents", sa.Column("lease_until", UtcDateTime(), nullable=True))
    op.drop_table("stamping_seal_worker")
    op.create_table(
        "stamping_seal_workers",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("examining", sa.String(length=120), nullable=True),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stamping_seal_workers")),
    )
    op.drop_table("stamping_key_waits")
    op.create_table(
        "stamping_key_waits",
        sa.Column("seal_id", sa.String(length=100), nullable=False),
        sa.Column("worker", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("next_look_at", UtcDateTime(), nullable=False),
        sa.Column("limit_s", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seal_id", "worker", name=op.f("pk_stamping_key_waits")),
    )
