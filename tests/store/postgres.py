"""A real PostgreSQL for the tests: made in a temporary folder, on a free loopback port, gone at the end."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

_OWNER = "postgres"


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A running server; `fresh_database` gives the URL of an empty database in it."""

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

    def stop(self) -> None:
        """Stop the server and remove all of it."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    @contextmanager
    def fresh_database(self, name: str) -> Iterator[str]:
        """An empty database, dropped again at the end."""
        home = f"postgresql://{_OWNER}@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(home, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        try:
            yield f"postgresql://{_OWNER}@127.0.0.1:{self.port}/{name}"
        finally:
            with psycopg.connect(home, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]

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


_SERVER = pytest.StashKey[PostgresServer]()


def postgres_server(config: pytest.Config) -> PostgresServer:
    """The one server of this test session, started when first asked for. Skips where PostgreSQL is not installed."""
    if _SERVER not in config.stash:
        binaries = _binaries()
        if binaries is None:
            pytest.skip("PostgreSQL is not installed (deploy/packages-*.txt)")
        folder = Path(tempfile.mkdtemp(prefix="secondseal-pg-"))
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_OWNER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        server = PostgresServer(binaries=binaries, folder=folder, port=_free_port())
        server.start()
        config.stash[_SERVER] = server
        config.add_cleanup(server.stop)
    return config.stash[_SERVER]


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    return Path(program).parent if program else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
