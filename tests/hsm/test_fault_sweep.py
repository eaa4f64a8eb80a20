"""Every fault the standard allows, and that docs/token-faults.md says what comes of it."""

import subprocess
import sys
from pathlib import Path

from .fault_sweep import faults
from .fault_table import DOCUMENT


def test_every_fault_at_every_call(tmp_path):
    """A typed error or a recovery; what else must hold is asserted in `Sweep`, fault by fault.

    In a process of its own: how many tokens other tests left behind is part of what a driver answers.
    """
    measured = tmp_path / "measured.md"
    done = subprocess.run(
        [sys.executable, "-m", "tests.hsm.fault_table", str(measured)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(list(faults())) > 200
    assert DOCUMENT.read_text("utf-8") == measured.read_text("utf-8"), "python -m tests.hsm.fault_table writes it anew"
