"""The short form of `make soak ROOM=register`: 5,000 entries beside 1,000, and an audit of all of them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_short_soak_of_the_register_holds() -> None:
    """The filled register is intact and audited as a whole, and each act is compared on both registers."""
    command = [sys.executable, "-m", "soak", "--short", "register"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    lines = run.stdout.splitlines()
    # On a busy machine the ratios of a short run say little; the whole run judges them.
    assert len([line for line in lines if " entries beside " in line]) == 4, run.stdout + run.stderr
    audited = next(line for line in lines if "audit of everything" in line)
    assert audited.startswith("holds")
    assert "intact" in audited
    assert "5,0" in audited
