"""Where events are sent, and which were."""

import sqlalchemy as sa
from alembic import op

from store.metadata import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. They hold the present: what happened to documents stands in their history."""
    op.create_table(
        "api_webhooks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("client_id", sa.String(32), nullable=True),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("events", sa.String(500), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("old_salt", sa.String(64), nullable=True),
        sa.Column("old_until", UtcDateTime(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(300), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("held_by", sa.String(64), nullable=True),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["api_clients.id"], name=op.f("fk_api_webhooks_client_id_api_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_webhooks")),
    )
    op.create_table(
        "api_deliveries",
        sa.Column("webhook_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("why", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["stamping_events.seq"], name=op.f("fk_api_deliveries_number_stamping_events")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["api_webhooks.id"], name=op.f("fk_api_deliveries_webhook_id_api_webhooks")
        ),
        sa.PrimaryKeyConstraint("webhook_id", "number", name=op.f("pk_api_deliveries")),
    )
    op.create_index("ix_api_deliveries_document", "api_deliveries", ["webhook_id", "document_id", "state"])
    op.create_index("ix_api_deliveries_state", "api_deliveries", ["state", "number"])
