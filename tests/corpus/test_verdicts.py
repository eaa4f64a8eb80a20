"""The published papers get exactly the verdicts that their manifest names, offline, at the moment it names."""

import hashlib
from datetime import datetime
from typing import Any

import pytest

from tests.corpus import published
from tests.corpus.published import FOLDER
from trust import TrustStore
from verifier import RegisterKnowledge, verify_file
from verifier.findings import FINDINGS

FILES: list[dict[str, Any]] = published.expected()["files"]
FAMILIES = {
    "good",
    "incomplete",
    "certificate",
    "algorithm",
    "signature value",
    "timestamp",
    "universal forgery",
    "signature exclusion",
    "signature wrapping",
    "incremental saving",
    "byte range",
    "shadow",
    "dangling reference",
    "annotation",
    "overlay",
    "form",
    "permission",
    "appended bytes",
    "readers differ",
    "cut off",
    "unsigned",
    "unreadable",
}


@pytest.fixture(scope="module")
def store() -> TrustStore:
    return published.store()


@pytest.mark.parametrize("known", FILES, ids=lambda known: known["file"])
def test_published_verdict(store: TrustStore, known: dict[str, Any]) -> None:
    pdf = (FOLDER / known["file"]).read_bytes()
    assert hashlib.sha256(pdf).hexdigest() == known["sha256"]
    register = RegisterKnowledge(**known["register"]) if "register" in known else None
    verdict = verify_file(pdf, store=store, at=datetime.fromisoformat(known["at"]), register=register)
    found = {finding.code for finding in verdict.all_findings}
    assert verdict.word == known["verdict"], found
    assert (verdict.indication, verdict.sub_indication) == (known["indication"], known["sub_indication"])
    assert set(known["codes"]) <= found


def test_manifest_holds_the_folder() -> None:
    """Every file is told of once, with codes that exist and one sentence why; every family is there."""
    names = [known["file"] for known in FILES]
    assert sorted(names) == sorted(path.name for path in FOLDER.glob("*.pdf"))
    assert len(names) >= 80
    assert {known["family"] for known in FILES} == FAMILIES
    for known in FILES:
        assert set(known["codes"]) <= set(FINDINGS)
        assert known["why"].endswith(".")
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5_000_000
