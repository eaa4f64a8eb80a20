"""The policy is published, and stays what it was: other rules need another version."""

import hashlib
from dataclasses import fields
from pathlib import Path

import verifier
from verifier import CURRENT, published
from verifier.findings import FINDINGS
from verifier.published import published_text

KEPT = {"second-seal-tt15-1.toml": "e01732beb8a14063f0783b46ef218b21341abe339b7bfcd30f111735727c7e41"}
"""Each text as it was published. A line is added for a new version; none is ever changed."""


def test_a_published_text_never_changes() -> None:
    folder = Path(verifier.__file__).with_name("policies")
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.toml")} == KEPT


def test_files_are_judged_by_what_is_published() -> None:
    """Parameters and the effect of each finding: whoever changes one of them must publish a new version."""
    text = published(CURRENT.name, CURRENT.version)
    assert text is not None
    judged_by = {
        field.name: sorted(value) if isinstance(value := getattr(CURRENT, field.name), frozenset) else value
        for field in fields(CURRENT)
        if field.name not in {"name", "version"}
    }
    assert judged_by == text.parameters
    for language in ("vi", "en"):
        told = {one.code: (one.worst, one.indication, one.sub_indication) for one in text.constraints(language)}
        assert told == {code: (row.worst, row.indication, row.sub) for code, row in FINDINGS.items()}
        assert all(one.points for one in text.sections(language))


def test_both_languages_say_as_much() -> None:
    text = published(CURRENT.name, CURRENT.version)
    assert text is not None
    halves = (text.sections("vi"), text.sections("en"))
    assert [len(one.points) for one in halves[0]] == [len(one.points) for one in halves[1]]
    assert published(CURRENT.name, "0") is None
    assert published_text(CURRENT.name, "0") is None


def test_a_file_has_the_name_of_its_policy() -> None:
    """Reports name a policy by the hash of its file."""
    for file, sha256 in KEPT.items():
        name, _, version = file.removesuffix(".toml").rpartition("-")
        assert hashlib.sha256(published_text(name, version) or b"").hexdigest() == sha256
