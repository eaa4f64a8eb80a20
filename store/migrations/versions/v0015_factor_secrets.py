"""Secrets of second factors are kept encrypted (decision 0084)."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A place for the encrypted secret. A migration has no key: those from before are encrypted, and `secret` emptied,
    as the web process starts."""
    op.add_column("api_factors", sa.Column("sealed", sa.Text(), nullable=True))
