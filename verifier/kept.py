"""A check as it can be kept beside a file, or without it: what it was judged from, so that it can be judged again."""

from dataclasses import dataclass
from datetime import datetime

from verifier.evidence import Evidence
from verifier.facts import DocumentFacts
from verifier.facts_json import FactsInvalid, from_json, to_json

FORM = 1
"""Counts up when facts or evidence change their shape: an older file is then told from a damaged one."""


@dataclass(frozen=True, kw_only=True)
class KeptCheck:
    """Facts and evidence of one check at `checked_at`, and the policy they were judged by then.

    It is no proof by itself: whether a signature value fits is a fact in it. Whoever could change the file it stands in
    could change that.
    """

    form: int
    checked_at: datetime
    policy_name: str
    policy_version: str
    facts: DocumentFacts
    evidence: Evidence


def write_check(
    facts: DocumentFacts, evidence: Evidence, *, checked_at: datetime, policy_name: str, policy_version: str
) -> str:
    """One line of JSON."""
    return to_json(
        KeptCheck(
            form=FORM,
            checked_at=checked_at,
            policy_name=policy_name,
            policy_version=policy_version,
            facts=facts,
            evidence=evidence,
        )
    )


def read_check(text: str) -> KeptCheck:
    """Read it back. Raises FactsInvalid, also where it was written in another form."""
    kept = from_json(KeptCheck, text)
    if kept.form != FORM:
        raise FactsInvalid(f"form {kept.form}, this program reads {FORM}")
    return kept
