"""Numbers say for what they were reserved; one issue is sealed or stamped by hand; repeated requests without a file."""

import sqlalchemy as sa
from alembic import op

from store.metadata import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ISSUED_ONCE = "uq_register_seal_log_issued_once"
_ISSUED = sa.text("event IN ('conclude', 'wet') AND purpose = 'issue'")


def upgrade() -> None:
    """Columns that old rows leave empty: their hashes in the journal stay what they are."""
    op.add_column("register_numbers", sa.Column("symbol", sa.String(length=40), nullable=True))
    op.add_column("register_numbers", sa.Column("reserved_by", sa.String(length=200), nullable=True))
    op.add_column("register_numbers", sa.Column("purpose", sa.Text(), nullable=True))
    op.add_column("register_outgoing", sa.Column("result_code", sa.String(length=80), nullable=True))
    op.create_table(
        "register_symbols",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("symbol", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "year", "symbol", name=op.f("pk_register_symbols")),
    )
    op.create_table(
        "stamping_requests",
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_stamping_requests")),
    )
    op.drop_index(_ISSUED_ONCE, table_name="register_seal_log")
    op.create_index(
        _ISSUED_ONCE,
        "register_seal_log",
        ["document_id"],
        unique=True,
        sqlite_where=_ISSUED,
        postgresql_where=_ISSUED,
    )
    _keep_series()


def _keep_series() -> None:
    """Until the year ends a symbol is counted where it was counted so far (docs/decisions/0047)."""
    connection = op.get_bind()
    kept: dict[tuple[str, int, str], str] = {}
    counted = sa.text("SELECT organisation, year, kind FROM register_counters WHERE kind <> ''")
    for organisation, year, kind in connection.execute(counted):
        # a series of no symbol's own: nothing is printed with it, and the row is never asked for
        kept[organisation, year, kind] = kind
    registered = sa.text(
        "SELECT o.organisation, o.year, o.notation, n.kind FROM register_outgoing o "
        "JOIN register_numbers n ON n.id = o.number_id ORDER BY o.number_id"
    )
    for organisation, year, notation, kind in connection.execute(registered):
        kept[organisation, year, notation.partition("/")[2]] = kind
    symbols = sa.table("register_symbols", *(sa.column(name) for name in ("organisation", "year", "symbol", "kind")))
    for (organisation, year, symbol), kind in kept.items():
        connection.execute(symbols.insert().values(organisation=organisation, year=year, symbol=symbol, kind=kind))
