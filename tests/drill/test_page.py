"""What the whole run writes down, whatever became of single drills."""

from pathlib import Path

import pytest

from drill.__main__ import failed, kept, played
from drill.outcome import Outcome


def test_a_drill_that_fails_is_a_line_of_the_page_like_the_others(tmp_path: Path) -> None:
    good = Outcome(name="hsm-away", did="1000 signatures", seconds=12, lost=0, doubled=0, wrong=())
    try:
        Path("/nowhere").read_text("utf-8")
    except OSError:
        bad = failed("disk-full", 3.2)
    lines = kept([good, bad], 15.2, tmp_path).read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `")]
    assert rows[0] == "| `hsm-away` | 1000 signatures | 12 s | 0 | 0 | yes |"
    assert rows[1].startswith("| `disk-full` | not carried out | 3 s | 0 | 0 | **no**; Traceback")
    assert rows[1].endswith("No such file or directory: '/nowhere' |")
    assert len(rows) == 2


def test_what_cannot_even_begin_is_told_and_keeps_nothing_else_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any program of the system neither an HSM on a wire nor a card can be had."""
    monkeypatch.setenv("PATH", "/nowhere")
    told = list(played(["hsm-away", "token-unplugged"]))
    assert [(one.name, one.held) for one in told] == [("hsm-away", False), ("token-unplugged", False)]
    assert all(one.wrong for one in told)
