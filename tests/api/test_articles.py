"""A refusal of the office's rules tells programs and people which article said no."""

import html

from tests.api.serving import Running
from tests.api.test_documents import body
from tests.api.test_seals import approved, shown, step_up


def test_a_problem_names_its_reason_and_its_article(service: Running) -> None:
    """AC-5: who may not sign this paper."""
    client = service.program("documents:write")
    answer = client.post("/api/v1/documents", json=body(7001, officer_id="giam-doc"))
    assert answer.status_code == 403
    problem = answer.json()
    assert problem["type"] == "urn:secondseal:problem:officer-not-authorised"
    assert (problem["reason"], problem["article"]) == ("delegation-outside-scope", "NĐ 30/2020/NĐ-CP Đ.13")
    assert problem["detail"].endswith("Căn cứ: NĐ 30/2020/NĐ-CP Đ.13.")
    english = client.post(
        "/api/v1/documents", json=body(7002, officer_id="giam-doc"), headers={"accept-language": "en"}
    )
    assert english.json()["detail"].endswith("Under: NĐ 30/2020/NĐ-CP Đ.13.")


def test_a_paper_that_came_back_keeps_the_article(service: Running) -> None:
    """AC-120: the worker's refusal, as a program and the clerk read it; and the page's own check says the same."""
    place = service.place
    active = 'handover = "01/BB-MẪU" }]'
    suspended = f'{active[:-1]}, {{ state = "suspended", decision = "09/QĐ-MẪU", date = "2026-01-01" }}]'
    custodian = service.signed_in("custodian")
    listed = shown(custodian, approved(service, 1))
    assert step_up(custodian, listed["list_sha256"]).status_code == 201
    made = custodian.post("/api/v1/seals", json=listed)
    place.rewrite_office((active, suspended))
    try:
        with service.worker():
            done = custodian.get(made.headers["location"], headers={"prefer": "wait=20"}).json()
        (result,) = done["documents"]
        assert result["problem"]["article"] == "NĐ 99/2016/NĐ-CP"
        clerk = service.signed_in("clerk")
        document = service.program("documents:read").get(f"/api/v1/documents/{result['id']}").json()
        assert document["problem"]["article"] == "NĐ 99/2016/NĐ-CP"
        page = html.unescape(clerk.get(f"/desk/documents/{result['id']}").text)
        assert "đang tạm dừng sử dụng. Căn cứ: NĐ 99/2016/NĐ-CP." in page
        assert "<small>NĐ 99/2016/NĐ-CP</small>" in page
    finally:
        place.rewrite_office((suspended, active))
