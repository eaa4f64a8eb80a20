"""Tables of dossiers: where each stands, and the append-only history of what was done with it."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text

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
