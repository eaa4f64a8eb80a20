"""${message}."""

import sqlalchemy as sa
from alembic import op

from store.append_only import make_append_only
from store.metadata import UtcDateTime

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
