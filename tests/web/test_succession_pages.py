"""After a merger: what the pages say of a paper sealed before it, and of one that still waits for the old seal."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stamping import documents
from store import VIETNAM
from tests.api.serving import Running, serving
from tests.stamping.office_desk import ORGANISATION, ORGANISATION_NAME, PlaceMaker
from tests.web.test_public_pages import checked, nothing_inline

HEIR = "ỦY BAN NHÂN DÂN PHƯỜNG MẪU MỚI"
LAST_DAY = (datetime.now(UTC) + timedelta(days=9)).astimezone(VIETNAM).date()
SAID = {
    "vi": f"Cơ quan ban hành: {ORGANISATION_NAME} (đến {LAST_DAY.day}/{LAST_DAY.month}/{LAST_DAY.year}), "
    f"kế thừa bởi: {HEIR}",
    "en": f"Issued by: {ORGANISATION_NAME} (until {LAST_DAY.isoformat()}), succeeded by: {HEIR}",
}


@pytest.fixture(scope="module")
def merged(desk_with: PlaceMaker) -> Iterator[tuple[Running, str, str]]:
    """Forty days on, the office merged into another: the service, a sealed paper's id, one that waits for the seal."""
    place = desk_with()
    sealed, waiting = place.sealed().id, place.paper().id
    place.approve(waiting)
    head = f'code = "{ORGANISATION}"\nname = "{ORGANISATION_NAME}"\n'
    first = LAST_DAY + timedelta(days=1)
    ended = f'{head}until = "{LAST_DAY}"\nsuccessors = [{{ code = "M01.X7", from = "{first}" }}]\n'
    heir = f'\n[[organisations]]\ncode = "M01.X7"\nname = "{HEIR}"\nplace = "Mẫu"\nfrom = "{first}"\n'
    place.rewrite_office((place.office_text, place.office_text.replace(head, ended) + heir))
    place.desk = replace(place.desk, clock=lambda: datetime.now(UTC) + timedelta(days=40))
    with serving(place) as running:
        yield running, sealed, waiting


@pytest.mark.parametrize("language", ["vi", "en"])
def test_both_pages_name_issuer_end_and_successor(merged: tuple[Running, str, str], language: str) -> None:
    """AC-121: one sentence, on the code's page and on the result of a file; the paper's own words stay."""
    running, sealed, _ = merged
    client = running.client(language=language)
    view = documents.view(running.place.desk, sealed)
    code = client.get(f"/v/{view.code}")
    nothing_inline(code)
    assert SAID[language] in code.text
    assert f'<span lang="vi">{ORGANISATION_NAME}</span>' in code.text
    result = checked(client, documents.file(running.place.desk, sealed)[0])
    nothing_inline(result)
    assert SAID[language] in result.text
    assert 'data-tone="good"' in result.text, "sealed before the merger: genuine and in force"


def test_a_file_the_register_does_not_know_borrows_no_successor(merged: tuple[Running, str, str]) -> None:
    running, sealed, _ = merged
    pdf = documents.file(running.place.desk, sealed)[0]
    assert HEIR not in checked(running.client(), pdf + b"%").text


def test_the_custodian_sees_why_a_paper_cannot_be_sealed(merged: tuple[Running, str, str]) -> None:
    """The paper stays in the list, with its reason; it cannot be chosen, and confirming it is refused."""
    running, _, waiting = merged
    custodian = running.signed_in("custodian")
    page = custodian.get("/desk/seals")
    nothing_inline(page)
    box = re.search(rf'<input[^>]*value="{waiting}"[^>]*>', page.text)
    assert box
    assert " disabled" in box.group()
    assert "không hoạt động ngày" in page.text
    listed = custodian.get("/api/v1/seals").json()["documents"]
    assert [one["refusal"]["type"].rpartition(":")[2] for one in listed] == ["seal-not-active"]
