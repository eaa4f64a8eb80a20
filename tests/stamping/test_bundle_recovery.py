"""A bundle survives its worker: after a death anywhere, all of its files are sealed, or none."""

from pathlib import Path

import pytest

from register import add_revision, audit, seal_log
from signer import Level
from stamping import KeyUnavailable, Problem, attachments, documents, lookups, passage
from store import FileDamaged, StoreAway, read, write
from tests.stamping.deaths import Died, NthFiles, NthKey, dying_at_row
from tests.stamping.office_desk import Place, PlaceMaker
from tests.stamping.test_attachments import MAP, clean, confirmed, entries


def nothing_released(place: Place, document_id: str) -> bool:
    view = documents.view(place.desk, document_id)
    assert view.state in ("confirmed", "approved")
    assert "sealed" not in view.revisions
    assert all("sealed" not in one.revisions for one in view.attachments)
    assert not [row for row in entries(place, document_id) if row[1] == "conclude"]
    return True


def all_released(place: Place, document_id: str) -> bool:
    """All of them, each once and each genuine."""
    view = documents.view(place.desk, document_id)
    assert view.state == "sealed", view.problem
    concluded = [row for row in entries(place, document_id) if row[1] == "conclude"]
    assert [purpose for purpose, _, _ in concluded] == ["issue"] + ["appendix"] * len(view.attachments)
    files = [documents.file(place.desk, document_id)[0]]
    files += [attachments.file(place.desk, document_id, one.n)[0] for one in view.attachments]
    for pdf in files:
        found = lookups.verify(place.desk, pdf)
        assert found.word == ("warning" if place.desk.level is Level.B_B else "genuine")  # B-B proves no time
        assert found.facts.known_to_register
    with read(place.desk.engine) as connection:
        assert seal_log.open_entries(connection) == ()
    return clean(place)


def again(place: Place, document_id: str) -> None:
    """A new worker; after three deaths over it the document was given back, and the custodian confirms it anew."""
    place.restart_worker()
    if documents.view(place.desk, document_id).state == "approved":
        place.confirm(document_id)


def test_a_worker_dies_at_each_key_operation(desk_with: PlaceMaker) -> None:
    place = desk_with(level=Level.B_B)
    document_id = confirmed(place, MAP)
    for n, before in ((1, True), (1, False), (2, True), (2, False)):
        rows = len(entries(place, document_id))
        with pytest.raises(Died):
            passage.serve_one(
                place.worker, lambda _seal, n=n, before=before: NthKey(place.seal_key, n, Died(), before=before)
            )  # type: ignore[misc]
        assert nothing_released(place, document_id)
        again(place, document_id)
        assert [row[1:] for row in entries(place, document_id)[rows + 2 :]] == [("interrupted", True)] * 2
    place.stamp()
    assert all_released(place, document_id)
    assert not passage.serve_one(place.worker, place.keys)


def test_a_worker_dies_at_each_file(desk_with: PlaceMaker, tmp_path: Path) -> None:
    files = NthFiles(tmp_path / "files")
    place = desk_with(files=files, level=Level.B_B)
    document_id = confirmed(place, MAP)
    for files.left, files.before in ((1, True), (1, False), (2, True), (2, False)):
        with pytest.raises(Died):
            passage.serve_one(place.worker, place.keys)
        assert nothing_released(place, document_id)
        again(place, document_id)
    place.stamp()
    assert all_released(place, document_id)


def test_a_worker_dies_at_every_row_it_writes_from_the_reservation_on(desk_with: PlaceMaker) -> None:
    """Enumerated from the code: each row the passage writes, until none is left to die at."""
    place = desk_with(level=Level.B_B)
    document_id = confirmed(place, MAP)
    deaths = 0
    while True:
        try:
            with dying_at_row(place.worker.engine, deaths):
                assert passage.serve_one(place.worker, place.keys)
            break
        except Died:
            deaths += 1
        assert nothing_released(place, document_id)
        again(place, document_id)
    assert deaths > 10
    assert all_released(place, document_id)


def test_a_key_that_fails_within_a_bundle_releases_none_of_it(desk_with: PlaceMaker) -> None:
    """Every entry ends, each saying whether the key was used for its file; all of it is sealed when the key is back."""
    place = desk_with()
    document_id = confirmed(place)
    error = KeyUnavailable(Problem("token-fault", "Token báo lỗi.", "The token failed."))
    passage.serve_one(place.worker, lambda _seal: NthKey(place.seal_key, 2, error, before=True))
    assert nothing_released(place, document_id)
    assert [row[1:] for row in entries(place, document_id)[3:]] == [
        ("failed", True),
        ("failed", False),
        ("failed", False),
    ]
    again(place, document_id)
    while documents.view(place.desk, document_id).state != "sealed":
        assert passage.serve_one(place.worker, place.keys)
    assert all_released(place, document_id)


def test_a_file_that_cannot_be_kept_releases_none_of_the_bundle(desk_with: PlaceMaker, tmp_path: Path) -> None:
    files = NthFiles(tmp_path / "files")
    place = desk_with(files=files, level=Level.B_B)
    document_id = confirmed(place, MAP)
    for n in (1, 2):
        rows = len(entries(place, document_id))
        files.left, files.error = n, StoreAway("disk full")
        assert not passage.serve_one(place.worker, place.keys)
        assert nothing_released(place, document_id)
        assert [row[1:] for row in entries(place, document_id)[rows + 2 :]] == [("failed", True)] * 2
    place.stamp()
    assert all_released(place, document_id)


def test_the_audit_sees_a_torn_bundle_and_a_lost_file(desk_with: PlaceMaker) -> None:
    """An attachment recorded and never sealed though its paper is; a sealed attachment whose bytes are gone."""
    place = desk_with(level=Level.B_B)
    document_id = confirmed(place, MAP)
    place.stamp()
    sha256 = documents.view(place.desk, document_id).attachments[0].revisions["sealed"]
    path = place.desk.files.place(sha256)
    path.chmod(0o600)
    path.write_bytes(b"x")
    with pytest.raises(FileDamaged):
        attachments.file(place.desk, document_id, 1)
    with write(place.desk.engine) as connection:
        add_revision(connection, document_id=document_id, kind="appendix", sha256="ab" * 32, size=1)
    with read(place.desk.engine) as connection:
        report = audit(connection, place.desk.files, None)
    found = {(one.code, one.subject) for one in report.findings}
    assert ("bundle_torn", document_id) in found
    assert ("file_damaged", sha256) in found
