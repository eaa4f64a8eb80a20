"""Programs limited to papers, seals and organisations, each with keys that may overlap."""

import sqlalchemy as sa
from alembic import op

from store.metadata import UtcDateTime

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programs stay without limits (null is every one, else a JSON list); their one key keeps its id and its token."""
    for name in ("papers", "seals", "organisations"):
        op.add_column("api_clients", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "api_client_keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client", sa.String(length=32), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["client"], ["api_clients.id"], name=op.f("fk_api_client_keys_client_api_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client_keys")),
    )
    op.create_index(op.f("ix_api_client_keys_client"), "api_client_keys", ["client"])
    op.execute(
        "INSERT INTO api_client_keys (id, client, secret_sha256, created_at) "
        "SELECT id, id, secret_sha256, created_at FROM api_clients"
    )
    op.drop_column("api_clients", "secret_sha256")
