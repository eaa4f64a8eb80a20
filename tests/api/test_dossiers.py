"""/api/v1/dossiers: received, appraised, supplemented, refused, listed; each write once under its Idempotency-Key."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import httpx
import pytest

from stamping import NewReception, dossiers
from stamping.dossier import Applicant
from tests.api.serving import Running, serving
from tests.stamping.office_desk import OFFICER, ORGANISATION, PROCEDURE, PlaceMaker
from tests.templates.examples import sample_data

APPLICANT = {"name": "Nguyễn Thị Mẫu", "id_number": "001099000001", "phone": "0900000000", "address": "Thôn Mẫu"}
PROBLEM = "urn:secondseal:problem:"
_codes: Iterator[int] = count(5000)


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office of its own: its list of dossiers is this module's."""
    with serving(desk_with()) as running:
        yield running


@pytest.fixture(scope="module")
def program(office: Running) -> httpx.Client:
    """A workflow system."""
    return office.program("documents:read", "documents:write")


def body(**changes: object) -> dict[str, object]:
    """A dossier nobody has received."""
    return {"code": f"000.00.16.H05-261118-{next(_codes)}", "procedure": PROCEDURE, "applicant": APPLICANT, **changes}


def received(program: httpx.Client, **changes: object) -> str:
    """A received dossier's code."""
    answer = program.post("/api/v1/dossiers", json=body(**changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


def test_a_dossier_is_received_appraised_and_read(office: Running, program: httpx.Client) -> None:
    asked = body()
    made = program.post("/api/v1/dossiers", json=asked)
    assert made.status_code == 201
    told = made.json()
    assert made.headers["location"] == told["links"]["self"] == f"/api/v1/dossiers/{asked['code']}"
    assert told["links"]["public_page"] == f"/t/{told['receipt_code']}"
    assert (told["state"], told["stage"], told["standing"], told["return_way"]) == (
        "received",
        "received",
        "under_way",
        "counter",
    )
    assert told["due_at"].endswith("T17:00:00+07:00")
    appraised = program.post(f"{told['links']['self']}/appraisal")
    assert (appraised.status_code, appraised.json()["stage"]) == (200, "appraised")
    # a person reads it by the receipt code
    assert office.signed_in("clerk").get(f"/api/v1/dossiers/{told['receipt_code']}").json() == appraised.json()


def test_a_supplement_is_asked_for_and_comes(program: httpx.Client) -> None:
    here = f"/api/v1/dossiers/{received(program)}"
    owed = {"owed": "Bản sao Giấy khai sinh", "until": "2999-01-01"}
    asked = program.post(f"{here}/supplement-request", json=owed).json()
    assert asked["supplement"] | {"asked_at": ""} == {**owed, "asked_at": ""}
    assert program.post(f"{here}/appraisal").json()["type"] == f"{PROBLEM}wrong-state"
    come = program.post(f"{here}/supplement").json()
    assert (come["state"], come["supplement"]) == ("received", None)
    named = program.post(f"{here}/supplement-request", json={"owed": "CCCD của Nguyễn Thị Mẫu"})
    assert (named.status_code, named.json()["type"]) == (422, f"{PROBLEM}dossier-invalid")


@pytest.mark.parametrize(("act", "state"), [("refusal", "refused"), ("withdrawal", "withdrawn")])
def test_it_ends(program: httpx.Client, act: str, state: str) -> None:
    here = f"/api/v1/dossiers/{received(program)}"
    ended = program.post(f"{here}/{act}", json={"reason": "Không thuộc thẩm quyền"}).json()
    assert (ended["state"], ended["standing"], ended["history"][-1]["reason"]) == (
        state,
        state,
        "Không thuộc thẩm quyền",
    )
    assert program.post(f"{here}/appraisal").status_code == 409


def test_the_applicant_chooses_how_the_result_comes(program: httpx.Client) -> None:
    here = f"/api/v1/dossiers/{received(program, return_way='online')}"
    changed = program.post(f"{here}/return-way", json={"return_way": "post"}).json()
    assert changed["return_way"] == "post"
    assert [line["reason"] for line in changed["history"] if line["event"] == "dossier.return_chosen"] == [
        "online",
        "post",
    ]
    assert {line["actor"] for line in changed["history"]} == {"client:một cửa điện tử"}


@pytest.mark.parametrize(
    ("act", "asked"),
    [
        ("appraisal", None),
        ("supplement-request", {"owed": "Đơn"}),
        ("refusal", {"reason": "x"}),
        ("withdrawal", {"reason": "x"}),
        ("return-way", {"return_way": "online"}),
    ],
)
def test_the_same_act_eight_times_at_once_is_one(program: httpx.Client, act: str, asked: dict[str, str] | None) -> None:
    here = f"/api/v1/dossiers/{received(program)}"
    before = len(program.get(here).json()["history"])
    headers = {"Idempotency-Key": f"{act} {here}"}
    with ThreadPoolExecutor(8) as threads:
        jobs = [threads.submit(program.post, f"{here}/{act}", json=asked, headers=headers) for _ in range(8)]
    answers = [job.result() for job in jobs]
    assert {answer.status_code for answer in answers} == {200}
    assert sorted("idempotent-replayed" in answer.headers for answer in answers) == [False] + [True] * 7
    assert len(program.get(here).json()["history"]) == before + 1


def test_the_same_reception_eight_times_at_once_is_one(program: httpx.Client) -> None:
    asked, headers = body(), {"Idempotency-Key": "reception"}
    with ThreadPoolExecutor(8) as threads:
        jobs = [threads.submit(program.post, "/api/v1/dossiers", json=asked, headers=headers) for _ in range(8)]
    answers = [job.result() for job in jobs]
    assert {(answer.status_code, answer.json()["receipt_code"]) for answer in answers} == {
        (201, answers[0].json()["receipt_code"])
    }
    other = program.post("/api/v1/dossiers", json=body(), headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, f"{PROBLEM}idempotency-conflict")


def test_a_paper_takes_its_facts_from_the_dossier(program: httpx.Client) -> None:
    """By the code alone; a repeated key gives the paper even after the dossier has gone on."""
    code = received(program)
    asked = {"dossier": code, "data": sample_data()}
    early = program.post("/api/v1/documents", json=asked)
    assert (early.status_code, early.json()["type"]) == (409, f"{PROBLEM}wrong-state")
    program.post(f"/api/v1/dossiers/{code}/appraisal")
    made = program.post("/api/v1/documents", json=asked, headers={"Idempotency-Key": code})
    assert made.status_code == 201, made.text
    assert (made.json()["dossier"], made.json()["organisation"]) == (code, ORGANISATION)
    here = made.json()["links"]["self"]
    program.post(f"{here}/decline", json={"kind": "withdrawn", "reason": "lập lại"})
    program.post(f"/api/v1/dossiers/{code}/withdrawal", json={"reason": "Đổi ý"})
    again = program.post("/api/v1/documents", json=asked, headers={"Idempotency-Key": code})
    assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])
    told = program.get(f"/api/v1/dossiers/{code}").json()
    assert [(one["links"]["self"], one["state"]) for one in told["documents"]] == [(here, "withdrawn")]
    unknown = program.post("/api/v1/documents", json={**asked, "dossier": {"code": "000.00.16.H05-261118-9999"}})
    assert (unknown.status_code, unknown.json()["type"]) == (422, f"{PROBLEM}dossier-invalid")


def test_a_result_is_sent_by_post(office: Running, program: httpx.Client) -> None:
    """Once under its key; carrier, item number and time stand in the dossier."""
    place, code = office.place, received(program, return_way="post")
    program.post(f"/api/v1/dossiers/{code}/appraisal")
    made = program.post(
        "/api/v1/documents",
        json={"dossier": code, "data": sample_data(), "officer_id": OFFICER},
    ).json()
    place.approve(made["id"])
    place.confirm(made["id"])
    place.stamp()
    here = f"{made['links']['self']}/return"
    posted = {"received_by": "Bưu cục xã Mẫu", "way": "post", "carrier": "Bưu điện Mẫu", "item_number": "EA000000001VN"}
    posted["sent_at"] = place.clock().isoformat()
    bare = program.post(here, json={**posted, "carrier": ""})
    assert (bare.status_code, bare.json()["type"]) == (422, f"{PROBLEM}paper-data-invalid")
    for _ in range(2):
        answer = program.post(here, json=posted, headers={"Idempotency-Key": f"{code} post"})
        assert answer.status_code == 200, answer.text
    told = program.get(f"/api/v1/dossiers/{code}").json()
    assert (told["stage"], told["standing"]) == ("returned", "completed")
    left = told["documents"][0]["handed_over"]
    at, sent_at = datetime.fromisoformat(left.pop("at")), datetime.fromisoformat(left.pop("sent_at"))
    assert left == {"way": "post", "carrier": "Bưu điện Mẫu", "item_number": "EA000000001VN"}
    assert sent_at <= at


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"code": "không phải mã"}, "dossier-invalid"),
        ({"procedure": "9.999999"}, "dossier-invalid"),
        ({"organisation": "X9"}, "forbidden"),
        ({"applicant": {**APPLICANT, "name": "a" * 201}}, "request-invalid"),
        ({"applicant": {**APPLICANT, "address": ""}, "return_way": "post"}, "dossier-invalid"),
        ({"return_way": "pigeon"}, "request-invalid"),
        ({"stage": "stamped"}, "request-invalid"),
    ],
)
def test_what_is_not_right_is_a_problem(program: httpx.Client, changes: dict[str, object], problem: str) -> None:
    answer = program.post("/api/v1/dossiers", json=body(**changes))
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"{PROBLEM}{problem}"


def test_an_unknown_dossier_is_not_found(program: httpx.Client) -> None:
    answer = program.get("/api/v1/dossiers/000.00.16.H05-261118-9999")
    assert (answer.status_code, answer.json()["type"]) == (404, f"{PROBLEM}not-found")
    assert program.get("/api/v1/dossiers/a%00b").status_code == 422
    assert program.get("/api/v1/dossiers", params={"cursor": "x"}).json()["type"] == f"{PROBLEM}request-invalid"


def test_the_overdue_are_listed_page_by_page(office: Running, program: httpx.Client) -> None:
    """By deadline; one that waits for a supplement, was refused or whose paper is issued is not overdue."""
    place = office.place
    long_ago = place.clock() - timedelta(days=60)
    past = replace(place.desk, clock=lambda: long_ago)
    applicant = Applicant(**APPLICANT)

    def kept(number: int) -> str:
        code = f"000.00.16.H05-260901-{number:04d}"
        new = NewReception(code=code, procedure=PROCEDURE, organisation=ORGANISATION, applicant=applicant)
        dossiers.receive(past, new, "clerk")
        return code

    late = [kept(number) for number in range(1, 6)]
    dossiers.request_supplement(past, kept(6), "Đơn", "clerk")
    dossiers.refuse(past, kept(7), "x", "clerk")
    received(program)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = program.get("/api/v1/dossiers", params={"overdue": "true", "limit": "2", **cursor}).json()
        assert all(one["overdue"] for one in page["dossiers"])
        seen += [one["code"] for one in page["dossiers"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == late
    others = program.get("/api/v1/dossiers", params={"overdue": "false", "limit": "200"}).json()["dossiers"]
    assert not any(one["overdue"] for one in others)
    assert len(others) == len({one["code"] for one in others} - set(late))
