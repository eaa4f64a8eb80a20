"""What holds for every test: the fixtures every room may use, and no socket that leaves this machine."""

from collections.abc import Iterator

import pytest

from tests.loopback import refused_addresses, stay_on_loopback

pytest_plugins = ["tests.pki.fixtures"]

stay_on_loopback()

_COSTLY = {
    "tests/web/": "web",
    "tests/demo/test_demo.py": "demo",
    "tests/docs/test_tutorial.py": "tutorial",
    "tests/secondseal/test_worker.py": "worker",
    "tests/cards/": "cards",
    "tests/hsm/test_key.py": "keys",
}
"""Where a service, a browser, a demo office or a long key is made once for all: these tests stay on one worker."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The groups of `pytest -n 2 --dist loadgroup`."""
    for item in items:
        for place, group in _COSTLY.items():
            if item.nodeid.startswith(place):
                item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(autouse=True)
def _no_socket_left_loopback() -> Iterator[None]:
    """Fails the test whose code tried to, also where that code took the refusal for a network error."""
    refused_addresses.clear()
    yield
    assert not refused_addresses, f"tried to leave loopback: {refused_addresses}"
