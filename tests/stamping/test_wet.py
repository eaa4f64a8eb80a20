"""AC-12: printed and stamped by hand, in the same book, by the same person; never both sealed and stamped by hand."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from register import audit, outgoing, seal_log
from stamping import DocumentView, HandOver, Refusal, confirmations, documents, endings, lookups, wet
from store import read, vietnam_date, write
from tests.register.papers import Paper, seal_use
from tests.stamping.office_desk import CUSTODIAN, Place, PlaceMaker


def stamped(place: Place, document_id: str, **changes: object) -> DocumentView:
    """The custodian stamps the print of this paper."""
    approved = documents.view(place.desk, document_id).revisions.get("approved", "0" * 64)
    usual: dict[str, object] = {
        "copies": 2,
        "reason": "HSM đang sửa",
        "custodian_id": CUSTODIAN,
        "account": "vanthu",
        "stepped_up_at": place.clock(),
    }
    digest = changes.pop("digest", confirmations.list_sha256([(document_id, approved)]))
    return wet.stamp(place.desk, document_id, digest, **(usual | changes))  # type: ignore[arg-type]


def approved(place: Place) -> str:
    document = place.paper()
    place.approve(document.id)
    return document.id


def test_a_print_stamped_by_hand_goes_the_whole_way_without_the_key(desk_with: PlaceMaker) -> None:
    """AC-12, Đ.18.5: one `wet` row, issued, returned; its code says what the original is."""
    place = desk_with()
    before = place.seal_key.operations
    document_id = approved(place)
    view = stamped(place, document_id)
    assert view.state == "wet_stamped"
    assert [stage.state for stage in view.stages] == ["done", "done", "done", "done", "now"]
    assert view.stages[3].who == "Lê Thị Mẫu"
    assert "sealed" not in view.revisions
    record = lookups.by_code(place.desk, view.code)
    assert (record.wet_stamped, record.status, record.sealed_sha256) == (True, "in_force", None)
    with pytest.raises(Refusal, match="wrong-state"):  # a sheet of paper is sent nowhere online
        endings.return_to_citizen(place.desk, document_id, "Phạm Văn Mẫu", "Cổng", how=HandOver(way="online"))
    returned = endings.return_to_citizen(place.desk, document_id, "Phạm Văn Mẫu", "Phạm Thị Mẫu")
    assert returned.state == "returned"
    with read(place.desk.engine) as connection:
        (row,) = seal_log.entries_of(connection, document_id)
        line = outgoing.find(connection, document_id)
        report = audit(connection, place.desk.files, None)
    assert (row.event, row.custodian, row.key_operation) == ("wet", CUSTODIAN, False)
    assert row.hash_before == view.revisions["approved"]
    assert row.detail == "2 bản giấy: HSM đang sửa"
    assert line is not None
    assert line.issued_at is not None
    assert report.intact, report.findings
    assert place.seal_key.operations == before
    # the file alone is not the original: the citizen's page of the upload says that the agency has not sealed it
    pdf, _, _ = documents.file(place.desk, document_id)
    verdict = lookups.verify(place.desk, pdf)
    assert (verdict.word, "not_sealed" in {finding.code for finding in verdict.findings}) == ("warning", True)
    assert verdict.status == "in_force"


def test_what_was_stamped_by_hand_is_never_sealed(desk_with: PlaceMaker) -> None:
    place = desk_with()
    document_id = approved(place)
    stamped(place, document_id)
    assert confirmations.pending(place.desk, CUSTODIAN).documents == ()
    digest = confirmations.list_sha256([(document_id, documents.view(place.desk, document_id).revisions["approved"])])
    with pytest.raises(Refusal) as refused:
        confirmations.confirm(
            place.desk,
            [document_id],
            digest,
            custodian_id=CUSTODIAN,
            account="vanthu",
            stepped_up_at=place.clock(),
        )
    assert refused.value.code == "list-changed"
    with pytest.raises(Refusal) as twice:
        stamped(place, document_id)
    assert twice.value.code == "wrong-state"


def test_what_is_sealed_or_being_sealed_is_never_stamped_by_hand(desk_with: PlaceMaker) -> None:
    place = desk_with()
    waiting, sealed = place.confirmed(), place.confirmed()
    place.stamp(2)
    confirmed = place.confirmed()
    for document_id in (waiting, sealed, confirmed):
        with pytest.raises(Refusal) as refused:
            stamped(place, document_id)
        assert refused.value.code == "wrong-state"
        with read(place.desk.engine) as connection:
            assert "wet" not in {row.event for row in seal_log.entries_of(connection, document_id)}


def test_the_database_itself_refuses_both_for_one_document(desk_with: PlaceMaker) -> None:
    """Past our own checks too."""
    place = desk_with()
    by_hand = approved(place)
    stamped(place, by_hand)
    sealed = place.sealed().id
    use = seal_use(Paper(document_id=by_hand))
    with write(place.desk.engine) as connection:
        seal_log.reserve(connection, use)
    with pytest.raises(IntegrityError), write(place.desk.engine) as connection:
        seal_log.conclude(connection, use.entry_id, hash_after="ab" * 32)
    with pytest.raises(IntegrityError), write(place.desk.engine) as connection:
        seal_log.wet(connection, seal_use(Paper(document_id=sealed)), detail="1 bản giấy: thử")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stepped_up_at": None}, "confirmation-required"),
        ({"stepped_up_at": timedelta(minutes=6)}, "confirmation-required"),
        ({"custodian_id": "ai-do"}, "forbidden"),
        ({"digest": "0" * 64}, "list-changed"),
        ({"reason": " "}, "paper-data-invalid"),
        ({"copies": 0}, "paper-data-invalid"),
    ],
)
def test_it_needs_the_custodian_in_person_freshly_for_this_paper(
    desk_with: PlaceMaker, changes: dict[str, object], code: str
) -> None:
    """AC-63: as for the electronic seal."""
    place = desk_with()
    document_id = approved(place)
    ago = changes.get("stepped_up_at")
    if isinstance(ago, timedelta):
        changes = {"stepped_up_at": place.clock() - ago}
    with pytest.raises(Refusal) as refused:
        stamped(place, document_id, **changes)
    assert refused.value.code == code
    assert documents.view(place.desk, document_id).state == "approved"


def test_only_what_the_officer_signed_is_stamped(desk_with: PlaceMaker) -> None:
    """Đ.32.2.d holds for ink as well; and the seal must be in use."""
    place = desk_with()
    with pytest.raises(Refusal) as unsigned:
        stamped(place, place.paper().id)
    assert unsigned.value.code == "not-approved"
    document_id = approved(place)
    sha256 = documents.view(place.desk, document_id).revisions["approved"]
    (kept,) = [path for path in (place.desk.home / "files").rglob("*") if path.is_file() and sha256 in path.name]
    kept.chmod(0o600)
    kept.write_bytes(kept.read_bytes() + b"\n")
    with pytest.raises(Refusal) as altered:
        stamped(place, document_id)
    assert altered.value.code == "bytes-changed"


def test_a_paper_stamped_by_hand_is_recalled_like_any_other(desk_with: PlaceMaker) -> None:
    """AC-11."""
    place = desk_with()
    document_id = approved(place)
    stamped(place, document_id)
    today: datetime = place.clock()
    view = endings.recall(place.desk, document_id, "11/QĐ-UBND", vietnam_date(today), "Cấp sai", "Lê Thị Mẫu")
    assert view.state == "recalled"
    assert lookups.by_code(place.desk, view.code).status == "recalled"
