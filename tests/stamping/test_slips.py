"""A dossier's receipt slip and control sheet: what they say of it, at every point of its way (AC-96, AC-97)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from stamping import (
    Applicant,
    NewApology,
    NewDocument,
    NewReception,
    Refusal,
    apologies,
    documents,
    dossiers,
    endings,
    receiving,
    slips,
)
from stamping.desk import Desk
from store import VIETNAM
from templates import read_qr_text, sample_data
from tests.stamping.office_desk import OFFICER, OFFICER_NAME, ORGANISATION, PROCEDURE, Place, PlaceMaker
from tests.stamping.test_apologies import at, soon
from tests.templates.hearing import read_out
from tests.templates.reading import read as read_pages

WHO = Applicant(name="Nguyễn Thị Mẫu", id_number="001099000001", phone="0900000000", address="Thôn Mẫu")
_codes: Iterator[int] = count(8100)


@pytest.fixture(scope="module")
def place(desk_with: PlaceMaker) -> Place:
    """One office; each test receives a dossier of its own."""
    return desk_with()


def received(desk: Desk, **changes: Any) -> str:
    code = f"000.00.16.H05-261118-{next(_codes)}"
    new = NewReception(code=code, procedure=PROCEDURE, organisation=ORGANISATION, applicant=WHO)
    dossiers.receive(desk, replace(new, **changes), "Mai Một Cửa")
    return code


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.text for page in read_pages(pdf)).split())


def rows(place: Place, code: str) -> list[list[str]]:
    """The cells of the control sheet's table."""
    cells = [text for kind, text in read_out(slips.control_sheet(place.desk, code).pdf) if kind == "TD"]
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def test_the_receipt_slip_of_a_dossier_just_received(place: Place) -> None:
    code = received(place.desk)
    view = dossiers.view(place.desk, code)
    slip = slips.receipt_slip(place.desk, view.receipt_code)
    text, due = words(slip.pdf), view.due_at.astimezone(VIETNAM)
    for said in (
        f"Mã hồ sơ: {code}",
        "tiếp nhận hồ sơ của: Nguyễn Thị Mẫu",
        "Địa chỉ: Thôn Mẫu.",
        "Số điện thoại: 0900000000",
        f"{due:%H giờ %M phút}, ngày {due:%d} tháng",
        "Đăng ký nhận kết quả: tại Bộ phận Tiếp nhận và Trả kết quả",
        "Mai Một Cửa",
        "MẪU",
    ):
        assert said in text, said
    assert slip.version == "2025.1"
    said = read_qr_text(slip.qr_text)
    assert said["url"] == f"{place.desk.public_url}/t/{view.receipt_code}"
    assert said["appointed_at"] == due.isoformat(timespec="minutes")
    assert said["holder_id"].endswith("001")
    assert "*" in said["holder_id"]
    assert documents.list_documents(place.desk, dossier=code) == (), "a form is no document"


def test_nobody_signs_for_an_organisation_or_a_program(place: Place) -> None:
    code = received(place.desk, applicant=replace(WHO, name="Công ty Mẫu", id_number="0101234567"))
    data = slips.receipt_data(place.desk, dossiers.view(place.desk, code))
    assert (data["submitter"], data["receiver"]) == (None, "Mai Một Cửa")
    program = replace(dossiers.view(place.desk, code), received_by="client:một cửa")
    assert slips.receipt_data(place.desk, program)["receiver"] is None
    assert slips.control_data(place.desk, program, (), place.clock())["steps"][0]["who"] == "phần mềm một cửa"


def test_no_slip_appoints_a_day_that_will_not_be_kept(place: Place) -> None:
    code = received(place.desk)
    dossiers.request_supplement(place.desk, code, "Bản sao hợp đồng thuê", "tham-dinh")
    with pytest.raises(Refusal) as caught:
        slips.receipt_slip(place.desk, code)
    assert (caught.value.code, caught.value.detail["standing"]) == ("wrong-state", "supplement_requested")
    assert "đang chờ bổ sung hồ sơ" in words(slips.control_sheet(place.desk, code).pdf)
    dossiers.supplement_received(place.desk, code, "Mai Một Cửa")
    assert "đã yêu cầu bổ sung 1 lần" in rows(place, code)[1]
    dossiers.refuse(place.desk, code, "Không thuộc thẩm quyền", "tham-dinh")
    with pytest.raises(Refusal):
        slips.receipt_slip(place.desk, code)
    assert "không giải quyết tiếp" in words(slips.control_sheet(place.desk, code).pdf)
    with pytest.raises(Refusal) as missing:
        slips.control_sheet(place.desk, "000.00.16.H05-261118-9999")
    assert missing.value.code == "not-found"


def test_ac97_each_step_with_who_when_and_how_long(place: Place) -> None:
    """As far as the dossier has come; đóng dấu is a row of its own."""
    now = place.clock()
    code = received(at(place.desk, -1 / 24))
    dossiers.appraise(at(place.desk, -1 / 48), code, "Đỗ Thẩm Định")
    steps = rows(place, code)
    assert [row[1] for row in steps] == ["Tiếp nhận", "Thẩm định", "Phê duyệt", "Đóng dấu", "Trả kết quả"]
    assert steps[1][2] == "Đỗ Thẩm Định"
    assert steps[1][5] in {"29 phút", "30 phút", "31 phút"}
    assert [row[6] for row in steps[2:]] == ["chưa thực hiện"] * 3
    data = dict(sample_data("dang-ky-ho-kinh-doanh"))
    new = NewDocument(dossier=code, organisation=ORGANISATION, data=data, officer_id=OFFICER)
    paper = receiving.create(place.desk, new, "Mai Một Cửa")
    place.approve(paper.id)
    place.confirm(paper.id)
    steps = rows(place, code)
    assert (steps[2][2], steps[2][6]) == (OFFICER_NAME, f"văn bản số {paper.number}")
    assert (steps[3][2], steps[3][4], steps[3][6]) == ("", "", "đang thực hiện")
    place.stamp()
    endings.return_to_citizen(place.desk, paper.id, "Mai Một Cửa", "Nguyễn Thị Mẫu")
    steps = rows(place, code)
    sealed = documents.view(place.desk, paper.id).stages[3]
    assert sealed.at is not None
    assert steps[3][:3] == ["4", "Đóng dấu", sealed.who]
    assert steps[3][4] == f"{sealed.at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    assert steps[3][5].endswith("phút")
    assert steps[4][2] == "Mai Một Cửa"
    text = words(slips.control_sheet(place.desk, code).pdf)
    assert "Kết quả giải quyết hồ sơ: trước hạn." in text
    assert dossiers.view(place.desk, code).due_at > now + timedelta(days=1)


def test_another_day_appointed_makes_no_result_less_late(place: Place) -> None:
    code = received(at(place.desk, -40))
    missed = dossiers.view(place.desk, code).due_at
    assert "chưa có, đã quá hạn" in words(slips.control_sheet(place.desk, code).pdf)
    apologies.apologise(place.desk, code, NewApology(appointed_on=soon(place), reason="Sự cố"), "Mai Một Cửa")
    view = dossiers.view(place.desk, code)
    data = slips.control_data(place.desk, view, (), place.clock())
    assert data["outcome"] == "overdue"
    assert (data["due_at"], data["moved_to"]) == tuple(
        at_.astimezone(VIETNAM).isoformat(timespec="seconds") for at_ in (missed, view.due_at)
    )
    assert "hẹn lại: " in words(slips.control_sheet(place.desk, code).pdf)
