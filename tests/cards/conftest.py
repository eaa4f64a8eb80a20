"""One stage per test module; skipped only where the kernel or the machine has not what it takes."""

from collections.abc import Iterator

import pytest

from tests.cards.namespace import entrance
from tests.cards.stack import missing
from tests.cards.stage import Stage


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The stage of the module's `SCENES`."""
    absent = missing()
    assert not absent, absent
    before = entrance()
    if isinstance(before, str):
        pytest.skip(before)
    with Stage(request.module.SCENES.__name__) as opened:
        yield opened
