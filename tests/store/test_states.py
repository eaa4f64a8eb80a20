"""What earlier versions left on the disk opens in this one, empty or full, on both databases (`make_state.py`)."""

import importlib
import json
import lzma
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, String, column, select, table

from register import audit, find_code, find_revision, load_public_key, numbers, read_notes
from stamping import Once, Refusal
from stamping.tables import documents
from store import (
    Files,
    FolderFiles,
    UtcDateTime,
    applied_revision,
    differences,
    metadata,
    migrate,
    open_database,
    read,
    write,
)
from tests.register.papers import Paper, register_paper
from tests.store.postgres import postgres_server
from tests.store.test_migration import ROOMS_WITH_TABLES

STATES = sorted((Path(__file__).parent / "states").iterdir())
LOG_SINCE = "0006"
"""Before it checkpoints spoke of chains, and are not carried over (decision 0049)."""

KEPT_WITHOUT_DOCUMENT = "0008"
"""Since then keys are kept of requests that make no document, in 0016's one table."""
ASKED = "ab" * 32


@dataclass(frozen=True, kw_only=True)
class State:
    """An earlier version's state, opened and migrated."""

    engine: Engine
    files: Files
    folder: Path

    @property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))
        return found


@pytest.fixture(params=[f"{state.name}-{kind}" for state in STATES for kind in ("sqlite", "postgresql")])
def place(request: pytest.FixtureRequest) -> tuple[Path, str]:
    """Where a state lies, and the kind of database to open it on."""
    version, kind = request.param.split("-")
    return STATES[0].parent / version, kind


def opened(request: pytest.FixtureRequest, place: tuple[Path, str], name: str, tmp_path: Path) -> State:
    folder, kind = place
    if kind == "sqlite":
        (tmp_path / "office.db").write_bytes(lzma.decompress((folder / f"{name}.db.xz").read_bytes()))
        url = f"sqlite:///{tmp_path / 'office.db'}"
    else:
        server = postgres_server(request.config)
        database = f"state_{folder.name}_{name}"
        url = server.create_database(database)
        server.restore(database, lzma.decompress((folder / f"{name}.sql.xz").read_bytes()))
        request.addfinalizer(lambda: server.drop_database(database))
    for room in ROOMS_WITH_TABLES:
        importlib.import_module(f"{room}.tables")
    engine = open_database(url)
    request.addfinalizer(engine.dispose)
    assert applied_revision(engine) == folder.name
    if name == "filled":
        _use_keys(engine)
    migrate(engine)
    with tarfile.open(folder / "files.tar.xz") as packed:
        packed.extractall(tmp_path, filter="data")
    return State(engine=engine, files=FolderFiles(tmp_path / "files"), folder=folder)


def _use_keys(engine: Engine) -> None:
    """Idempotency-Keys of a program that asks again after the upgrade, as they were kept then; one in both tables."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with write(engine) as connection:
        document = connection.execute(select(documents.c.id).order_by(documents.c.id)).scalars().first()
        kept: list[tuple[str, dict[str, Any]]] = [("idempotency", {"key": "1", "document_id": document})]
        if str(applied_revision(engine)) >= KEPT_WITHOUT_DOCUMENT:
            kept += [("requests", {"key": key, "answer": '{"version": 7}'}) for key in ("1", "2")]
        for name, values in kept:
            row = {"actor": "mẫu", "request_sha256": ASKED, "created_at": at} | values
            columns = [column(one, UtcDateTime() if one == "created_at" else String()) for one in row]
            connection.execute(table(f"stamping_{name}", *columns).insert().values(**row))


def test_an_empty_state_opens_in_this_version(
    request: pytest.FixtureRequest, place: tuple[Path, str], tmp_path: Path
) -> None:
    state = opened(request, place, "empty", tmp_path)
    assert differences(state.engine, metadata) == []
    with write(state.engine) as connection:
        register_paper(connection, Paper())
    with read(state.engine) as connection:
        assert [one.code for one in audit(connection, FolderFiles(tmp_path / "none"), None).findings] == []


def test_a_filled_state_opens_in_this_version_with_nothing_lost(
    request: pytest.FixtureRequest, place: tuple[Path, str], tmp_path: Path
) -> None:
    """Every paper where it stood, every file known by its hash, the register intact, and work goes on."""
    state = opened(request, place, "filled", tmp_path)
    assert differences(state.engine, metadata) == []
    folder, _ = place
    key = load_public_key(folder / "log.key") if folder.name >= LOG_SINCE else None
    notes = read_notes(folder / "checkpoints.note") if key is not None else ()
    with read(state.engine) as connection:
        report = audit(connection, state.files, key, kept_notes=notes)
        states = dict(connection.execute(select(documents.c.id, documents.c.state)).all())
        again = Once(actor="mẫu", key="1", asked=ASKED).earlier(connection)
        other = Once(actor="mẫu", key="2", asked=ASKED).earlier(connection)
        with pytest.raises(Refusal, match="idempotency-conflict"):
            Once(actor="mẫu", key="1", asked="cd" * 32).earlier(connection)
    assert again == {"document": min(states)}
    assert other == ({"version": 7} if folder.name >= KEPT_WITHOUT_DOCUMENT else None)
    expected = state.expected["papers"]
    assert states == {paper["id"]: paper["state"] for paper in expected}
    assert [one.text_en for one in report.findings] == []
    assert {"number_voided", "number_open"} <= {one.code for one in report.notes}
    with read(state.engine) as connection:
        for paper in expected:
            known = find_code(connection, paper["code"])
            assert known is not None
            assert known.document_id == paper["id"]
            for sha256 in paper["revisions"].values():
                revision = find_revision(connection, sha256)
                assert revision is not None
                assert revision.document_id == paper["id"]
    with write(state.engine) as connection:
        assert numbers.reserve(connection, organisation="M01.X1", kind="CV", year=2026) == 3
    with read(state.engine) as connection:
        assert audit(connection, state.files, key, kept_notes=notes).findings == ()
        callers, keys = (metadata.tables[f"api_{name}"] for name in ("clients", "client_keys"))
        kept = connection.execute(select(callers.c.id, keys.c.id, keys.c.ends_at).join(keys)).all()
    assert kept
    assert [(client, key, ends) for client, key, ends in kept if key != client or ends is not None] == []
