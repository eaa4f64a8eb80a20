"""In a real browser: no barrier that axe finds (WCAG 2.2 AA), no console message under the policy, no request
elsewhere, no sideways scrolling, keyboard and phone; the officer's page hands its list to the real signing program."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from api.formats import grouped_hash
from secondseal.demo.pki import Pki
from stamping import DocumentView, confirmations, documents
from tests.api.serving import PASSWORD, PEOPLE, Running, serving
from tests.ports import free_port
from tests.stamping.office_desk import CUSTODIAN, PlaceMaker
from tests.tokens.fixtures import TokenFarm
from tests.web.officer_program import officer_token, signing_program

LOOKS = [
    pytest.param(320, "light", "en-US", id="320-light-en"),
    pytest.param(390, "dark", "vi-VN", id="390-dark-vi"),
    pytest.param(1280, "light", "vi-VN", id="1280-light-vi"),
]
WCAG: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ACCENTS = "ẰẲẴẮẶ ỀỂỄẾỆ ỜỞỠỚỢ ỪỬỮỨỰ ỲỶỸÝỴ Đ ₫"


@dataclass
class Tab:
    """A page being watched; `noise` is whatever the browser complained of, `elsewhere` every foreign address."""

    page: Page
    url: str
    noise: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    scripts: bool = True

    def go(self, path: str) -> None:
        """Open an address of the service."""
        self.page.goto(self.url + path)

    def is_signed_in(self, service: Running, role: str) -> None:
        """Take over a session that exists already: a password takes its time."""
        for cookie in service.signed_in(role).cookies.jar:
            self.page.context.add_cookies([{"name": cookie.name, "value": cookie.value or "", "url": self.url}])

    def sign_in(self, role: str, goal: str = "/desk") -> None:
        """As a person does."""
        self.go(goal)
        self.page.fill("#u", PEOPLE[role][0])
        self.page.fill("#p", PASSWORD)
        self.page.press("#p", "Enter")
        self.page.wait_for_url("**/desk/**")

    def check(self) -> None:
        """Nothing to complain of, nothing wider than the screen."""
        assert self.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, self.page.url
        assert self.noise == []
        assert self.elsewhere == []
        if self.scripts:
            assert barriers(self.page) == [], self.page.url


def barriers(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page as it stands: rule, elements, why."""
    found = Axe().run(page, options={"runOnly": list(WCAG), "resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]


def on_paper(page: Page) -> str:
    """The words of the page as it is printed, on at most two sheets."""
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    try:
        assert len(document) <= 2
        text = " ".join(sheet.get_textpage().get_text_range() for sheet in document)
    finally:
        document.close()
    return " ".join(text.split())


@contextmanager
def opened(browser: Browser, url: str, width: int, scheme: str, locale: str, *, scripts: bool = True) -> Iterator[Tab]:
    """A tab of its own."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=locale,
        java_script_enabled=scripts,
    )
    tab = Tab(page=context.new_page(), url=url, scripts=scripts)

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            tab.noise.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith(url):
            tab.elsewhere.append(request.url)

    tab.page.on("console", heard)
    tab.page.on("pageerror", lambda error: tab.noise.append(str(error)))
    tab.page.on("request", asked)
    tab.page.set_default_timeout(20_000)
    try:
        yield tab
    finally:
        context.close()


def test_barriers_are_found(browser: Browser) -> None:
    """The looking itself: a picture without words, a field without a name, grey on grey, no language."""
    with opened(browser, "", 390, "light", "en-US") as tab:
        tab.page.set_content(
            "<title>x</title><main><h1>x</h1><img src=data:,><input>"
            "<p style='color:#999;background:#aaa'>grey on grey</p></main>"
        )
        found = {line.partition(":")[0] for line in barriers(tab.page)}
    assert {"image-alt", "label", "color-contrast", "html-has-lang"} <= found


@pytest.mark.parametrize(("width", "scheme", "locale"), LOOKS)
def test_public_pages(
    browser: Browser, service: Running, sealed: DocumentView, sealed_file: Path, width: int, scheme: str, locale: str
) -> None:
    with opened(browser, service.url, width, scheme, locale) as tab:
        page = tab.page
        tab.go("/verify")
        tab.check()
        page.set_input_files("#file", sealed_file)
        expect(page.locator("[data-file-name]")).to_have_text(sealed_file.name)
        page.click("form[data-upload] button.btn")
        page.wait_for_url("**/verify/results/*")
        expect(page.locator("h1")).to_be_focused()
        assert page.locator("section.verdict").get_attribute("data-tone") == "good"
        page.locator("details summary").first.press("Enter")
        expect(page.locator('[data-tt15="issuer"]').first).to_be_visible()
        tab.check()
        printed = on_paper(page)
        assert page.locator("h1").inner_text() in printed
        assert grouped_hash(sealed.revisions["sealed"]) in printed, "every fact is kept"
        for issuer in page.locator('[data-tt15="issuer"]').all_inner_texts():
            assert " ".join(issuer.split()) in printed
        for control in page.locator("main .btn:visible").all_inner_texts():
            assert control not in printed, "what can be pressed stays on the screen"
        tab.go(f"{page.url.removeprefix(service.url)}/technical")
        for summary in page.locator(".chain details summary").all():
            summary.press("Enter")
        expect(page.locator(".chain details .dl").last).to_be_visible()
        tab.check()
        tab.go("/verify/policies/second-seal-tt15/1")
        tab.check()
        tab.go(f"/v/{sealed.code}")
        tab.check()
        posted: list[str] = []
        page.on("request", lambda request: posted.append(request.post_data or "") if request.method == "POST" else None)
        page.set_input_files("#file", sealed_file)
        page.click("[data-compare] button.btn")
        page.wait_for_url("**/results/*")
        assert page.locator("section.verdict").get_attribute("data-tone") == "good"
        assert posted == [f"sha256={sealed.revisions['sealed']}"], "the hash is computed here and only the hash is sent"
        tab.check()
        for path in ("/about", "/sign-in"):
            tab.go(path)
            tab.check()
        tab.is_signed_in(service, "clerk")  # whose name and desks stand above public pages, too
        for path in ("/verify", "/about", "/t", f"/v/{sealed.code}"):
            tab.go(path)
            expect(page.locator(".who")).to_be_visible()
            tab.check()


@pytest.mark.parametrize(("width", "scheme", "locale"), LOOKS)
def test_desk_pages(
    browser: Browser, service: Running, sealed: DocumentView, width: int, scheme: str, locale: str
) -> None:
    waiting, signed = service.place.paper(), service.place.paper()
    service.place.approve(signed.id)
    places = {
        "clerk": [
            "/desk/documents",
            "/desk/documents/new",
            "/desk/documents/upload",
            f"/desk/documents/{sealed.id}",
            "/desk/numbers",
        ],
        "officer": ["/desk/inbox", f"/desk/documents/{waiting.id}", f"/desk/review?paper={waiting.id}"],
        "custodian": ["/desk/seals", f"/desk/seals/confirm?paper={signed.id}", "/desk/register"],
    }
    for role, paths in places.items():
        with opened(browser, service.url, width, scheme, locale) as tab:
            tab.is_signed_in(service, role)
            for path in paths:
                tab.go(path)
                for picture in tab.page.locator("img").all():
                    expect(picture).to_have_js_property("complete", value=True)
                assert tab.page.locator("img.sheet").evaluate_all("all => all.every(one => one.naturalWidth > 500)")
                tab.check()


def test_a_file_too_large_is_said_before_it_is_sent(browser: Browser, service: Running, tmp_path: Path) -> None:
    big = tmp_path / "big.pdf"
    with big.open("wb") as file:
        file.truncate(service.settings.max_file_bytes + 1)
    with opened(browser, service.url, 390, "light", "vi-VN") as tab:
        tab.go("/verify")
        tab.page.set_input_files("#file", big)
        expect(tab.page.get_by_role("alert")).to_contain_text("giới hạn là 50 MB")
        tab.page.click("form[data-upload] button.btn")
        expect(tab.page.get_by_role("alert")).to_be_visible()
        assert tab.page.url.endswith("/verify")
        tab.check()


def test_without_scripts_everything_works(
    browser: Browser, service: Running, sealed: DocumentView, sealed_file: Path
) -> None:
    with opened(browser, service.url, 390, "light", "vi-VN", scripts=False) as tab:
        tab.go("/verify")
        tab.page.set_input_files("#file", sealed_file)
        tab.page.click("form[data-upload] button.btn")
        tab.page.wait_for_url("**/verify/results/*")
        assert "Văn bản này là thật" in tab.page.inner_text("h1")
        tab.go(f"/v/{sealed.code}")
        assert tab.page.locator("main noscript").bounding_box(), "said beforehand that the file will be sent"
        assert "Trình duyệt của bạn đang tắt JavaScript" in tab.page.content()
        tab.page.set_input_files("#file", sealed_file)
        tab.page.click("[data-compare] button.btn")
        tab.page.wait_for_url("**/results/*")
        assert "giống hệt" in tab.page.inner_text("h1")
        tab.sign_in("officer", "/desk/inbox")
        assert tab.page.locator("[data-all]").count() == 0 or not tab.page.locator("[data-all]").first.is_visible()


def test_the_font_has_every_vietnamese_letter(browser: Browser, service: Running) -> None:
    with opened(browser, service.url, 390, "light", "vi-VN") as tab:
        tab.go("/verify")
        loaded = tab.page.evaluate(
            """async text => { const faces = await document.fonts.load('400 18px "Be Vietnam Pro"', text);
               await document.fonts.load('600 18px "Be Vietnam Pro"', text);
               return faces.length > 0 && document.fonts.check('400 18px "Be Vietnam Pro"', text)
                 && document.fonts.check('600 18px "Be Vietnam Pro"', text); }""",
            ACCENTS,
        )
        assert loaded


def test_choosing_by_keyboard(browser: Browser, service: Running) -> None:
    """Arrows move between rows, Shift extends, the button counts."""
    for _ in range(3):
        service.place.paper()
    with opened(browser, service.url, 1280, "light", "vi-VN") as tab:
        tab.is_signed_in(service, "officer")
        tab.go("/desk/inbox")
        rows = tab.page.locator(".row > input[type=checkbox]")
        rows.first.focus()
        tab.page.keyboard.press("Shift+ArrowDown")
        tab.page.keyboard.press("ArrowDown")
        tab.page.keyboard.press("Space")
        expect(tab.page.locator("[data-go]")).to_have_text("Xem lại và ký 3 văn bản")
        tab.page.locator("[data-go]").press("Enter")
        expect(tab.page.locator("h1")).to_have_text("Xem lại 3 văn bản trước khi ký")
        tab.page.get_by_text("Về danh sách, vẫn giữ lựa chọn").click()
        assert tab.page.locator(".row > input:checked").count() == 3
        tab.check()


def test_the_page_hands_its_list_to_the_signing_program(
    browser: Browser, desk_with: PlaceMaker, farm: TokenFarm, pki: Pki
) -> None:
    """The officer's click, the real program with a token, the page that watches, then the custodian's page."""
    token, port = officer_token(farm, pki), free_port()
    place = desk_with(officer_key=token)  # type: ignore[arg-type]  # only the certificate is known here
    papers = [place.paper().id for _ in range(2)]
    with serving(place, agent_port=port) as running, opened(browser, running.url, 1280, "light", "vi-VN") as tab:
        page = tab.page
        tab.sign_in("officer", "/desk/inbox")
        page.check("[data-all] >> nth=0")
        page.click("[data-go]")
        page.click(".split__side .btn")
        page.wait_for_url("**/desk/approvals/*")
        # The browser notes the refused connection in its own time: waited for, so that nothing else is forgiven.
        with page.expect_console_message(lambda message: "ERR_CONNECTION_REFUSED" in message.text):
            page.locator("[data-connect]").first.click()
        expect(page.locator("[data-trouble=agent_away] h2")).to_have_text("Chưa thấy chương trình ký trên máy này")
        assert len(tab.noise) == 1
        tab.noise.clear()
        with signing_program(token, running.url, port):
            page.locator("[data-trouble=agent_away] [data-connect]").click()
            expect(page.locator("h1")).to_have_text("2 văn bản đã ký", timeout=30_000)
        assert [documents.view(place.desk, one).state for one in papers] == ["approved", "approved"]
        assert {address.split("/")[2] for address in tab.elsewhere} == {f"127.0.0.1:{port}"}
        assert tab.noise == []

        page.get_by_role("button", name="Đăng xuất").click()
        tab.elsewhere.clear()
        tab.sign_in("custodian", "/desk/seals")
        page.check(f'input[value="{papers[0]}"]')
        page.click("[data-go]")
        page.fill("#p", PASSWORD)
        with running.worker():
            page.click(".btn--seal")
            expect(page.locator("h1")).to_have_text("1 văn bản đã đóng dấu", timeout=30_000)
        assert documents.view(place.desk, papers[0]).state == "sealed"
        assert len(confirmations.pending(place.desk, CUSTODIAN).documents) == 1
        tab.check()
