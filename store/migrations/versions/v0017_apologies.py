"""Missed deadlines of dossiers, and the letters of apology that appoint another day."""

import sqlalchemy as sa
from alembic import op

from store.append_only import make_append_only
from store.metadata import UtcDateTime

revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Both tables are append-only, one row a dossier and deadline; a dossier keeps the deadline it had at first."""
    op.add_column("stamping_dossiers", sa.Column("first_due_at", UtcDateTime(), nullable=True))
    op.create_table(
        "stamping_missed_deadlines",
        sa.Column("dossier", sa.String(length=60), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("noticed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier"],
            ["stamping_dossiers.code"],
            name=op.f("fk_stamping_missed_deadlines_dossier"),
        ),
        sa.PrimaryKeyConstraint("dossier", "due_at", name=op.f("pk_stamping_missed_deadlines")),
    )
    op.create_table(
        "stamping_apologies",
        sa.Column("dossier", sa.String(length=60), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("organisation", sa.String(length=30), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("notation", sa.String(length=60), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("officer_id", sa.String(length=100), nullable=False),
        sa.Column("officer_name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("appointed_at", UtcDateTime(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("written_by", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier", "due_at"],
            ["stamping_missed_deadlines.dossier", "stamping_missed_deadlines.due_at"],
            name=op.f("fk_stamping_apologies_dossier_due_at"),
        ),
        sa.PrimaryKeyConstraint("dossier", "due_at", name=op.f("pk_stamping_apologies")),
        sa.UniqueConstraint(
            "organisation", "year", "number", name=op.f("uq_stamping_apologies_organisation_year_number")
        ),
    )
    for table in ("stamping_missed_deadlines", "stamping_apologies"):
        make_append_only(op.get_bind(), table)
