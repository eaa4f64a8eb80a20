"""docs/tutorial.md and docs/auditing.md are true: their blocks are run against a real service with the demo office."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
AUDITING = (ROOT / "docs" / "auditing.md").read_text("utf-8")
READY_S = 120.0


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


@pytest.fixture(scope="module")
def walked(place: Place) -> str:
    """What the tutorial said; each block must succeed before the next is run."""
    script = "\n".join(f"echo '== block {number}'\n{block}" for number, block in enumerate(blocks(TUTORIAL, "sh"), 1))
    assert script.count("http://127.0.0.1:8000") == 1
    return _run(place, script.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{place.port}"))


def blocks(text: str, kind: str) -> list[str]:
    """The fenced blocks of one kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def _run(place: Place, script: str) -> str:
    done = subprocess.run(
        ["bash", "-Eeuo", "pipefail", "-c", script],
        cwd=place.folder,
        env=place.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr + (place.folder / "service.log").read_text("utf-8")
    return done.stdout + done.stderr


def test_the_service_is_started_as_the_page_says() -> None:
    """The one block that is not run is `make serve`, which starts what the fixture starts."""
    assert blocks(TUTORIAL, "console") == ["make serve\n"]
    assert re.search(r"^serve:.*\n\t@\$\(bin\)/secondseal serve --demo ", (ROOT / "Makefile").read_text("utf-8"), re.M)


def test_a_paper_passes_the_five_stages_from_a_shell(place: Place, walked: str) -> None:
    """From the program's token to the audit; a program's token confirms nothing (AC-63)."""
    assert walked.index('"state":"approved"') < walked.index('"state":"sealed"') < walked.index('"verdict":"genuine"')
    assert "sealed.pdf: genuine" in walked
    assert "touched.pdf: genuine" not in walked
    assert "The register is intact." in walked
    assert (
        walked.index('"stage":"appraised"')
        < walked.index('"standing":"ready"')
        < walked.index('"standing":"completed"')
    )
    followed = [(place.folder / f"followed-{number}.html").read_text("utf-8") for number in (1, 2, 3)]
    assert ["Bưu điện Mẫu" in page or "Đặng Quốc" in page for page in followed] == [False] * 3
    assert ['<h1 id="verdict" tabindex="-1" data-focus>Đã trả kết quả</h1>' in page for page in followed] == [
        False,
        False,
        True,
    ]
    assert "urn:secondseal:problem:forbidden" in (place.folder / "refused.json").read_text("utf-8")


def test_an_auditor_needs_nothing_of_ours(place: Place, walked: str) -> None:
    """AC-50: OpenSSL, qpdf and poppler check the paper, its times, its evidence and the register's checkpoint."""
    said = _run(place, "OFFICE=var/demo-office\n" + "\n".join(blocks(AUDITING, "sh")))
    assert said.count("Signature is Valid") == 2
    assert said.count("Not total document signed") == 2
    assert said.count("CAdES Verification successful") == 2
    assert said.count("Verification: OK") == 2
    assert said.count("Cert Status: good") >= 2
    assert "Signature Verified Successfully" in said
    (query,) = blocks(AUDITING, "sql")
    database = sqlite3.connect(f"file:{place.folder}/var/demo-office/secondseal.db?mode=ro", uri=True)
    rows = database.execute(query).fetchall()
    database.close()
    assert [row[2] for row in rows] == ["reserve", "conclude"]
    assert f"{rows[0][6]}  approved.pdf" in said
    assert f"{rows[1][7]}  sealed.pdf" in said
