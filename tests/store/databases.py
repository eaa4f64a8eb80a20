"""Databases for the tests of every room that keeps state: fixtures to import into a conftest."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store import migrate, open_database
from tests.store.postgres import postgres_server


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        engine = open_database(f"sqlite:///{tmp_path / 'test.db'}")
        yield engine
        engine.dispose()
        return
    server = postgres_server(request.config)
    with server.fresh_database(f"test_{secrets.token_hex(6)}") as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture
def both(empty_database: Engine) -> Engine:
    """A migrated database, once on SQLite and once on PostgreSQL."""
    migrate(empty_database)
    return empty_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    """A migrated SQLite database."""
    engine = open_database(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(engine)
    yield engine
    engine.dispose()
