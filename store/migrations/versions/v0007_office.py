"""The register: changes of the institution, and what became of them."""

import sqlalchemy as sa
from alembic import op

from store.append_only import make_append_only
from store.metadata import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; their rows are never changed."""
    op.create_table(
        "register_office_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(64), nullable=False),
        sa.Column("proposed_name", sa.String(200), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("officer_id", sa.String(100)),
        sa.Column("custodian_id", sa.String(100)),
        sa.PrimaryKeyConstraint("id", name="pk_register_office_proposals"),
    )
    op.create_table(
        "register_office_decisions",
        sa.Column("proposal_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=False),
        sa.Column("decided_name", sa.String(200), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_register_office_decisions"),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["register_office_proposals.id"], name="fk_register_office_decisions_proposal_id"
        ),
        sa.UniqueConstraint("version", name="uq_register_office_decisions_version"),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'rejected', 'withdrawn')",
            name=op.f("ck_register_office_decisions_outcome_known"),
        ),
        sa.CheckConstraint(
            "(outcome = 'confirmed') = (version IS NOT NULL)",
            name=op.f("ck_register_office_decisions_confirmed_is_a_version"),
        ),
    )
    for table in ("register_office_proposals", "register_office_decisions"):
        make_append_only(op.get_bind(), table)
