"""docs/tutorial.md is true: its blocks are run, in order and in one shell, against a real service with the demo office."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
READY_S = 60.0


@dataclass(frozen=True)
class Place:
    """A reader's folder, with the service running in it."""

    folder: Path
    port: int
    environment: dict[str, str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """What `make serve` leaves after its set-up: `.venv`, and the service on a port of ours."""
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / ".venv").symlink_to(sys.prefix)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SECONDSEAL_", "SOFTHSM"))}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with (folder / "service.log").open("wb") as log:
        service = subprocess.Popen(
            [".venv/bin/secondseal", "serve", "--demo", "--port", str(port)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(port, service, folder / "service.log")
        yield Place(folder, port, environment)
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(30)


def _wait(port: int, service: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and service.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    pytest.fail(f"the service is not ready:\n{log.read_text('utf-8', 'replace')}")


def test_the_service_is_started_as_the_page_says() -> None:
    """The one block that is not run is `make serve`, which starts what the fixture starts."""
    assert re.findall(r"^```console\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE) == ["make serve\n"]
    assert re.search(r"^serve:.*\n\t@\$\(bin\)/secondseal serve --demo ", (ROOT / "Makefile").read_text("utf-8"), re.M)


def test_every_block_works(place: Place) -> None:
    """From the program's token to the audit; each block must succeed before the next is run."""
    script = "\n".join(f"echo '== block {number}'\n{block}" for number, block in enumerate(BLOCKS, start=1))
    assert script.count("http://127.0.0.1:8000") == 1
    done = subprocess.run(
        ["bash", "-Eeuo", "pipefail", "-c", script.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{place.port}")],
        cwd=place.folder,
        env=place.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr + (place.folder / "service.log").read_text("utf-8")
    said = done.stdout
    assert said.index('"state":"approved"') < said.index('"state":"sealed"') < said.index('"verdict":"genuine"')
    assert "sealed.pdf: genuine" in said
    assert "touched.pdf: genuine" not in said
    assert "The register is intact." in said
    assert (place.folder / "refused.json").read_text("utf-8").count("urn:secondseal:problem:forbidden") == 1
