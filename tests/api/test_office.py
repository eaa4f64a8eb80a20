"""/api/v1/office: who may look, who may propose, who may confirm; fresh authentication for the very proposal."""

import base64
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.api.administrators import add_administrators, caller
from tests.api.serving import PASSWORD, Running, serving
from tests.stamping.office_desk import SEAL, PlaceMaker


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office of this module's own: its versions are counted here."""
    with serving(desk_with()) as running:
        add_administrators(running)
        yield running


def current(office: Running) -> dict[str, Any]:
    answer = caller(office, "administrator").get("/api/v1/office")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def proposed(office: Running, old: str, new: str, role: str = "administrator", **more: Any) -> httpx.Response:
    now = current(office)
    assert old in now["toml"]
    body = {"toml": now["toml"].replace(old, new), "why": "Quyết định 9/QĐ-MẪU", "base": now["version"], **more}
    return caller(office, role).post("/api/v1/office/proposals", json=body)


def step(office: Running, role: str, sha256: str) -> None:
    body = {"list_sha256": sha256, "password": PASSWORD}
    assert caller(office, role).post("/api/v1/steps", json=body).status_code == 201


def confirm(office: Running, role: str, made: dict[str, Any]) -> httpx.Response:
    step(office, role, made["confirm_sha256"])
    return caller(office, role).post(f"/api/v1/office/proposals/{made['proposal']}/confirmation", json={})


def code(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


READERS = {"administrator", "second", "auditor"}
WRITERS = {"administrator", "second"}
ROLES = ("nobody", "program", "clerk", "officer", "custodian", "auditor", "administrator", "second")
CALLS = [
    ("GET", "/api/v1/office", None, READERS, 200),
    ("GET", "/api/v1/office/versions", None, READERS, 200),
    ("GET", "/api/v1/office/versions/1", None, READERS, 200),
    ("GET", "/api/v1/office/versions/999", None, READERS, 404),
    ("GET", "/api/v1/office/proposals", None, READERS, 200),
    ("GET", "/api/v1/office/proposals/1", None, READERS, 200),
    ("GET", "/api/v1/office/proposals/999", None, READERS, 404),
    ("POST", "/api/v1/office/proposals", {"toml": "la =", "why": "x", "base": 1}, WRITERS, 422),
    ("POST", "/api/v1/office/proposals/1/confirmation", {}, WRITERS, 403),
    ("POST", "/api/v1/office/proposals/1/rejection", {"note": "x"}, WRITERS, 409),
    ("POST", "/api/v1/office/proposals/1/withdrawal", {}, WRITERS, 409),
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("method", "path", "body", "allowed", "status"), CALLS, ids=[f"{call[0]} {call[1][15:]}" for call in CALLS]
)
def test_each_call_is_open_to_its_people_only(
    office: Running, role: str, method: str, path: str, body: object, allowed: set[str], status: int
) -> None:
    """AC-63: no machine credential changes who may stamp, whatever its scopes. Proposal 1 is decided already."""
    answer = caller(office, role).request(method, path, json=body)
    expected = status if role in allowed else 401 if role == "nobody" else 403
    assert answer.status_code == expected, answer.text
    if role not in allowed:
        assert code(answer) in {"forbidden", "unauthenticated"}


def test_the_version_in_force_is_told_with_its_tag(office: Running) -> None:
    client = caller(office, "auditor")
    answer = client.get("/api/v1/office")
    told = answer.json()
    assert told["toml"] == office.place.office_text
    assert told["files"].keys() == {"seal.png", "officer.png"}
    assert told["proposed_by"]["account"] == "(operator)"
    tag = answer.headers["etag"]
    assert client.get("/api/v1/office", headers={"if-none-match": tag}).status_code == 304
    assert client.get("/api/v1/office", headers={"if-none-match": '"1-x"'}).status_code == 200


def test_a_change_is_proposed_confirmed_by_another_and_then_in_force(office: Running) -> None:
    answer = proposed(office, 'appointed_by = "05/QĐ-MẪU"', 'appointed_by = "06/QĐ-MẪU"')
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/office/proposals/{made['proposal']}"
    assert (made["state"], made["needs_second"]) == ("pending", True)
    assert made["changes"][0]["second_person"]
    own = confirm(office, "administrator", made)
    assert (own.status_code, code(own)) == (403, "four-eyes")
    path = f"/api/v1/office/proposals/{made['proposal']}/confirmation"
    unproved = caller(office, "second").post(path, json={})
    assert (unproved.status_code, code(unproved)) == (403, "confirmation-required")
    step(office, "second", "ab" * 32)
    assert code(caller(office, "second").post(path, json={})) == "confirmation-required", "proved for another proposal"
    before = current(office)
    done = confirm(office, "second", made)
    assert (done.status_code, done.json()["state"]) == (200, "confirmed"), done.text
    after = current(office)
    assert after["version"] == before["version"] + 1
    assert (after["proposed_by"]["name"], after["decided_by"]["name"]) == ("Đinh Văn Mẫu", "Bùi Thị Mẫu")
    custodian = office.place.desk.office().custodian("van-thu")
    assert custodian is not None
    assert custodian.appointed_by == "06/QĐ-MẪU"
    versions = caller(office, "auditor").get("/api/v1/office/versions").json()["versions"]
    assert [one["version"] for one in versions] == list(range(after["version"], 0, -1))
    again = confirm(office, "second", made)
    assert (again.status_code, code(again)) == (409, "proposal-closed")


@pytest.mark.parametrize(("name", "number"), [("versions", "version"), ("proposals", "proposal")])
def test_page_by_page_each_is_shown_once(office: Running, name: str, number: str) -> None:
    """Also while others are proposed and confirmed: what comes later stands before the first page."""
    hours = ["16:00", "16:10", "16:20", "16:40"]
    for was, now in pairwise(["17:00", *hours[:3]]):
        made = proposed(office, f'day_ends = "{was}"', f'day_ends = "{now}"').json()
        assert confirm(office, "administrator", made).status_code == 200
    client = caller(office, "auditor")
    whole = client.get(f"/api/v1/office/{name}").json()
    assert whole["next"] is None
    seen, cursor = [], ""
    while True:
        page = client.get(f"/api/v1/office/{name}?limit=2{cursor}").json()
        seen += page[name]
        assert len(page[name]) == (2 if page["next"] else len(whole[name]) % 2 or 2)
        if page["next"] is None:
            break
        if not cursor:
            newer = proposed(office, f'day_ends = "{hours[2]}"', f'day_ends = "{hours[3]}"').json()
            assert confirm(office, "administrator", newer).status_code == 200
        cursor = f"&cursor={page['next']}"
    assert seen == whole[name]
    assert client.get(f"/api/v1/office/{name}").json()[name][0][number] > seen[0][number]
    back = proposed(office, f'day_ends = "{hours[3]}"', 'day_ends = "17:00"').json()
    assert confirm(office, "administrator", back).status_code == 200
    for wrong in ("cursor=0", "cursor=x", "limit=0", "limit=201"):
        answer = client.get(f"/api/v1/office/{name}?{wrong}")
        assert (answer.status_code, code(answer)) == (422, "request-invalid")


def test_a_harmless_change_is_confirmed_by_its_proposer(office: Running) -> None:
    made = proposed(office, "working_days = 3", "working_days = 4").json()
    assert not made["needs_second"]
    assert confirm(office, "administrator", made).status_code == 200
    assert office.place.desk.office().procedures[0].working_days == 4


def test_a_stale_an_empty_and_an_invalid_proposal_are_told_apart(office: Running) -> None:
    first = proposed(office, 'day_ends = "17:00"', 'day_ends = "16:30"').json()
    rival = proposed(office, 'place = "Mẫu Cũ"', 'place = "Mẫu Cũ "').json()
    assert confirm(office, "administrator", first).status_code == 200
    stale = confirm(office, "second", rival)
    assert (stale.status_code, code(stale)) == (409, "proposal-stale")
    assert code(proposed(office, "test_office", "test_office")) == "proposal-empty"
    assert code(proposed(office, 'day_ends = "16:30"', 'day_ends = "15:30"', base=1)) == "proposal-stale"
    wrong = proposed(office, 'day_ends = "16:30"', 'day_ends = "25:00"\nla = 1')
    assert (wrong.status_code, code(wrong)) == (422, "proposal-invalid")
    assert len(wrong.json()["problems"]) == 2, wrong.text
    assert wrong.json()["problems"][0].keys() == {"where", "line", "vi", "en"}


def test_files_come_with_the_proposal(office: Running) -> None:
    """A certificate in base64; what is no certificate is refused; what is no base64, too."""
    pem = office.place.seal_key.certificate.public_bytes(Encoding.PEM)
    line, named = f'id = "{SEAL}"\n', f'id = "{SEAL}"\ncertificate = "seal.pem"\n'
    assert code(proposed(office, line, named)) == "proposal-invalid"
    bad = proposed(office, line, named, files={"seal.pem": base64.b64encode(b"none").decode()})
    assert code(bad) == "proposal-invalid"
    assert proposed(office, line, named, files={"seal.pem": "%%%"}).status_code == 422
    good = proposed(office, line, named, files={"seal.pem": base64.b64encode(pem).decode()})
    assert good.status_code == 201, good.text
    assert {"seal.pem", "seal.png", "officer.png"} == set(good.json()["files"])
    withdrawn = caller(office, "administrator").post(
        f"/api/v1/office/proposals/{good.json()['proposal']}/withdrawal", json={"note": "chưa cần"}
    )
    assert withdrawn.json()["state"] == "withdrawn"
    assert withdrawn.json()["note"] == "chưa cần"


def test_another_rejects_with_a_reason(office: Running) -> None:
    made = proposed(office, 'post = "CHỦ TỊCH"', 'post = "BÍ THƯ"').json()
    path = f"/api/v1/office/proposals/{made['proposal']}"
    assert caller(office, "second").post(f"{path}/rejection", json={}).status_code == 422
    assert code(caller(office, "administrator").post(f"{path}/rejection", json={"note": "x"})) == "forbidden"
    assert code(caller(office, "second").post(f"{path}/withdrawal", json={})) == "forbidden"
    done = caller(office, "second").post(f"{path}/rejection", json={"note": "Chưa có quyết định."})
    assert (done.json()["state"], done.json()["note"]) == ("rejected", "Chưa có quyết định.")
    assert current(office)["toml"].count("BÍ THƯ") == 0


def test_other_sites_change_nothing(office: Running) -> None:
    client = caller(office, "administrator")
    body = {"toml": "x", "why": "x", "base": 1}
    assert client.post("/api/v1/office/proposals", json=body, headers={"origin": "https://evil"}).status_code == 403


def test_the_calls_are_described(service: Running) -> None:
    paths = service.client().get("/api/v1/openapi.json").json()["paths"]
    for path in ("", "/versions", "/versions/{number}", "/proposals", "/proposals/{number}/confirmation"):
        for operation in paths[f"/api/v1/office{path}"].values():
            assert operation["security"] == [{"person": []}]
            assert operation["description"]
