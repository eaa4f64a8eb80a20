"""Numbers, paper documents, exports, the seal in ink and corrections on the desk: by pages alone, without scripts."""

from stamping import documents
from tests.api.serving import PASSWORD, Running
from tests.web.test_desk_pages import followed, form_of
from tests.web.test_public_pages import nothing_inline


def test_a_number_is_taken_and_voided_on_the_desk(service: Running) -> None:
    """Rules 7.3: an open number shows with its purpose until it is voided with a reason."""
    clerk = service.signed_in("clerk")
    page = clerk.get("/desk/numbers")
    nothing_inline(page)
    form = form_of(page, "/desk/numbers/reserve") | {"symbol": "qđ", "purpose": "giao con dấu"}
    wrong = clerk.post("/desk/numbers/reserve", data=form)
    assert (wrong.status_code, "không phải ký hiệu văn bản" in wrong.text) == (422, True)
    form["symbol"] = "QĐ-UBND"
    taken = followed(clerk, clerk.post("/desk/numbers/reserve", data=form))
    again = followed(clerk, clerk.post("/desk/numbers/reserve", data=form))
    assert taken.text.count("giao con dấu") == again.text.count("giao con dấu") == 1, "the same form took one number"
    (open_one,) = [one for one in clerk.get("/api/v1/numbers").json()["numbers"] if one["purpose"] == "giao con dấu"]
    action = f"/desk/numbers/{open_one['id']}/void"
    empty = clerk.post(action, data=form_of(again, action))
    assert (empty.status_code, "Hãy ghi lý do huỷ số" in empty.text) == (422, True)
    voided = followed(clerk, clerk.post(action, data=form_of(again, action) | {"reason": "không ban hành"}))
    assert "giao con dấu" not in voided.text
    assert service.signed_in("officer").get("/desk/numbers").status_code == 403


def test_a_document_on_paper_is_registered_and_corrects_an_issued_one(service: Running) -> None:
    """AC-10, AC-11."""
    clerk, paper = service.signed_in("clerk"), service.place.sealed()
    today = service.place.today().isoformat()
    page = clerk.get("/desk/numbers")
    form = form_of(page, "/desk/numbers/paper") | {
        "paper_symbol": "UBND-VP",
        "type_name": "CÔNG VĂN",
        "subject": "Đính chính",
        "signer": "Nguyễn Văn Mẫu",
        "recipients": "Phạm Thị Mẫu",
        "issued_on": today,
    }
    wrong = clerk.post("/desk/numbers/paper", data=form | {"dated": "hôm nay"})
    too_long = clerk.post("/desk/numbers/paper", data=form | {"number": "9" * 1500})
    assert too_long.status_code == 422
    assert (wrong.status_code, "Chưa có gì được ghi vào sổ" in wrong.text) == (422, True)
    assert 'value="Nguyễn Văn Mẫu"' in wrong.text, "what was typed is not lost"
    made = clerk.post("/desk/numbers/paper", data=form)
    assert "Đã ghi vào sổ" in followed(clerk, made).text
    lines = clerk.get("/api/v1/register/outgoing", params={"limit": 500}).json()["entries"]
    letter = next(line["notation"] for line in lines if line["subject"] == "Đính chính")
    action = f"/desk/documents/{paper.id}/correct"
    shown = clerk.get(f"/desk/documents/{paper.id}")
    answers = form_of(shown, action) | {"letter": letter, "letter_dated": today, "corrected": "Số nhà 21"}
    unknown = clerk.post(action, data=answers | {"letter": "999/UBND-VP"})
    assert (unknown.status_code, "Hãy đăng ký công văn đính chính trước" in unknown.text) == (409, True)
    told = followed(clerk, clerk.post(action, data=answers))
    assert "Đã đính chính" in told.text
    public = service.client().get(f"/v/{paper.code}")
    nothing_inline(public)
    assert f"Công văn số {letter}" in public.text


def test_a_print_is_stamped_by_hand_on_the_papers_page(service: Running) -> None:
    """AC-12: with the custodian's password for this paper; the page says what was done."""
    paper = service.place.paper()
    service.place.approve(paper.id)
    custodian = service.signed_in("custodian")
    action = f"/desk/documents/{paper.id}/wet"
    assert action not in service.signed_in("clerk").get(f"/desk/documents/{paper.id}").text
    answers = form_of(custodian.get(f"/desk/documents/{paper.id}"), action) | {"why": "HSM đang sửa", "copies": "2"}
    wrong = custodian.post(action, data=answers | {"password": "sai mat khau"})
    assert (wrong.status_code, "Chưa có gì được ghi vào nhật ký" in wrong.text) == (401, True)
    assert 'value="HSM đang sửa"' in wrong.text
    missing = custodian.post(action, data=answers | {"why": " ", "password": PASSWORD})
    assert missing.status_code == 422
    done = followed(custodian, custodian.post(action, data=answers | {"password": PASSWORD}))
    assert "Đã in, đóng dấu ướt" in done.text
    assert documents.view(service.place.desk, paper.id).state == "wet_stamped"
    assert "In ra, đóng dấu ướt" in custodian.get("/desk/register").text
    again = custodian.post(action, data=answers | {"password": PASSWORD})
    assert (again.status_code, "không đóng dấu ướt" in again.text) == (409, True)


def test_both_books_are_exported_from_the_registers_page(service: Running) -> None:
    """AC-10."""
    service.place.sealed()
    clerk = service.signed_in("clerk")
    form = form_of(clerk.get("/desk/register"), "/desk/register/export")
    for book in ("outgoing", "seal"):
        for kind, begins in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
            answer = clerk.get("/desk/register/export", params=form | {"book": book, "format": kind})
            assert answer.status_code == 200, answer.text
            assert answer.content.startswith(begins)
    for wrong in ({"year": "năm"}, {"since": "31/12/2026"}, {"year": "9999"}):
        refused = clerk.get("/desk/register/export", params=form | wrong)
        assert (refused.status_code, "Năm hoặc ngày chưa đúng" in refused.text) == (422, True)


def test_an_issued_paper_is_replaced_by_number(service: Running) -> None:
    """AC-11: the public page leads to the one that took its place."""
    clerk = service.signed_in("clerk")
    old, new = service.place.sealed(), service.place.sealed()
    action = f"/desk/documents/{old.id}/replace"
    today = new.issued_on.isoformat()
    answers = form_of(clerk.get(f"/desk/documents/{old.id}"), action) | {
        "by_number": new.number,
        "by_dated": today,
        "decision_number": "12/QĐ-UBND",
        "decided": today,
        "replaced_why": "Đổi địa chỉ",
    }
    for wrong, status in (({"by_number": "999/X"}, 409), ({"by_dated": ""}, 422), ({"by_number": old.number}, 409)):
        refused = clerk.post(action, data=answers | wrong)
        assert refused.status_code == status, wrong
        assert 'value="Đổi địa chỉ"' in refused.text
    assert "Đã thay thế" in followed(clerk, clerk.post(action, data=answers)).text
    assert f'href="/v/{new.code}"' in service.client().get(f"/v/{old.code}").text
