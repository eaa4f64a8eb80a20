"""The short form of `make soak ROOM=hsm`: 8 threads, 100 signatures each; 2,000 with faults, and nothing grows."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_short_soak_of_the_key_holds() -> None:
    """Every signature verified independently, wrong answers asked for again, memory and handles flat."""
    before = {page: page.stat().st_mtime_ns for page in (ROOT / "docs" / "measurements").iterdir()}
    run = subprocess.run(
        [sys.executable, "-m", "soak", "--short", "hsm"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    lines = run.stdout.splitlines()
    assert [line for line in lines if not line.startswith("holds  ")] == []
    assert "800 verified, 800 key operations, 0 recoveries" in lines[0]
    assert "2,000 verified" in lines[1]
    assert "7 of them from wrong answers" in lines[1]
    assert len(lines) == 7
    assert {page: page.stat().st_mtime_ns for page in (ROOT / "docs" / "measurements").iterdir()} == before
