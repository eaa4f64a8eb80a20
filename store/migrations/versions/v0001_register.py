"""The register's tables: numbers, outgoing documents, revisions, status, seal log, journal, checkpoints."""

import sqlalchemy as sa
from alembic import op

from store.append_only import make_append_only
from store.metadata import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "register_numbers",
    "register_voids",
    "register_outgoing",
    "register_issues",
    "register_receipts",
    "register_revisions",
    "register_status_events",
    "register_seal_log",
    "register_journal",
    "register_checkpoints",
)


def upgrade() -> None:
    """Make the tables, then forbid changing what is written once."""
    op.create_table(
        "register_checkpoints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(160), nullable=False),
        sa.Column("time", UtcDateTime(), nullable=False),
        sa.Column("seal_log_seq", sa.Integer(), nullable=False),
        sa.Column("seal_log_head", sa.String(64), nullable=False),
        sa.Column("journal_seq", sa.Integer(), nullable=False),
        sa.Column("journal_head", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_checkpoints"),
    )
    op.create_table(
        "register_counters",
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "kind", "year", name="pk_register_counters"),
    )
    op.create_table(
        "register_journal",
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("row_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_register_journal"),
        sa.UniqueConstraint("row_hash", name="uq_register_journal_row_hash"),
        sa.UniqueConstraint("source", "key", name="uq_register_journal_source_key"),
    )
    op.create_table(
        "register_numbers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reserved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_numbers"),
        sa.CheckConstraint("number > 0", name="ck_register_numbers_counted_from_one"),
        sa.UniqueConstraint(
            "organisation", "kind", "year", "number", name="uq_register_numbers_organisation_kind_year_number"
        ),
    )
    op.create_table(
        "register_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_revisions"),
        sa.UniqueConstraint("document_id", "ordinal", name="uq_register_revisions_document_id_ordinal"),
    )
    op.create_index("ix_register_revisions_sha256", "register_revisions", ["sha256"])
    op.create_table(
        "register_seal_log",
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("time", UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("entry_id", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("seal_id", sa.String(64), nullable=False),
        sa.Column("seal_version", sa.Integer(), nullable=False),
        sa.Column("certificate_serial", sa.String(64), nullable=False),
        sa.Column("certificate_sha256", sa.String(64), nullable=False),
        sa.Column("custodian", sa.String(160), nullable=False),
        sa.Column("confirmation_id", sa.String(64), nullable=False),
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("notation", sa.String(40), nullable=False),
        sa.Column("officer", sa.String(160), nullable=False),
        sa.Column("officer_certificate_sha256", sa.String(64), nullable=False),
        sa.Column("hash_before", sa.String(64), nullable=False),
        sa.Column("hash_after", sa.String(64)),
        sa.Column("key_operation", sa.Boolean(), nullable=False),
        sa.Column("tsa_serial", sa.String(64)),
        sa.Column("tsa_time", UtcDateTime()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("row_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_register_seal_log"),
        sa.CheckConstraint(
            "event <> 'conclude' OR hash_after IS NOT NULL", name="ck_register_seal_log_concluded_has_result"
        ),
        sa.CheckConstraint(
            "event IN ('reserve', 'conclude', 'interrupted', 'failed', 'wet')", name="ck_register_seal_log_event_known"
        ),
        sa.UniqueConstraint("entry_id", "event", name="uq_register_seal_log_entry_id_event"),
        sa.UniqueConstraint("row_hash", name="uq_register_seal_log_row_hash"),
    )
    op.create_index("ix_register_seal_log_document_id", "register_seal_log", ["document_id"])
    op.create_index(
        "uq_register_seal_log_closed_once",
        "register_seal_log",
        ["entry_id"],
        unique=True,
        sqlite_where=sa.text("event <> 'reserve'"),
        postgresql_where=sa.text("event <> 'reserve'"),
    )
    op.create_index(
        "uq_register_seal_log_issued_once",
        "register_seal_log",
        ["document_id"],
        unique=True,
        sqlite_where=sa.text("event = 'conclude' AND purpose = 'issue'"),
        postgresql_where=sa.text("event = 'conclude' AND purpose = 'issue'"),
    )
    op.create_table(
        "register_outgoing",
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("number_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("notation", sa.String(40), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("type_name", sa.String(100), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("signer", sa.String(160), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("code", sa.String(27), nullable=False),
        sa.Column("dossier", sa.String(64)),
        sa.Column("result_ordinal", sa.Integer()),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_register_outgoing"),
        sa.ForeignKeyConstraint(["number_id"], ["register_numbers.id"], name="fk_register_outgoing_number_id"),
        sa.UniqueConstraint("code", name="uq_register_outgoing_code"),
        sa.UniqueConstraint("dossier", "result_ordinal", name="uq_register_outgoing_dossier_result_ordinal"),
        sa.UniqueConstraint("number_id", name="uq_register_outgoing_number_id"),
        sa.UniqueConstraint("organisation", "year", "notation", name="uq_register_outgoing_organisation_year_notation"),
    )
    op.create_table(
        "register_voids",
        sa.Column("number_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voided_by", sa.String(64), nullable=False),
        sa.Column("voided_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number_id", name="pk_register_voids"),
        sa.ForeignKeyConstraint(["number_id"], ["register_numbers.id"], name="fk_register_voids_number_id"),
    )
    op.create_table(
        "register_issues",
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("issue_by", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_register_issues"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["register_outgoing.document_id"], name="fk_register_issues_document_id"
        ),
    )
    op.create_table(
        "register_receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("received_by", sa.String(160), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_receipts"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["register_outgoing.document_id"], name="fk_register_receipts_document_id"
        ),
    )
    op.create_index("ix_register_receipts_document_id", "register_receipts", ["document_id"])
    op.create_table(
        "register_status_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("other_document_id", sa.String(64)),
        sa.Column("decision_number", sa.String(80), nullable=False),
        sa.Column("decision_date", sa.Date()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(64), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_status_events"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["register_outgoing.document_id"], name="fk_register_status_events_document_id"
        ),
        sa.ForeignKeyConstraint(
            ["other_document_id"], ["register_outgoing.document_id"], name="fk_register_status_events_other_document_id"
        ),
    )
    op.create_index("ix_register_status_events_document_id", "register_status_events", ["document_id"])
    for table in APPEND_ONLY:
        make_append_only(op.get_bind(), table)
