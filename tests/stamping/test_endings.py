"""Declined, returned, recalled, replaced: nothing is edited, everything is said."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from register import OutgoingEntry, as_csv, audit, outgoing
from stamping import (
    CorrectedBy,
    NewDocument,
    PaperDocument,
    Refusal,
    documents,
    endings,
    lookups,
    on_paper,
    once_of,
    receiving,
)
from store import read
from tests.stamping.office_desk import ORGANISATION, Place, PlaceMaker
from tests.templates.examples import sample_data
from verifier import KnownFiles, Limits, Paths, Sandbox


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
        entries = outgoing.entries(connection, organisation=ORGANISATION, year=place.today().year)
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
    today = place.today()
    view = endings.recall(place.desk, document.id, "11/QĐ-UBND", today, "Cấp sai đối tượng", "Lê Thị Mẫu")
    assert view.state == "recalled"
    assert [stage.state for stage in view.stages] == ["done", "done", "done", "done", "stopped"]
    pdf, _, _ = documents.file(place.desk, document.id)
    verdict = lookups.verify(place.desk, pdf)
    assert (verdict.word, verdict.status) == ("genuine", "recalled")
    record = lookups.by_code(place.desk, document.code)
    assert (record.status, record.recalled_by) == ("recalled", "11/QĐ-UBND")


def test_recalled_between_two_uploads_the_second_says_so(desk_with: PlaceMaker) -> None:
    """AC-11: what is remembered of a file is what stands in it; the register is asked each time."""
    place = desk_with()
    document = place.sealed()
    pdf, _, _ = documents.file(place.desk, document.id)
    known = KnownFiles()
    examined = lookups.examine(place.desk, pdf, known=known)
    verdict = examined.verdict
    assert (verdict.word, verdict.status) == ("genuine", "in_force")
    # the report puts no question anew that was judged already, and says the same as if it had
    anew = replace(examined, paths=Paths(place.desk.store))
    assert lookups.report_on(place.desk, examined) == lookups.report_on(place.desk, anew)
    asked: list[str] = []
    event.listen(place.desk.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert lookups.knowledge(place.desk, examined.facts).status == "in_force"
    assert len(asked) == 3, asked
    today = place.today()
    endings.recall(place.desk, document.id, "11/QĐ-UBND", today, "Cấp sai đối tượng", "Lê Thị Mẫu")
    reads_nothing = replace(place.desk, sandbox=Sandbox(Limits(bytes=1)))
    verdict = lookups.examine(reads_nothing, pdf, known=known).verdict
    assert (verdict.word, verdict.status) == ("genuine", "recalled")


def test_a_replaced_paper_names_the_one_that_took_its_place(desk_with: PlaceMaker) -> None:
    """AC-11."""
    place = desk_with()
    old, new = place.sealed(), place.sealed()
    endings.return_to_citizen(place.desk, old.id, "Phạm Văn Mẫu", "Đặng Quốc Mẫu")
    today = place.today()
    with pytest.raises(Refusal, match="on paper cannot take"):
        endings.replace(place.desk, old.id, "giay-0a1b", "12/QĐ-UBND", today, "Đổi địa chỉ", "Lê Thị Mẫu")
    endings.replace(place.desk, old.id, new.id, "12/QĐ-UBND", today, "Đổi địa chỉ", "Lê Thị Mẫu")
    record = lookups.by_code(place.desk, old.code)
    assert (record.status, record.replaced_by) == ("replaced", new.number)
    assert documents.view(place.desk, old.id).stages[4].state == "done"


def test_only_an_issued_paper_is_recalled(desk_with: PlaceMaker) -> None:
    """There is nothing to take back yet."""
    place = desk_with()
    document = place.paper()
    with pytest.raises(Refusal) as caught:
        endings.recall(place.desk, document.id, "11/QĐ-UBND", place.today(), "nhầm", "Lê Thị Mẫu")
    assert caught.value.code == "wrong-state"


def test_the_same_request_makes_one_paper(desk_with: PlaceMaker) -> None:
    """Idempotency-Key: repeated, the same answer; for something else, a conflict; no number is lost."""
    place = desk_with()
    new = NewDocument(dossier=place.dossier(), organisation=ORGANISATION, data=sample_data())
    sent = [once_of("một cửa", "key-1", receiving.asked(new)) for _ in range(2)]
    first, again = (receiving.create(place.desk, new, "một cửa", once) for once in sent)
    assert (first.id, [once and once.replayed for once in sent]) == (again.id, [False, True])
    other = replace(new, officer_id="chu-tich")
    with pytest.raises(Refusal) as caught:
        receiving.create(place.desk, other, "một cửa", once_of("một cửa", "key-1", receiving.asked(other)))
    assert (caught.value.code, caught.value.detail["document"]) == ("idempotency-conflict", first.id)
    assert place.paper().number == "02/GCN-UBND"


def test_a_decision_of_tomorrow_and_a_paper_out_of_force_change_nothing(desk_with: PlaceMaker) -> None:
    """AC-11: nobody has decided yet; and what was itself recalled takes no other's place."""
    place = desk_with()
    old, new = place.sealed(), place.sealed()
    today = place.today()
    with pytest.raises(Refusal) as tomorrow:
        endings.recall(place.desk, old.id, "11/QĐ-UBND", today + timedelta(days=1), "nhầm", "Lê Thị Mẫu")
    assert tomorrow.value.code == "paper-data-invalid"
    endings.recall(place.desk, new.id, "11/QĐ-UBND", today, "Cấp sai đối tượng", "Lê Thị Mẫu")
    with pytest.raises(Refusal) as recalled:
        endings.replace(place.desk, old.id, new.id, "12/QĐ-UBND", today, "Đổi địa chỉ", "Lê Thị Mẫu")
    assert recalled.value.code == "wrong-state"
    assert documents.view(place.desk, old.id).state == "sealed"


def test_a_corrected_paper_stays_in_force_and_names_the_letter(desk_with: PlaceMaker) -> None:
    """AC-11, Đ.18.4: đính chính by a công văn, electronic or on paper; no issued byte is touched."""
    place = desk_with()
    document, electronic = place.sealed(), place.sealed()
    before = documents.file(place.desk, document.id)[0]
    on_sheet = _letter(place, issued=True)
    year = place.today().year
    by_number = CorrectedBy(notation=on_sheet.notation, year=year)
    view = endings.correct(place.desk, document.id, by_number, "Số nhà 12 sửa thành 21", "Phạm Văn Mẫu")
    endings.correct(place.desk, document.id, CorrectedBy(document_id=electronic.id), "Ngày cấp", "Phạm Văn Mẫu")
    assert view.state == "sealed"
    assert view.history[-1].event == "document.corrected"
    assert documents.file(place.desk, document.id)[0] == before
    record = lookups.by_code(place.desk, document.code)
    assert record.status == "in_force"
    assert [(one.number, one.reason, one.code) for one in record.corrections] == [
        (on_sheet.notation, "Số nhà 12 sửa thành 21", None),
        (electronic.number, "Ngày cấp", electronic.code),
    ]
    assert lookups.verify(place.desk, before).word == "genuine"


def test_a_correction_needs_an_issued_letter_of_the_same_office(desk_with: PlaceMaker) -> None:
    """AC-11: nothing is corrected by what nobody issued, by itself, or once it is out of force."""
    place = desk_with()
    document, draft = place.sealed(), place.paper()
    year = place.today().year
    waiting = _letter(place, issued=False)
    for by, code in (
        (CorrectedBy(notation="99/UBND-VP", year=year), "number-missing"),
        (CorrectedBy(document_id=document.id), "wrong-state"),
        (CorrectedBy(document_id=draft.id), "wrong-state"),
        (CorrectedBy(document_id=waiting.document_id), "wrong-state"),
    ):
        with pytest.raises(Refusal) as refused:
            endings.correct(place.desk, document.id, by, "sai số", "Phạm Văn Mẫu")
        assert refused.value.code == code, by
    letter = _letter(place, issued=True)
    with pytest.raises(Refusal) as unissued:
        endings.correct(place.desk, draft.id, CorrectedBy(document_id=letter.document_id), "sai số", "Phạm Văn Mẫu")
    assert unissued.value.code == "wrong-state"
    endings.recall(place.desk, document.id, "11/QĐ-UBND", place.today(), "Cấp sai", "Lê Thị Mẫu")
    with pytest.raises(Refusal) as gone:
        endings.correct(place.desk, document.id, CorrectedBy(document_id=letter.document_id), "sai", "Phạm Văn Mẫu")
    assert gone.value.code == "wrong-state"
    assert lookups.by_code(place.desk, document.code).corrections == ()


def _letter(place: Place, *, issued: bool) -> OutgoingEntry:
    today = place.today()
    new = PaperDocument(
        organisation=ORGANISATION,
        symbol="UBND-VP",
        dated=today,
        type_name="CÔNG VĂN",
        subject="Đính chính giấy chứng nhận",
        signer="Nguyễn Văn Mẫu",
        recipients="Phạm Thị Mẫu",
        issued_on=today if issued else None,
    )
    return on_paper.enter(place.desk, new, "Phạm Văn Mẫu")
