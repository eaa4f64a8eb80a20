"""Sổ đăng ký văn bản đi."""

import csv
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from register import (
    AlreadyRegistered,
    CodeInvalid,
    DocumentUnknown,
    NotationTaken,
    NumberUnknown,
    as_csv,
    numbers,
    outgoing,
)
from store import read, write
from tests.register.papers import NOON, SERIES, Paper, register_paper, registration


def test_a_paper_is_registered_before_anything_else_happens_to_it(both: Engine) -> None:
    """AC-7: number, date and line stand before signing and stamping."""
    paper = Paper()
    with write(both) as connection:
        register_paper(connection, paper)
    with read(both) as connection:
        entry = outgoing.find(connection, paper.document_id)
        assert outgoing.find(connection, "another") is None
    assert entry is not None
    assert (entry.notation, entry.code, entry.registered_at) == ("01/GCN-UBND", paper.code, NOON)
    assert (entry.issued_at, entry.received, entry.late) == (None, "", False)


def test_results_of_a_dossier_are_counted(database: Engine) -> None:
    """AC-90: <mã hồ sơ>-KQ<n>, unique."""
    dossier = "000.00.16.H05-261118-0001"
    with write(database) as connection:
        codes = [register_paper(connection, Paper(), dossier=dossier) for _ in range(3)]
        other = register_paper(connection, Paper(), dossier="000.00.16.H05-261118-0002")
        none = register_paper(connection, Paper())
    assert codes == [f"{dossier}-KQ1", f"{dossier}-KQ2", f"{dossier}-KQ3"]
    assert (other, none) == ("000.00.16.H05-261118-0002-KQ1", None)


def test_the_same_number_and_symbol_alerts(database: Engine) -> None:
    """PL VI: duplicate (số, ký hiệu, cơ quan), here from two series that print alike."""
    with write(database) as connection:
        register_paper(connection, Paper())
        numbers.reserve(connection, organisation="M01.X1", kind="other", year=2026)
    line = registration(Paper(), 1)
    with pytest.raises(NotationTaken) as taken, write(database) as connection:
        outgoing.add(connection, type(line)(**(vars(line) | {"kind": "other"})))
    assert "01/GCN-UBND" in taken.value.text_vi


def test_a_document_and_a_code_are_registered_once(database: Engine) -> None:
    """PL VI: duplicate id."""
    paper = Paper()
    with write(database) as connection:
        register_paper(connection, paper)
    for again in (paper, Paper(code=paper.code), Paper(document_id=paper.document_id)):
        with pytest.raises(AlreadyRegistered), write(database) as connection:
            register_paper(connection, again)
    with write(database) as connection:
        # Each refusal took its number back with it.
        assert numbers.reserve(connection, **SERIES) == 2  # type: ignore[arg-type]


def test_only_reserved_numbers_and_true_codes_are_registered(database: Engine) -> None:
    with pytest.raises(NumberUnknown), write(database) as connection:
        outgoing.add(connection, registration(Paper(), 1))
    with pytest.raises(CodeInvalid), write(database) as connection:
        register_paper(connection, Paper(code="0" * 26 + "1"))


@pytest.mark.parametrize(("hours", "in_time"), [(0, True), (24, True), (25, False)])
def test_issuing_late_is_flagged(database: Engine, hours: int, in_time: bool) -> None:
    """AC-3."""
    paper, until = Paper(), NOON + timedelta(hours=24)
    with write(database) as connection:
        register_paper(connection, paper)
        issued_at = NOON + timedelta(hours=hours)
        assert outgoing.mark_issued(connection, paper.document_id, issued_at=issued_at, issue_by=until) is in_time
        entry = outgoing.find(connection, paper.document_id)
    assert entry is not None
    assert entry.late is not in_time


def test_a_document_is_issued_once_and_only_if_registered(database: Engine) -> None:
    paper = Paper()
    with write(database) as connection:
        register_paper(connection, paper)
        outgoing.mark_issued(connection, paper.document_id, issued_at=NOON, issue_by=NOON)
        with pytest.raises(AlreadyRegistered):
            outgoing.mark_issued(connection, paper.document_id, issued_at=NOON, issue_by=NOON)
        with pytest.raises(DocumentUnknown):
            outgoing.mark_issued(connection, "another", issued_at=NOON, issue_by=NOON)
        with pytest.raises(DocumentUnknown):
            outgoing.mark_received(connection, "another", received_by="X", received_at=NOON)


def test_the_register_prints_with_its_ten_columns(database: Engine) -> None:
    """AC-10."""
    first, second = Paper(), Paper()
    with write(database) as connection:
        register_paper(connection, first)
        register_paper(connection, second)
        outgoing.mark_issued(connection, first.document_id, issued_at=NOON, issue_by=NOON - timedelta(hours=1))
        outgoing.mark_received(connection, first.document_id, received_by="Phạm Thị Mẫu", received_at=NOON)
        outgoing.mark_received(connection, first.document_id, received_by="=1+1", received_at=NOON)
        sheet = as_csv(outgoing.entries(connection, organisation="M01.X1", year=2026))
    assert sheet.startswith(b"\xef\xbb\xbf")
    heading, *lines = csv.reader(sheet.decode("utf-8-sig").splitlines())
    assert len(heading) == 10
    assert lines[0] == [
        "01/GCN-UBND",
        "22/11/2026",
        "GIẤY CHỨNG NHẬN: Đăng ký hộ kinh doanh",
        "Trần Thị Mẫu",
        "Phạm Thị Mẫu",
        "VT",
        "1",
        "22/11/2026",
        "Phạm Thị Mẫu; =1+1",
        "Phát hành chậm",
    ]
    assert [line[0] for line in lines] == ["01/GCN-UBND", "02/GCN-UBND"]
    assert lines[1][7:] == ["", "", ""]


def test_no_cell_becomes_a_formula(database: Engine) -> None:
    paper = Paper()
    line = registration(paper, 1)
    with write(database) as connection:
        numbers.reserve(connection, **SERIES)  # type: ignore[arg-type]
        outgoing.add(connection, type(line)(**(vars(line) | {"recipients": "=HYPERLINK(1)"})))
        sheet = as_csv(outgoing.entries(connection, organisation="M01.X1", year=2026)).decode("utf-8-sig")
    assert list(csv.reader(sheet.splitlines()))[1][4] == "'=HYPERLINK(1)"
