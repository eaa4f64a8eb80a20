"""The administrators' desk: what is in force in plain words, what is proposed, confirmed by a second person."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, expect

from api.formats import grouped_hash
from register import OfficeProposal, office_versions
from stamping import office_acts
from store import read
from tests.api.administrators import ADMINISTRATORS, add_administrators, caller
from tests.api.serving import PASSWORD, Running, serving
from tests.stamping.office_desk import FIRST, PlaceMaker
from tests.web.test_browser import LOOKS, opened
from tests.web.test_desk_pages import followed, form_of
from tests.web.test_public_pages import nothing_inline
from trust import RevocationUnavailable, fingerprint

CUSTODIAN = """[[custodians]]
id = "moi"
name = "Hồ Thị Mẫu"
organisation = "M01.X1"
seals = ["x1-2"]
appointed_by = "9/QĐ-MẪU"

[[procedures]]"""


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office of this module's own, with two administrators."""
    with serving(desk_with()) as running:
        add_administrators(running)
        yield running


def proposed(office: Running, *edits: tuple[str, str], why: str = "Quyết định 9/QĐ-MẪU") -> OfficeProposal:
    """A change the first administrator asks for."""
    desk = office.place.desk
    with read(desk.engine) as connection:
        version = office_versions.in_force(connection)
    assert version is not None
    text = version.proposal.text
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    name, shown = ADMINISTRATORS["administrator"]
    mover = type(FIRST)(account=name, name=shown)
    return office_acts.propose(desk, text, {}, base=version.number, why=why, by=mover)


def test_the_authorities_are_shown_and_cannot_be_changed(office: Running) -> None:
    """Anchors with their fingerprints, and how each address answered that this process asked."""
    desk, auditor = office.place.desk, caller(office, "auditor")
    assert desk.sources.revocation is not None
    with suppress(RevocationUnavailable):  # asked, whatever the answer
        desk.sources.revocation.collect((desk.store.intermediates[0], desk.store.anchors[0]), now=desk.clock())
    asked = desk.sources.revocation.sources()
    assert asked
    english = auditor.get("/desk/trust?lang=en").text
    assert "Relied on" in english
    page = auditor.get("/desk/trust?lang=vi")
    nothing_inline(page)
    for source in asked:
        assert source.url in page.text
    for certificate in (*desk.store.anchors, *desk.store.intermediates):
        assert grouped_hash(fingerprint(certificate)) in page.text
    assert page.text.count("Đang tin cậy") == len(desk.store.anchors) + len(desk.store.intermediates)
    assert "<form" not in page.text.partition("<main")[2]
    assert caller(office, "clerk").get("/desk/trust").status_code == 403


def test_the_page_tells_what_is_in_force(office: Running) -> None:
    page = caller(office, "auditor").get("/desk/office")
    nothing_inline(page)
    for words in (
        "ỦY BAN NHÂN DÂN XÃ MẪU",
        "Lê Thị Mẫu giữ",
        "Đang dùng",
        "KT. PHÓ CHỦ TỊCH",
        "mọi thủ tục",
        "1 chứng thư",
    ):
        assert words in page.text, words
    assert "do người vận hành lập khi bắt đầu dùng hệ thống" in page.text
    assert "Người vận hành" not in page.text
    english = caller(office, "auditor").get("/desk/office?lang=en").text
    assert "Kept by Lê Thị Mẫu" in english
    whole = caller(office, "auditor").get("/desk/office/versions/1?lang=vi")
    nothing_inline(whole)
    assert "[[custodians]]" in whole.text
    assert caller(office, "auditor").get("/desk/office/versions/99").status_code == 404


def test_one_proposes_and_another_confirms_with_their_password(office: Running) -> None:
    made = proposed(office, ("[[procedures]]", CUSTODIAN))
    path = f"/desk/office/proposals/{made.id}"
    own = caller(office, "administrator").get(path)
    assert "Chờ người khác xác nhận" in own.text
    assert f'action="{path}/confirm"' not in own.text
    assert f'action="{path}/withdraw"' in own.text
    second = caller(office, "second")
    assert "Quyết định 9/QĐ-MẪU" in second.get("/desk/office").text
    page = second.get(path)
    nothing_inline(page)
    assert "Hồ Thị Mẫu" in page.text
    assert "cần người thứ hai" in page.text
    form = form_of(page, f"{path}/confirm")
    wrong = second.post(f"{path}/confirm", data={**form, "password": "sai-mat-khau"})
    assert (wrong.status_code, "Chưa có gì thay đổi" in wrong.text, "<title>Lỗi:" in wrong.text) == (401, True, True)
    forced = caller(office, "administrator").post(
        f"{path}/confirm", data={**form_of(own, f"{path}/withdraw"), "password": PASSWORD}
    )
    assert (forced.status_code, "không tự xác nhận được" in forced.text) == (403, True)
    done = followed(second, second.post(f"{path}/confirm", data={**form, "password": PASSWORD}))
    assert "Đã có hiệu lực" in done.text
    assert office.place.desk.office().custodian("moi") is not None
    front = second.get("/desk/office").text
    assert "Đinh Văn Mẫu đề nghị, Bùi Thị Mẫu xác nhận" in front
    late = second.post(f"{path}/confirm", data={**form, "password": PASSWORD})
    assert (late.status_code, "đã được xác nhận rồi" in late.text) == (409, True)


def test_a_proposal_is_rejected_with_a_reason_or_withdrawn(office: Running) -> None:
    one = proposed(office, ('post = "CHỦ TỊCH"', 'post = "BÍ THƯ"'))
    other = proposed(office, ("working_days = 3", "working_days = 5"))
    second, first = caller(office, "second"), caller(office, "administrator")
    path = f"/desk/office/proposals/{one.id}"
    form = form_of(second.get(path), f"{path}/reject")
    bare = second.post(f"{path}/reject", data=form)
    assert (bare.status_code, "Hãy ghi lý do" in bare.text) == (422, True)
    done = followed(second, second.post(f"{path}/reject", data={**form, "note": "Chưa có quyết định."}))
    assert "Đã bị bác" in done.text
    assert "Chưa có quyết định." in done.text
    path = f"/desk/office/proposals/{other.id}"
    form = form_of(first.get(path), f"{path}/withdraw")
    assert "Đã rút" in followed(first, first.post(f"{path}/withdraw", data=form)).text


def test_a_proposal_that_was_overtaken_says_so(office: Running) -> None:
    late = proposed(office, ("working_days = 3", "working_days = 7"))
    first = proposed(office, ('day_ends = "17:00"', 'day_ends = "16:00"'))
    client = caller(office, "administrator")
    path = f"/desk/office/proposals/{first.id}"
    form = form_of(client.get(path), f"{path}/confirm")
    followed(client, client.post(f"{path}/confirm", data={**form, "password": PASSWORD}))
    page = client.get(f"/desk/office/proposals/{late.id}").text
    assert "không còn xác nhận được" in page
    assert "/confirm" not in page


def test_the_desk_is_for_administrators_and_auditors(office: Running) -> None:
    made = proposed(office, ("working_days = 3", "working_days = 6"))
    path = f"/desk/office/proposals/{made.id}"
    for role in ("clerk", "officer", "custodian"):
        client = caller(office, role)
        assert client.get("/desk/office").status_code == 403
        assert 'href="/desk/office"' not in client.get("/desk/documents").text
    auditor = caller(office, "auditor")
    shown = auditor.get(path)
    assert shown.status_code == 200
    assert "<form" not in shown.text.partition("<main")[2]
    assert auditor.post(f"{path}/confirm", data={"password": PASSWORD}).status_code == 403
    assert caller(office, "administrator").get("/desk").headers["location"] == "/desk/office"
    assert caller(office, "administrator").post(f"{path}/reject", data={"note": "x"}).status_code == 403, (
        "no form token"
    )


@pytest.mark.parametrize(("width", "scheme", "locale"), LOOKS)
def test_the_pages_in_a_browser(browser: Browser, office: Running, width: int, scheme: str, locale: str) -> None:
    made = proposed(office, ('appointed_by = "05/QĐ-MẪU"', f'appointed_by = "{width}/QĐ-MẪU"'))
    with opened(browser, office.url, width, scheme, locale) as tab:
        for cookie in caller(office, "second").cookies.jar:
            tab.page.context.add_cookies([{"name": cookie.name, "value": cookie.value or "", "url": office.url}])
        tab.page.context.add_cookies([{"name": "lang", "value": locale[:2], "url": office.url}])
        tab.go("/desk/office")
        tab.check()
        tab.page.click(f'a[href="/desk/office/proposals/{made.id}"]')
        expect(tab.page.locator("h1")).to_be_focused()
        tab.check()
        tab.page.fill("#note", "Thử nghiệm.")
        tab.page.click("form[action$=reject] button")
        tab.page.wait_for_url(f"**/proposals/{made.id}")
        assert tab.page.locator("form[action$=reject]").count() == 0
        tab.check()
        tab.go("/desk/office/versions/1")
        tab.check()
