"""Papers signed by other programs: judged by what they are, with their own anchors and nothing from the network."""

import json
import lzma
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.verifier.attacks import flip
from trust import TrustStore
from verifier import Verdict, verify_facts
from verifier.gather import gather

FOLDER = Path(__file__).parent / "signed_elsewhere"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
STORE = TrustStore.load(FOLDER / "anchors.pem", FOLDER / "intermediates.pem")
AT = datetime(2026, 12, 1, tzinfo=UTC)


def content(name: str) -> bytes:
    """The paper; a long one is kept packed."""
    raw = (FOLDER / name).read_bytes()
    return lzma.decompress(raw) if name.endswith(".xz") else raw


def judged(pdf: bytes) -> Verdict:
    return verify_facts(gather(pdf), store=STORE, client=None, at=AT)


def test_every_file_is_expected_and_told() -> None:
    names = {path.name for path in FOLDER.iterdir() if path.suffix in (".pdf", ".xz")}
    assert names == set(EXPECTED)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"| {name} |" in readme for name in names)


@pytest.mark.parametrize("name", EXPECTED)
def test_paper_is_called_what_it_is(name: str) -> None:
    expected = EXPECTED[name]
    verdict = judged(content(name))
    codes = {finding.code for finding in verdict.all_findings}
    assert (verdict.word, len(verdict.signatures)) == (expected["verdict"], expected["signatures"]), codes
    assert set(expected["findings"]) <= codes
    if "form_outdated" not in codes:
        assert verdict.facts.intact
        assert verdict.facts.cryptographically_valid


@pytest.mark.parametrize("name", EXPECTED)
def test_a_byte_changed_in_it_is_found(name: str) -> None:
    """One byte of the page, one of the newest signed object: whatever a habit is forgiven, a change is not."""
    pdf = content(name)
    start, length, again, rest = gather(pdf).signatures[-1].byte_range
    for place in (length // 3, length - 20, again + rest // 2):
        assert judged(flip(pdf, start + place)).word in ("changed", "invalid", "unreadable")
    assert judged(pdf + b"%").word in ("changed", "invalid", "unreadable")
