"""A real S3-compatible server for the tests (seaweedfs), on loopback, gone at the end."""

import json
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import obstore
import pytest

from tests.ports import free_port


@dataclass(frozen=True, kw_only=True)
class ObjectStore:
    """A running server: its address and the one identity it knows."""

    endpoint: str
    access_key: str
    secret_key: str

    @property
    def options(self) -> dict[str, str]:
        """As `obstore` and the setting `export_options` take them."""
        return {
            "aws_endpoint": self.endpoint,
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
            "aws_region": "us-east-1",
        }

    def bucket(self) -> str:
        """A fresh bucket; gives its name. The server makes it with the first object."""
        name = f"so-{secrets.token_hex(4)}"
        obstore.put(self.opened(f"s3://{name}"), "first", b"here")
        return name

    def opened(self, url: str) -> Any:
        """The store behind a URL, for looking into it. What fails is not tried again: who waits for the server asks
        often, and would else wait longer and longer within one question."""
        options: Any = {
            "config": self.options,
            "client_options": {"allow_http": True},
            "retry_config": {"max_retries": 0},
        }
        return obstore.store.from_url(url, **options)


@dataclass(kw_only=True)
class ObjectServer:
    """The server's process and what it keeps: it can be ended at once and started again over the same objects."""

    folder: Path
    store: ObjectStore
    _command: Sequence[str]
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and wait until it answers. Raises RuntimeError."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.store.bucket()
            except obstore.exceptions.BaseError:
                time.sleep(0.2)
            else:
                return
        said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"the object store did not start: {said[-2000:]}")

    def kill(self) -> None:
        """End it by SIGKILL: asked to end it would wait for its own parts."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def served() -> Iterator[ObjectServer]:
    """A server of one's own, gone with its objects at the end."""
    folder = Path(tempfile.mkdtemp(prefix="secondseal-s3-"))
    store = ObjectStore(endpoint=f"http://127.0.0.1:{free_port()}", access_key="so", secret_key=secrets.token_hex(16))
    server = ObjectServer(folder=folder, store=store, _command=_command(folder, store))
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """The one server of this test session."""
    with served() as server:
        yield server.store


def _command(folder: Path, store: ObjectStore) -> Sequence[str]:
    credentials = [{"accessKey": store.access_key, "secretKey": store.secret_key}]
    identity = {"name": "so", "credentials": credentials, "actions": ["Admin", "Read", "List", "Tagging", "Write"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
    (folder / "data").mkdir()
    ports = {name: free_port() for name in ("master", "volume", "filer")}
    ports |= {f"{name}.grpc": free_port() for name in ("master", "volume", "filer", "s3")}
    named = {"master": "master.port", "volume": "volume.port", "filer": "filer.port"}
    flags = [f"-{named.get(name, name.replace('.grpc', '.port.grpc'))}={port}" for name, port in ports.items()]
    return [
        str(Path(sys.executable).parent / "weed"),
        "server",
        f"-dir={folder / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=200",
        "-filer",
        f"-filer.localSocket={folder / 'filer.sock'}",
        "-s3",
        f"-s3.config={folder / 's3.json'}",
        f"-s3.port={store.endpoint.rpartition(':')[2]}",
        f"-s3.localSocket={folder / 's3.sock'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        *flags,
    ]
