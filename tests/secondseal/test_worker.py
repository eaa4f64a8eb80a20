"""The worker under the real supervisor, with a driver that hangs and crashes: sealed once, said in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hsm import HsmKey
from register import seal_log
from secondseal.demo.pki import Pki
from stamping import documents, key_health
from store import read
from tests.secondseal.served import Served, give_key, give_settings, serving, until
from tests.stamping.office_desk import SEAL, Place, PlaceMaker
from tests.tokens.faults import FaultModule


@pytest.fixture(scope="module")
def fault(tmp_path_factory: pytest.TempPathFactory) -> FaultModule:
    """The seal's driver."""
    return FaultModule(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def place(desk_with: PlaceMaker, seal_key: HsmKey, pki: Pki, fault: FaultModule) -> Place:
    """An office whose seal is reached through that driver."""
    office = desk_with()
    give_key(office, seal_key, fault.path)
    give_settings(office, pki, key_call_limit_s=5, canary_interval_s=10)
    return office


@pytest.fixture(scope="module")
def served(place: Place) -> Iterator[Served]:
    """Its service."""
    with serving(place) as running:
        until(lambda: good(place), 30, "the first canary")
        yield running


def good(place: Place) -> bool:
    """What the worker wrote about the key last."""
    with read(place.desk.engine) as connection:
        found = key_health.find(connection, SEAL, "current")
    return found is not None and found.state == "good"


def sealed(place: Place, document_id: str) -> bool:
    """Is it done?"""
    return documents.view(place.desk, document_id).state == "sealed"


def test_a_driver_that_hangs_ends_the_worker_within_the_limit_and_the_paper_is_sealed_once(
    served: Served, place: Place, fault: FaultModule
) -> None:
    """C_Sign never comes back: ended after its limit, started again, gone on from the database."""
    paper = place.paper()
    place.approve(paper.id)
    fault.rules("C_Sign hang times=1")
    place.confirm(paper.id)
    until(lambda: "a token's driver did not answer (status 70)" in served.said(), 12, "the worker ends")
    assert "has not answered C_Sign for 5 s" in served.said()
    until(lambda: sealed(place, paper.id), 20, "sealed by the next worker")
    with read(place.desk.engine) as connection:
        events = [row.event for row in seal_log.entries_of(connection, paper.id)]
    assert events[-2:] == ["reserve", "conclude"]
    assert events.count("conclude") == 1
