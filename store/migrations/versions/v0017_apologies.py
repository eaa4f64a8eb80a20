"""Missed deadlines of dossiers, the letters of apology that appoint another day, and events of dossiers."""

import sqlalchemy as sa
from alembic import op

from store.append_only import make_append_only
from store.metadata import UtcDateTime

revision = "0017"
down_revision = "0016"
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
        sa.Column("paper", sa.String(length=100), nullable=True),
        sa.Column("seal_id", sa.String(length=100), nullable=False),
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
    _let_events_be_of_dossiers()


def _let_events_be_of_dossiers() -> None:
    """A line of the history is a document's or a dossier's. SQLite makes the table anew for that, which it cannot while
    rows of another refer to it: they are put aside in the same transaction."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("CREATE TEMPORARY TABLE kept_deliveries AS SELECT * FROM api_deliveries")
        op.execute("DELETE FROM api_deliveries")
    with op.batch_alter_table("stamping_events") as table:
        table.alter_column("document_id", existing_type=sa.String(length=32), nullable=True)
        table.add_column(sa.Column("dossier", sa.String(length=60), nullable=True))
        table.create_foreign_key(op.f("fk_stamping_events_dossier"), "stamping_dossiers", ["dossier"], ["code"])
        table.create_check_constraint(op.f("ck_stamping_events_of_one"), "(document_id IS NULL) <> (dossier IS NULL)")
    if sqlite:
        make_append_only(op.get_bind(), "stamping_events")
        op.execute("INSERT INTO api_deliveries SELECT * FROM kept_deliveries")
        op.execute("DROP TABLE kept_deliveries")
