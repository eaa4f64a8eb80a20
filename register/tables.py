"""The register's tables. All but counters and symbols are append-only: the database refuses to change their rows."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from store import UtcDateTime, metadata

counters = Table(
    "register_counters",
    metadata,
    Column("organisation", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)
"""The last number given in each series. Derived from `numbers`; the audit compares them."""

numbers = Table(
    "register_numbers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("reserved_at", UtcDateTime, nullable=False),
    Column("symbol", String(40)),
    Column("reserved_by", String(200)),
    Column("purpose", Text),
    UniqueConstraint("organisation", "kind", "year", "number"),
    CheckConstraint("number > 0", name="counted_from_one"),
)
"""Every number given. What it is printed with, who asked for it and for what stand there since migration 0008."""

symbols = Table(
    "register_symbols",
    metadata,
    Column("organisation", String(64), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("symbol", String(40), primary_key=True),
    Column("kind", String(32), nullable=False),
)
"""In which series a symbol is counted in a year: the one it was first counted in. Derived, like the counters."""

voids = Table(
    "register_voids",
    metadata,
    Column("number_id", Integer, ForeignKey("register_numbers.id"), primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("voided_by", String(64), nullable=False),
    Column("voided_at", UtcDateTime, nullable=False),
)
"""Huỷ số: numbers reserved but never issued, each with its reason."""

outgoing = Table(
    "register_outgoing",
    metadata,
    Column("document_id", String(64), primary_key=True),
    Column("number_id", Integer, ForeignKey("register_numbers.id"), nullable=False, unique=True),
    Column("organisation", String(64), nullable=False),
    Column("year", Integer, nullable=False),
    Column("notation", String(40), nullable=False),
    Column("dated", Date, nullable=False),
    Column("type_name", String(100), nullable=False),
    Column("subject", String(500), nullable=False),
    Column("signer", String(160), nullable=False),
    Column("recipients", Text, nullable=False),
    Column("keeper", Text, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("code", String(27), nullable=False, unique=True),
    Column("dossier", String(64)),
    Column("result_ordinal", Integer),
    Column("result_code", String(80)),
    Column("registered_at", UtcDateTime, nullable=False),
    UniqueConstraint("organisation", "year", "notation"),
    UniqueConstraint("dossier", "result_ordinal"),
)
"""Sổ đăng ký văn bản đi (NĐ 30/2020, PL IV): what is known when the document is registered."""

issues = Table(
    "register_issues",
    metadata,
    Column("document_id", String(64), ForeignKey("register_outgoing.document_id"), primary_key=True),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("issue_by", UtcDateTime, nullable=False),
)
"""Ngày chuyển: when the document left, and until when it had to (AC-3)."""

receipts = Table(
    "register_receipts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", String(64), ForeignKey("register_outgoing.document_id"), nullable=False, index=True),
    Column("received_by", String(160), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
)
"""Ký nhận: who received the document."""

revisions = Table(
    "register_revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("document_id", String(64), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    UniqueConstraint("document_id", "ordinal"),
)
"""Every form of every document the service ever held, by the hash of its bytes."""

status_events = Table(
    "register_status_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", String(64), ForeignKey("register_outgoing.document_id"), nullable=False, index=True),
    Column("event", String(16), nullable=False),
    Column("other_document_id", String(64), ForeignKey("register_outgoing.document_id")),
    Column("decision_number", String(80), nullable=False),
    Column("decision_date", Date),
    Column("reason", Text, nullable=False),
    Column("recorded_by", String(64), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)
"""In force, corrected, replaced, recalled: nothing is edited, events are added (AC-11)."""

seal_log = Table(
    "register_seal_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("time", UtcDateTime, nullable=False),
    Column("event", String(16), nullable=False),
    Column("entry_id", String(64), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("seal_id", String(64), nullable=False),
    Column("seal_version", Integer, nullable=False),
    Column("certificate_serial", String(64), nullable=False),
    Column("certificate_sha256", String(64), nullable=False),
    Column("custodian", String(160), nullable=False),
    Column("confirmation_id", String(64), nullable=False),
    Column("document_id", String(64), nullable=False, index=True),
    Column("notation", String(40), nullable=False),
    Column("officer", String(160), nullable=False),
    Column("officer_certificate_sha256", String(64), nullable=False),
    Column("hash_before", String(64), nullable=False),
    Column("hash_after", String(64)),
    Column("key_operation", Boolean, nullable=False),
    Column("tsa_serial", String(64)),
    Column("tsa_time", UtcDateTime),
    Column("detail", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("row_hash", String(64), nullable=False, unique=True),
    UniqueConstraint("entry_id", "event"),
    CheckConstraint("event IN ('reserve', 'conclude', 'interrupted', 'failed', 'wet')", name="event_known"),
    CheckConstraint("event <> 'conclude' OR hash_after IS NOT NULL", name="concluded_has_result"),
)
"""Nhật ký sử dụng con dấu: hash-chained, and in the log (AC-50)."""

# Released documents exactly once, guarded by the database itself: one act closes an entry, one issue seals a document
# or stamps it by hand, never both.
Index(
    "uq_register_seal_log_closed_once",
    seal_log.c.entry_id,
    unique=True,
    sqlite_where=text("event <> 'reserve'"),
    postgresql_where=text("event <> 'reserve'"),
)
Index(
    "uq_register_seal_log_issued_once",
    seal_log.c.document_id,
    unique=True,
    sqlite_where=text("event IN ('conclude', 'wet') AND purpose = 'issue'"),
    postgresql_where=text("event IN ('conclude', 'wet') AND purpose = 'issue'"),
)
Index(
    "uq_register_seal_log_appendix_once",
    seal_log.c.document_id,
    seal_log.c.hash_before,
    unique=True,
    sqlite_where=text("event = 'conclude' AND purpose = 'appendix'"),
    postgresql_where=text("event = 'conclude' AND purpose = 'appendix'"),
)

log = Table(
    "register_log",
    metadata,
    Column("leaf", Integer, primary_key=True, autoincrement=False),
    Column("source", String(40), nullable=False),
    Column("key", String(64), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    UniqueConstraint("source", "key"),
)
"""The leaves of the Merkle log: one for each row of the other append-only tables, in the order they were written."""

log_nodes = Table(
    "register_log_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Hashes over whole tiles of the log: level 1 over 256 leaves, level 2 over 65,536, and so on. Derived from `log`."""

checkpoints = Table(
    "register_checkpoints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("origin", String(160), nullable=False),
    Column("size", Integer, nullable=False),
    Column("root", String(64), nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
)
"""Signed statements of how far the log had come (Ed25519). `note` is the signed text; `time` is this machine's."""

checkpoint_times = Table(
    "register_checkpoint_times",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("checkpoint_id", Integer, ForeignKey("register_checkpoints.id"), nullable=False, index=True),
    Column("gen_time", UtcDateTime, nullable=False),
    Column("token", LargeBinary, nullable=False),
)
"""Time stamps (RFC 3161) over the notes of checkpoints: a time that this machine could not choose."""

exports = Table(
    "register_exports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("checkpoint_id", Integer, ForeignKey("register_checkpoints.id"), nullable=False),
    Column("destination", String(300), nullable=False),
    Column("exported_at", UtcDateTime, nullable=False),
)
"""Which checkpoint was put where, outside the database administrator's reach."""

office_proposals = Table(
    "register_office_proposals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("base", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("files", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("needs_second", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("proposed_by", String(64), nullable=False),
    Column("proposed_name", String(200), nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("officer_id", String(100)),
    Column("custodian_id", String(100)),
)
"""Changes of the institution as they were asked for: the whole text, the hashes of the files it names, who, why."""

office_decisions = Table(
    "register_office_decisions",
    metadata,
    Column("proposal_id", Integer, ForeignKey("register_office_proposals.id"), primary_key=True, autoincrement=False),
    Column("outcome", String(16), nullable=False),
    Column("decided_by", String(64), nullable=False),
    Column("decided_name", String(200), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
    Column("version", Integer, unique=True),
    Column("signature", Text),
    CheckConstraint("outcome IN ('confirmed', 'rejected', 'withdrawn')", name="outcome_known"),
    CheckConstraint("(outcome = 'confirmed') = (version IS NOT NULL)", name="confirmed_is_a_version"),
)
"""What became of each: one decision a proposal; those that came into force are versions, counted from 1, most
of them signed by the register's key (`office_signature`)."""

APPEND_ONLY = (
    numbers,
    voids,
    outgoing,
    issues,
    receipts,
    revisions,
    status_events,
    seal_log,
    log,
    log_nodes,
    checkpoints,
    checkpoint_times,
    exports,
    office_proposals,
    office_decisions,
)

JOURNALLED = (
    numbers,
    voids,
    outgoing,
    issues,
    receipts,
    revisions,
    status_events,
    office_proposals,
    office_decisions,
)
"""The tables whose rows `journal.record` writes. The seal log's rows are leaves of the log, too; checkpoints and time
stamps carry their signature."""
