"""Declined, returned, recalled, replaced: nothing is edited, everything is said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from register import as_csv, audit, outgoing
from stamping import NewDocument, Refusal, documents, endings, lookups, receiving
from store import read, vietnam_date
from templates import catalogue
from tests.stamping.office_desk import ORGANISATION, PlaceMaker


def test_a_declined_paper_keeps_its_number_with_the_reason(desk_with: PlaceMaker) -> None:
    """Huỷ số: the gap is explained in the register; the number is never given again."""
    place = desk_with()
    document = place.paper()
    view = endings.decline(place.desk, document.id, "amendment_requested", "Sai địa chỉ trụ sở", "Trần Thị Mẫu")
    assert view.state == "amendment_requested"
    assert [stage.state for stage in view.stages] == ["done", "done", "stopped", "todo", "todo"]
    assert view.stages[2].who == "Trần Thị Mẫu"
    assert place.paper().number == "02/GCN-UBND"
    with read(place.desk.engine) as connection:
        entries = outgoing.entries(connection, organisation=ORGANISATION, year=vietnam_date(place.clock()).year)
        report = audit(connection, place.desk.files, None)
    assert "Huỷ số: amendment_requested: Sai địa chỉ trụ sở" in as_csv(entries).decode()
    assert report.intact, report.findings
    assert "number_voided" in {note.code for note in report.notes}
    with pytest.raises(Refusal) as caught:
        place.approve(document.id)
    assert caught.value.code == "wrong-state"


def test_a_decision_needs_its_reason(desk_with: PlaceMaker) -> None:
    """Nothing changes without one."""
    place = desk_with()
    document = place.paper()
    with pytest.raises(Refusal):
        endings.decline(place.desk, document.id, "refused", "  ", "Trần Thị Mẫu")
    assert documents.view(place.desk, document.id).state == "awaiting_approval"


def test_a_recalled_paper_is_genuine_and_no_longer_in_force(desk_with: PlaceMaker) -> None:
    """AC-11: bytes and signatures stay; everyone who asks is told, with the decision's number."""
    place = desk_with()
    document = place.sealed()
    today = vietnam_date(place.clock())
    view = endings.recall(place.desk, document.id, "11/QĐ-UBND", today, "Cấp sai đối tượng", "Lê Thị Mẫu")
    assert view.state == "recalled"
    assert [stage.state for stage in view.stages] == ["done", "done", "done", "done", "stopped"]
    pdf, _, _ = documents.file(place.desk, document.id)
    verdict = lookups.verify(place.desk, pdf)
    assert (verdict.word, verdict.status) == ("genuine", "recalled")
    record = lookups.by_code(place.desk, document.code)
    assert (record.status, record.recalled_by) == ("recalled", "11/QĐ-UBND")


def test_a_replaced_paper_names_the_one_that_took_its_place(desk_with: PlaceMaker) -> None:
    """AC-11."""
    place = desk_with()
    old, new = place.sealed(), place.sealed()
    endings.return_to_citizen(place.desk, old.id, "Phạm Văn Mẫu", "Đặng Quốc Mẫu")
    today = vietnam_date(place.clock())
    endings.replace(place.desk, old.id, new.id, "12/QĐ-UBND", today, "Đổi địa chỉ", "Lê Thị Mẫu")
    record = lookups.by_code(place.desk, old.code)
    assert (record.status, record.replaced_by) == ("replaced", new.number)
    assert documents.view(place.desk, old.id).stages[4].state == "done"


def test_only_an_issued_paper_is_recalled(desk_with: PlaceMaker) -> None:
    """There is nothing to take back yet."""
    place = desk_with()
    document = place.paper()
    with pytest.raises(Refusal) as caught:
        endings.recall(place.desk, document.id, "11/QĐ-UBND", vietnam_date(place.clock()), "nhầm", "Lê Thị Mẫu")
    assert caught.value.code == "wrong-state"


def test_the_same_request_makes_one_paper(desk_with: PlaceMaker) -> None:
    """Idempotency-Key: repeated, the same answer; for something else, a conflict; no number is lost."""
    place = desk_with()
    new = NewDocument(dossier=place.dossier(), organisation=ORGANISATION, data=dict(catalogue()[0].sample_data))
    first, made = receiving.create(place.desk, new, "một cửa", "key-1")
    again, made_again = receiving.create(place.desk, new, "một cửa", "key-1")
    assert (first.id, made, made_again) == (again.id, True, False)
    with pytest.raises(Refusal) as caught:
        receiving.create(place.desk, replace(new, officer_id="chu-tich"), "một cửa", "key-1")
    assert caught.value.code == "idempotency-conflict"
    assert place.paper().number == "02/GCN-UBND"


def test_a_decision_of_tomorrow_and_a_paper_out_of_force_change_nothing(desk_with: PlaceMaker) -> None:
    """AC-11: nobody has decided yet; and what was itself recalled takes no other's place."""
    place = desk_with()
    old, new = place.sealed(), place.sealed()
    today = vietnam_date(place.clock())
    with pytest.raises(Refusal) as tomorrow:
        endings.recall(place.desk, old.id, "11/QĐ-UBND", today + timedelta(days=1), "nhầm", "Lê Thị Mẫu")
    assert tomorrow.value.code == "paper-data-invalid"
    endings.recall(place.desk, new.id, "11/QĐ-UBND", today, "Cấp sai đối tượng", "Lê Thị Mẫu")
    with pytest.raises(Refusal) as recalled:
        endings.replace(place.desk, old.id, new.id, "12/QĐ-UBND", today, "Đổi địa chỉ", "Lê Thị Mẫu")
    assert recalled.value.code == "wrong-state"
    assert documents.view(place.desk, old.id).state == "sealed"
