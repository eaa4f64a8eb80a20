"""4 tại chỗ: a procedure without a stamping stage. Its papers are handed over as they were approved."""

from dataclasses import replace

import pypdfium2
import pytest

from register import audit, outgoing, seal_log
from stamping import DocumentView, Refusal, confirmations, documents, endings, lookups, passage
from store import read
from tests.stamping.office_desk import CUSTODIAN, SEAL, Place, PlaceMaker

UNSTAMPED = "2.000815"


def unstamped(place: Place, *, approve: bool = True) -> DocumentView:
    """A paper of the demo office's procedure of four stages, approved."""
    document = place.paper(dossier=replace(place.dossier(), procedure=UNSTAMPED))
    if approve:
        place.approve(document.id)
    return documents.view(place.desk, document.id)


def test_it_goes_from_the_officer_to_the_citizen(desk_with: PlaceMaker) -> None:
    """Four stages, no seal, no key operation; issued and received in the register all the same (AC-3)."""
    place = desk_with()
    before = place.seal_key.operations
    document = unstamped(place)
    assert document.seal_id == ""
    assert [(stage.name, stage.state) for stage in document.stages] == [
        ("received", "done"),
        ("appraised", "done"),
        ("approved", "done"),
        ("returned", "now"),
    ]
    view = endings.return_to_citizen(place.desk, document.id, "Phạm Văn Mẫu", "Đặng Quốc Mẫu")
    assert view.state == "returned"
    assert [stage.state for stage in view.stages] == ["done"] * 4
    assert place.seal_key.operations == before
    with read(place.desk.engine) as connection:
        entry = outgoing.find(connection, document.id)
        assert entry is not None
        assert (entry.received, entry.late) == ("Đặng Quốc Mẫu", False)
        assert entry.issued_at is not None
        assert seal_log.entries_of(connection, document.id) == ()
        assert audit(connection, place.desk.files, None).intact


def test_before_it_is_approved_nobody_hands_it_over(desk_with: PlaceMaker) -> None:
    place = desk_with()
    document = unstamped(place, approve=False)
    with pytest.raises(Refusal) as caught:
        endings.return_to_citizen(place.desk, document.id, "Phạm Văn Mẫu", "Đặng Quốc Mẫu")
    assert caught.value.code == "wrong-state"
    assert [stage.state for stage in document.stages] == ["done", "done", "now", "todo"]


def test_a_paper_that_waits_for_its_seal_is_not_handed_over(desk_with: PlaceMaker) -> None:
    """AC-1: of five stages none is left out."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    with pytest.raises(Refusal) as caught:
        endings.return_to_citizen(place.desk, document.id, "Phạm Văn Mẫu", "Đặng Quốc Mẫu")
    assert caught.value.code == "wrong-state"
    assert documents.view(place.desk, document.id).state == "approved"


def test_it_is_never_on_the_custodians_list(desk_with: PlaceMaker) -> None:
    """AC-66: not shown, and not confirmed by one who knows its id."""
    place = desk_with()
    document = unstamped(place)
    assert confirmations.pending(place.desk, CUSTODIAN).documents == ()
    shown = [(document.id, document.revisions["approved"])]
    with pytest.raises(Refusal) as caught:
        confirmations.confirm(
            place.desk,
            [document.id],
            confirmations.list_sha256(shown),
            custodian_id=CUSTODIAN,
            account="vanthu",
            stepped_up_at=place.clock(),
        )
    assert caught.value.code == "seal-not-active"
    assert caught.value.detail["reason"] == "no-stamping-stage"
    assert caught.value.detail["article"] == "NĐ 30/2020/NĐ-CP Đ.33.2"
    assert "Căn cứ: NĐ 30/2020/NĐ-CP Đ.33.2." in caught.value.text_vi
    assert not passage.serve_one(place.worker, place.keys)


def test_its_printed_code_is_known_once_it_is_handed_over(desk_with: PlaceMaker) -> None:
    """AC-14, and AC-2: the file is the officer's alone, and nobody is told otherwise."""
    place = desk_with()
    document = unstamped(place)
    with pytest.raises(Refusal):
        lookups.by_code(place.desk, document.code)
    endings.return_to_citizen(place.desk, document.id, "Phạm Văn Mẫu", "Đặng Quốc Mẫu")
    record = lookups.by_code(place.desk, document.code)
    assert (record.status, record.sealed_sha256, record.sealed_at) == ("in_force", None, None)
    assert (record.wet_stamped, record.seal_mark) == (False, None)
    verdict = lookups.verify(place.desk, documents.file(place.desk, document.id)[0])
    assert verdict.word == "warning"
    assert not verdict.as_json()["legal"]["agency_sealed"]


def test_it_can_be_recalled_and_replaced(desk_with: PlaceMaker) -> None:
    """AC-11: it was issued without a seal, and is taken back like any other."""
    place = desk_with()
    old, new = unstamped(place), unstamped(place)
    today = place.today()
    with pytest.raises(Refusal) as caught:
        endings.recall(place.desk, old.id, "11/QĐ-UBND", today, "nhầm", "Lê Thị Mẫu")
    assert caught.value.code == "wrong-state"
    for one in (old, new):
        endings.return_to_citizen(place.desk, one.id, "Phạm Văn Mẫu", "Đặng Quốc Mẫu")
    endings.replace(place.desk, old.id, new.id, "12/QĐ-UBND", today, "Đổi địa chỉ", "Lê Thị Mẫu")
    view = endings.recall(place.desk, new.id, "13/QĐ-UBND", today, "Cấp sai đối tượng", "Lê Thị Mẫu")
    assert [stage.state for stage in view.stages] == ["done"] * 4


def test_a_paper_made_for_the_seal_is_refused_when_the_office_gives_the_stage_up(desk_with: PlaceMaker) -> None:
    """AC-66, AC-123: the rule is asked anew at the key; what was made for five stages is neither sealed nor handed
    over as if of four."""
    place = desk_with()
    waiting, confirmed = place.paper(), place.paper()
    place.approve(waiting.id, confirmed.id)
    place.confirm(confirmed.id)
    before = place.seal_key.operations
    place.rewrite_office(
        ("working_days = 3\n", 'working_days = 3\nstages = ["received", "appraised", "approved", "returned"]\n')
    )
    place.stamp()
    view = documents.view(place.desk, confirmed.id)
    assert view.problem is not None
    assert (view.state, view.problem.detail["reason"]) == ("approved", "no-stamping-stage")
    assert place.seal_key.operations == before
    assert confirmations.pending(place.desk, CUSTODIAN).documents == ()
    with pytest.raises(Refusal):
        endings.return_to_citizen(place.desk, waiting.id, "Phạm Văn Mẫu", "Đặng Quốc Mẫu")


def test_a_seal_for_other_procedures_is_not_used(desk_with: PlaceMaker) -> None:
    """AC-101: a seal has what it may be used for; asked when a paper is made, and again at the key."""
    place = desk_with()
    document = place.confirmed()
    place.rewrite_office((f'id = "{SEAL}"\n', f'id = "{SEAL}"\nprocedures = ["{UNSTAMPED}"]\n'))
    with pytest.raises(Refusal) as caught:
        place.paper()
    assert caught.value.detail["reason"] == "seal-not-for-procedure"
    place.stamp()
    view = documents.view(place.desk, document)
    assert view.problem is not None
    assert view.problem.detail["reason"] == "seal-not-for-procedure"
    assert "NĐ 99/2016/NĐ-CP Đ.5" in view.problem.text_en


def test_who_may_not_sign_is_said_with_the_reason(desk_with: PlaceMaker) -> None:
    """AC-5: the paper names an officer whom the office does not let sign it."""
    place = desk_with()
    with pytest.raises(Refusal) as caught:
        place.paper(officer_id="giam-doc")
    assert caught.value.code == "officer-not-authorised"
    assert caught.value.detail["reason"] == "delegation-outside-scope"
    assert "NĐ 30/2020/NĐ-CP Đ.13" in caught.value.text_vi


def test_a_delegate_signs_in_the_words_of_the_delegation(desk_with: PlaceMaker) -> None:
    """AC-6, AC-33: TUQ. and the post of who delegated, on a paper of the delegating body."""
    place = desk_with()
    document = place.paper(dossier=replace(place.dossier(), procedure=UNSTAMPED), officer_id="giam-doc")
    assert (document.officer_name, document.organisation) == ("Hoàng Thị Mẫu", "M01.X1")
    reader = pypdfium2.PdfDocument(documents.file(place.desk, document.id)[0])
    text = reader[0].get_textpage().get_text_bounded()
    assert "TUQ. CHỦ TỊCH" in text
    assert "GIÁM ĐỐC" in text
