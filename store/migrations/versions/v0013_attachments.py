"""Separate attachments of a document: sealed with it as one bundle, all or none."""

import sqlalchemy as sa
from alembic import op

from store.metadata import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_CONCLUDED = sa.text("event = 'conclude' AND purpose = 'appendix'")


def upgrade() -> None:
    """One row an attachment; a document and a confirmed list name the hash of all of them."""
    op.create_table(
        "stamping_attachments",
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("generated_sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=True),
        sa.Column("sealed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["stamping_documents.id"],
            name=op.f("fk_stamping_attachments_document_id_stamping_documents"),
        ),
        sa.PrimaryKeyConstraint("document_id", "n", name=op.f("pk_stamping_attachments")),
        sa.UniqueConstraint(
            "document_id", "generated_sha256", name=op.f("uq_stamping_attachments_document_id_generated_sha256")
        ),
    )
    for table in ("stamping_documents", "stamping_confirmation_documents"):
        op.add_column(table, sa.Column("attachments_sha256", sa.String(length=64), nullable=True))
    op.create_index(
        "uq_register_seal_log_appendix_once",
        "register_seal_log",
        ["document_id", "hash_before"],
        unique=True,
        sqlite_where=_CONCLUDED,
        postgresql_where=_CONCLUDED,
    )
