"""One table keeps what was done under each Idempotency-Key, and finds the old ones (decision 0061)."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those of documents join the others. One key was never meant to stand in both tables; where it does, the document
    stays: either way a repeated request is answered or refused, and makes nothing twice."""
    op.execute(
        "DELETE FROM stamping_requests WHERE EXISTS (SELECT 1 FROM stamping_idempotency i "
        "WHERE i.actor = stamping_requests.actor AND i.key = stamping_requests.key)"
    )
    op.execute(
        "INSERT INTO stamping_requests (actor, key, request_sha256, answer, created_at) "
        """SELECT actor, key, request_sha256, '{"document": "' || document_id || '"}', created_at """
        "FROM stamping_idempotency"
    )
    op.drop_table("stamping_idempotency")
    op.create_index(op.f("ix_stamping_requests_created_at"), "stamping_requests", ["created_at"])
