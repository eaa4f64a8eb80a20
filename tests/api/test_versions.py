"""ETag, If-None-Match and If-Match of documents and dossiers: nobody acts on what has changed since they read it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx
import pytest

from api.clients import SCOPES
from stamping import Problem, documents
from tests.api.serving import Running
from tests.api.test_dossiers import received
from tests.api.test_idempotency import CALLS
from tests.api.test_roles import rows

PROBLEM: Final = "urn:secondseal:problem:"
ACTS: Final = [
    route
    for route in CALLS
    if route.partition(" ")[2].startswith(("/api/v1/documents/{document_id}/", "/api/v1/dossiers/{dossier_code}/"))
]
WITHDRAWN: Final = {"kind": "withdrawn", "reason": "Người dân rút."}


@pytest.fixture(scope="module")
def program(service: Running) -> httpx.Client:
    """A workflow system."""
    return service.program(*SCOPES)


def tag_of(program: httpx.Client, path: str) -> str:
    """The tag of what is there now."""
    answer = program.get(path)
    assert answer.status_code == 200, answer.text
    return answer.headers["etag"]


def touch(service: Running, program: httpx.Client, here: str) -> None:
    """Somebody else does something that leaves every act possible."""
    if here.startswith("/api/v1/documents/"):
        problem = Problem("time-authority-unreachable", "Máy chủ dấu thời gian không trả lời.", "No answer.")
        documents.note_problem(service.place.desk, here.rpartition("/")[2], problem)
    else:
        assert program.post(f"{here}/return-way", json={"return_way": "counter"}).status_code == 200


def test_what_the_caller_has_is_not_sent_again(service: Running, program: httpx.Client) -> None:
    here = f"/api/v1/documents/{service.place.paper().id}"
    dossier = f"/api/v1/dossiers/{received(program)}"
    for path in (here, dossier):
        tag = tag_of(program, path)
        for sent in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            same = program.get(path, headers={"if-none-match": sent})
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        for sent in ('"x"', tag.strip('"'), "no tag"):
            assert program.get(path, headers={"if-none-match": sent}).status_code == 200
    tags = {tag_of(program, here)}
    assert program.post(f"{here}/decline", json=WITHDRAWN).status_code == 200
    tags.add(tag_of(program, here))
    assert len(tags) == 2


def test_a_dossier_changes_with_its_papers(service: Running, program: httpx.Client) -> None:
    """What is shown of it follows its papers, so its tag does."""
    place, code = service.place, received(program)
    here = f"/api/v1/dossiers/{code}"
    assert program.post(f"{here}/appraisal").status_code == 200
    tags = [tag_of(program, here)]
    made = place.paper(dossier=code)
    tags.append(tag_of(program, here))
    place.approve(made.id)
    tags.append(tag_of(program, here))
    assert len(set(tags)) == 3


@pytest.mark.parametrize("route", ACTS)
def test_an_act_on_what_has_changed_is_refused(service: Running, program: httpx.Client, route: str) -> None:
    """412 and not a row more; read again, it is done; repeated under its key it is answered, whatever has become."""
    client, path, asked, _ = CALLS[route](service, program)
    method, here = route.split(" ")[0], path.rpartition("/")[0]
    stale = tag_of(program, here)
    touch(service, program, here)
    fresh, before = tag_of(program, here), rows(service)
    keyed = {"idempotency-key": f"if-match {path[-60:]}"}
    for headers in ({"if-match": stale}, {"if-match": stale} | keyed, {"if-match": f"W/{fresh}"}):
        refused = client.request(method, path, json=asked, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (412, f"{PROBLEM}changed-since")
    assert (rows(service), tag_of(program, here)) == (before, fresh)
    sent = {"if-match": f"{stale}, {fresh}"} | keyed
    done = client.request(method, path, json=asked, headers=sent)
    assert done.status_code < 300, done.text
    again = client.request(method, path, json=asked, headers=sent)
    assert (again.status_code, again.content) == (done.status_code, done.content)
    assert again.headers["idempotent-replayed"] == "true"


def test_of_many_at_once_one_acts(program: httpx.Client) -> None:
    """Each of these would be done after the other: with the tag they read, one is."""
    here = f"/api/v1/dossiers/{received(program)}"
    headers = {"if-match": tag_of(program, here)}

    def choose(_: int) -> int:
        return program.post(f"{here}/return-way", json={"return_way": "online"}, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(choose, range(6))) == [200, 412, 412, 412, 412, 412]
    lines = [one["event"] for one in program.get(here).json()["history"]]
    assert lines == ["dossier.received", "dossier.return_chosen", "dossier.return_chosen"]


def test_any_version_and_what_is_no_tag(service: Running, program: httpx.Client) -> None:
    here = f"/api/v1/documents/{service.place.paper().id}"
    for wrong in ("abc", '"a" "b"', "", '*, "a"'):
        answer = program.post(f"{here}/decline", json=WITHDRAWN, headers={"if-match": wrong})
        assert (answer.status_code, answer.json()["type"]) == (422, f"{PROBLEM}request-invalid"), wrong
    assert program.post(f"{here}/decline", json=WITHDRAWN, headers={"if-match": "*"}).status_code == 200


def test_every_act_says_that_it_takes_if_match(service: Running) -> None:
    """A new act on a document or dossier is not served before it does."""
    paths = service.client().get("/api/v1/openapi.json").json()["paths"]
    acts = {
        f"{verb.upper()} {path}": operation
        for path, verbs in paths.items()
        for verb, operation in verbs.items()
        if verb != "get" and path.startswith(("/api/v1/documents/{", "/api/v1/dossiers/{"))
    }
    assert acts.keys() == set(ACTS)
    for route, operation in acts.items():
        assert "If-Match" in {one["name"] for one in operation["parameters"]}, route
        assert "412" in operation["responses"], route
