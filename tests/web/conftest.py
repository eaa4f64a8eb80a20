"""One service, one sealed paper and one browser for the whole folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from stamping import DocumentView, documents
from tests.api.serving import Running, serving
from tests.browser import OPTIONS, chromium
from tests.stamping.office_desk import PlaceMaker, desk_with, sandbox, seal_key
from tests.tokens.fixtures import farm

__all__ = ["desk_with", "farm", "sandbox", "seal_key"]


@pytest.fixture(scope="session")
def service(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office that serves."""
    with serving(desk_with()) as running:
        yield running


@pytest.fixture(scope="session")
def sealed(service: Running) -> DocumentView:
    """A paper of this office, issued."""
    return documents.view(service.place.desk, service.place.sealed().id)


@pytest.fixture(scope="session")
def sealed_file(service: Running, sealed: DocumentView, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its PDF on the disk, as a citizen has it."""
    path = tmp_path_factory.mktemp("citizen") / "giay-chung-nhan.pdf"
    path.write_bytes(documents.file(service.place.desk, sealed.id)[0])
    return path


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium. Ended with the folder: while it runs, no other event loop can be started in this thread."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(chromium()), args=list(OPTIONS))
        yield running
        running.close()
