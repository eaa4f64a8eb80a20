"""Offices to ask."""

from collections.abc import Callable
from pathlib import Path

import pytest

from office import Office, demo_office_text

OfficeMaker = Callable[[str], Office]


@pytest.fixture
def office_of(tmp_path: Path) -> OfficeMaker:
    """Loads an office from TOML text."""

    def make(text: str) -> Office:
        path = tmp_path / "office.toml"
        path.write_text(text, encoding="utf-8")
        return Office.load(path)

    return make


@pytest.fixture
def demo(office_of: OfficeMaker) -> Office:
    """The office that ships with the package."""
    return office_of(demo_office_text())
