"""Tables of the stamping stage. History is append-only; everything else is the present state of a document."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from store import UtcDateTime, metadata

documents = Table(
    "stamping_documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("paper", String(100)),
    Column("title", String(300), nullable=False),
    Column("subject", String(500), nullable=False),
    Column("holder", String(200), nullable=False),
    Column("holder_id", String(50), nullable=False),
    Column("dossier", String(60), nullable=False),
    Column("result_code", String(80), nullable=False, unique=True),
    Column("procedure", String(30), nullable=False),
    Column("procedure_name", String(300), nullable=False),
    Column("organisation", String(30), nullable=False),
    Column("organisation_name", String(200), nullable=False),
    Column("number", String(60), nullable=False),
    Column("number_kind", String(30), nullable=False),
    Column("number_year", Integer, nullable=False),
    Column("number_value", Integer),
    Column("issued_on", Date, nullable=False),
    Column("state", String(30), nullable=False),
    Column("officer_id", String(100), nullable=False),
    Column("officer_name", String(200), nullable=False),
    Column("seal_id", String(100), nullable=False),  # empty: its procedure has no stamping stage
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("received_at", UtcDateTime, nullable=False),
    Column("received_by", String(200), nullable=False),
    Column("appraised_at", UtcDateTime, nullable=False),
    Column("appraised_by", String(200), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("data", Text, nullable=False),
    Column("generated_sha256", String(64), nullable=False),
    Column("approved_sha256", String(64)),
    Column("approved_at", UtcDateTime),
    Column("sealed_sha256", String(64)),
    Column("sealed_at", UtcDateTime),
    Column("sealed_by", String(200)),
    Column("returned_at", UtcDateTime),
    Column("returned_by", String(200)),
    Column("problem", Text),
    Column("attachments_sha256", String(64)),  # empty: it has none
)
Index("ix_stamping_documents_state", documents.c.state, documents.c.organisation)
Index("ix_stamping_documents_dossier", documents.c.dossier)

attachments = Table(
    "stamping_attachments",
    metadata,
    Column("document_id", String(32), ForeignKey("stamping_documents.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("title", String(300), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("original_sha256", String(64), nullable=False),
    Column("generated_sha256", String(64), nullable=False),
    Column("sealed_sha256", String(64)),
    Column("sealed_at", UtcDateTime),
    UniqueConstraint("document_id", "generated_sha256"),
)

events = Table(
    "stamping_events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("document_id", String(32), ForeignKey("stamping_documents.id"), index=True),
    Column("dossier", String(60), ForeignKey("stamping_dossiers.code")),
    Column("at", UtcDateTime, nullable=False),
    Column("event", String(60), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    CheckConstraint("(document_id IS NULL) <> (dossier IS NULL)", name="of_one"),
)
"""Of a document each line of its history; of a dossier those lines other systems hear of."""

requests = Table(
    "stamping_requests",
    metadata,
    Column("actor", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request_sha256", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)
"""What was done under each Idempotency-Key, for the time keys are kept."""

judgements = Table(
    "stamping_judgements",
    metadata,
    Column("document_id", String(32), ForeignKey("stamping_documents.id"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("officer_id", String(100), nullable=False),
    Column("certificate_sha256", String(64), nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
    Column("verdict", Text, nullable=False),
)

approvals = Table(
    "stamping_approvals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("officer_id", String(100), nullable=False),
    Column("officer_name", String(200), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("ticket_sha256", String(64), nullable=False),
    Column("certificate", LargeBinary),
    Column("certificate_sha256", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

approval_documents = Table(
    "stamping_approval_documents",
    metadata,
    Column("approval_id", String(32), ForeignKey("stamping_approvals.id"), primary_key=True),
    Column("document_id", String(32), ForeignKey("stamping_documents.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("prepared", LargeBinary),
    Column("to_sign", Text),
    Column("signature_sha256", String(64)),
    Column("problem", Text),
    Column("signed_at", UtcDateTime),
    UniqueConstraint("approval_id", "position"),
)

_PREPARED = approval_documents.c.prepared.is_not(None)
Index(
    "ix_stamping_approval_documents_prepared",
    approval_documents.c.approval_id,
    sqlite_where=_PREPARED,
    postgresql_where=_PREPARED,
)

confirmations = Table(
    "stamping_confirmations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("custodian_id", String(100), nullable=False),
    Column("custodian_name", String(200), nullable=False),
    Column("account", String(200), nullable=False),
    Column("seal_id", String(100), nullable=False),
    Column("list_sha256", String(64), nullable=False),
    Column("stepped_up_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

confirmation_documents = Table(
    "stamping_confirmation_documents",
    metadata,
    Column("confirmation_id", String(32), ForeignKey("stamping_confirmations.id"), primary_key=True),
    Column("document_id", String(32), ForeignKey("stamping_documents.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("approved_sha256", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("problem", Text),
    Column("finished_at", UtcDateTime),
    Column("attachments_sha256", String(64)),
    Column("owner", String(120)),  # the worker that has, or had, it in hand
    Column("claim", String(32)),  # of this one attempt; none once it is over
    Column("lease_until", UtcDateTime),
    UniqueConstraint("confirmation_id", "position"),
)
Index("ix_stamping_confirmation_documents_state", confirmation_documents.c.state)

# The present, not a record: what the seal worker found out about its keys last, for the web process to read.
key_health = Table(
    "stamping_key_health",
    metadata,
    Column("seal_id", String(100), primary_key=True),
    Column("role", String(10), primary_key=True),
    Column("key", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("code", String(40), nullable=False),
    Column("text_vi", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("checked_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("latency_ms", Float),
    Column("maker", String(80), nullable=False),
    Column("model", String(80), nullable=False),
    Column("serial", String(80), nullable=False),
    Column("firmware", String(40), nullable=False),
    Column("level", String(200), nullable=False),
    Column("not_after", UtcDateTime),
    Column("operations", Integer, nullable=False),
    Column("canaries", Integer, nullable=False),
    Column("recoveries", Text, nullable=False),
)

seal_workers = Table(
    "stamping_seal_workers",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("examining", String(120)),
    Column("deaths", Integer, nullable=False),
)

key_waits = Table(
    "stamping_key_waits",
    metadata,
    Column("seal_id", String(100), primary_key=True),
    Column("worker", String(120), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("next_look_at", UtcDateTime, nullable=False),
    Column("limit_s", Integer, nullable=False),
    Column("faults", Integer, nullable=False),
    Column("problem", Text, nullable=False),
)
