"""Prepared states of approval lists are found by themselves, however many lists there have been."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

_KEPT = sa.text("prepared IS NOT NULL")


def upgrade() -> None:
    """An index of the few rows that hold one: those whose list has expired are looked for at every opening."""
    op.create_index(
        "ix_stamping_approval_documents_prepared",
        "stamping_approval_documents",
        ["approval_id"],
        sqlite_where=_KEPT,
        postgresql_where=_KEPT,
    )
