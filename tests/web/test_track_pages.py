"""The citizen follows a dossier by its receipt code: stage, deadline, what is owed; nothing personal, nothing green."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from office import working_days_after
from stamping import (
    Applicant,
    DocumentView,
    DossierView,
    HandOver,
    NewApology,
    NewDocument,
    NewReception,
    ReturnWay,
    apologies,
    dossiers,
    endings,
    receiving,
)
from store import vietnam_date
from tests.api.serving import Running
from tests.stamping.office_desk import CUSTODIAN, OFFICER, OFFICER_NAME, ORGANISATION, PROCEDURE
from tests.templates.examples import sample_data
from tests.web.test_browser import LOOKS, opened
from tests.web.test_public_pages import nothing_inline
from web import LANGUAGES

WHO = Applicant(name="Vi Thị Bắc Mẫu", id_number="001199000077", phone="0911222333", address="Ngõ 9, Khu phố Lạc Mẫu")
DATA = sample_data()
REASON = "Máy chủ hỏng"
OWED = "Bản sao Giấy khai sinh\nĐơn có chữ ký của chủ hộ"
TOLD = {
    "received": ("Hồ sơ đang được giải quyết", "info", "done now todo todo todo"),
    "appraised": ("Hồ sơ đang được giải quyết", "info", "done done now todo todo"),
    "overdue": ("Hồ sơ đã quá hạn trả kết quả", "care", "done done now todo todo"),
    "apologised": ("Cơ quan xin lỗi và hẹn lại ngày trả kết quả", "info", "done done now todo todo"),
    "overdue-again": ("Hồ sơ đã quá hạn trả kết quả", "care", "done now todo todo todo"),
    "supplement": ("Cần bạn bổ sung hồ sơ", "care", "done now todo todo todo"),
    "refused": ("Hồ sơ bị từ chối", "none", "done stopped todo todo todo"),
    "refused-paper": ("Hồ sơ bị từ chối", "none", "done done stopped todo todo"),
    "withdrawn": ("Hồ sơ đã được rút", "none", "done stopped todo todo todo"),
    "approved": ("Hồ sơ đang được giải quyết", "info", "done done done now todo"),
    "ready": ("Đã có kết quả", "info", "done done done done now"),
    "ready-post": ("Đã có kết quả", "info", "done done done done now"),
    "completed": ("Đã trả kết quả", "info", "done done done done done"),
    "recalled": ("Kết quả của hồ sơ đã bị thu hồi", "care", "done done done done stopped"),
    "replaced": ("Kết quả của hồ sơ đã được thay thế", "care", "done done done done stopped"),
}


@pytest.fixture(scope="module")
def kept(service: Running, sealed: DocumentView) -> dict[str, DossierView]:
    """One dossier in each way of standing."""
    place, numbers = service.place, iter(range(1, 99))
    desk = place.desk
    long_ago = replace(desk, clock=lambda: place.clock() - timedelta(days=40))

    def received(way: ReturnWay = "counter", *, late: bool = False) -> str:
        code = f"000.00.16.H05-261118-8{next(numbers):03d}"
        new = NewReception(code=code, procedure=PROCEDURE, organisation=ORGANISATION, applicant=WHO, return_way=way)
        dossiers.receive(long_ago if late else desk, new, "Mai Một Cửa")
        return code

    def paper(way: ReturnWay = "counter", *, stage: str = "sealed") -> tuple[str, str]:
        code = received(way)
        dossiers.appraise(desk, code, "Lan Thẩm Định")
        made = receiving.create(
            desk, NewDocument(dossier=code, organisation=ORGANISATION, data=DATA, officer_id=OFFICER), "Mai Một Cửa"
        ).id
        if stage != "made":
            place.approve(made)
        if stage == "sealed":
            place.confirm(made)
            place.stamp()
        return code, made

    codes = {"received": received(), "overdue": received(late=True), "supplement": received("post")}
    codes |= {"apologised": received(late=True), "overdue-again": received(late=True)}
    codes |= {"refused": received(), "withdrawn": received(), "appraised": received("online")}
    dossiers.appraise(desk, codes["appraised"], "Lan Thẩm Định")
    dossiers.appraise(long_ago, codes["overdue"], "Lan Thẩm Định")
    dossiers.appraise(long_ago, codes["apologised"], "Lan Thẩm Định")
    now = place.clock()
    earlier = replace(desk, clock=lambda: now - timedelta(days=20))
    for name, then, since in (("apologised", desk, now), ("overdue-again", earlier, now - timedelta(days=15))):
        day = working_days_after(desk.office(), vietnam_date(since), 3)
        apologies.apologise(then, codes[name], NewApology(appointed_on=day, reason=REASON), "Mai Một Cửa")
    until = place.today() + timedelta(days=9)
    dossiers.request_supplement(desk, codes["supplement"], OWED, "Lan Thẩm Định", until=until)
    dossiers.refuse(desk, codes["refused"], f"{WHO.name} không đủ điều kiện", "Lan Thẩm Định")
    dossiers.withdraw(desk, codes["withdrawn"], "Đổi ý", "Mai Một Cửa")
    codes["refused-paper"], declined = paper(stage="made")
    endings.decline(desk, declined, "refused", "Không đủ điều kiện", OFFICER_NAME)
    codes["approved"], _ = paper(stage="approved")
    codes["ready"], _ = paper()
    codes["ready-post"], _ = paper("post")
    codes["completed"], returned = paper("post")
    posted = HandOver(way="post", carrier="Bưu điện Mẫu", item_number="EA000000001VN")
    endings.return_to_citizen(desk, returned, "Mai Một Cửa", WHO.name, how=posted)
    codes["recalled"], recalled = paper()
    today = place.today()
    endings.recall(desk, recalled, "421/QĐ-UBND", today, "Sai thẩm quyền", "Mai Một Cửa")
    codes["replaced"], replaced = paper()
    endings.replace(desk, replaced, sealed.id, "422/QĐ-UBND", today, "Sai tên", "Mai Một Cửa")
    return {name: dossiers.view(desk, code) for name, code in codes.items()}


def leaves(value: object) -> Iterator[str]:
    """Every text in the paper's data long enough to tell someone by."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    elif len(str(value)) >= 8:
        yield str(value)


@pytest.mark.parametrize("name", TOLD)
def test_each_standing_is_told_in_plain_words(service: Running, kept: dict[str, DossierView], name: str) -> None:
    headline, tone, bar = TOLD[name]
    answer = service.client().get(f"/t/{kept[name].receipt_code}")
    assert answer.status_code == 200
    nothing_inline(answer)
    assert answer.headers["cache-control"] == "no-store"
    text = html.unescape(answer.text)
    assert f'class="verdict" data-tone="{tone}"' in text
    assert re.search(r"<h1[^>]*>([^<]*)</h1>", text).group(1) == headline  # type: ignore[union-attr]
    assert " ".join(re.findall(r'<li data-s="(\w+)"', text)) == bar
    # nothing here is proven: no green, no tick
    assert 'data-tone="good"' not in text
    assert 'data-fact="yes"' not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_personal_is_on_any_of_them(service: Running, kept: dict[str, DossierView], language: str) -> None:
    """AC-92: no name, number, address, nothing of the paper, nobody of the office, no way to the holder's name."""
    staff = ("Mai Một Cửa", "Lan Thẩm Định", OFFICER_NAME, CUSTODIAN)
    personal = {*WHO.name.split(" ", 1), WHO.id_number, WHO.phone, WHO.address, *staff, *leaves(DATA)}
    client = service.client(language=language)
    for name, dossier in kept.items():
        text = html.unescape(client.get(f"/t/{dossier.receipt_code}").text)
        papers = {said for paper in dossier.papers for said in (paper.id, paper.code, paper.number)}
        for said in (
            personal | papers | {dossier.code, "/v/", "EA000000001VN", "không đủ điều kiện", "Đổi ý", "Sai tên", REASON}
        ) - {"Vi"}:
            assert said not in text, (name, said)


def test_what_is_owed_and_until_when(service: Running, kept: dict[str, DossierView]) -> None:
    dossier = kept["supplement"]
    assert dossier.supplement is not None
    assert dossier.supplement.until is not None
    text = html.unescape(service.client().get(f"/t/{dossier.receipt_code}").text)
    assert [f"<li>{line}</li>" in text for line in OWED.splitlines()] == [True, True]
    assert f"chậm nhất ngày {dossier.supplement.until:%d/%m/%Y}" in text
    assert "Hẹn trả kết quả" not in text, "the clock stands"
    english = html.unescape(service.client(language="en").get(f"/t/{dossier.receipt_code}").text)
    assert "Something is missing from your dossier" in english
    assert '<ul class="bullets" lang="vi">' in english


def test_an_apology_and_the_new_day_are_told(service: Running, kept: dict[str, DossierView]) -> None:
    """Both days in both languages, and that the reason is in the letter; on a day missed again, that too."""
    dossier, again = kept["apologised"], kept["overdue-again"]
    missed, day = dossier.apologies[0].due_at, dossier.due_at
    text = html.unescape(service.client().get(f"/t/{dossier.receipt_code}").text)
    assert f"Kết quả hẹn ngày {missed:%d/%m/%Y} đã không có đúng hạn. Hẹn lại lúc 17:00 ngày {day:%d/%m/%Y}." in text
    assert "Lý do nằm trong thư xin lỗi gửi cho bạn." in text
    assert "<dt>Hẹn lần đầu</dt>" in text
    english = html.unescape(service.client(language="en").get(f"/t/{dossier.receipt_code}").text)
    assert "The office is sorry: there is a new date" in english
    assert "The reason is in the letter of apology to you." in english
    late = html.unescape(service.client().get(f"/t/{again.receipt_code}").text)
    assert f"Cơ quan đã hẹn lại đến 17:00 ngày {again.due_at:%d/%m/%Y} nhưng vẫn chưa có kết quả." in late


def test_the_stage_under_way_is_worded_as_under_way(service: Running, kept: dict[str, DossierView]) -> None:
    """Not "Appraised, now", as if it were done."""
    now = r'<li data-s="now"[^>]*><b>([^<]+)</b>'
    for name, vi, en in (
        ("received", "Đang thẩm định", "Being appraised"),
        ("appraised", "Chờ phê duyệt", "Waiting for approval"),
        ("approved", "Chờ đóng dấu", "Waiting for the seal"),
        ("ready", "Chờ trả kết quả", "To be handed over"),
    ):
        for language, said in (("vi", vi), ("en", en)):
            text = html.unescape(service.client(language=language).get(f"/t/{kept[name].receipt_code}").text)
            assert re.findall(now, text) == [said], name


def test_the_result_comes_as_the_applicant_chose(service: Running, kept: dict[str, DossierView]) -> None:
    client = service.client(language="en")
    assert "It waits for you at the Mẫu Commune" in client.get(f"/t/{kept['ready'].receipt_code}").text
    assert "The office sent it by post on" in client.get(f"/t/{kept['completed'].receipt_code}").text
    assert "send it by post" in client.get(f"/t/{kept['ready-post'].receipt_code}").text


def test_a_receipt_code_is_read_as_people_type_it(service: Running, kept: dict[str, DossierView]) -> None:
    client, code = service.client(), kept["received"].receipt_code
    spaced = " ".join(code[start : start + 3] for start in range(0, 27, 3)).lower()
    for typed in (code, code.lower(), spaced):
        assert client.get("/t", params={"code": typed}).headers["location"] == f"/t/{code}"
        assert client.get(f"/t/{typed}").status_code == 200
    assert client.get("/t").status_code == 200


def test_an_unknown_code_is_told_so(service: Running, kept: dict[str, DossierView], sealed: DocumentView) -> None:
    """Neither a dossier's own code, which can be counted through, nor a paper's leads anywhere; nor what is no code."""
    client = service.client()
    for wrong in (kept["received"].code, sealed.code, "0" * 27, "XXXX", "<script>", "a%00b"):
        page = client.get(f"/t/{wrong}")
        assert page.status_code == 404, wrong
        assert "Không có hồ sơ nào mang mã này" in html.unescape(page.text)
        assert "<script>" not in page.text
    assert client.get("/t", params={"code": "XXXX"}).status_code == 404
    assert client.get(f"/v/{kept['received'].receipt_code}").status_code == 404


@pytest.mark.parametrize(("width", "scheme", "locale"), LOOKS)
def test_in_a_browser(
    browser: Browser, service: Running, kept: dict[str, DossierView], width: int, scheme: str, locale: str
) -> None:
    """Nothing to complain of, nothing wider than the screen; without scripts, too."""
    with opened(browser, service.url, width, scheme, locale, scripts=width != 390) as tab:
        for name in ("apologised", "supplement", "completed"):
            tab.go(f"/t/{kept[name].receipt_code}")
            tab.check()
        tab.go("/t")
        tab.page.fill("#code", kept["overdue"].receipt_code.lower())
        tab.page.press("#code", "Enter")
        tab.page.wait_for_url(f"**/t/{kept['overdue'].receipt_code}")
        tab.check()
