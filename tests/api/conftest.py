"""One service for the whole folder; tests make their own papers in it."""

from collections.abc import Iterator

import pytest

from tests.api.serving import Running, serving
from tests.stamping.office_desk import PlaceMaker, desk_with, sandbox, seal_key
from tests.store.databases import both
from tests.tokens.fixtures import farm

__all__ = ["both", "desk_with", "farm", "sandbox", "seal_key"]


@pytest.fixture(scope="session")
def service(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office that serves."""
    with serving(desk_with()) as running:
        yield running
