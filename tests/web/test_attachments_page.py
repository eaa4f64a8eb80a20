"""Attachments handed in at the desk; what people see of them before they sign and confirm, and behind the printed
code."""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, expect

from api import formats
from stamping import MOST_ATTACHMENTS, documents
from tests.api.serving import Running
from tests.stamping.test_attachments import LETTER, LIST, MAP, drawing
from tests.web.test_browser import opened
from tests.web.test_desk_pages import followed, form_of

NEW, UPLOAD = "/desk/documents/new", "/desk/documents/upload"
File = tuple[str, tuple[str, bytes, str]]


def handed_in(clerk: httpx.Client, where: str, lines: Sequence[tuple[str, bytes]]) -> httpx.Response:
    """The form sent as a browser does: every line there is, those left empty too."""
    form = form_of(clerk.get(f"{where}?sample=1"), where)
    rest = MOST_ATTACHMENTS - len(lines)
    form["attachment_title"] = [title for title, _ in lines] + [""] * rest
    files: list[File] = [("attachment", ("a.pdf" if pdf else "", pdf, "application/pdf")) for _, pdf in lines]
    files += [("attachment", ("", b"", "application/octet-stream"))] * rest
    paper: list[File] = [("file", ("letter.pdf", LETTER, "application/pdf"))] if where == UPLOAD else []
    return clerk.post(where, data=form, files=paper + files)


@pytest.mark.parametrize("where", [UPLOAD, NEW])
def test_a_paper_is_handed_in_with_its_attachments(service: Running, where: str) -> None:
    """Of another program or from a template; lines left empty between them count for nothing."""
    clerk = service.signed_in("clerk")
    made = handed_in(clerk, where, [(MAP.title, MAP.pdf), ("", b""), (LIST.title, LIST.pdf)])
    page = followed(clerk, made)
    view = documents.view(service.place.desk, made.headers["location"].rpartition("/")[2])
    assert [(one.n, one.title, one.original_sha256) for one in view.attachments] == [
        (1, MAP.title, MAP.sha256),
        (2, LIST.title, LIST.sha256),
    ]
    assert LIST.title in page.text


@pytest.mark.parametrize(
    ("lines", "wrong", "told"),
    [
        ([(MAP.title, MAP.pdf), (LIST.title, b"")], 2, "Văn bản kèm theo thứ 2: hãy chọn một tệp PDF."),
        ([("", MAP.pdf)], 1, "Văn bản kèm theo thứ 1: hãy ghi tên"),
        ([(MAP.title, MAP.pdf), ("", b""), ("Phụ lục khác", MAP.pdf)], 2, "là cùng một tệp"),
        ([(MAP.title, MAP.pdf), (LIST.title, LIST.pdf), ("Phụ lục hỏng", b"no pdf")], 3, "Phụ lục hỏng"),
        ([(f"Phụ lục {n}", drawing(f"phu luc {n}")) for n in range(MOST_ATTACHMENTS + 1)], 0, "nhiều nhất 20"),
    ],
    ids=["no-file", "no-title", "twice", "broken", "too-many"],
)
def test_attachments_that_cannot_be_taken_come_back_with_their_titles(
    service: Running, lines: list[tuple[str, bytes]], wrong: int, told: str
) -> None:
    clerk = service.signed_in("clerk")
    before = len(documents.list_documents(service.place.desk, limit=200))
    page = handed_in(clerk, UPLOAD, lines)
    assert page.status_code == 422
    assert told in page.text
    assert "hãy chọn lại các tệp PDF" in page.text
    again = form_of(page, UPLOAD)["attachment_title"]
    titles = [title for title, pdf in lines if title or pdf][:MOST_ATTACHMENTS]
    assert again == titles + [""] * (MOST_ATTACHMENTS - len(titles))
    assert re.findall(r'id="f-at-(\d+)-e"', page.text) == ([str(wrong)] if wrong else [])
    assert len(documents.list_documents(service.place.desk, limit=200)) == before


def test_a_file_without_a_title_is_to_be_chosen_again_too(service: Running) -> None:
    """On the form that asks for no other file; without any attachment it says nothing of files."""
    clerk = service.signed_in("clerk")
    page = handed_in(clerk, NEW, [("", MAP.pdf)])
    assert (page.status_code, "hãy chọn lại các tệp PDF" in page.text) == (422, True)
    form = form_of(clerk.get(f"{NEW}?sample=1"), NEW) | {"applicant": ""}
    page = clerk.post(NEW, data=form)
    assert (page.status_code, "hãy chọn lại các tệp PDF" in page.text) == (422, False)


def test_files_too_large_together_are_not_sent(browser: Browser, service: Running) -> None:
    """Said before anything leaves the browser, so that nothing typed is lost."""
    with opened(browser, service.url, 390, "light", "vi-VN") as tab:
        tab.is_signed_in(service, "clerk")
        tab.go(f"{UPLOAD}?sample=1")
        tab.check()
        form = tab.page.locator(f'form[action="{UPLOAD}"]')
        form.evaluate("(form, most) => { form.dataset.limit = most }", len(LETTER) + 10)
        tab.page.set_input_files("#f-file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": LETTER})
        expect(tab.page.locator("[data-file-error]")).to_be_hidden()
        tab.page.set_input_files("#f-af-1", {"name": "b.pdf", "mimeType": "application/pdf", "buffer": MAP.pdf})
        expect(tab.page.locator("[data-file-error]")).to_contain_text("tổng dung lượng")
        tab.page.fill("#f-at-1", MAP.title)
        form.locator("button.btn").click()
        assert tab.page.input_value("#f-at-1") == MAP.title
        assert tab.page.url.endswith("?sample=1")
        tab.page.locator("fieldset", has=tab.page.locator("#f-af-1")).locator("details summary").press("Enter")
        tab.check()


def test_attachments_are_shown_to_who_decides_and_to_who_looks_up(service: Running) -> None:
    place = service.place
    document = place.paper(attached=(MAP, LIST))
    officer, custodian = service.signed_in("officer"), service.signed_in("custodian")
    for path in (f"/desk/documents/{document.id}", "/desk/review?" + urlencode({"paper": document.id})):
        shown = officer.get(path).text
        assert MAP.title in shown, path
        assert LIST.title in shown, path
        assert "2 văn bản kèm theo" in shown, path
        for one in document.attachments:
            assert f"{formats.grouped_hash(one.revisions['generated'][:16])}…" in shown, path
        assert "1 trang · mã băm" in shown, path
    opened = officer.get(f"/desk/documents/{document.id}/attachments/2/file")
    assert (opened.status_code, opened.content[:5]) == (200, b"%PDF-")
    place.approve(document.id)
    for path in ("/desk/seals", "/desk/seals/confirm?" + urlencode({"paper": document.id})):
        assert MAP.title in custodian.get(path).text, path
    place.confirm(document.id)
    place.stamp()
    assert f"· {LIST.title}" in custodian.get("/desk/register").text
    public = service.client()
    page = public.get(f"/v/{document.code}").text
    assert f"{LIST.title} (đã ký số của cơ quan)" in page
    sealed = service.signed_in("clerk").get(f"/api/v1/documents/{document.id}").json()["attachments"][1]
    compare = f"/v/{document.code}/compare"
    same = public.post(compare, data={"sha256": sealed["revisions"]["sealed"]}, follow_redirects=True).text
    assert "trùng với văn bản kèm theo đã đóng dấu" in same
    assert 'data-tone="info"' in same
    other = public.post(compare, data={"sha256": sealed["revisions"]["generated"]}, follow_redirects=True).text
    assert "không phải bản cơ quan đã phát hành" in other


def test_a_paper_without_attachments_says_nothing_of_them(service: Running) -> None:
    document = service.place.paper()
    assert "kèm theo" not in service.signed_in("officer").get(f"/desk/documents/{document.id}").text
