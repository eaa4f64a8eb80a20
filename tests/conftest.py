"""What holds for every test: the fixtures every room may use, and no socket that leaves this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.issued_codes import misfits, watch_codes
from tests.loopback import refused_addresses, stay_on_loopback

pytest_plugins = ["tests.pki.fixtures", "tests.store.object_store"]

stay_on_loopback()
watch_codes()

# How long an example takes says how busy the machine is, nothing about the code.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")

_LONGEST_FIRST = (
    "web/test_browser.py",
    "demo/test_demo.py",
    "demo/test_serve.py",
    "docs/test_tutorial.py",
    "drill/test_worker.py",
    "secondseal/test_sharing.py",
    "secondseal/test_worker.py",
    "web/test_second_factor_page.py",
    "stamping/test_foreign.py",
    "hsm/test_fault_sweep.py",
    "secondseal/test_keeper.py",
    "api/test_conformance.py",
    "secondseal/test_commands.py",
    "secondseal/test_pins.py",
    "secondseal/test_logs.py",
    "api/test_roles.py",
    "hsm/test_key.py",
    "soak/test_register.py",
    "soak/test_flat.py",
    "soak/test_hsm.py",
    "verifier/test_bytes.py",
)
"""A file stays on one worker (`--dist loadfile`): what it shares (a service, a browser, a demo office) is made once.
The longest first, so that no worker is left alone with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In that order; the others as they were found."""
    tests = Path(__file__).parent
    place = {tests / name: number for number, name in enumerate(_LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture(autouse=True)
def _no_socket_left_loopback() -> Iterator[None]:
    """Fails the test whose code tried to, also where that code took the refusal for a network error."""
    refused_addresses.clear()
    yield
    assert not refused_addresses, f"tried to leave loopback: {refused_addresses}"


@pytest.fixture(autouse=True)
def _every_code_fits() -> Iterator[None]:
    """Fails the test that issued a public code which printed papers could not rely on (see `tests.issued_codes`)."""
    misfits.clear()
    yield
    assert not misfits, f"issued and not fit to print: {misfits}"
