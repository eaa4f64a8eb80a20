"""A check kept and judged again, without the file: the same verdict, in the form of this program alone."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.verifier.cases import CASES
from tests.verifier.desk import Desk
from verifier import FactsInvalid, collect, judge, read_check, write_check
from verifier.gather import gather

MADE = {chosen.name: chosen for chosen in CASES}
NAMES = (
    "officer and seal, B-LTA",
    "services down, no evidence inside",
    "revoked, nothing proves the time",
    "content replaced",
    "never signed",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_is_equal(desk: Desk, name: str) -> None:
    """With what was fetched then; nobody is asked again."""
    facts, now = gather(MADE[name].make(desk)), datetime.now(UTC)
    evidence = collect(facts, desk.store, desk.client if MADE[name].online else None, now)
    verdict = judge(facts, evidence, store=desk.store, at=now)
    assert verdict.word == MADE[name].verdict
    kept = read_check(write_check(facts, evidence, checked_at=now, policy_name="p", policy_version="1"))
    assert (kept.facts, kept.evidence, kept.checked_at) == (facts, evidence, now)
    again = judge(kept.facts, kept.evidence, store=desk.store, at=kept.checked_at)
    assert again == verdict
    assert again.as_json() == verdict.as_json()


def test_years_later_what_is_in_the_file_still_stands(desk: Desk) -> None:
    """A paper with its evidence inside is judged at its proven time, whenever that is done."""
    facts, now = gather(desk.archived), datetime.now(UTC)
    text = write_check(
        facts, collect(facts, desk.store, None, now), checked_at=now, policy_name="p", policy_version="1"
    )
    kept = read_check(text)
    later = judge(kept.facts, kept.evidence, store=desk.store, at=now + timedelta(days=3650))
    assert later.word == "genuine"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kept: kept | {"form": 2},
        lambda kept: kept | {"more": 1},
        lambda kept: {key: value for key, value in kept.items() if key != "evidence"},
        lambda kept: kept | {"checked_at": "yesterday"},
        lambda kept: kept | {"checked_at": "2026-11-29T10:00:00"},
    ],
)
def test_another_form_is_told_and_not_guessed_at(desk: Desk, spoil: object) -> None:
    facts, now = gather(desk.paper), datetime.now(UTC)
    text = write_check(
        facts, collect(facts, desk.store, None, now), checked_at=now, policy_name="p", policy_version="1"
    )
    with pytest.raises(FactsInvalid):
        read_check(json.dumps(spoil(json.loads(text))))  # type: ignore[operator]
