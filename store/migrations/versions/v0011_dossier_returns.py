"""Dossiers say until when a supplement is waited for and how the result is returned; lists by deadline."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Dossiers kept before are returned at the counter, as all were."""
    op.add_column("stamping_dossiers", sa.Column("supplement_until", sa.Date(), nullable=True))
    op.add_column(
        "stamping_dossiers", sa.Column("return_way", sa.String(length=10), nullable=False, server_default="counter")
    )
    op.create_index("ix_stamping_dossiers_due_at", "stamping_dossiers", ["due_at", "code"])
