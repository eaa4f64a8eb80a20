"""Databases for the tests of every room that keeps state: fixtures to import into a conftest.

Migrating takes longer than most tests, so it is done once per session and kind; each test gets a copy.
"""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store import migrate, open_database
from tests.store.postgres import PostgresServer, postgres_server

_MIGRATED = pytest.StashKey[Path]()
_TEMPLATE = "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'test.db'}")
    else:
        yield from _fresh(postgres_server(request.config))


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield from _opened(_sqlite_copy(request, tmp_path))
    else:
        server = postgres_server(request.config)
        if not server.has_database(_TEMPLATE):
            engine = open_database(server.create_database(_TEMPLATE))
            migrate(engine)
            engine.dispose()
        yield from _fresh(server, template=_TEMPLATE)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated SQLite database, in the file `test.db` of the test's folder."""
    yield from _opened(_sqlite_copy(request, tmp_path))


def _sqlite_copy(request: pytest.FixtureRequest, folder: Path) -> str:
    stash = request.config.stash
    if _MIGRATED not in stash:
        factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
        migrated = factory.mktemp("migrated") / "migrated.db"
        engine = open_database(f"sqlite:///{migrated}")
        migrate(engine)
        engine.dispose()
        stash[_MIGRATED] = migrated
    shutil.copy(stash[_MIGRATED], folder / "test.db")
    return f"sqlite:///{folder / 'test.db'}"


def _fresh(server: PostgresServer, *, template: str = "template0") -> Iterator[Engine]:
    name = f"test_{secrets.token_hex(6)}"
    url = server.create_database(name, template=template)
    try:
        yield from _opened(url)
    finally:
        server.drop_database(name)


def _opened(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    yield engine
    engine.dispose()
