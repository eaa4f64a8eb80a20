"""4 tại chỗ on the desks: four stages, handed over from the paper's page, never on the custodian's list."""

import html
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from stamping import DocumentView, endings
from tests.api.serving import Running
from tests.stamping.test_four_stages import unstamped
from tests.web.test_desk_pages import followed, form_of
from tests.web.test_public_pages import nothing_inline


@pytest.fixture
def waiting(service: Running) -> DocumentView:
    """Approved, of a procedure without a stamping stage."""
    return unstamped(service.place)


def test_the_paper_is_handed_over_as_it_was_approved(service: Running, waiting: DocumentView) -> None:
    clerk, address = service.signed_in("clerk"), f"/desk/documents/{waiting.id}"
    page = clerk.get(address)
    nothing_inline(page)
    bar = page.text.partition('<ol class="stages"')[2].partition("</ol>")[0]
    assert re.findall(r'<li data-s="(\w+)"', bar) == ["done", "done", "done", "now"]
    assert "Đóng dấu" not in bar
    assert "Chờ trả kết quả" in html.unescape(page.text)
    assert waiting.number not in html.unescape(service.signed_in("custodian").get("/desk/seals").text)
    rows = html.unescape(clerk.get("/desk/documents").text)
    assert "Bước 4/4: <b>Chờ trả kết quả</b>" in rows
    page = followed(clerk, clerk.post(f"{address}/return", data=form_of(page, f"{address}/return")))
    assert "Đã trả kết quả" in html.unescape(page.text)
    code_page = service.client().get(f"/v/{waiting.code}")
    assert code_page.status_code == 200
    assert "/compare" not in code_page.text, "there is no sealed file to compare with"
    compared = service.client().post(f"/v/{waiting.code}/compare", data={"sha256": "0" * 64})
    assert compared.headers["location"] == f"/v/{waiting.code}"


def test_a_program_sees_four_stages_and_no_seal(service: Running, waiting: DocumentView) -> None:
    client = service.program("documents:write", "documents:read")
    told = client.get(f"/api/v1/documents/{waiting.id}").json()
    assert [stage["name"] for stage in told["stages"]] == ["received", "appraised", "approved", "returned"]
    assert told["seal"] is None
    done = client.post(f"/api/v1/documents/{waiting.id}/return", json={"received_by": "Đặng Quốc Mẫu"})
    assert done.json()["state"] == "returned"


def test_a_recalled_one_says_so(service: Running, waiting: DocumentView) -> None:
    """AC-11."""
    endings.return_to_citizen(service.place.desk, waiting.id, "Phạm Văn Mẫu", "Đặng Quốc Mẫu")
    client = service.program("documents:write")
    recall = {"decision_number": "11/QĐ", "decided_on": "2026-11-20", "reason": "Cấp sai đối tượng"}
    assert client.post(f"/api/v1/documents/{waiting.id}/recall", json=recall).json()["state"] == "recalled"
    assert "thu hồi" in html.unescape(service.client().get(f"/v/{waiting.code}").text)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits(service: Running, browser: Browser, waiting: DocumentView, width: int) -> None:
    """No sideways scrolling; SECONDSEAL_SHOTS names a folder that keeps a picture to look at."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="vi-VN")
    cookies = service.signed_in("clerk").cookies
    context.add_cookies([{"name": name, "value": value, "url": service.url} for name, value in cookies.items()])
    page = context.new_page()
    page.goto(f"{service.url}/desk/documents/{waiting.id}")
    assert page.locator("ol.stages > li").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if folder := os.environ.get("SECONDSEAL_SHOTS"):
        page.screenshot(path=Path(folder) / f"four-{width}.png")
        page.goto(f"{service.url}/desk/documents")
        page.screenshot(path=Path(folder) / f"list-{width}.png")
    context.close()
