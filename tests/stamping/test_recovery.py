"""The seal's passage survives its worker: released exactly once, every key operation with its entry."""

from collections.abc import Callable
from typing import Any

import pytest

from office import Seal
from register import audit, seal_log
from stamping import KeyUnavailable, Problem, confirmations, documents, passage, turns
from stamping.tables import documents as documents_table
from store import read, write
from tests.stamping.deaths import Died, NthKey
from tests.stamping.office_desk import Place, PlaceMaker
from tests.stamping.switched_key import Switched

FAULT = KeyUnavailable(Problem("token-fault", "Token báo lỗi.", "The token failed."))
"""Of a token that fails as the worker's keys do."""


def events_of(place: Place, document_id: str) -> list[tuple[str, bool]]:
    """The register's lines about a document: event, and whether the key was or may have been used."""
    with read(place.desk.engine) as connection:
        return [(row.event, row.key_operation) for row in seal_log.entries_of(connection, document_id)]


def die(place: Place, before: bool) -> Callable[[Seal], Any]:
    """Keys for a worker that will not live."""
    return lambda _seal: NthKey(place.seal_key, 1, Died(), before=before)


@pytest.mark.parametrize("before", [True, False], ids=["before the key", "after the key"])
def test_a_worker_that_died_is_followed_by_one_that_goes_on(desk_with: PlaceMaker, before: bool) -> None:
    """The open entry is concluded `interrupted`, a new one reserved, and the paper released once."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    confirmation = place.confirm(document.id)
    with pytest.raises(Died):
        passage.serve_one(place.worker, die(place, before))
    assert documents.view(place.desk, document.id).state == "confirmed"

    place.restart_worker()
    place.stamp()

    assert documents.view(place.desk, document.id).state == "sealed"
    assert confirmations.view(place.desk, confirmation).documents[0].state == "sealed"
    events = events_of(place, document.id)
    assert [event for event, _ in events] == ["reserve", "interrupted", "reserve", "conclude"]
    assert events[1][1], "nobody knows whether the key was used, so it may have been"
    assert not passage.serve_one(place.worker, place.keys)
    with read(place.desk.engine) as connection:
        report = audit(connection, place.desk.files, None)
    assert report.intact, report.findings


def test_a_document_that_kills_every_worker_is_given_up_and_said(desk_with: PlaceMaker) -> None:
    """After three workers died over it, it goes back to the custodian with words; others are served."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    for _ in range(passage.ATTEMPTS):
        with pytest.raises(Died):
            passage.serve_one(place.worker, die(place, True))
        place.restart_worker()
    view = documents.view(place.desk, document.id)
    assert view.state == "approved"
    assert view.problem is not None
    assert view.problem.code == "internal"
    assert not passage.serve_one(place.worker, place.keys)
    other = place.paper()
    place.approve(other.id)
    place.confirm(other.id)
    place.stamp()
    assert documents.view(place.desk, other.id).state == "sealed"


def test_a_confirmed_batch_is_sealed_each_once(desk_with: PlaceMaker) -> None:
    """One confirmation, several papers: as many key operations as papers, consecutive numbers."""
    place = desk_with()
    papers = [place.paper() for _ in range(4)]
    assert [paper.number for paper in papers] == [f"{n:02d}/GCN-UBND" for n in range(1, 5)]
    ids = [paper.id for paper in papers]
    place.approve(*ids)
    before = place.seal_key.operations
    confirmation = place.confirm(*ids)
    place.stamp(turns=4)
    assert place.seal_key.operations == before + 4
    assert {result.state for result in confirmations.view(place.desk, confirmation).documents} == {"sealed"}
    with read(place.desk.engine) as connection:
        assert audit(connection, place.desk.files, None).intact


def test_a_failed_key_operation_is_told_from_one_that_never_was(desk_with: PlaceMaker) -> None:
    """The register says whether the key was used when the attempt came to nothing."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    for used in (False, True):
        place.confirm(document.id)
        key = NthKey(place.seal_key, 1, FAULT, before=not used)
        assert passage.serve_one(place.worker, lambda _seal, key=key: key)
        assert documents.view(place.desk, document.id).state == "approved"
    failed = [key_operation for event, key_operation in events_of(place, document.id) if event == "failed"]
    assert failed == [False, True]


@pytest.mark.parametrize("attempts", [0, passage.ATTEMPTS], ids=["in its turn", "after a worker died over it"])
def test_a_paper_whose_state_was_changed_behind_our_back_ends_no_worker(desk_with: PlaceMaker, attempts: int) -> None:
    """Whoever can write rows can do worse, but not have the worker end over one, start again, and seal nothing more."""
    place = desk_with()
    bad, good = place.paper().id, place.paper().id
    place.approve(bad, good)
    confirmation = place.confirm(bad, good)
    with write(place.desk.engine) as connection:
        connection.execute(documents_table.update().where(documents_table.c.id == bad).values(state="withdrawn"))
        if attempts:
            turns.set_state(connection, confirmation, bad, "sealing", attempt=attempts)
    passage.recover(place.worker)
    while passage.serve_one(place.worker, lambda _seal: Switched(place.seal_key)):
        continue
    assert [one.state for one in confirmations.view(place.desk, confirmation).documents] == ["failed", "sealed"]
    assert documents.view(place.desk, bad).state == "withdrawn"
    assert events_of(place, bad) == []
