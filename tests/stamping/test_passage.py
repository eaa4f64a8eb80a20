"""The main job on real parts: generated, approved, confirmed, sealed, recognised."""

from register import seal_log
from stamping import confirmations, documents, lookups
from store import read
from tests.stamping.office_desk import PlaceMaker


def test_a_paper_passes_the_five_stages(desk_with: PlaceMaker) -> None:
    """AC-1, AC-2, AC-7, AC-64: number before signature, officer before seal, one key operation for one seal."""
    place = desk_with()
    before = place.seal_key.operations
    document = place.paper()
    assert document.state == "awaiting_approval"
    assert document.number == "01/GCN-UBND"

    place.approve(document.id)
    assert documents.view(place.desk, document.id).state == "approved"

    confirmation = place.confirm(document.id)
    assert place.seal_key.operations == before, "confirming touches no key"
    place.stamp()

    view = documents.view(place.desk, document.id)
    assert view.state == "sealed", view.problem
    assert [stage.state for stage in view.stages] == ["done", "done", "done", "done", "now"]
    assert all(stage.at and stage.who for stage in view.stages[:4])
    assert place.seal_key.operations == before + 1
    results = confirmations.view(place.desk, confirmation)
    assert results.finished
    assert results.documents[0].state == "sealed"

    with read(place.desk.engine) as connection:
        events = [row.event for row in seal_log.entries_of(connection, document.id)]
    assert events == ["reserve", "conclude"]

    pdf, revision, _ = documents.file(place.desk, document.id)
    assert revision == "sealed"
    verdict = lookups.verify(place.desk, pdf)
    assert verdict.word == "genuine", verdict.as_json()
    assert verdict.legal.equals_paper_original is True
    assert verdict.facts.known_to_register is True
    assert verdict.status == "in_force"

    record = lookups.by_code(place.desk, document.code)
    assert record.sealed_sha256 == view.revisions["sealed"]
    assert record.holder.endswith("Mẫu")
    assert "Phạm" not in record.holder
