"""Programs limited to papers, seals and organisations."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programs without a limit stay without one: null is every one, else a JSON list."""
    for name in ("papers", "seals", "organisations"):
        op.add_column("api_clients", sa.Column(name, sa.Text(), nullable=True))
