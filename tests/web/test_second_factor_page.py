"""In a real browser: a custodian turns the second factor on, signs in with it, and confirms a list with it."""

import io
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from api import accounts
from stamping import documents
from tests.api.serving import PASSWORD, Running
from tests.stamping.office_desk import CUSTODIAN
from tests.web.test_browser import LOOKS, Tab, opened


@pytest.mark.parametrize(("width", "scheme", "locale"), LOOKS[1:])
def test_the_whole_way_of_a_second_factor(
    service: Running, browser: Browser, width: int, scheme: str, locale: str
) -> None:
    """Turned on by the symbol, asked for at the next sign-in and at the seal; a wrong code opens nothing."""
    place, name = service.place, f"van-thu-{width}"
    accounts.create(
        place.desk.engine,
        name=name,
        password=PASSWORD,
        roles=["custodian"],
        now=datetime.now(UTC),
        display_name=f"Lê Thị Mẫu {width}",
        custodian_id=CUSTODIAN,
    )
    with opened(browser, service.url, width, scheme, locale) as tab:
        page = tab.page
        _password(tab, name)
        page.wait_for_url("**/desk/seals")
        tab.go("/desk/second-factor")
        tab.check()
        page.fill("#p", "sai-mat-khau-roi")
        page.press("#p", "Enter")
        _refused(tab, "#pe")
        page.fill("#p", PASSWORD)
        page.press("#p", "Enter")
        expect(page.locator("svg.qr")).to_be_visible()
        tab.check()
        secret = page.locator("p.mono").inner_text().replace(" ", "")
        (symbol,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator("svg.qr").screenshot())))
        read = pyotp.parse_uri(symbol.text)
        assert (read.secret, read.name, read.issuer) == (secret, name, service.settings.office_vi)
        page.fill("#c", "000000x")
        page.press("#c", "Enter")
        _refused(tab, "#ce")
        tab.check()
        page.fill("#c", pyotp.TOTP(secret).now())
        page.press("#c", "Enter")
        codes = page.locator("ol.codes li").all_inner_texts()
        assert len(codes) == 10
        tab.check()
        tab.go("/desk/second-factor")
        tab.check()
        page.locator("form[action='/sign-out'] button").click()
        page.wait_for_url("**/sign-in")
        _password(tab, name)
        page.wait_for_url("**/sign-in/code?*")
        tab.check()
        tab.go("/desk/seals")
        assert "/sign-in?" in page.url, "the password alone opens nothing"
        _password(tab, name)
        _code(page, "123456")
        _refused(tab, "#ce")
        tab.check()
        _code(page, pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30)))
        page.wait_for_url("**/desk/seals")
        _confirms(service, tab, codes[0])


def _confirms(service: Running, tab: Tab, code: str) -> None:
    """One paper confirmed with password and code, after a try without a right code."""
    document = service.place.paper().id
    service.place.approve(document)
    page = tab.page
    tab.go(f"/desk/seals/confirm?paper={document}")
    tab.check()
    page.fill("#p", PASSWORD)
    _code(page, "000000")
    _refused(tab, "#pe")
    assert documents.view(service.place.desk, document).state == "approved"
    page.fill("#p", PASSWORD)
    _code(page, code)
    page.wait_for_url("**/desk/seals/*")
    assert documents.view(service.place.desk, document).state == "confirmed"
    service.place.stamp()


def _refused(tab: Tab, error: str) -> None:
    """The page says so beside the field; the browser's own line about the status is no noise of ours."""
    expect(tab.page.locator(error)).to_be_visible()
    assert all("the server responded with a status of 4" in line for line in tab.noise), tab.noise
    tab.noise.clear()


def _password(tab: Tab, name: str) -> None:
    if "/sign-in" not in tab.page.url:
        tab.go("/desk/seals")
    tab.page.fill("#u", name)
    tab.page.fill("#p", PASSWORD)
    tab.page.press("#p", "Enter")


def _code(page: Page, code: str) -> None:
    page.fill("#c", code)
    page.press("#c", "Enter")
