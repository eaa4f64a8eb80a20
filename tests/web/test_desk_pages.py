"""A person carries a paper through the five stages with pages alone, without scripts."""

import html
import io
import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from PIL import Image, ImageChops

from api.app import _ROUTERS
from api.document_rows import actor_text
from api.pages import _form_page
from api.paper_form import FORMS, data_of, paper_with_form, typed_of
from office import working_days_after
from signer import preflight
from stamping import Applicant, NewApology, NewReception, apologies, documents, dossiers
from store import VIETNAM
from templates import built_in
from tests.api.serving import PASSWORD, Running, serving
from tests.stamping.office_desk import ORGANISATION, PROCEDURE, PlaceMaker
from tests.web.test_public_pages import nothing_inline
from verifier import SEAL_FIELD

PAPER = paper_with_form(built_in())
A4_WIDTH_PT = 595.28


def form_of(page: httpx.Response, action: str) -> dict[str, list[str]]:
    """The named values of the form with that action, as a browser would send them."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert found, f"no form to {action} on {page.url}"
    values: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", found.group(1)):
        name, value = re.search(r'\bname="([^"]*)"', tag), re.search(r'\bvalue="([^"]*)"', tag)
        if name and not re.search(r'type="(?:radio|checkbox|file)"', tag):
            values.setdefault(name.group(1), []).append(html.unescape(value.group(1)) if value else "")
    for name_, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', found.group(1), re.DOTALL):
        values.setdefault(name_, []).append(html.unescape(text))
    for name_, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', found.group(1), re.DOTALL):
        chosen = re.search(r"<option([^>]*)selected[^>]*>([^<]*)", options) or re.search(
            r"<option([^>]*)>([^<]*)", options
        )
        assert chosen
        value = re.search(r'value="([^"]*)"', chosen.group(1))
        values.setdefault(name_, []).append(html.unescape(value.group(1) if value else chosen.group(2)))
    return values


def followed(client: httpx.Client, answer: httpx.Response) -> httpx.Response:
    """The page a form's answer leads to."""
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["location"])
    assert page.status_code == 200, page.text
    nothing_inline(page)
    return page


def test_a_paper_is_made_signed_sealed_and_handed_over(service: Running) -> None:
    place, clerk = service.place, service.signed_in("clerk")
    new = clerk.get("/desk/documents/new?sample=1")
    nothing_inline(new)
    form = form_of(new, "/desk/documents/new")
    made = clerk.post("/desk/documents/new", data=form)
    paper = followed(clerk, made)
    again = clerk.post("/desk/documents/new", data=form)
    assert again.headers["location"] == made.headers["location"], "the same form twice makes one paper"
    identity = made.headers["location"].rpartition("/")[2]
    assert "Chờ phê duyệt" in paper.text
    assert paper.text.count('<li data-s="done"') >= 2

    officer = service.signed_in("officer")
    inbox = officer.get("/desk/inbox")
    assert f'value="{identity}"' in inbox.text
    shown = officer.get(f"/desk/documents/{identity}")
    picture = officer.get(re.search(r'<img class="sheet" src="([^"]*)"', shown.text).group(1))  # type: ignore[union-attr]
    assert picture.content.startswith(b"\x89PNG")
    decided = officer.post(
        f"/desk/documents/{identity}/decision",
        data={**form_of(shown, f"/desk/documents/{identity}/decision"), "decision": "approve"},
    )
    review = followed(officer, decided)
    opened = officer.post("/desk/approvals", data=form_of(review, "/desk/approvals"))
    assert opened.status_code == 200
    assert opened.headers["cache-control"] == "no-store"
    nothing_inline(opened)
    ticket = re.search(r'data-ticket="([^"]*)"', opened.text)
    approval = re.search(r'data-approval="([^"]*)"', opened.text)
    assert ticket
    assert approval
    watching = officer.get(f"/desk/approvals/{approval.group(1)}")
    assert ticket.group(1) not in watching.text, "the ticket is shown once"
    place.approve(identity)
    assert documents.view(place.desk, identity).state == "approved"

    custodian = service.signed_in("custodian")
    waiting = custodian.get("/desk/seals")
    assert f'value="{identity}"' in waiting.text
    assert "checked" not in waiting.text, "nothing is chosen beforehand"
    assert "vòng đứt nét là chỗ dấu sẽ được đặt" in waiting.text
    confirm = custodian.get("/desk/seals/confirm", params={"paper": identity})
    assert "Tôi đóng dấu 1 văn bản này" in confirm.text
    assert "đường kính 36 mm" in confirm.text
    answers = form_of(confirm, "/desk/seals")
    wrong = custodian.post("/desk/seals", data={**answers, "password": "sai mat khau"})
    assert wrong.status_code == 401
    assert "Chưa có gì được đóng lên văn bản" in wrong.text
    running = followed(custodian, custodian.post("/desk/seals", data={**answers, "password": PASSWORD}))
    assert "Đang đóng dấu" in running.text
    place.stamp()
    assert "1 văn bản đã đóng dấu" in custodian.get(str(running.url)).text
    assert "Đã đóng dấu" in custodian.get("/desk/register").text
    rows = custodian.get("/desk/register.csv").text.splitlines()
    assert rows[0].startswith("\ufeffseq,time,event")
    assert any(",conclude," in row for row in rows)

    outgoing = custodian.get("/desk/outgoing.csv").text
    assert outgoing.startswith('\ufeff"Số, ký hiệu văn bản",')
    assert documents.view(place.desk, identity).number in outgoing

    back = clerk.get(f"/desk/documents/{identity}")
    action = f"/desk/documents/{identity}/return"
    returned = followed(clerk, clerk.post(action, data=form_of(back, action)))
    assert "Đã trả kết quả" in returned.text
    assert returned.text.count('<li data-s="done"') == 5


def test_the_custodian_sees_where_the_seal_will_be_put(service: Running) -> None:
    """A dashed ring in the seal's own red, in the rectangle of the prepared field."""
    place, custodian = service.place, service.signed_in("custodian")
    document = place.paper()
    place.approve(document.id)
    ringed = custodian.get(f"/desk/documents/{document.id}/pages/seal.png")
    assert ringed.headers["content-type"] == "image/png"
    field = preflight(documents.file(place.desk, document.id)[0]).field(SEAL_FIELD)
    assert field
    assert field.placement
    ring = Image.open(io.BytesIO(ringed.content))
    plain = Image.open(io.BytesIO(custodian.get(f"/desk/documents/{document.id}/pages/1.png").content))
    box = ImageChops.difference(ring, plain).getbbox()
    assert box
    left, bottom, right, top = field.placement.rect
    scale = ring.width / A4_WIDTH_PT
    expected = (left * scale, ring.height - top * scale, right * scale, ring.height - bottom * scale)
    assert all(abs(found - wanted) < 8 for found, wanted in zip(box, expected, strict=True)), (box, expected)


def test_a_program_is_named_as_one() -> None:
    """The history keeps `client:NAME`; a person reads the name and that it is a program."""
    assert actor_text("client:Một cửa điện tử", "vi") == "phần mềm Một cửa điện tử"
    assert actor_text("client:Một cửa điện tử", "en") == "the program Một cửa điện tử"
    assert actor_text("Trần Thị Mẫu", "vi") == "Trần Thị Mẫu"


def test_sending_back_needs_its_reason_and_keeps_what_was_typed(service: Running) -> None:
    officer, document = service.signed_in("officer"), service.place.paper()
    action = f"/desk/documents/{document.id}/decision"
    form = form_of(officer.get(f"/desk/documents/{document.id}"), action)
    for decision, words in (
        ("return", "Hãy ghi rõ cần sửa gì"),
        ("refuse", "Hãy ghi lý do"),
        ("", "Chọn một trong ba"),
    ):
        page = officer.post(action, data={**form, "decision": decision})
        assert page.status_code == 422
        assert words in page.text
        assert "<title>Lỗi:" in page.text
    sent = officer.post(action, data={**form, "decision": "return", "reason": "Sai địa chỉ."})
    assert "Trả lại để sửa" in followed(officer, sent).text
    assert documents.view(service.place.desk, document.id).state == "amendment_requested"


def test_a_form_that_does_not_fit_comes_back_with_labels(service: Running) -> None:
    clerk = service.signed_in("clerk")
    form = form_of(clerk.get("/desk/documents/new?sample=1"), "/desk/documents/new")
    page = clerk.post("/desk/documents/new", data={**form, "data.capital_vnd": "nhiều", "data.household_name": ""})
    assert page.status_code == 422
    assert "Vốn kinh doanh (đồng): phải là số nguyên" in page.text
    assert "Tên hộ kinh doanh: còn thiếu" in page.text
    assert form["applicant"][0] in page.text


@pytest.mark.parametrize("where", ["/desk/documents/new", "/desk/documents/upload"])
def test_no_procedure_is_chosen_for_a_clerk(service: Running, where: str) -> None:
    """The form has none chosen; sent so it says which field is missing, in both languages, and makes nothing."""
    clerk = service.signed_in("clerk")
    assert form_of(clerk.get(where), where)["procedure"] == [""]
    form = form_of(clerk.get(f"{where}?sample=1"), where)
    assert form["procedure"] == [PROCEDURE]
    for language, words in (("vi", "Hãy chọn thủ tục."), ("en", "Choose a procedure.")):
        files = {"file": ("a.pdf", b"no pdf", "application/pdf")}
        page = clerk.post(f"{where}?lang={language}", data={**form, "procedure": ""}, files=files)
        assert page.status_code == 422
        assert f'<p class="field__error" id="f-procedure-e">{words}</p>' in page.text
        assert form_of(page, where)["procedure"] == [""]
        assert form_of(page, where)["dossier"] == form["dossier"]
    assert documents.list_documents(service.place.desk, dossier=form["dossier"][0]) == ()


@pytest.mark.parametrize("at", [time(0, 1), time(23, 59)])
def test_the_sample_is_fit_at_every_hour(desk_with: PlaceMaker, at: time) -> None:
    """It is received before now and due after, also in the first and the last minute of a day."""
    place = desk_with()
    moment = datetime.combine(place.today(), at, VIETNAM)
    place.desk = replace(place.desk, clock=lambda: moment)
    with serving(place) as running:
        clerk = running.signed_in("clerk")
        form = form_of(clerk.get("/desk/documents/new?sample=1"), "/desk/documents/new")
        assert form["received_at"][0] < form["appraised_at"][0] < f"{moment:%Y-%m-%dT%H:%M}" < form["due_at"][0]
        made = clerk.post("/desk/documents/new", data=form)
        assert made.status_code == 303, made.text
        (dossier,) = form_of(clerk.get("/desk/dossiers/new?sample=1"), "/desk/dossiers/new")["code"]
        assert f"-{moment:%y%m%d}-" in dossier


def test_a_dossier_received_here_needs_its_code_alone(service: Running) -> None:
    """What else is typed of it does not count: the paper has what was received."""
    desk, code = service.place.desk, "000.00.16.H05-261118-7301"
    clerk = service.signed_in("clerk")
    form = form_of(clerk.get("/desk/documents/new?sample=1"), "/desk/documents/new")
    # the household's head asks: the paper takes the identity number from the dossier
    who = Applicant(name=str(form["data.representative.name"][0]), id_number="001099000001", phone="", address="")
    new = NewReception(code=code, procedure=PROCEDURE, organisation=ORGANISATION, applicant=who)
    dossiers.receive(desk, new, "Mai")
    dossiers.appraise(desk, code, "Lan")
    made = clerk.post("/desk/documents/new", data={**form, "dossier": code, "received_at": "", "appraised_at": ""})
    assert made.status_code == 303, made.text
    (kept,) = documents.list_documents(desk, dossier=code)
    assert (kept.holder_id, [stage.who for stage in kept.stages][:2]) == (who.id_number, ["Mai", "Lan"])


def test_a_pdf_of_another_program_that_cannot_be_sealed_is_refused_in_words(service: Running) -> None:
    clerk = service.signed_in("clerk")
    form = form_of(clerk.get("/desk/documents/upload?sample=1"), "/desk/documents/upload")
    page = clerk.post("/desk/documents/upload", data=form, files={"file": ("a.pdf", b"no pdf", "application/pdf")})
    assert page.status_code == 422
    assert "Chưa lập được văn bản" in page.text


def test_a_clerk_says_where_the_marks_go(service: Running) -> None:
    """What is wrong comes back in words with what was typed; a decimal comma is a number."""
    clerk, where = service.signed_in("clerk"), "/desk/documents/upload"
    form = form_of(clerk.get(f"{where}?sample=1"), where) | {"title": ["Giấy xác nhận"]}
    pdf = Path("tests/corpus/foreign/libreoffice-letter.pdf").read_bytes()

    def sent(**place: str) -> Any:
        return clerk.post(where, data={**form, **place}, files={"file": ("a.pdf", pdf, "application/pdf")})

    for place, words in (
        ({"place": "anchors", "place_above": "GIÁM ĐỐC", "place_below": "Nguyễn Văn Mẫu"}, "Không tìm thấy dòng chữ"),
        ({"place": "anchors", "place_below": "Nguyễn Văn Mẫu"}, "hãy ghi đúng dòng chữ ở trên"),
        ({"place": "coordinates", "place_x_mm": "1", "place_y_mm": "1"}, "hãy ghi đúng số trang"),
        ({"place": "coordinates", "place_page": "1", "place_x_mm": "1e3", "place_y_mm": "1"}, "mép trái"),
        ({"place": "field", "place_field": "ChuKy"}, "Tệp không có ô chữ ký"),
        ({"place": "giữa"}, "cách chọn vị trí"),
    ):
        page = sent(**place)
        assert page.status_code == 422
        assert words in page.text
        assert all(form_of(page, where)[name] == [typed] for name, typed in place.items() if name != "place")
    made = sent(place="coordinates", place_page="1", place_x_mm="120,5", place_y_mm="240")
    assert made.status_code == 303, made.text


def test_each_desk_is_for_its_people(service: Running) -> None:
    for role, closed in (
        ("clerk", ("/desk/inbox", "/desk/seals", "/desk/approvals")),
        ("officer", ("/desk/seals", "/desk/documents/new")),
        ("custodian", ("/desk/inbox", "/desk/documents/upload")),
    ):
        client = service.signed_in(role)
        for path in closed:
            assert client.get(path).status_code == 403, (role, path)
        for path in ("/desk/documents", "/desk/register"):
            page = client.get(path)
            assert page.status_code == 200
            nothing_inline(page)
    assert service.client().get("/desk/inbox").headers["location"].startswith("/sign-in?next=")


def test_no_page_asks_for_the_tokens_pin(service: Running) -> None:
    officer = service.signed_in("officer")
    for path in ("/desk/inbox", "/desk/help/agent", "/desk/help/permission", "/sign-in"):
        page = officer.get(path)
        assert not re.search(r'name="[^"]*pin', page.text, re.IGNORECASE)


def test_the_form_and_the_papers_data_agree() -> None:
    """Typing a paper's sample data into its form gives the sample data back, as far as the form asks for it."""
    fields = FORMS[PAPER.name]
    again = data_of(fields, typed_of(fields, PAPER.sample_data))
    for name, value in again.items():
        if isinstance(value, dict):
            assert {key: PAPER.sample_data[name][key] for key in value} == value
        else:
            assert PAPER.sample_data[name] == value


def test_a_form_s_answer_changes_its_language_on_a_page(service: Running) -> None:
    """Every address of the desk that takes a form leads to a page: not to nothing, and not to a file."""
    place, code = service.place, "000.00.16.H05-261118-5999"
    then = replace(place.desk, clock=lambda: place.clock() - timedelta(days=40))
    who = Applicant(name="Lò Thị Mẫu", id_number="001199000088", phone="", address="")
    dossiers.receive(
        then, NewReception(code=code, procedure=PROCEDURE, organisation=ORGANISATION, applicant=who), "Mai"
    )
    day = working_days_after(place.desk.office(), place.today(), 3)
    apologies.apologise(place.desk, code, NewApology(appointed_on=day, reason="Sự cố"), "Mai")
    given = {"document_id": place.paper().id, "dossier_code": code, "number_id": "1", "number": "1"}
    people = [service.signed_in(role) for role in ("clerk", "officer", "custodian")]
    routes = [route for router in _ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    taken = [one.path.format_map(given) for one in routes if "POST" in one.methods and one.path.startswith("/desk")]
    assert len(taken) > 25
    for path in taken:
        page = _form_page(path)
        if page.startswith("/desk/office/proposals/"):  # there is none to look at: the address alone
            assert any("GET" in one.methods and one.path_regex.match(page) for one in routes), path
            continue
        answers = [client.get(page) for client in people]
        shown = [one for one in answers if one.status_code == 200]
        assert shown, path
        assert all(one.headers["content-type"].startswith("text/html") for one in shown), path
