"""What people see of attachments: at the desk before they sign and confirm, and behind the printed code."""

from urllib.parse import urlencode

from tests.api.serving import Running
from tests.stamping.test_attachments import LIST, MAP


def test_attachments_are_shown_to_who_decides_and_to_who_looks_up(service: Running) -> None:
    place = service.place
    document = place.paper(attached=(MAP, LIST))
    officer, custodian = service.signed_in("officer"), service.signed_in("custodian")
    for path in (f"/desk/documents/{document.id}", "/desk/review?" + urlencode({"paper": document.id})):
        shown = officer.get(path).text
        assert MAP.title in shown, path
        assert LIST.title in shown, path
        assert "2 văn bản kèm theo" in shown, path
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
