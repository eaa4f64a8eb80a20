"""What holds for every test: the fixtures every room may use, and no socket that leaves this machine."""

from collections.abc import Iterator

import pytest

from tests.loopback import refused_addresses, stay_on_loopback

pytest_plugins = ["tests.pki.fixtures"]

stay_on_loopback()


@pytest.fixture(autouse=True)
def _no_socket_left_loopback() -> Iterator[None]:
    """Fails the test whose code tried to, also where that code took the refusal for a network error."""
    refused_addresses.clear()
    yield
    assert not refused_addresses, f"tried to leave loopback: {refused_addresses}"
