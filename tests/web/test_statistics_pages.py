"""The statistics' pages: a year of papers counted, drawn, and shown to those who may see them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Browser, expect

from api import accounts, plots
from tests.api.serving import PASSWORD, Running, serving
from tests.stamping.figures_data import plausible_year
from tests.stamping.office_desk import OFFICER_NAME, PlaceMaker
from tests.web.test_browser import LOOKS, opened
from tests.web.test_public_pages import nothing_inline


@pytest.fixture(scope="module")
def busy(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office with a year of papers behind it, which publishes its figures."""
    place = desk_with()
    plausible_year(place.desk.engine, place.desk.office(), until=datetime.now(UTC))
    with serving(place, public_statistics=True) as running:
        accounts.create(
            place.desk.engine,
            name="kiem-tra",
            password=PASSWORD,
            roles=["auditor"],
            now=datetime.now(UTC),
            display_name="Vũ Thị Mẫu",
        )
        client = running.client()
        assert client.post("/api/v1/session", json={"name": "kiem-tra", "password": PASSWORD}).status_code == 201
        running.sessions["auditor"] = client.cookies
        yield running


@pytest.mark.parametrize(("width", "scheme", "locale"), LOOKS)
def test_the_pages_fit_every_screen(browser: Browser, busy: Running, width: int, scheme: str, locale: str) -> None:
    with opened(browser, busy.url, width, scheme, locale) as tab:
        tab.go("/statistics")
        tab.check()
        tab.is_signed_in(busy, "auditor")
        tab.go("/desk/statistics")
        expect(tab.page.locator("figure.plot")).to_have_count(4)
        # nothing drawn leaves its plot: text keeps its size, so that a long label could
        outside = tab.page.evaluate(
            """() => document.fonts.ready.then(() => [...document.querySelectorAll('.plot svg')].flatMap(plot => {
                 const room = plot.getBoundingClientRect();
                 return [...plot.querySelectorAll('text')].filter(word => word.getClientRects().length)
                   .filter(word => { const box = word.getBoundingClientRect();
                     return box.right > room.right + 2 || box.left < room.left - 14; })
                   .map(word => word.textContent); }))"""
        )
        assert outside == []
        tab.check()


def test_the_year_under_the_last_column_stays_within_the_plot() -> None:
    """As each January has it; a phone's column is narrower than four figures."""
    months = [plots.Column(name=f"{month:02}", parts=((1, "m2"),)) for month in range(1, 13)]
    drawn = plots.columns("", [*months, plots.Column(name="01", below="2027", parts=((1, "m2"),))])
    (year,) = [word for word in drawn.words if word.text == "2027"]
    half_a_column = (100 - year.x) / 100 * 280  # pixels, on the narrowest phone
    assert year.anchor == "end"
    assert year.shift <= half_a_column


def test_the_desk_shows_figures_and_to_the_auditor_who_approved_how_fast(busy: Running) -> None:
    page = busy.signed_in("auditor").get("/desk/statistics")
    nothing_inline(page)
    assert page.text.count('<svg height="') == page.text.count("<details>") == 4
    assert page.text.count("Xem dạng bảng") == 4, "each plot has its numbers as a table"
    assert OFFICER_NAME in page.text
    assert "Nguyễn Văn Mẫu" in page.text
    assert "/api/v1/statistics.csv?from=" in page.text
    assert "Phạm Thị Mẫu" not in page.text, "no applicant"


def test_an_officer_sees_their_own_line_and_others_see_none(busy: Running) -> None:
    officer = busy.signed_in("officer").get("/desk/statistics").text
    table = officer.partition("Người phê duyệt</h2>")[2]
    assert OFFICER_NAME in table
    assert "Nguyễn Văn Mẫu" not in officer
    for role in ("clerk", "custodian"):
        page = busy.signed_in(role).get("/desk/statistics")
        assert page.status_code == 200
        assert OFFICER_NAME not in page.text
    assert busy.client().get("/desk/statistics").headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2026-03-40", "Ngày chưa đúng"),
        ("last=9999-12-31", "Ngày chưa đúng"),
        ("since=2026-05-01&last=2026-04-01", "Ngày đầu phải trước ngày cuối"),
        ("since=1990-01-01", "không dài quá 10 năm"),
        ("organisation=khong-co", "không có cơ quan khong-co"),
    ],
)
def test_a_period_that_cannot_be_is_said(busy: Running, query: str, words: str) -> None:
    """What was typed stays in the form, and what is wrong with it stands there."""
    page = busy.signed_in("auditor").get(f"/desk/statistics?{query}")
    assert page.status_code == 422
    assert words in page.text
    assert 'aria-describedby="period-e"' in page.text


def test_an_empty_period_says_so(busy: Running) -> None:
    page = busy.signed_in("auditor").get("/desk/statistics?since=2020-01-01&last=2020-12-31")
    assert page.status_code == 200
    assert "Chưa có văn bản nào trong kỳ này" in page.text
    assert "<svg height" not in page.text


def test_anyone_sees_the_years_and_no_person(busy: Running) -> None:
    """No officer, no applicant, no month, and no period of one's own choosing."""
    client = busy.client()
    page = client.get("/statistics")
    nothing_inline(page)
    assert page.status_code == 200
    assert "Kết quả giải quyết hồ sơ" in page.text
    for name in (OFFICER_NAME, "Nguyễn Văn Mẫu", "Phạm Thị Mẫu"):
        assert name not in page.text
    chosen = client.get("/statistics?since=2026-03-01&last=2026-03-02&year=1066")
    assert _figures(chosen) == _figures(page) != []
    assert '<a href="/statistics">' in client.get("/verify").text


def test_the_public_page_is_there_only_where_the_office_wants_it(service: Running) -> None:
    assert service.client().get("/statistics").status_code == 404
    assert 'href="/statistics"' not in service.client().get("/verify").text


def _figures(page: httpx.Response) -> list[str]:
    return re.findall(r'<p class="num">([^<]*)</p>', page.text)
