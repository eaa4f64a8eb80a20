"""The service answers as its description says, whatever it is asked. Long: `make soak ROOM=api`."""

import os
from collections.abc import Iterator

import pytest

from tests.api.conformance import Conformance
from tests.api.serving import serving
from tests.stamping.office_desk import PlaceMaker
from trust import WebhookPolicy

EXAMPLES = int(os.environ.get("CONFORMANCE_EXAMPLES", "3"))


@pytest.fixture(scope="module")
def conformance(desk_with: PlaceMaker) -> Iterator[Conformance]:
    """An office of its own: what is made up must not stand in other tests' lists."""
    place = desk_with()
    with serving(place, webhook_key=place.desk.home / "webhook.key", webhook_policy=WebhookPolicy()) as running:
        yield Conformance(running)


def test_every_answer_is_one_that_is_described(conformance: Conformance) -> None:
    """No 5xx, no status, content type or shape that the description does not name for that call."""
    labels = set()
    for operation in conformance.operations():
        labels.add(operation.label)
        conformance.ask(operation, EXAMPLES)
    assert len(labels) >= 50
    asked = {label for label, _ in conformance.statuses}
    assert asked == labels
    answered = {label for label, status in conformance.statuses if status < 300}
    assert len(answered) >= 20, f"too few were answered at all: {sorted(answered)}"
