"""Tables of those who call: people, their sessions and fresh authentications, and workflow systems.

Passwords are kept as Argon2id, session and client tokens as SHA-256 of 256 random bits, recovery codes as SHA-256. The
one secret kept as it is belongs to a second factor: its codes cannot be computed otherwise.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from store import UtcDateTime, metadata

accounts = Table(
    "api_accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("display_name", String(200), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("roles", String(200), nullable=False),
    Column("officer_id", String(100)),
    Column("custodian_id", String(100)),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_approval", String(64)),
    Column("last_confirmation", String(64)),
)

sessions = Table(
    "api_sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("account", String(64), ForeignKey("api_accounts.name"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("how", String(40), nullable=False, server_default="password"),
)

factors = Table(
    "api_factors",
    metadata,
    Column("account", String(64), ForeignKey("api_accounts.name"), primary_key=True),
    # empty where it is sealed; one from before is sealed as the web process starts
    Column("secret", String(64), nullable=False),
    Column("sealed", Text),
    Column("confirmed_at", UtcDateTime),
    Column("last_step", Integer, nullable=False),
)

recovery_codes = Table(
    "api_recovery_codes",
    metadata,
    Column("account", String(64), ForeignKey("api_accounts.name"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sealed", Text, nullable=False),
)

factor_events = Table(
    "api_factor_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String(64), ForeignKey("api_accounts.name"), nullable=False, index=True),
    Column("event", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
)

half_sign_ins = Table(
    "api_half_sign_ins",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("account", String(64), ForeignKey("api_accounts.name"), nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)

steps = Table(
    "api_steps",
    metadata,
    Column("session_sha256", String(64), primary_key=True),
    Column("list_sha256", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

attempts = Table(
    "api_attempts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name_sha256", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
Index("ix_api_attempts_name_sha256_at", attempts.c.name_sha256, attempts.c.at)
Index("ix_api_attempts_address_at", attempts.c.address, attempts.c.at)

clients = Table(
    "api_clients",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("scopes", String(200), nullable=False),
    Column("papers", Text),
    Column("seals", Text),
    Column("organisations", Text),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

client_keys = Table(
    "api_client_keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("client", String(32), ForeignKey("api_clients.id"), nullable=False, index=True),
    Column("secret_sha256", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("ends_at", UtcDateTime),
)


webhooks = Table(
    "api_webhooks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("client_id", String(32), ForeignKey("api_clients.id")),  # none: the administrator's own
    Column("url", String(500), nullable=False),
    Column("events", String(500), nullable=False),  # empty: every kind
    Column("salt", String(64), nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("old_salt", String(64)),
    Column("old_until", UtcDateTime),
    Column("active", Boolean, nullable=False),
    Column("why", String(300), nullable=False),
    Column("after", Integer, nullable=False),  # number of the last event that was looked at for it
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("delivered", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("held_by", String(64)),
    Column("held_until", UtcDateTime),
)
"""Where events are sent. Secrets stand in no row: each is made of the webhook key and `salt`."""

deliveries = Table(
    "api_deliveries",
    metadata,
    Column("webhook_id", String(32), ForeignKey("api_webhooks.id"), primary_key=True),
    Column("number", Integer, ForeignKey("stamping_events.seq"), primary_key=True, autoincrement=False),
    Column("document_id", String(32), nullable=False),  # the event's subject: of a dossier a hash
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("first_at", UtcDateTime),
    Column("done_at", UtcDateTime),
    Column("why", String(300), nullable=False),
)
"""One event for one receiver: pending, delivered, or failed for good. Delivered ones are forgotten after a month."""
Index("ix_api_deliveries_document", deliveries.c.webhook_id, deliveries.c.document_id, deliveries.c.state)
Index("ix_api_deliveries_state", deliveries.c.state, deliveries.c.number)
