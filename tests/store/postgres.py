"""A real PostgreSQL for the tests: made in a temporary folder, on a free loopback port, gone at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.ports import free_port

_OWNER = "postgres"


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A running server; databases in it are made and dropped by name."""

    binaries: Path
    folder: Path
    port: int

    def start(self) -> None:
        """Make the cluster and start it. Durability is off: what a crash would lose is not tested here."""
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-A", "trust", "-U", _OWNER, "--no-sync", "-E", "UTF8", "--locale", "C")
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} "
            "-c fsync=off -c max_connections=60"
        )
        self._run("pg_ctl", "-D", data, "-l", self.folder / "log", "-o", options, "-w", "start")

    def restart(self) -> None:
        """End it at once, as a crash does, and start it again: every session is lost, what was committed is not."""
        self._run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-m", "immediate", "-w", "restart")

    def stop(self) -> None:
        """Stop the server and remove all of it."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """Make a database, empty or a copy of another; gives its URL."""
        self._order('CREATE DATABASE "{}" TEMPLATE "{}"', name, template)
        return self._url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database."""
        self._order('DROP DATABASE "{}" WITH (FORCE)', name)

    def has_database(self, name: str) -> bool:
        """Whether the database was made."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def dump(self, name: str) -> bytes:
        """A database as `pg_dump` writes it."""
        command = [str(self.binaries / "pg_dump"), "--no-owner", "--no-privileges", self._url(name)]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def restore(self, name: str, dump: bytes) -> None:
        """Read a dump into an empty database."""
        command = [str(self.binaries / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", self._url(name)]
        subprocess.run(command, check=True, input=dump, stdout=subprocess.DEVNULL)

    def _order(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement.format(*names).encode())

    def _url(self, database: str) -> str:
        return f"postgresql://{_OWNER}@127.0.0.1:{self.port}/{database}"

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.binaries / program), *map(str, arguments)]
        # The server refuses to run as root.
        user = _OWNER if os.geteuid() == 0 else None
        subprocess.run(
            command,
            check=True,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )


def installed() -> bool:
    """Whether a server can be started at all."""
    return _binaries() is not None


_SERVER = pytest.StashKey[PostgresServer]()


@contextmanager
def started() -> Iterator[PostgresServer]:
    """A server of one's own, for what is no test."""
    binaries = _binaries()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL is not installed (deploy/packages-*.txt)")
    server = _start(binaries)
    try:
        yield server
    finally:
        server.stop()


def postgres_server(config: pytest.Config) -> PostgresServer:
    """The one server of this test session, started when first asked for. Skips where PostgreSQL is not installed."""
    if _SERVER not in config.stash:
        binaries = _binaries()
        if binaries is None:
            pytest.skip("PostgreSQL is not installed (deploy/packages-*.txt)")
        server = _start(binaries)
        config.stash[_SERVER] = server
        config.add_cleanup(server.stop)
    return config.stash[_SERVER]


def _start(binaries: Path) -> PostgresServer:
    folder = Path(tempfile.mkdtemp(prefix="secondseal-pg-"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam(_OWNER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    server = PostgresServer(binaries=binaries, folder=folder, port=free_port())
    server.start()
    return server


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    return Path(program).parent if program else None
