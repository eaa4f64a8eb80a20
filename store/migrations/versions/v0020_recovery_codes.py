"""Recovery codes are kept encrypted, as second factors' secrets are (decision 0084)."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those from before end: a copy of the database may have given them away, and a migration has no key."""
    op.drop_table("api_recovery_codes")
    op.create_table(
        "api_recovery_codes",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["api_accounts.name"], name=op.f("fk_api_recovery_codes_account_api_accounts")
        ),
        sa.PrimaryKeyConstraint("account", "number", name=op.f("pk_api_recovery_codes")),
    )
