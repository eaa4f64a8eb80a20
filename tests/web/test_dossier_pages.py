"""The clerk's dossiers with pages alone, without scripts: received, appraised, supplemented, ended, found again."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import httpx
import pytest
from playwright.sync_api import Browser

from office import working_days_after
from stamping import Applicant, NewApology, NewReception, apologies, documents, dossiers
from store import vietnam_date
from tests.api.serving import Running
from tests.stamping.office_desk import HEAD, HEAD_NAME, ORGANISATION, PROCEDURE
from tests.stamping.test_apologies import soon
from tests.web.test_browser import LOOKS, opened
from tests.web.test_desk_pages import followed, form_of
from tests.web.test_public_pages import nothing_inline

WHO = Applicant(name="Lò Thị Mẫu Tám", id_number="001199000088", phone="0911222888", address="Bản Mẫu, xã Mẫu")
DESK = "/desk/dossiers"
_numbers: Iterator[int] = count(6000)


def kept(service: Running, days_ago: int = 0) -> str:
    """The code of a dossier received now, or some days ago."""
    desk = service.place.desk
    then = replace(desk, clock=lambda: service.place.clock() - timedelta(days=days_ago))
    code = f"000.00.16.H05-261118-{next(_numbers)}"
    dossiers.receive(
        then, NewReception(code=code, procedure=PROCEDURE, organisation=ORGANISATION, applicant=WHO), "Mai Một Cửa"
    )
    return code


def act(client: httpx.Client, code: str, name: str, **typed: str) -> httpx.Response:
    """One of the forms of a dossier's page, filled in and sent."""
    action = f"{DESK}/{code}/{name}"
    return client.post(action, data=form_of(client.get(f"{DESK}/{code}"), action) | typed)


def words_of(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page.text)))


def test_a_dossier_goes_from_the_counter_to_its_paper(service: Running) -> None:
    clerk = service.signed_in("clerk")
    new = clerk.get(f"{DESK}/new?sample=1")
    nothing_inline(new)
    form = form_of(new, f"{DESK}/new") | {"return_way": "post"}
    made = clerk.post(f"{DESK}/new", data=form)
    page = followed(clerk, made)
    code = str(form["code"][0])
    found = dossiers.view(service.place.desk, code)
    assert (found.state, found.return_way, found.received_by) == ("received", "post", "Phạm Văn Mẫu")
    assert f'href="/t/{found.receipt_code}"' in page.text
    again = clerk.post(f"{DESK}/new", data=form)
    assert again.headers["location"] == made.headers["location"], "the same form twice receives one"
    assert "Lập từ mẫu" not in page.text, "no paper before the appraisal"

    appraised = followed(clerk, act(clerk, code, "appraisal"))
    to_paper = re.search(r'href="(/desk/documents/new\?dossier=[^"]*)"', appraised.text)
    assert to_paper
    blank = clerk.get(to_paper.group(1))
    typed = form_of(blank, "/desk/documents/new")
    assert (typed["dossier"], typed["applicant"]) == ([code], [found.applicant.name])
    sample = form_of(clerk.get("/desk/documents/new?sample=1"), "/desk/documents/new")
    data = {name: value for name, value in sample.items() if name.startswith("data.")}
    paper = followed(clerk, clerk.post("/desk/documents/new", data=typed | data))
    assert f'href="{DESK}/{code}"' in paper.text, "the paper leads to its dossier"
    (document,) = documents.list_documents(service.place.desk, dossier=code)
    page = clerk.get(f"{DESK}/{code}")
    assert f"/desk/documents/{document.id}" in page.text
    assert "/refusal" not in page.text, "while a paper lives, the dossier goes where it goes"
    place = service.place
    place.approve(document.id)
    place.confirm(document.id)
    place.stamp()
    assert f"Mở {document.number}" in clerk.get(f"{DESK}/{code}").text
    assert f"{DESK}/{code}" in clerk.get(f"{DESK}?show=ready").text


def test_a_supplement_stops_the_clock_and_comes(service: Running) -> None:
    clerk, code = service.signed_in("clerk"), kept(service)
    due = dossiers.view(service.place.desk, code).due_at
    waiting = followed(clerk, act(clerk, code, "supplement-request", owed="Giấy khai sinh\r\nĐơn", until="2999-01-31"))
    assert "chờ đến hết ngày 31/01/2999" in waiting.text
    assert "<li>Giấy khai sinh</li><li>Đơn</li>" in waiting.text
    assert f"{DESK}/{code}" in clerk.get(f"{DESK}?show=supplement_requested").text
    assert f"{DESK}/{code}" not in clerk.get(DESK).text
    come = followed(clerk, act(clerk, code, "supplement"))
    assert "Đã nhận phần bổ sung" in words_of(come)
    found = dossiers.view(service.place.desk, code)
    assert (found.state, found.due_at) == ("received", due)


def test_a_clock_that_had_run_out_is_not_said_to_stand(service: Running) -> None:
    """Asked for after the deadline, a supplement moves nothing: neither page speaks of days that do not count."""
    clerk = service.signed_in("clerk")
    in_time, late = kept(service), kept(service, days_ago=40)
    for code, stands in ((in_time, True), (late, False)):
        assert "Đang thẩm định" in words_of(clerk.get(f"{DESK}/{code}")), "what is under way is not said to be done"
        page = followed(clerk, act(clerk, code, "supplement-request", owed="Đơn"))
        public = service.client().get(f"/t/{dossiers.view(service.place.desk, code).receipt_code}")
        told = ("Dừng tính" in words_of(page), "không tính vào thời hạn" in words_of(public))
        assert told == (stands, stands)
        assert "Việc giải quyết tạm dừng" in words_of(public)


@pytest.mark.parametrize(
    ("name", "typed", "told", "status"),
    [
        ("supplement-request", {"owed": f"Giấy của {WHO.name}"}, "hãy bỏ họ tên", 422),
        ("supplement-request", {"owed": "Đơn", "until": "2026-02-30"}, "Ngày chưa đúng", 422),
        ("supplement-request", {"owed": "Đơn", "until": "2020-01-01"}, "đã qua", 422),
        ("refusal", {"refused_why": " "}, "Hãy ghi lý do", 422),
        ("withdrawal", {"withdrawn_why": "x" * 2001}, "dài quá 2000", 422),
        ("return-way", {"return_way": "pigeon"}, "Hãy chọn cách nhận kết quả", 422),
    ],
)
def test_what_is_not_right_comes_back_as_it_was_typed(
    service: Running, name: str, typed: dict[str, str], told: str, status: int
) -> None:
    clerk, code = service.signed_in("clerk"), kept(service)
    before = dossiers.view(service.place.desk, code)
    page = act(clerk, code, name, **typed)
    assert page.status_code == status, page.text
    assert told in page.text
    assert "<title>Lỗi:" in page.text
    for field, value in typed.items():
        assert field == "return_way" or form_of(page, f"{DESK}/{code}/{name}")[field] == [value]
    assert dossiers.view(service.place.desk, code) == before


def test_a_way_of_return_refused_stays_chosen(service: Running) -> None:
    """The page says that what was entered is kept: so is a choice."""
    clerk, code = service.signed_in("clerk"), kept(service)
    for way in ("online", "post"):
        page = act(clerk, code, "return-way", return_way=way, seen="")
        assert (page.status_code, "Những gì bạn đã nhập vẫn còn" in page.text) == (412, True)
        assert re.findall(r'value="(\w+)" checked', page.text) == [way]
    assert dossiers.view(service.place.desk, code).return_way == "counter"


@pytest.mark.parametrize(
    ("name", "field", "state"), [("refusal", "refused_why", "refused"), ("withdrawal", "withdrawn_why", "withdrawn")]
)
def test_it_ends_once(service: Running, name: str, field: str, state: str) -> None:
    clerk, code = service.signed_in("clerk"), kept(service)
    action = f"{DESK}/{code}/{name}"
    form = form_of(clerk.get(f"{DESK}/{code}"), action) | {field: "Không thuộc thẩm quyền"}
    for _ in range(2):
        page = followed(clerk, clerk.post(action, data=form))
    found = dossiers.view(service.place.desk, code)
    assert (found.state, found.history[-1].reason, len(found.history)) == (state, "Không thuộc thẩm quyền", 3)
    assert 'method="post" action="/desk/dossiers' not in page.text, "nothing more may be done"
    assert f"{DESK}/{code}" in clerk.get(f"{DESK}?show=ended").text


def test_an_act_is_for_what_the_page_showed(service: Running) -> None:
    """Two clerks at once: the second hears that the dossier has changed, and nothing is done."""
    clerk, code = service.signed_in("clerk"), kept(service)
    action = f"{DESK}/{code}/appraisal"
    form = form_of(clerk.get(f"{DESK}/{code}"), action)
    dossiers.choose_return(service.place.desk, code, "online", "Lan")
    page = clerk.post(action, data=form)
    assert page.status_code == 412
    assert "Hồ sơ đã thay đổi sau khi bạn mở trang" in page.text
    assert clerk.post(action, data={**form, "seen": ""}).status_code == 412
    assert dossiers.view(service.place.desk, code).state == "received"
    assert clerk.post(action, data={**form, "form_token": "x"}).status_code == 403


def test_an_overdue_dossier_is_apologised_for_once(service: Running) -> None:
    """AC-96: the letter is written once however often the form is sent, read and fetched, and moves the deadline."""
    clerk, code = service.signed_in("clerk"), kept(service, days_ago=40)
    action, day = f"{DESK}/{code}/apology", soon(service.place)
    page = clerk.get(f"{DESK}/{code}")
    nothing_inline(page)
    assert re.search(rf'<option value="{HEAD}">{HEAD_NAME}, ', page.text), "who may sign it can be chosen"
    typed = {"appointed_on": day.isoformat(), "apology_why": "Sự cố đường truyền\r\nHai ngày", "signer": HEAD}
    form = form_of(page, action) | typed
    for _ in range(2):
        page = followed(clerk, clerk.post(action, data=form))
    (letter,) = dossiers.view(service.place.desk, code).apologies
    assert (letter.reason, letter.officer_name) == ("Sự cố đường truyền\nHai ngày", HEAD_NAME)
    assert (letter.written_by, letter.appointed_at.date()) == ("Phạm Văn Mẫu", day)
    for said in (letter.number, f"Người ký: {HEAD_NAME}", "Hẹn lần đầu", "Xin lỗi và hẹn lại ngày trả"):
        assert said in words_of(page), said
    assert f'action="{action}"' not in page.text, "it is not overdue any more"
    nothing_inline(page)
    written = apologies.letter_of(service.place.desk, code)[0]
    reader = service.signed_in("officer")
    for href, kind in re.findall(rf'href="({action}[^"]*)".*?>(Tải về)?', page.text):
        answer = reader.get(html.unescape(href))
        assert (answer.content, answer.headers["content-type"]) == (written, "application/pdf")
        assert answer.headers["content-disposition"].startswith("attachment" if kind else "inline")
    assert page.text.count(f'href="{action}') == 2
    assert clerk.get(f"{action}?n=2").status_code == 404


@pytest.mark.parametrize(
    ("changed", "field", "told", "status"),
    [
        ({"appointed_on": ""}, "appointed_on", "Hãy chọn ngày.", 422),
        ({"appointed_on": "2026-02-30"}, "appointed_on", "Ngày chưa đúng", 422),
        ({"appointed_on": "2020-01-02"}, "appointed_on", "đã qua", 422),
        ({"appointed_on": "2999-01-02"}, "appointed_on", "xa hơn một năm", 422),
        ({"apology_why": " "}, "apology_why", "Hãy ghi lý do", 422),
        ({"apology_why": "x" * 2001}, "apology_why", ">Dài quá 2000", 422),
        ({"apology_why": "Chữ 中"}, "apology_why", ">Phông chữ của văn bản không có", 422),
        ({"signer": "ai-do"}, "signer", "Không có người có thẩm quyền", 403),
        ({"seen": ""}, None, "Hồ sơ đã thay đổi sau khi bạn mở trang", 412),
    ],
)
def test_a_letter_refused_is_told_at_its_field(
    service: Running, changed: dict[str, str], field: str | None, told: str, status: int
) -> None:
    clerk, code = service.signed_in("clerk"), kept(service, days_ago=40)
    action, before = f"{DESK}/{code}/apology", dossiers.view(service.place.desk, code)
    typed = {"appointed_on": soon(service.place).isoformat(), "apology_why": "Sự cố", "signer": HEAD} | changed
    page = clerk.post(action, data=form_of(clerk.get(f"{DESK}/{code}"), action) | typed)
    assert page.status_code == status, page.text
    at = re.search(rf'id="f-{field}-e">.*' if field else 'role="alert">.*', page.text)
    assert at, page.text
    assert told in at.group()
    assert f'href="#{f"f-{field}" if field else "act-apology"}"' in page.text, "the top of the page leads to it"
    again = form_of(page, action)
    for name in ("appointed_on", "apology_why"):
        assert again[name] == [typed[name]], name
    assert again["signer"] == [HEAD if typed["signer"] == HEAD else ""]
    assert dossiers.view(service.place.desk, code) == before


def test_an_office_appoints_no_other_day_than_it_allows(service: Running) -> None:
    """Past the day a letter appointed, the page says that the dossier is to be settled, and offers no form."""
    clerk, code = service.signed_in("clerk"), kept(service, days_ago=40)
    then = replace(service.place.desk, clock=lambda: service.place.clock() - timedelta(days=20))
    appointed = working_days_after(then.office(), vietnam_date(then.clock()), 2)
    apologies.apologise(then, code, NewApology(appointed_on=appointed, reason="Sự cố"), "Lan")
    page = clerk.get(f"{DESK}/{code}")
    assert "Đã hẹn lại đủ số lần cơ quan cho phép" in page.text
    assert f'action="{DESK}/{code}/apology"' not in page.text


def test_a_reception_that_cannot_be_comes_back_with_its_field(service: Running) -> None:
    clerk = service.signed_in("clerk")
    form = form_of(clerk.get(f"{DESK}/new?sample=1"), f"{DESK}/new")
    for changed, field in (
        ({"code": "không phải mã"}, "code"),
        ({"procedure": ""}, "procedure"),
        ({"procedure": "9.999999"}, "procedure"),
        ({"name": " "}, "name"),
        ({"phone": "1" * 51}, "phone"),
        ({"address": "", "return_way": "post"}, "address"),
    ):
        page = clerk.post(f"{DESK}/new", data=form | {"return_way": "counter"} | changed)
        assert page.status_code == 422
        assert f'id="f-{field}-e"' in page.text, changed
        assert form_of(page, f"{DESK}/new")["id_number"] == form["id_number"]


def test_no_procedure_is_chosen_for_the_clerk(service: Running) -> None:
    """A list that began with a procedure received dossiers under it, with its deadline."""
    page = service.signed_in("clerk").get(f"{DESK}/new")
    assert form_of(page, f"{DESK}/new")["procedure"] == [""]
    assert "<option selected" not in page.text


def test_the_list_begins_with_the_overdue_and_finds_by_either_code(service: Running) -> None:
    clerk = service.signed_in("clerk")
    today, late = kept(service), kept(service, days_ago=40)
    page = clerk.get(DESK)
    nothing_inline(page)
    assert page.text.index(late) < page.text.index(today)
    assert re.search(r"<h2>Quá hạn</h2>.*?" + late, page.text, re.DOTALL)
    overdue = clerk.get(f"{DESK}?show=overdue").text
    assert late in overdue
    assert today not in overdue
    found = dossiers.view(service.place.desk, today)
    for typed in (today, found.receipt_code, f" {found.receipt_code.lower()} "):
        answer = clerk.get(DESK, params={"code": typed})
        assert answer.headers["location"] == f"{DESK}/{today}", typed
    unknown = clerk.get(DESK, params={"code": "000.00.16.H05-261118-9999"})
    assert (unknown.status_code, "Không tìm thấy hồ sơ" in unknown.text) == (404, True)
    # who has not this duty reads, and is offered no act
    shown = service.signed_in("officer").get(f"{DESK}/{today}").text
    assert WHO.name in shown
    assert f'action="{DESK}' not in shown


@pytest.mark.parametrize(("width", "scheme", "locale"), LOOKS)
def test_in_a_browser(browser: Browser, service: Running, width: int, scheme: str, locale: str) -> None:
    code, answered = kept(service, days_ago=40), kept(service, days_ago=40)
    letter = NewApology(appointed_on=soon(service.place), reason="Sự cố đường truyền")
    apologies.apologise(service.place.desk, answered, letter, "Phạm Văn Mẫu")
    with opened(browser, service.url, width, scheme, locale) as tab:
        tab.is_signed_in(service, "clerk")
        for path in (DESK, f"{DESK}/new", f"{DESK}/{answered}", f"{DESK}/{code}"):
            tab.go(path)
            tab.check()
        for fold in tab.page.locator("details > summary").all():
            fold.press("Enter")
        tab.check()


def test_the_forms_of_a_dossier_are_there_to_print(service: Running) -> None:
    """The receipt slip only while a day is promised; the control sheet always."""
    clerk, code = service.signed_in("clerk"), kept(service)
    page = clerk.get(f"{DESK}/{code}")
    for name in ("receipt-slip", "control-sheet"):
        assert f'href="{DESK}/{code}/{name}"' in page.text
        form = clerk.get(f"{DESK}/{code}/{name}")
        assert (form.status_code, form.headers["content-type"]) == (200, "application/pdf")
        assert form.headers["content-disposition"].startswith("inline")
        assert form.content.startswith(b"%PDF-")
    dossiers.withdraw(service.place.desk, code, "Không cần nữa", "Mai Một Cửa")
    assert "receipt-slip" not in clerk.get(f"{DESK}/{code}").text
    assert clerk.get(f"{DESK}/{code}/receipt-slip").status_code == 409
    assert clerk.get(f"{DESK}/{code}/control-sheet").status_code == 200
