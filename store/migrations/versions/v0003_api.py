"""Those who call: accounts, sessions, fresh authentications, failed attempts, programs."""

import sqlalchemy as sa
from alembic import op

from store.metadata import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "api_accounts",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.String(200), nullable=False),
        sa.Column("officer_id", sa.String(100), nullable=True),
        sa.Column("custodian_id", sa.String(100), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_approval", sa.String(64), nullable=True),
        sa.Column("last_confirmation", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_accounts")),
    )
    op.create_table(
        "api_attempts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name_sha256", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_attempts")),
    )
    op.create_index("ix_api_attempts_name_sha256_at", "api_attempts", ["name_sha256", "at"])
    op.create_index("ix_api_attempts_address_at", "api_attempts", ["address", "at"])
    op.create_table(
        "api_clients",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("scopes", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_clients")),
    )
    op.create_table(
        "api_steps",
        sa.Column("session_sha256", sa.String(64), nullable=False),
        sa.Column("list_sha256", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("session_sha256", "list_sha256", name=op.f("pk_api_steps")),
    )
    op.create_table(
        "api_sessions",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["api_accounts.name"], name=op.f("fk_api_sessions_account")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_api_sessions")),
    )
    op.create_index(op.f("ix_api_sessions_account"), "api_sessions", ["account"])
