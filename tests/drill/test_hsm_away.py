"""An HSM that goes away during a batch of 1,000 signatures and comes back."""

from pathlib import Path

import pytest

from drill.hsm_away import RETURN_LIMIT_S, batch
from drill.outcome import DrillFailed
from drill.remote_hsm import client_module


def _installed() -> bool:
    try:
        client_module()
    except DrillFailed:
        return False
    return True


pytestmark = pytest.mark.skipif(not _installed(), reason="p11-kit-client.so (package p11-kit-modules)")


def test_every_order_is_answered_once(tmp_path: Path) -> None:
    """1,000 digests, 4 threads, one key: killed with all its children for 3 s, one good signature for each digest."""
    made = batch(tmp_path, digests=1000, threads=4, kills=1, away_s=3.0, budget_s=30.0)
    assert made.failures == []
    assert (made.orders, made.answers, made.wrong, made.doubled, made.lost) == (1000, 1000, 0, 0, 0)
    assert made.processes == 1
    assert made.reinitialised > 0
    # of what was in the driver when it died only the answer is lost: each of the 4 threads asks once more
    assert 1000 <= made.reached <= made.operations <= 1004
    assert len(made.back_s) == 1
    assert made.back_s[0] < RETURN_LIMIT_S


def test_a_short_patience_is_told_and_the_key_is_good_again(tmp_path: Path) -> None:
    """Who does not want to wait that long hears a typed error for what was in flight; nothing is answered twice."""
    made = batch(tmp_path, digests=200, threads=2, kills=1, away_s=1.0, budget_s=0.2)
    assert made.failures
    assert {failure.partition(":")[0] for failure in made.failures} <= {"TokenMissing", "DeviceFault"}
    assert made.answers == 200 - len(made.failures)
    assert (made.wrong, made.doubled) == (0, 0)
