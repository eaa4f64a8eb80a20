"""POST /api/v1/seals: a person, freshly authenticated, for exactly the list that was shown."""

from typing import Any

import httpx

from stamping import confirmations, documents
from tests.api.serving import PASSWORD, Running


def approved(service: Running, count: int = 1) -> list[str]:
    papers = [service.place.paper().id for _ in range(count)]
    service.place.approve(*papers)
    return papers


def shown(custodian: httpx.Client, papers: list[str]) -> dict[str, Any]:
    """The body that confirms these papers, hashed as the interface says."""
    waiting = {one["id"]: one["approved_sha256"] for one in custodian.get("/api/v1/seals").json()["documents"]}
    return {"documents": papers, "list_sha256": confirmations.list_sha256((one, waiting[one]) for one in papers)}


def step_up(custodian: httpx.Client, list_sha256: str) -> httpx.Response:
    return custodian.post("/api/v1/steps", json={"list_sha256": list_sha256, "password": PASSWORD})


def test_a_confirmed_list_is_sealed_while_the_caller_waits(service: Running) -> None:
    """202, a result per document, Prefer: wait=N waits; the sealed file then carries both signatures."""
    papers = approved(service, 2)
    custodian = service.signed_in("custodian")
    body = shown(custodian, papers)
    assert step_up(custodian, body["list_sha256"]).status_code == 201
    with service.worker():
        answer = custodian.post("/api/v1/seals", json=body, headers={"prefer": "wait=20"})
    assert answer.status_code == 202, answer.text
    assert answer.json()["finished"] is True
    assert [one["state"] for one in answer.json()["documents"]] == ["sealed", "sealed"]
    assert custodian.get(answer.headers["location"]).json()["finished"] is True
    assert documents.view(service.place.desk, papers[0]).state == "sealed"


def test_no_machine_credential_can_hold_this_right(service: Running) -> None:
    """AC-63: whatever its scopes, a program is refused, and there is no scope for it."""
    from api.clients import SCOPES

    papers = approved(service)
    body = shown(service.signed_in("custodian"), papers)
    program = service.program(*SCOPES)
    for answer in (program.post("/api/v1/seals", json=body), program.get("/api/v1/seals")):
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:secondseal:problem:forbidden"
    assert not any("seal" in scope for scope in SCOPES)
    assert documents.view(service.place.desk, papers[0]).state == "approved"


def test_other_people_are_refused(service: Running) -> None:
    body = {"documents": ["x"], "list_sha256": "0" * 64}
    assert service.client().post("/api/v1/seals", json=body).status_code == 401
    for role in ("clerk", "officer"):
        assert service.signed_in(role).post("/api/v1/seals", json=body).status_code == 403


def test_without_fresh_authentication_for_this_list_nothing_is_sealed(service: Running) -> None:
    papers = approved(service)
    custodian = service.signed_in("custodian")
    body = shown(custodian, papers)
    never = custodian.post("/api/v1/seals", json=body)
    step_up(custodian, "ab" * 32)
    for_another_list = custodian.post("/api/v1/seals", json=body)
    for answer in (never, for_another_list):
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:secondseal:problem:confirmation-required"
    wrong = custodian.post("/api/v1/steps", json={"list_sha256": body["list_sha256"], "password": "sai mat khau"})
    assert wrong.status_code == 401
    assert custodian.post("/api/v1/seals", json=body).status_code == 403


def test_the_list_confirmed_is_the_list_shown(service: Running) -> None:
    papers = approved(service, 2)
    custodian = service.signed_in("custodian")
    body = shown(custodian, papers)
    step_up(custodian, body["list_sha256"])
    other = custodian.post("/api/v1/seals", json=body | {"documents": papers[::-1]})
    assert other.status_code == 409
    assert other.json()["type"] == "urn:secondseal:problem:list-changed"
    assert documents.view(service.place.desk, papers[0]).state == "approved"
    again = custodian.post("/api/v1/seals", json=body)
    assert again.status_code == 403, "the attempt used the authentication up"


def test_what_is_not_approved_is_not_sealed(service: Running) -> None:
    paper = service.place.paper()
    custodian = service.signed_in("custodian")
    digest = confirmations.list_sha256([(paper.id, "0" * 64)])
    step_up(custodian, digest)
    answer = custodian.post("/api/v1/seals", json={"documents": [paper.id], "list_sha256": digest})
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:secondseal:problem:not-approved"


def test_a_page_that_hides_where_it_is_cannot_confirm(service: Running) -> None:
    """`Origin: null` (a sandboxed frame) over plain HTTP: a call without a form token must say where it comes from."""
    papers = approved(service)
    custodian = service.signed_in("custodian")
    body = shown(custodian, papers)
    assert step_up(custodian, body["list_sha256"]).status_code == 201
    for origin in ("null", "https://evil.example"):
        answer = custodian.post("/api/v1/seals", json=body, headers={"origin": origin})
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:secondseal:problem:forbidden")
    assert documents.view(service.place.desk, papers[0]).state == "approved"
    assert custodian.post("/api/v1/seals", json=body, headers={"origin": service.url}).status_code == 202
    with service.worker():
        assert custodian.get("/api/v1/seals").status_code == 200


def test_a_print_stamped_by_hand_is_issued_by_the_custodian_in_person(service: Running) -> None:
    """AC-12: fresh authentication for this one document; its code's page says what the original is."""
    (paper,) = approved(service)
    custodian = service.signed_in("custodian")
    body = {"document": paper, "list_sha256": shown(custodian, [paper])["list_sha256"], "reason": "HSM đang sửa"}
    never = custodian.post("/api/v1/seals/wet", json=body)
    assert (never.status_code, never.json()["type"]) == (403, "urn:secondseal:problem:confirmation-required")
    program = service.program("documents:write")
    assert program.post("/api/v1/seals/wet", json=body).status_code == 403
    assert service.signed_in("clerk").post("/api/v1/seals/wet", json=body).status_code == 403
    assert step_up(custodian, body["list_sha256"]).status_code == 201
    answer = custodian.post("/api/v1/seals/wet", json=body | {"copies": 2})
    assert (answer.status_code, answer.json()["state"]) == (201, "wet_stamped"), answer.text
    page = service.client().get(f"/v/{answer.json()['code']}").text
    assert "đóng dấu ướt (mực đỏ)" in page
    assert "không có tệp đóng dấu số nào" in page
    assert step_up(custodian, body["list_sha256"]).status_code == 201
    again = custodian.post("/api/v1/seals/wet", json=body)
    assert (again.status_code, again.json()["type"]) == (409, "urn:secondseal:problem:wrong-state")
