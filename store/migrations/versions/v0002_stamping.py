"""The stamping stage's tables: documents and their history, approvals, judgements, confirmations."""

import sqlalchemy as sa
from alembic import op

from store.append_only import make_append_only
from store.metadata import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; history and judgements are written once."""
    op.create_table(
        "stamping_approvals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("officer_id", sa.String(length=100), nullable=False),
        sa.Column("officer_name", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("ticket_sha256", sa.String(length=64), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamping_approvals")),
    )
    op.create_table(
        "stamping_confirmations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("custodian_id", sa.String(length=100), nullable=False),
        sa.Column("custodian_name", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("seal_id", sa.String(length=100), nullable=False),
        sa.Column("list_sha256", sa.String(length=64), nullable=False),
        sa.Column("stepped_up_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamping_confirmations")),
    )
    op.create_table(
        "stamping_documents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("paper", sa.String(length=100), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("holder_id", sa.String(length=50), nullable=False),
        sa.Column("dossier", sa.String(length=60), nullable=False),
        sa.Column("result_code", sa.String(length=80), nullable=False),
        sa.Column("procedure", sa.String(length=30), nullable=False),
        sa.Column("procedure_name", sa.String(length=300), nullable=False),
        sa.Column("organisation", sa.String(length=30), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("number_kind", sa.String(length=30), nullable=False),
        sa.Column("number_year", sa.Integer(), nullable=False),
        sa.Column("number_value", sa.Integer(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("officer_id", sa.String(length=100), nullable=False),
        sa.Column("officer_name", sa.String(length=200), nullable=False),
        sa.Column("seal_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("received_by", sa.String(length=200), nullable=False),
        sa.Column("appraised_at", UtcDateTime(), nullable=False),
        sa.Column("appraised_by", sa.String(length=200), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("generated_sha256", sa.String(length=64), nullable=False),
        sa.Column("approved_sha256", sa.String(length=64), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=True),
        sa.Column("sealed_at", UtcDateTime(), nullable=True),
        sa.Column("sealed_by", sa.String(length=200), nullable=True),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.Column("returned_by", sa.String(length=200), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamping_documents")),
        sa.UniqueConstraint("code", name=op.f("uq_stamping_documents_code")),
        sa.UniqueConstraint("result_code", name=op.f("uq_stamping_documents_result_code")),
    )
    op.create_index("ix_stamping_documents_dossier", "stamping_documents", ["dossier"], unique=False)
    op.create_index("ix_stamping_documents_state", "stamping_documents", ["state", "organisation"], unique=False)
    op.create_table(
        "stamping_approval_documents",
        sa.Column("approval_id", sa.String(length=32), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("prepared", sa.LargeBinary(), nullable=True),
        sa.Column("to_sign", sa.Text(), nullable=True),
        sa.Column("signature_sha256", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["stamping_approvals.id"], name=op.f("fk_stamping_approval_documents_approval_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["stamping_documents.id"], name=op.f("fk_stamping_approval_documents_document_id")
        ),
        sa.PrimaryKeyConstraint("approval_id", "document_id", name=op.f("pk_stamping_approval_documents")),
        sa.UniqueConstraint(
            "approval_id", "position", name=op.f("uq_stamping_approval_documents_approval_id_position")
        ),
    )
    op.create_table(
        "stamping_confirmation_documents",
        sa.Column("confirmation_id", sa.String(length=32), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("approved_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["confirmation_id"],
            ["stamping_confirmations.id"],
            name=op.f("fk_stamping_confirmation_documents_confirmation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["stamping_documents.id"], name=op.f("fk_stamping_confirmation_documents_document_id")
        ),
        sa.PrimaryKeyConstraint("confirmation_id", "document_id", name=op.f("pk_stamping_confirmation_documents")),
        sa.UniqueConstraint(
            "confirmation_id", "position", name=op.f("uq_stamping_confirmation_documents_confirmation_id_position")
        ),
    )
    op.create_index(
        "ix_stamping_confirmation_documents_state", "stamping_confirmation_documents", ["state"], unique=False
    )
    op.create_table(
        "stamping_events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["stamping_documents.id"], name=op.f("fk_stamping_events_document_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_stamping_events")),
    )
    op.create_index(op.f("ix_stamping_events_document_id"), "stamping_events", ["document_id"], unique=False)
    op.create_table(
        "stamping_idempotency",
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["stamping_documents.id"], name=op.f("fk_stamping_idempotency_document_id")
        ),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_stamping_idempotency")),
    )
    op.create_table(
        "stamping_judgements",
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("officer_id", sa.String(length=100), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["stamping_documents.id"], name=op.f("fk_stamping_judgements_document_id")
        ),
        sa.PrimaryKeyConstraint("document_id", "sha256", name=op.f("pk_stamping_judgements")),
    )
    for table in ("stamping_events", "stamping_judgements"):
        make_append_only(op.get_bind(), table)
