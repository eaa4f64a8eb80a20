"""Every fault the standard allows, and that docs/token-faults.md says what comes of it."""

import logging

import pytest

from tests.tokens.fixtures import TokenFarm

from .fault_sweep import Sweep, faults
from .fault_table import DOCUMENT, measure, render


def test_every_fault_at_every_call(farm: TokenFarm, tmp_path, caplog: pytest.LogCaptureFixture):
    """A typed error or a recovery; what else must hold is asserted in `Sweep`, fault by fault."""
    caplog.set_level(logging.ERROR)
    sweep = Sweep(farm, tmp_path)
    try:
        measured = measure(sweep)
    finally:
        sweep.close()
    assert len(measured) == len(list(faults())) > 200
    shown = DOCUMENT.read_text("utf-8")
    assert shown == render(measured), "python -m tests.hsm.fault_table writes the document anew"
