"""One desk for the session."""

from collections.abc import Iterator

import pytest

from secondseal.demo.pki import Pki
from tests.pki.fixtures import MakeKey
from tests.verifier.desk import Desk
from verifier import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for whoever needs no own."""
    with Sandbox(at_once=3) as running:
        yield running


@pytest.fixture(scope="session")
def desk(pki: Pki, software_key: MakeKey) -> Desk:
    return Desk(pki, software_key)
