"""One desk for the session."""

import pytest

from secondseal.demo.pki import Pki
from tests.pki.fixtures import MakeKey
from tests.verifier.desk import Desk


@pytest.fixture(scope="session")
def desk(pki: Pki, software_key: MakeKey) -> Desk:
    return Desk(pki, software_key)
