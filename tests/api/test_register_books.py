"""/api/v1/numbers and /api/v1/register: numbers for others, documents on paper, the books as JSON and files."""

import csv
import io
import zipfile
from datetime import timedelta
from xml.etree import ElementTree

import pypdfium2
import pytest

from tests.api.serving import Running
from tests.stamping.office_desk import ORGANISATION, PROCEDURE

SHEET = {
    "symbol": "QĐ-UBND",
    "type_name": "QUYẾT ĐỊNH",
    "subject": "Về việc giao con dấu",
    "signer": "Nguyễn Văn Mẫu",
    "recipients": "Lê Thị Mẫu",
}


def test_a_repeated_reservation_gives_the_same_number(service: Running) -> None:
    """Idempotency-Key: an orphaned retry burns no number."""
    program = service.program("documents:write")
    body = {"procedure": PROCEDURE, "purpose": "giấy của phần mềm khác"}
    first, again = (program.post("/api/v1/numbers", json=body, headers={"idempotency-key": "n1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = program.post("/api/v1/numbers", json={"symbol": "QĐ-UBND"}, headers={"idempotency-key": "n1"})
    assert other.json()["type"] == "urn:secondseal:problem:idempotency-conflict"
    fresh = program.post("/api/v1/numbers", json=body, headers={"idempotency-key": "n2"})
    assert fresh.json()["number"] == first.json()["number"] + 1


def test_open_numbers_are_listed_and_voided(service: Running) -> None:
    program, clerk = service.program("documents:read", "documents:write"), service.signed_in("clerk")
    made = program.post("/api/v1/numbers", json={"symbol": "TB-UBND", "purpose": "thông báo"}).json()
    seen, cursor = [], 0
    while cursor is not None:
        page = clerk.get("/api/v1/numbers", params={"state": "open", "limit": 1, "cursor": cursor}).json()
        seen += page["numbers"]
        cursor = page["next"]
    assert made["id"] in [one["id"] for one in seen]
    voided = clerk.post(f"/api/v1/numbers/{made['id']}/void", json={"reason": "không ban hành"})
    assert (voided.status_code, voided.json()["state"]) == (200, "voided")
    again = clerk.post(f"/api/v1/numbers/{made['id']}/void", json={"reason": "không ban hành"})
    assert (again.status_code, again.json()["type"]) == (409, "urn:secondseal:problem:number-taken")
    assert "đã huỷ" in again.json()["detail"]
    unknown = clerk.post("/api/v1/numbers/999999/void", json={"reason": "không ban hành"})
    assert unknown.json()["type"] == "urn:secondseal:problem:number-missing"


def test_who_may_take_and_void_numbers(service: Running) -> None:
    reader, officer = service.program("documents:read"), service.signed_in("officer")
    for caller in (reader, officer):
        assert caller.post("/api/v1/numbers", json={"symbol": "QĐ-UBND"}).status_code == 403
        assert caller.post("/api/v1/numbers/1/void", json={"reason": "x"}).status_code == 403
        assert caller.post("/api/v1/register/outgoing", json=SHEET).status_code == 403
    nobody = service.client()
    for path in ("/api/v1/numbers", "/api/v1/register/outgoing", "/api/v1/register/seal.csv"):
        assert nobody.get(path).status_code == 401


@pytest.mark.parametrize("body", [{}, {"symbol": "QĐ-UBND", "procedure": PROCEDURE}, {"symbol": "qđ"}])
def test_a_number_is_for_a_procedure_or_a_symbol(service: Running, body: dict[str, str]) -> None:
    assert service.program("documents:write").post("/api/v1/numbers", json=body).status_code == 422


def test_a_paper_document_stands_in_the_outgoing_register(service: Running) -> None:
    """AC-10: reserved, entered, issued; or cancelled."""
    clerk = service.signed_in("clerk")
    number = clerk.post("/api/v1/numbers", json={"symbol": "QĐ-UBND"}).json()
    body = SHEET | {"number": number["number"]}
    made, again = (
        clerk.post("/api/v1/register/outgoing", json=body, headers={"idempotency-key": "p1"}) for _ in range(2)
    )
    assert made.status_code == 201, made.text
    assert (made.json()["notation"], made.json()["note"]) == (number["notation"], "Văn bản giấy")
    assert again.json() == made.json()
    where = f"/api/v1/register/outgoing/{made.json()['document']}"
    today = service.place.today().isoformat()
    issued = clerk.post(f"{where}/issue", json={"issued_on": today})
    assert issued.json()["issued_at"] is not None
    late = clerk.post(f"{where}/void", json={"reason": "viết sai"})
    assert (late.status_code, late.json()["type"]) == (409, "urn:secondseal:problem:wrong-state")
    taken = clerk.post("/api/v1/register/outgoing", json=body)
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:secondseal:problem:number-taken")
    assert "đã dùng cho văn bản khác" in taken.json()["detail"]


def test_the_books_are_read_page_by_page(service: Running) -> None:
    clerk = service.signed_in("clerk")
    for _ in range(3):
        clerk.post("/api/v1/register/outgoing", json=SHEET)
    found, cursor = [], 0
    while cursor is not None:
        answer = clerk.get(
            "/api/v1/register/outgoing", params={"cursor": cursor, "limit": 2, "organisation": ORGANISATION}
        )
        found += answer.json()["entries"]
        cursor = answer.json()["next"]
    assert len({entry["notation"] for entry in found}) == len(found) >= 3
    document = service.place.sealed()
    rows = clerk.get("/api/v1/register/seal", params={"limit": 500}).json()["entries"]
    assert [row["event"] for row in rows if row["document_id"] == document.id] == ["reserve", "conclude"]


@pytest.mark.parametrize("book", ["outgoing", "seal"])
def test_each_book_is_a_file_in_three_formats(service: Running, book: str) -> None:
    """AC-10."""
    document = service.place.sealed()
    program = service.program("documents:read")
    year = {"year": document.issued_on.year, "organisation": ORGANISATION}
    files = {form: program.get(f"/api/v1/register/{book}.{form}", params=year) for form in ("csv", "xlsx", "pdf")}
    assert {answer.status_code for answer in files.values()} == {200}
    assert ".pdf" in files["pdf"].headers["content-disposition"]
    assert all(int(answer.headers["content-length"]) == len(answer.content) for answer in files.values())
    rows = list(csv.reader(io.StringIO(files["csv"].content.decode("utf-8-sig"))))
    assert len(rows[0]) == (10 if book == "outgoing" else 23)
    assert any(document.number in row for row in rows)
    with zipfile.ZipFile(io.BytesIO(files["xlsx"].content)) as parts:
        assert document.number in parts.read("xl/worksheets/sheet1.xml").decode()
    pdf = pypdfium2.PdfDocument(files["pdf"].content)
    text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    pdf.close()
    assert document.number in text
    assert ("SỔ ĐĂNG KÝ VĂN BẢN ĐI" if book == "outgoing" else "NHẬT KÝ SỬ DỤNG CON DẤU") in text
    tomorrow = document.issued_on + timedelta(days=1)
    nothing = program.get(f"/api/v1/register/{book}.csv", params={"since": tomorrow.isoformat()})
    assert len(nothing.content.decode().splitlines()) == 1
    backwards = {"since": tomorrow.isoformat(), "until": document.issued_on.isoformat()}
    assert program.get(f"/api/v1/register/{book}.pdf", params=backwards).status_code == 422
    assert program.get(f"/api/v1/register/{book}.doc").status_code in {404, 422}


def test_metadata_for_exchange(service: Running) -> None:
    """AC-51, one document and a range."""
    document = service.place.sealed()
    program = service.program("documents:read")
    one = program.get(f"/api/v1/documents/{document.id}/exchange")
    assert one.json()["CodeNotation"] == "GCN-UBND"
    as_xml = program.get(f"/api/v1/documents/{document.id}/exchange", params={"format": "xml"})
    assert ElementTree.fromstring(as_xml.content).findtext("CodeNumber") == document.number.partition("/")[0]
    many = program.get("/api/v1/register/exchange.xml", params={"year": document.issued_on.year})
    assert len(ElementTree.fromstring(many.content).findall("Document")) >= 1
    assert program.get("/api/v1/documents/none/exchange").status_code == 404


def test_a_correction_by_number_is_recorded_and_told(service: Running) -> None:
    """AC-11: the public page tells it, with a link where the letter is electronic."""
    clerk = service.signed_in("clerk")
    document, letter = service.place.sealed(), service.place.sealed()
    body = {"number": letter.number, "year": letter.issued_on.year, "reason": "Số nhà 12 sửa thành 21"}
    answer = clerk.post(f"/api/v1/documents/{document.id}/correct", json=body)
    assert (answer.status_code, answer.json()["state"]) == (200, "sealed")
    assert answer.json()["history"][-1]["event"] == "document.corrected"
    page = service.client().get(f"/v/{document.code}").text
    assert "đã được đính chính" in page
    assert "Số nhà 12 sửa thành 21" in page
    assert f'href="/v/{letter.code}"' in page
    for wrong in ({"reason": "x"}, {"number": letter.number, "reason": "x"}):
        assert clerk.post(f"/api/v1/documents/{document.id}/correct", json=wrong).status_code == 422
