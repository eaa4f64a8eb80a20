"""One series for the organisation's year, paper and electronic; reserved, used, voided; midnight is Viet Nam's."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from register import audit, numbers, outgoing
from stamping import NewNumber, Once, PaperDocument, Refusal, numbering, on_paper
from store import VIETNAM, read, write
from tests.stamping.office_desk import ORGANISATION, PROCEDURE, Place, PlaceMaker
from tests.stamping.test_foreign import FOREIGN

LAST = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)
"""One second before midnight in Viet Nam."""


def at(place: Place, moment: datetime) -> Place:
    """The same office at another time."""
    return replace(place, desk=replace(place.desk, clock=lambda: moment))


def on_a_sheet(place: Place, **changes: object) -> PaperDocument:
    """A decision made on paper today."""
    usual = PaperDocument(
        organisation=ORGANISATION,
        symbol="QĐ-UBND",
        dated=place.today(),
        type_name="QUYẾT ĐỊNH",
        subject="Về việc giao con dấu",
        signer="Nguyễn Văn Mẫu",
        recipients="Lê Thị Mẫu; Lưu hồ sơ",
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_papers_of_every_kind_share_the_years_one_series(desk_with: PlaceMaker) -> None:
    """Đ.15.1: electronic, reserved for another program, and on paper."""
    place = desk_with()
    assert place.paper().number == "01/GCN-UBND"
    entry = on_paper.enter(place.desk, on_a_sheet(place), "Lê Thị Mẫu")
    assert entry.notation == "02/QĐ-UBND"
    reserved = numbering.reserve(place.desk, NewNumber(organisation=ORGANISATION, procedure=PROCEDURE), "một cửa")
    assert reserved.notation == "03/GCN-UBND"
    assert place.paper().number == "04/GCN-UBND"


def test_a_series_of_its_own_is_what_the_office_configures(desk_with: PlaceMaker) -> None:
    place = desk_with()
    added = f'\n[[series]]\norganisation = "{ORGANISATION}"\nsymbol = "QĐ-UBND"\nkind = "QĐ"\n'
    place.rewrite_office((place.office_text, place.office_text + added))
    assert place.paper().number == "01/GCN-UBND"
    assert on_paper.enter(place.desk, on_a_sheet(place), "Lê Thị Mẫu").notation == "01/QĐ-UBND"
    assert place.paper().number == "02/GCN-UBND"
    # out of the file again: until the year ends the symbol stays where it was counted
    place.rewrite_office((added, ""))
    assert on_paper.enter(place.desk, on_a_sheet(place), "Lê Thị Mẫu").notation == "02/QĐ-UBND"


def test_the_year_turns_at_midnight_in_viet_nam(desk_with: PlaceMaker) -> None:
    """16:59:59Z is still 2026; 17:00:00Z is 2027 and begins with 01 (Đ.15.1)."""
    place = desk_with()
    asked = NewNumber(organisation=ORGANISATION, symbol="QĐ-UBND")
    before, after = at(place, LAST), at(place, LAST + timedelta(seconds=1))
    assert [before.paper().number, before.paper().number] == ["01/GCN-UBND", "02/GCN-UBND"]
    last = numbering.reserve(before.desk, asked, "một cửa")
    first = numbering.reserve(after.desk, asked, "một cửa")
    assert (last.year, last.notation) == (2026, "03/QĐ-UBND")
    assert (first.year, first.notation) == (2027, "01/QĐ-UBND")
    paper = after.paper()
    assert (paper.number, paper.issued_on) == ("02/GCN-UBND", date(2027, 1, 1))
    # what was signed on paper in the old year takes its number there, for one who enters it in the new
    late = on_a_sheet(after, dated=date(2026, 12, 31))
    assert on_paper.enter(after.desk, late, "Lê Thị Mẫu").notation == "04/QĐ-UBND"


def test_a_repeated_request_burns_no_number(desk_with: PlaceMaker) -> None:
    """Idempotency-Key on a reservation and on a document on paper."""
    place = desk_with()
    asked = NewNumber(organisation=ORGANISATION, symbol="QĐ-UBND", purpose="giao con dấu")
    sent = [Once(actor="một cửa", key="k1", asked="giao con dấu") for _ in range(2)]
    first, again = (numbering.reserve(place.desk, asked, "một cửa", once) for once in sent)
    assert (first, [once.replayed for once in sent]) == (again, [False, True])
    with pytest.raises(Refusal) as other:
        numbering.reserve(place.desk, asked, "một cửa", Once(actor="một cửa", key="k1", asked="khác"))
    assert other.value.code == "idempotency-conflict"
    sheet = on_a_sheet(place, number=first.number)
    sent = [Once(actor="Lê Thị Mẫu", key="k2", asked="tờ giấy") for _ in range(2)]
    entered = [on_paper.enter(place.desk, sheet, "Lê Thị Mẫu", once) for once in sent]
    assert (entered[0], [once.replayed for once in sent]) == (entered[1], [False, True])
    assert place.paper().number == "02/GCN-UBND"


def test_an_orphaned_number_is_listed_and_voided_with_its_reason(desk_with: PlaceMaker) -> None:
    """Rules 7.3: huỷ số; the register is whole again."""
    place = desk_with()
    reserved = numbering.reserve(place.desk, NewNumber(organisation=ORGANISATION, procedure=PROCEDURE), "một cửa")
    assert numbering.open_numbers(place.desk) == (reserved,)
    with pytest.raises(Refusal) as nothing:
        numbering.void(place.desk, reserved.id, "  ", "Lê Thị Mẫu")
    assert nothing.value.code == "paper-data-invalid"
    numbering.void(place.desk, reserved.id, "Người dân rút hồ sơ", "Lê Thị Mẫu")
    assert numbering.open_numbers(place.desk) == ()
    with pytest.raises(Refusal) as twice:
        numbering.void(place.desk, reserved.id, "lần nữa", "Lê Thị Mẫu")
    assert (twice.value.code, "đã huỷ" in twice.value.text_vi) == ("number-taken", True)
    with read(place.desk.engine) as connection:
        report = audit(connection, place.desk.files, None)
    assert report.intact, report.findings
    assert {note.code for note in report.notes} & {"number_voided", "number_open"} == {"number_voided"}


def test_a_paper_that_cannot_be_drawn_takes_no_number(desk_with: PlaceMaker) -> None:
    """AC-8: reserved inside the paper's own transaction, given back with it."""
    place = desk_with()
    with pytest.raises(Refusal):
        place.paper(data={"nothing": "that a paper needs"})
    assert numbering.open_numbers(place.desk) == ()
    assert place.paper().number == "01/GCN-UBND"


def test_the_clerk_is_told_which_number_is_taken(desk_with: PlaceMaker) -> None:
    """PL VI: duplicates alert, in words that say which number."""
    place = desk_with()
    pdf = FOREIGN[0].read_bytes()
    number = numbering.reserve(place.desk, NewNumber(organisation=ORGANISATION, procedure=PROCEDURE), "một cửa")
    assert place.foreign(pdf, number=number.number).number == number.notation
    for wrong, said in ((number.number, "đã dùng cho văn bản khác"), (99, "chưa từng được cấp")):
        with pytest.raises(Refusal) as refused:
            place.foreign(pdf, number=wrong)
        assert said in refused.value.text_vi
    # past our own counting, the register itself refuses the same number and symbol
    year = place.clock().astimezone(VIETNAM).year
    with write(place.desk.engine) as connection:
        numbers.reserve(connection, organisation=ORGANISATION, kind="KHÁC", year=year)
    with pytest.raises(Refusal) as taken:
        _register_as(place, kind="KHÁC", number=1)
    assert taken.value.code == "number-taken"
    assert "01/GCN-UBND" in taken.value.text_vi


def _register_as(place: Place, *, kind: str, number: int) -> None:
    """A line under another series with a number and symbol that is there already."""
    from register import RegisterError, Registration, new_code

    with read(place.desk.engine) as connection:
        there = outgoing.entries(connection, organisation=ORGANISATION, year=place.clock().astimezone(VIETNAM).year)[0]
    line = Registration(
        document_id="0" * 32,
        organisation=ORGANISATION,
        kind=kind,
        year=there.dated.year,
        number=number,
        symbol="GCN-UBND",
        dated=there.dated,
        type_name="GCN",
        subject="m",
        signer="m",
        recipients="m",
        keeper="VT",
        copies=1,
        code=new_code(),
    )
    try:
        with write(place.desk.engine) as connection:
            outgoing.add(connection, line)
    except RegisterError as error:
        raise numbering.number_refused(error) from error


@pytest.mark.parametrize(
    "wrong",
    [
        {"symbol": "qđ-ubnd"},
        {"symbol": "QĐ UBND"},
        {"organisation": "M99"},
        {"dated": date(2999, 1, 1)},
        {"subject": " "},
        {"subject": "s" * 501},
        {"signer": "Nguyễn\u202e Văn"},
        {"copies": 0},
        {"number": 7},
        {"number": 0},
        {"number": 10**30},
        {"dated": date(2026, 1, 5), "issued_on": date(2026, 1, 4)},
    ],
)
def test_what_cannot_stand_in_the_register_takes_no_number(desk_with: PlaceMaker, wrong: dict[str, object]) -> None:
    place = desk_with()
    with pytest.raises(Refusal):
        on_paper.enter(place.desk, on_a_sheet(place, **wrong), "Lê Thị Mẫu")
    assert on_paper.enter(place.desk, on_a_sheet(place), "Lê Thị Mẫu").notation == "01/QĐ-UBND"


def test_a_document_on_paper_is_entered_issued_or_cancelled(desk_with: PlaceMaker) -> None:
    """AC-10: the outgoing register is complete."""
    place = desk_with()
    today = place.today()
    entry = on_paper.enter(place.desk, on_a_sheet(place), "Lê Thị Mẫu")
    assert (entry.issued_at, entry.note) == (None, "Văn bản giấy")
    assert on_paper.issue(place.desk, entry.document_id, today, "Lê Thị Mẫu").issued_at is not None
    for act in (
        lambda: on_paper.issue(place.desk, entry.document_id, today, "Lê Thị Mẫu"),
        lambda: on_paper.cancel(place.desk, entry.document_id, "viết sai", "Lê Thị Mẫu"),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "wrong-state"
    wrong = on_paper.enter(place.desk, on_a_sheet(place), "Lê Thị Mẫu")
    assert on_paper.cancel(place.desk, wrong.document_id, "viết sai", "Lê Thị Mẫu").cancelled == "viết sai"
    with pytest.raises(Refusal) as electronic:
        on_paper.issue(place.desk, place.paper().id, today, "Lê Thị Mẫu")
    assert electronic.value.code == "not-found"


def test_codes_are_written_as_the_office_says(desk_with: PlaceMaker) -> None:
    """AC-90, AC-93, AC-95: [patterns] in the office's file; what was issued keeps the code it had."""
    place = desk_with()
    before = place.paper()
    patterns = "\n[patterns]\ndossier = ['HS-[0-9]{4}']\nresult = '{dossier}/KQ{n}'\n"
    place.rewrite_office((place.office_text, place.office_text + patterns))
    document = place.paper(dossier=replace(place.dossier(), code="HS-0001"))
    assert document.result_code == "HS-0001/KQ1"
    with pytest.raises(Refusal) as usual:
        place.paper()
    assert (usual.value.code, "không đúng mẫu của cơ quan" in usual.value.text_vi) == ("dossier-invalid", True)
    with read(place.desk.engine) as connection:
        lines = [outgoing.find(connection, one.id) for one in (before, document)]
    assert [line.result_code for line in lines if line] == [f"{before.dossier}-KQ1", "HS-0001/KQ1"]
