"""The whole passage on an S3 server, and what happens while it is gone: sealed once, or cleanly not yet."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from office import Seal
from register import audit, seal_log
from signer import Scheme
from stamping import documents, lookups, passage
from stamping.files_away import FilesAway
from store import FolderFiles, ObjectFiles, StoreAway, read
from tests.stamping.office_desk import Place, PlaceMaker, key_of
from tests.store.object_store import ObjectStore
from tests.store.relay import Relay, relay_to


@pytest.fixture
def relay(object_store: ObjectStore) -> Iterator[Relay]:
    with relay_to(int(object_store.endpoint.rpartition(":")[2])) as relay:
        yield relay


@pytest.fixture
def place(desk_with: PlaceMaker, object_store: ObjectStore, relay: Relay, tmp_path: Path) -> Place:
    options = object_store.options | {"aws_endpoint": f"http://127.0.0.1:{relay.port}"}
    return desk_with(files=ObjectFiles(f"s3://{object_store.bucket()}", options, near=tmp_path / "near"))


@dataclass
class _Then:
    """The real key; something happens right after it signed."""

    place: Place
    then: Callable[[], object]

    def __call__(self, seal: Seal) -> "_Then":
        self.key = self.place.keys(seal)
        return self

    def __getattr__(self, name: str) -> object:
        return getattr(self.key, name)

    def sign(self, digest: bytes, scheme: Scheme) -> bytes:
        value = self.key.sign(digest, scheme)
        self.then()
        return value


def entries(place: Place, document_id: str) -> list[tuple[str, bool]]:
    """The document's lines in the seal register after each reservation, and whether the key was used."""
    with read(place.desk.engine) as connection:
        rows = seal_log.entries_of(connection, document_id)
    return [(row.event, row.key_operation) for row in rows if row.event != "reserve"]


def state(place: Place, document_id: str) -> str:
    return documents.view(place.desk, document_id).state


def test_a_paper_is_carried_through_on_s3(place: Place) -> None:
    document = place.sealed()
    pdf, revision, _ = documents.file(place.desk, document.id)
    assert revision == "sealed"
    assert lookups.verify(place.desk, pdf).word == "genuine"
    with read(place.desk.engine) as connection:
        report = audit(connection, place.desk.files, key_of(place.desk.home).public_key)
    assert report.findings == ()
    assert report.files == len(list(place.desk.files))


def test_nothing_is_begun_while_the_store_is_gone(place: Place, relay: Relay) -> None:
    """No key operation, no entry, no attempt used up; the document goes on by itself when the store is back."""
    document = place.confirmed()
    used = place.seal_key.operations
    relay.cut()
    for _ in range(passage.ATTEMPTS + 1):
        assert not passage.serve_one(place.worker, place.keys)
    assert (state(place, document), entries(place, document)) == ("confirmed", [])
    assert place.seal_key.operations == used
    relay.mend()
    place.stamp()
    assert (state(place, document), entries(place, document)) == ("sealed", [("conclude", True)])


def test_the_log_says_once_that_files_are_away_and_once_that_they_are_back(
    place: Place, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    """However often the worker looks."""
    document = place.confirmed()
    relay.cut()
    for _ in range(5):
        assert not passage.serve_one(place.worker, place.keys)
    (line,) = said(caplog)
    assert line.startswith(f"not yet sealed {document}: ")
    relay.mend()
    place.stamp()
    _, line = said(caplog)
    assert line.startswith("files can be reached again after ")


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]


def test_the_log_says_it_again_after_ever_longer_pauses(caplog: pytest.LogCaptureFixture) -> None:
    """Of a day: at once, after 1, 3, 7, 15, 31 minutes, from then on about each hour; another trouble at once."""
    now = 0
    away = FilesAway(lambda: now)
    minutes = []
    for now in range(0, 24 * 3600, 10):
        away.found("a1", StoreAway("disk full"))
        if len(said(caplog)) > len(minutes):
            minutes.append(now // 60)
    assert minutes[:8] == [0, 1, 3, 7, 15, 31, 63, 123]
    assert len(minutes) == 29
    for _ in range(3):
        away.found("a1", StoreAway("no answer"))
        away.found("a1", StoreAway("disk full"))
    assert len(said(caplog)) == 30
    away.back()
    away.back()
    assert len(said(caplog)) == 31, "once"
    away.found("a1", StoreAway("no answer"))
    assert len(said(caplog)) == 32


def test_a_store_that_goes_after_the_key_was_used_releases_nothing(place: Place, relay: Relay) -> None:
    """The signed bytes are dropped, their entry says that the key was used; the document is sealed anew, once."""
    document = place.confirmed()
    assert not passage.serve_one(place.worker, _Then(place, relay.cut))
    assert (state(place, document), entries(place, document)) == ("confirmed", [("failed", True)])
    relay.mend()
    place.stamp()
    assert (state(place, document), entries(place, document)) == ("sealed", [("failed", True), ("conclude", True)])


def test_a_store_that_gives_files_and_takes_none_does_not_wear_the_key(place: Place, relay: Relay) -> None:
    document = place.confirmed()
    for _ in range(passage.ATTEMPTS):
        assert not passage.serve_one(place.worker, _Then(place, relay.cut))
        relay.mend()
    assert not passage.serve_one(place.worker, place.keys), "given back to the custodian"
    view = documents.view(place.desk, document)
    assert (view.state, view.problem and view.problem.code) == ("approved", "storage-unavailable")
    assert entries(place, document) == [("failed", True)] * passage.ATTEMPTS
    place.confirm(document)
    place.stamp()
    assert state(place, document) == "sealed"


def test_a_paper_that_cannot_be_kept_takes_no_number(place: Place, relay: Relay) -> None:
    """AC-8: and the next one has it."""
    relay.cut()
    with pytest.raises(StoreAway):
        place.paper()
    relay.mend()
    assert place.paper().number.startswith("01/")


def test_a_disk_as_good_as_full_is_full_before_the_key_is_used(desk_with: PlaceMaker) -> None:
    """One that wants more room than any disk has finds this one full."""
    place = desk_with()
    document = place.confirmed()
    used = place.seal_key.operations
    full = FolderFiles(place.desk.home / "files", room_bytes=2**63)
    assert not passage.serve_one(replace(place.worker, files=full), place.keys)
    assert (state(place, document), entries(place, document)) == ("confirmed", [])
    assert place.seal_key.operations == used
    place.stamp()
    assert state(place, document) == "sealed"
