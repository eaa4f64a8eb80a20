"""POST /api/v1/documents/batch: many papers in one call, each for itself; sent again, none twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
import pytest

from tests.api.serving import Running
from tests.api.test_documents import body
from tests.api.test_roles import rows

HERE: Final = "/api/v1/documents/batch"
PROBLEM: Final = "urn:secondseal:problem:"


@pytest.fixture(scope="module")
def program(service: Running) -> httpx.Client:
    """A workflow system."""
    return service.program("documents:read", "documents:write")


def sent(program: httpx.Client, *items: object, key: str = "") -> httpx.Response:
    """The answer to this list."""
    headers = {"idempotency-key": key} if key else {}
    answer = program.post(HERE, json={"documents": items}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def told(answer: httpx.Response) -> list[tuple[int, str]]:
    """Status, and the document's dossier or the problem's name."""
    return [
        (one["status"], one["document"]["dossier"] if "document" in one else one["problem"]["type"].rpartition(":")[2])
        for one in answer.json()["documents"]
    ]


def test_each_is_taken_in_or_refused_as_it_would_be_alone(service: Running, program: httpx.Client) -> None:
    """In order; what is refused undoes nothing and says the same as alone."""
    bad: list[Any] = [
        body(3002, data={}),
        body(3003, dossier={"code": "x"}),
        body(3004, organisation="khong-co"),
        body(3005, attachments=[{"title": "không có tệp"}]),
        body(3006, unknown=1),
        7,
    ]
    before = rows(service)["stamping_documents"]
    answer = sent(program, body(3001), *bad, body(3007))
    first, *refused, last = answer.json()["documents"]
    for one in (first, last):
        assert (one.keys(), one["status"]) == ({"status", "document"}, 201)
        assert program.get(one["document"]["links"]["self"]).json() == one["document"]
    for item, one in zip(bad, refused, strict=True):
        alone = program.post("/api/v1/documents", json=item)
        assert (one["status"], one["problem"]) == (alone.status_code, alone.json())
    assert rows(service)["stamping_documents"] == before + 2
    assert "idempotent-replayed" not in answer.headers


def test_sent_again_it_makes_nothing_new_and_tries_what_was_refused(service: Running, program: httpx.Client) -> None:
    """AC-63's workflow system lost the answer, put one item right and sent the list again."""
    first = sent(program, body(3101), body(3102, data={}), key="dot-1")
    assert [status for status, _ in told(first)] == [201, 422]
    before = rows(service)
    again = sent(program, body(3101), body(3102, data={}), key="dot-1")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    assert rows(service) == before
    right = sent(program, body(3101), body(3102), key="dot-1")
    assert right.json()["documents"][0] == first.json()["documents"][0]
    assert [status for status, _ in told(right)] == [201, 201]
    assert "idempotent-replayed" not in right.headers
    before = rows(service)
    turned = sent(program, body(3102), body(3101), key="dot-1")
    assert told(turned) == [(409, "idempotency-conflict")] * 2, "another list under the key makes nothing"
    assert rows(service) == before


def test_an_item_has_its_own_key(service: Running, program: httpx.Client) -> None:
    """Whatever call it comes in, whatever its place, also alone."""
    item = body(3201) | {"idempotency_key": "ho-so-3201"}
    made = sent(program, item).json()["documents"][0]["document"]
    for answer in (sent(program, body(3202), item), sent(program, item, key="dot-2")):
        assert made in [one["document"] for one in answer.json()["documents"]]
    alone = program.post("/api/v1/documents", json=body(3201), headers={"idempotency-key": "ho-so-3201"})
    assert (alone.json(), alone.headers["idempotent-replayed"]) == (made, "true")


def test_the_same_list_many_times_at_once_makes_each_once(service: Running, program: httpx.Client) -> None:
    """Never two of one: eight workers of the workflow system send the same list."""
    items, before = [body(number) for number in range(3301, 3304)], rows(service)["stamping_documents"]
    with ThreadPoolExecutor(8) as pool:
        answers = [one.result() for one in [pool.submit(sent, program, *items, key="dot-3") for _ in range(8)]]
    assert len({answer.content for answer in answers}) == 1
    assert [status for status, _ in told(answers[0])] == [201] * 3
    assert rows(service)["stamping_documents"] == before + 3


def test_after_a_fault_of_ours_the_rest_is_not_tried(service: Running, program: httpx.Client) -> None:
    """Files cannot be kept: nothing is made, each item says so, and the list may be sent again."""
    before, folder = rows(service), service.place.desk.files.folder
    aside = folder.with_suffix(".aside")
    folder.rename(aside)
    folder.write_bytes(b"")
    try:
        answer = sent(program, body(3401, unknown=1), body(3402), body(3403), key="dot-4")
    finally:
        folder.unlink()
        aside.rename(folder)
    assert told(answer) == [(422, "paper-data-invalid"), *[(503, "storage-unavailable")] * 2]
    assert len({one["problem"].get("instance") for one in answer.json()["documents"][1:]}) == 1
    assert rows(service) == before
    again = sent(program, body(3401), body(3402), body(3403), key="dot-4")
    assert [status for status, _ in told(again)] == [201] * 3


def test_a_list_that_is_none(service: Running, program: httpx.Client) -> None:
    before = rows(service)
    for wrong in ({"documents": []}, {"documents": [body(3501)] * 101}, {"documents": {}}, {}, [body(3501)]):
        answer = program.post(HERE, json=wrong)
        assert (answer.status_code, answer.json()["type"]) == (422, f"{PROBLEM}request-invalid")
    large = program.post(HERE, content=b" " * (service.settings.max_form_bytes + 1))
    assert (large.status_code, large.json()["type"]) == (413, f"{PROBLEM}body-too-large")
    assert rows(service) == before
