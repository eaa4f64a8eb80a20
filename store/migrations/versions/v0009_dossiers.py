"""Dossiers before their paper exists, and what was done with them."""

import sqlalchemy as sa
from alembic import op

from store.append_only import make_append_only
from store.metadata import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row a dossier; its history is append-only."""
    op.create_table(
        "stamping_dossiers",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("receipt_code", sa.String(length=32), nullable=False),
        sa.Column("procedure", sa.String(length=30), nullable=False),
        sa.Column("organisation", sa.String(length=30), nullable=False),
        sa.Column("applicant_name", sa.String(length=200), nullable=False),
        sa.Column("applicant_id_number", sa.String(length=50), nullable=False),
        sa.Column("applicant_phone", sa.String(length=50), nullable=False),
        sa.Column("applicant_address", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("received_by", sa.String(length=200), nullable=False),
        sa.Column("appraised_at", UtcDateTime(), nullable=True),
        sa.Column("appraised_by", sa.String(length=200), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("waiting_since", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_stamping_dossiers")),
        sa.UniqueConstraint("receipt_code", name=op.f("uq_stamping_dossiers_receipt_code")),
    )
    op.create_table(
        "stamping_dossier_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier"],
            ["stamping_dossiers.code"],
            name=op.f("fk_stamping_dossier_events_dossier_stamping_dossiers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamping_dossier_events")),
    )
    op.create_index(op.f("ix_stamping_dossier_events_dossier"), "stamping_dossier_events", ["dossier"])
    make_append_only(op.get_bind(), "stamping_dossier_events")
