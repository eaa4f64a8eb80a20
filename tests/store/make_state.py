"""Keeps what an office has on its disk, for later versions to open: `python -m tests.store.make_state`.

Run it once before a version is released whose migrations are new, and commit the folder it makes under
`tests/store/states/`. An office in the middle of its work, on SQLite and on PostgreSQL, and an empty one of each:

- `empty.db.xz`, `filled.db.xz`: SQLite; `empty.sql.xz`, `filled.sql.xz`: PostgreSQL, as `pg_dump` writes it
- `files.tar.xz`: the stored files; `log.key`: the register's public key; `checkpoints.note`
- `expected.json`: what must still be found
"""

import json
import lzma
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Integer, insert, select
from sqlalchemy import text as text_of

from api import accounts, clients
from register import CheckpointKey, keep_note, numbers, sign_checkpoint
from secondseal.demo.pki import Pki
from stamping import documents, endings
from store import applied_revision, metadata, migrate, open_database, read, write
from tests.pki.fixtures import make_key
from tests.stamping.office_desk import ORGANISATION, Place, PlaceMaker, make_seal
from tests.store.postgres import PostgresServer, started
from tests.tokens.fixtures import TokenFarm
from verifier import Sandbox

STATES = Path(__file__).parent / "states"
ORIGIN = "mau.example/log"
DECISION = ("07/QĐ-MẪU", date(2026, 11, 1))


def main() -> None:
    """Make the folder of the newest migration; refuses to replace one."""
    with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox, started() as server:
        folder, made = Path(name), Path(name) / "state"
        made.mkdir()
        with Pki.create(folder / "pki") as pki, make_seal(TokenFarm(folder / "tokens"), pki) as key:
            place = PlaceMaker(pki, key, sandbox, partial(make_key, pki), folder)()
            expected = work(place)
        home = place.desk.home
        empty = open_database(f"sqlite:///{folder / 'empty.db'}")
        migrate(empty)
        for kind, engine in (("empty", empty), ("filled", place.desk.engine)):
            _pack(made / f"{kind}.db.xz", _whole(Path(str(engine.url.database))))
            _pack(made / f"{kind}.sql.xz", _on_postgres(server, kind, engine))
        with lzma.open(made / "files.tar.xz", "wb") as packed, tarfile.open(fileobj=packed, mode="w") as tar:
            tar.add(place.desk.files.folder, "files")
        shutil.copy(home / "checkpoints.note", made)
        verifier = CheckpointKey.load_or_create(home / "checkpoint.key", origin=ORIGIN).verifier
        (made / "log.key").write_text(f"{verifier}\n", encoding="utf-8")
        text = json.dumps(expected, ensure_ascii=False, indent=1)
        (made / "expected.json").write_text(f"{text}\n", encoding="utf-8")
        revision = applied_revision(empty)
        shutil.copytree(made, STATES / str(revision))
        print(STATES / str(revision))


def _on_postgres(server: PostgresServer, name: str, source: Engine) -> bytes:
    """The same rows in a database PostgreSQL itself made, as `pg_dump` writes it."""
    target = open_database(server.create_database(name))
    migrate(target)
    with read(source) as old, write(target) as new:
        for table in metadata.sorted_tables:
            if rows := [dict(row._mapping) for row in old.execute(select(table))]:
                new.execute(insert(table), rows)
            for column in table.primary_key.columns:
                # The counter behind a key that the database gives goes on where the rows end.
                last = f"(SELECT max({column.name}) FROM {table.name})"
                counter = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
                if isinstance(column.type, Integer):
                    new.execute(text_of(f"SELECT setval({counter}, {last}) WHERE {last} IS NOT NULL"))
    target.dispose()
    return server.dump(name)


def work(place: Place) -> dict[str, Any]:
    """Papers in every state an office has, numbers voided and open, people, a program, a checkpoint; gives what must
    be found again: state, code and file of each paper."""
    desk = place.desk
    returned, recalled, old, new = (place.sealed() for _ in range(4))
    endings.return_to_citizen(desk, returned.id, "một cửa", "Phạm Thị Mẫu")
    endings.recall(desk, recalled.id, *DECISION, "Sai căn cứ", "chủ tịch")
    endings.replace(desk, old.id, new.id, *DECISION, "Sai tên", "chủ tịch")
    approved, waiting, declined = (place.paper() for _ in range(3))
    place.approve(approved.id)
    endings.decline(desk, declined.id, "refused", "Hồ sơ thiếu", "phó chủ tịch")
    now = datetime.now(UTC)
    with write(desk.engine) as connection:
        series = {"organisation": ORGANISATION, "kind": "CV", "year": 2026}
        first, _open = (numbers.reserve(connection, **series, at=now) for _ in range(2))  # type: ignore[arg-type]
        numbers.void(connection, **series, number=first, reason="Không dùng", voided_by="van-thu", at=now)  # type: ignore[arg-type]
    accounts.create(desk.engine, name="van-thu", password="mat-khau-thu-nghiem", roles=["clerk"], now=now)
    clients.create(desk.engine, name="một cửa điện tử", scopes=["documents:read"], now=now)
    with write(desk.engine) as connection:
        point = sign_checkpoint(connection, key_file=desk.home / "checkpoint.key", origin=ORIGIN, at=now)
    keep_note(desk.home / "checkpoints.note", point)
    papers = (returned, recalled, old, new, approved, waiting, declined)
    views = [documents.view(desk, one.id) for one in papers]
    return {
        "papers": [
            {"id": view.id, "state": view.state, "code": view.code, "revisions": dict(view.revisions)} for view in views
        ],
        "open_number": 2,
    }


def _whole(database: Path) -> bytes:
    """The database as one file, without its log."""
    copy = database.with_suffix(".copy")
    with closing(sqlite3.connect(database)) as raw:
        raw.execute("VACUUM INTO ?", (str(copy),))
    return copy.read_bytes()


def _pack(file: Path, content: bytes) -> None:
    file.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
