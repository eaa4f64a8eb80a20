"""Bringing a database to the shape this version needs: one linear history under `store/migrations` (alembic)."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from .database import read, write

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_APPLIED: Final = "alembic_version"
"""Alembic's table of one row."""


def migrate(engine: Engine, revision: str = "head") -> None:
    """Apply every migration not yet applied, all or none, in the one writing transaction.

    Two processes starting together are safe: the second waits and finds nothing to do. A database that has them all is
    left alone, without the writer's turn and without alembic, which takes a process as long to load as SQLAlchemy.
    """
    if applied_revision(engine) == (newest_revision() if revision == "head" else revision):
        return
    from alembic import command

    with write(engine) as connection:
        command.upgrade(_config(connection), revision)


def applied_revision(engine: Engine) -> str | None:
    """The newest migration this database has, or None for an empty one."""
    with read(engine) as connection:
        if not inspect(connection).has_table(_APPLIED):
            return None
        revision: str | None = connection.execute(text(f"SELECT version_num FROM {_APPLIED}")).scalar_one_or_none()  # noqa: S608
        return revision


@cache
def newest_revision() -> str:
    """The migration this version ends at, by the files' names (`v0014_workers.py`: 0014)."""
    return max(path.name for path in (_SCRIPTS / "versions").glob("v*.py")).partition("_")[0].removeprefix("v")


def differences(engine: Engine, metadata: MetaData) -> list[object]:
    """Where the database differs from `metadata` (all rooms imported by the caller); empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with read(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
