"""Tables of dossiers: where each stands, and the append-only history of what was done with it."""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from store import UtcDateTime, metadata

dossiers = Table(
    "stamping_dossiers",
    metadata,
    Column("code", String(60), primary_key=True),
    Column("receipt_code", String(32), nullable=False, unique=True),
    Column("procedure", String(30), nullable=False),
    Column("organisation", String(30), nullable=False),
    Column("applicant_name", String(200), nullable=False),
    Column("applicant_id_number", String(50), nullable=False),
    Column("applicant_phone", String(50), nullable=False),
    Column("applicant_address", String(500), nullable=False),
    Column("state", String(30), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("received_by", String(200), nullable=False),
    Column("appraised_at", UtcDateTime),
    Column("appraised_by", String(200)),
    Column("due_at", UtcDateTime, nullable=False),
    Column("waiting_since", UtcDateTime),
    Column("supplement_until", Date),
    Column("return_way", String(10), nullable=False, server_default="counter"),
    Column("first_due_at", UtcDateTime),  # the deadline before another day was appointed for the first time
)
Index("ix_stamping_dossiers_due_at", dossiers.c.due_at, dossiers.c.code)

dossier_events = Table(
    "stamping_dossier_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dossier", String(60), ForeignKey("stamping_dossiers.code"), nullable=False, index=True),
    Column("event", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("reason", Text, nullable=False),
)

missed_deadlines = Table(
    "stamping_missed_deadlines",
    metadata,
    Column("dossier", String(60), ForeignKey("stamping_dossiers.code"), primary_key=True),
    Column("due_at", UtcDateTime, primary_key=True),
    Column("noticed_at", UtcDateTime, nullable=False),
    Column("paper", String(100)),
    Column("seal_id", String(100), nullable=False),
)
"""Append-only: each deadline that passed without a result, once; which paper and seal the result was to have then."""

apologies = Table(
    "stamping_apologies",
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("due_at", UtcDateTime, primary_key=True),
    Column("organisation", String(30), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("notation", String(60), nullable=False),
    Column("form", String(20), nullable=False),
    Column("officer_id", String(100), nullable=False),
    Column("officer_name", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("appointed_at", UtcDateTime, nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("written_by", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("pdf", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["dossier", "due_at"], ["stamping_missed_deadlines.dossier", "stamping_missed_deadlines.due_at"]
    ),
    UniqueConstraint("organisation", "year", "number"),
)
"""Append-only: one letter for a missed deadline, numbered in a series of the one-stop's own."""
