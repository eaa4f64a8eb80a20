"""The published papers as the tests read them."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from trust import TrustStore

FOLDER = Path(__file__).parent / "verdicts"
SEEDS = 20


@cache
def expected() -> dict[str, Any]:
    """The manifest."""
    read: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
    return read


def store() -> TrustStore:
    """Its anchor and intermediate."""
    return TrustStore.load(FOLDER / expected()["anchors"], FOLDER / expected()["intermediates"])


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Twenty files to begin mutations with: all that are genuine, then such as lack something."""
    files = [known for word in ("genuine", "warning") for known in expected()["files"] if known["verdict"] == word]
    return tuple((known["file"], (FOLDER / known["file"]).read_bytes()) for known in files[:SEEDS])


def moment() -> datetime:
    """The moment to judge at, of all that are not judged later."""
    return datetime.fromisoformat(expected()["files"][0]["at"])
