"""Bringing a database to the shape this version needs: one linear history under `store/migrations` (alembic)."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData

from .database import read, write

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def migrate(engine: Engine, revision: str = "head") -> None:
    """Apply every migration not yet applied, all or none, in the one writing transaction.

    Two processes starting together are safe: the second waits and finds nothing to do.
    """
    with write(engine) as connection:
        command.upgrade(_config(connection), revision)


def applied_revision(engine: Engine) -> str | None:
    """The newest migration this database has, or None for an empty one."""
    with read(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def differences(engine: Engine, metadata: MetaData) -> list[object]:
    """Where the database differs from `metadata` (all rooms imported by the caller); empty when they agree."""
    with read(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
