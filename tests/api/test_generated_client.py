"""docs/api.md is true: a client generated from the running service's own description drives a dossier as it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

from api.clients import SCOPES
from tests.api.serving import Running

PAGE: Final = Path("docs/api.md").read_text("utf-8")


def block(kind: str) -> str:
    """The page's one block of this kind."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def generate(described: bytes, folder: Path) -> str:
    """As the page says, into a folder; gives what the generator said. Raises where it left anything out."""
    (folder / "openapi.json").write_bytes(described)
    (folder / "client.yml").write_text(block("yaml"), encoding="utf-8")
    (folder / ".venv").symlink_to(sys.prefix)
    curl, generator = block("sh").replace("\\\n", "").splitlines()
    assert curl.endswith("-o openapi.json $BASE/api/v1/openapi.json")
    done = subprocess.run(shlex.split(generator), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_generated_client_takes_a_dossier_to_the_officer(service: Running, tmp_path: Path) -> None:
    """Every operation and schema is understood by a kept generator, and its types fit what the service answers."""
    said = generate(service.client().get("/api/v1/openapi.json").content, tmp_path)
    assert "WARNING" not in said.upper()
    token = service.program(*SCOPES).headers["authorization"].removeprefix("Bearer ")
    (tmp_path / "example.py").write_text(block("python"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "example.py"],
        cwd=tmp_path,
        env={**os.environ, "BASE": service.url, "TOKEN": token},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said_by_it = done.stdout.splitlines()
    assert re.fullmatch(r"\d+/GCN-UBND awaiting_approval /v/[0-9A-Z]{27}", said_by_it[0])
    assert said_by_it[1:3] == ["1 None", "True application/pdf"]
    assert said_by_it[3].startswith("/desk/approvals/")
    assert said_by_it[4:] == ["urn:secondseal:problem:not-found 404"]
