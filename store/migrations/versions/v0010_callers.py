"""Programs limited to papers, seals and organisations, with keys that may overlap; second factors of people."""

import sqlalchemy as sa
from alembic import op

from store.append_only import make_append_only
from store.metadata import UtcDateTime

revision = "0010"
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
    _second_factors()


def _second_factors() -> None:
    account = ["account"], ["api_accounts.name"]
    op.add_column("api_sessions", sa.Column("how", sa.String(length=40), nullable=False, server_default="password"))
    op.create_table(
        "api_factors",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(*account, name=op.f("fk_api_factors_account_api_accounts")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_api_factors")),
    )
    op.create_table(
        "api_recovery_codes",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(*account, name=op.f("fk_api_recovery_codes_account_api_accounts")),
        sa.PrimaryKeyConstraint("account", "code_sha256", name=op.f("pk_api_recovery_codes")),
    )
    op.create_table(
        "api_factor_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(*account, name=op.f("fk_api_factor_events_account_api_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_factor_events")),
    )
    op.create_index(op.f("ix_api_factor_events_account"), "api_factor_events", ["account"])
    make_append_only(op.get_bind(), "api_factor_events")
    op.create_table(
        "api_half_sign_ins",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(*account, name=op.f("fk_api_half_sign_ins_account_api_accounts")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_api_half_sign_ins")),
    )
