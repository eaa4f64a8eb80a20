"""The runner that other verifiers are measured with: it counts right, and our own command passes through it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus.run import compare, read

FOLDER = Path(__file__).parent
RUN = FOLDER / "run.py"


def measured(command: str, reading: str, only: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(RUN), "--command", command, "--reading", reading, "--only", only],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("expected", "said", "outcome"),
    [
        ("changed", "changed", "exact"),
        ("changed", "invalid", "same side"),
        ("changed", "untrusted", "other"),
        ("untrusted", "genuine", "forged called good"),
        ("invalid", "genuine", "forged called good"),
        ("unsigned", "genuine", "forged called good"),
        ("warning", "changed", "honest called bad"),
        ("genuine", "unreadable", "honest called bad"),
        ("genuine", "untrusted", "other"),
        ("warning", "genuine", "other"),
        ("genuine", None, "no answer"),
    ],
)
def test_outcomes(expected: str, said: str | None, outcome: str) -> None:
    assert compare(expected, said) == outcome


def test_readings() -> None:
    """A pointer into the last line of JSON; the first rule that is found; what remains; nothing."""
    assert read('noise\n{"a": {"b": "genuine"}}\n', {"pointer": "/a/b"}) == "genuine"
    assert read('{"a": {"b": "splendid"}}', {"pointer": "/a/b"}) is None
    rules = {"rules": [["^bad", "invalid"], ["good", "genuine"]], "else": "unreadable"}
    assert read("good\nbad", rules) == "invalid"
    assert read("good, not bad", rules) == "genuine"
    assert read("", rules) == "unreadable"


def test_our_command_measured_as_any_other() -> None:
    """Two files through the runner in a plain interpreter; and a command that calls everything good is found out."""
    program = Path(sys.executable).with_name("secondseal")
    trust = "--anchors {anchors} --intermediates {intermediates}"
    ours = f"{program} verify --json --offline {trust} --at {{at}} {{file}}"
    done = measured(ours, "second-seal", "judged-ten-years-later")
    assert (done.returncode, done.stderr) == (0, "")
    assert "| all | 1 | 1 |" in done.stdout
    easy = measured("""echo '{{"verdict": "genuine"}}'""", "second-seal", "shadow-hide")
    assert easy.returncode == 1
    assert "forged called good: 8; honest called bad: 0" in easy.stdout
