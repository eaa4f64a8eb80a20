"""One stage for these tests; they are skipped only where the kernel or the machine has not what it takes."""

from collections.abc import Iterator

import pytest

from tests.cards.namespace import entrance
from tests.cards.stack import missing
from tests.cards.stage import Stage


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    """One for all scenes of this test worker."""
    absent = missing()
    assert not absent, absent
    before = entrance()
    if isinstance(before, str):
        pytest.skip(before)
    with Stage() as opened:
        yield opened
