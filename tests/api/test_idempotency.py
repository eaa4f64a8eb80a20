"""Every write of the interface under an Idempotency-Key: sent twice it is done once and answered alike; another request
under the same key is a conflict; two callers never meet in a key."""

import base64
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from api.clients import SCOPES
from stamping import passage
from tests.api.administrators import add_administrators, caller
from tests.api.serving import PASSWORD, Running, serving
from tests.api.test_approvals import certificate, signature
from tests.api.test_documents import body
from tests.api.test_dossiers import body as handed_in
from tests.api.test_roles import rows
from tests.api.test_seals import approved, shown, step_up
from tests.stamping.office_desk import PROCEDURE, PlaceMaker
from tests.stamping.test_apologies import overdue, soon

EXEMPT: Final = {
    "POST /api/v1/verifications": "nothing is written",
    "POST /api/v1/session": "nobody is known before it, and a session's secret is never told twice",
    "POST /api/v1/webhooks": "an address is a receiver once: the second time it is refused, and its secret told once",
    "DELETE /api/v1/webhooks/{webhook_id}": "removed twice is removed",
    "POST /api/v1/webhooks/{webhook_id}/secret": "a secret is told once; whoever lost it makes another",
    "POST /api/v1/webhooks/{webhook_id}/repeat": "what waits waits: asked twice it is the same",
    "DELETE /api/v1/session": "signed out twice is signed out; the second call has no caller",
}
Call = tuple[httpx.Client, str, dict[str, Any] | None, dict[str, Any] | None]
"""Who calls, the path, the body, another body; None: the call has none."""

PAPER: Final = {"symbol": "QĐ-UBND", "type_name": "Quyết định", "subject": "mẫu", "signer": "A", "recipients": "B"}
DECISION: Final = {"decision_number": "421/QĐ-UBND", "decided_on": "2026-11-22", "reason": "Sai tên"}


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office of this module's own: its rows are counted here."""
    with serving(desk_with()) as running:
        add_administrators(running)
        yield running


@pytest.fixture(scope="module")
def program(office: Running) -> httpx.Client:
    """One workflow system."""
    return office.program(*SCOPES)


def act(name: str, state: str, asked: dict[str, Any], other: dict[str, Any]) -> Callable[[Running, httpx.Client], Call]:
    """An act on a paper of that state."""

    def made(office: Running, program: httpx.Client) -> Call:
        paper = office.place.sealed() if state == "sealed" else office.place.paper()
        more = {"by_document": office.place.sealed().id} if name in {"replace", "correct"} else {}
        return program, f"/api/v1/documents/{paper.id}/{name}", asked | more, asked | more | other

    return made


def dossier(
    name: str, asked: dict[str, Any] | None = None, other: dict[str, Any] | None = None, *, first: str = ""
) -> Callable[[Running, httpx.Client], Call]:
    """An act on a fresh dossier, after the act `first`."""

    def made(office: Running, program: httpx.Client) -> Call:
        path = f"/api/v1/dossiers/{program.post('/api/v1/dossiers', json=handed_in()).json()['code']}"
        if first:
            assert program.post(f"{path}/{first}", json={"owed": "bản sao giấy tờ"}).status_code == 200
        return program, f"{path}/{name}", asked, other

    return made


def receive(office: Running, program: httpx.Client) -> Call:
    asked = handed_in()
    return program, "/api/v1/dossiers", asked, asked | {"return_way": "online"}


def apology(office: Running, program: httpx.Client) -> Call:
    asked = {"appointed_on": soon(office.place).isoformat(), "reason": "Sự cố"}
    return program, f"/api/v1/dossiers/{overdue(office.place)}/apology", asked, asked | {"reason": "Khác"}


def entered(office: Running, program: httpx.Client) -> str:
    return str(program.post("/api/v1/register/outgoing", json=PAPER).json()["document"])


def prepared(office: Running, program: httpx.Client) -> tuple[str, dict[str, Any]]:
    """A paper's id, and the approval that was opened for it."""
    paper = office.place.paper().id
    opened = program.post(
        f"/api/v1/documents/{paper}/approval", json={"certificate": certificate(office), "officer_id": "pho-chu-tich"}
    )
    assert opened.status_code == 201, opened.text
    return paper, opened.json()


def signed(office: Running, opened: dict[str, Any]) -> str:
    return signature(office, bytes.fromhex(opened["documents"][0]["to_sign"]["digest"]))


def hand_back(office: Running, program: httpx.Client) -> Call:
    paper, opened = prepared(office, program)
    good = {"signature": signed(office, opened)}
    path = f"/api/v1/approvals/{opened['id']}/documents/{paper}"
    return office.client(token=opened["ticket"]), path, good, {"signature": "AAAA"}


def hand_many_back(office: Running, program: httpx.Client) -> Call:
    client, path, good, _ = hand_back(office, program)
    list_path, _, paper = path.rpartition("/")
    return (
        client,
        list_path,
        {"signatures": [good | {"id": paper}]},
        None,
    )  # its conflicts are its items': test_approvals.py


def hand_one_back(office: Running, program: httpx.Client) -> Call:
    paper, opened = prepared(office, program)
    good = {"signature": signed(office, opened), "approval_id": opened["id"]}
    return program, f"/api/v1/documents/{paper}/approval", good, good | {"signature": "AAAA"}


def prepare_one(office: Running, program: httpx.Client) -> Call:
    asked = {"certificate": certificate(office), "officer_id": "pho-chu-tich"}
    return program, f"/api/v1/documents/{office.place.paper().id}/approval", asked, {"officer_id": "pho-chu-tich"}


def offer(office: Running, program: httpx.Client) -> Call:
    opened = program.post("/api/v1/approvals", json={"documents": [office.place.paper().id]}).json()
    head = base64.b64encode(office.place.head_key.certificate.public_bytes(Encoding.DER)).decode()
    path = f"/api/v1/approvals/{opened['id']}/certificate"
    return program, path, {"certificate": certificate(office)}, {"certificate": head}


def seal(office: Running, program: httpx.Client) -> Call:
    custodian = office.signed_in("custodian")
    asked = shown(custodian, approved(office))
    step_up(custodian, asked["list_sha256"])
    return custodian, "/api/v1/seals", asked, asked | {"list_sha256": "0" * 64}


def wet(office: Running, program: httpx.Client) -> Call:
    custodian = office.signed_in("custodian")
    asked = shown(custodian, approved(office))
    step_up(custodian, asked["list_sha256"])
    whole = {"document": asked["documents"][0], "list_sha256": asked["list_sha256"], "reason": "Mất điện"}
    return custodian, "/api/v1/seals/wet", whole, whole | {"copies": 2}


def step(office: Running, program: httpx.Client) -> Call:
    asked = {"list_sha256": "ab" * 32, "password": PASSWORD}
    return office.signed_in("custodian"), "/api/v1/steps", asked, asked | {"list_sha256": "cd" * 32}


def proposal(office: Running, program: httpx.Client) -> Call:
    client = caller(office, "administrator")
    now = client.get("/api/v1/office").json()
    text = now["toml"].replace('appointed_by = "05/QĐ-MẪU"', 'appointed_by = "07/QĐ-MẪU"') + "\n# mẫu\n"
    asked = {"toml": text, "why": "Quyết định 9/QĐ-MẪU", "base": now["version"]}
    return client, "/api/v1/office/proposals", asked, asked | {"why": "Việc khác"}


def decide(how: str, role: str) -> Callable[[Running, httpx.Client], Call]:
    """A decision on a fresh proposal of the administrator's."""

    def made(office: Running, program: httpx.Client) -> Call:
        client, path, asked, _ = proposal(office, program)
        new = client.post(path, json=asked).json()
        decider = caller(office, role)
        decider.post("/api/v1/steps", json={"list_sha256": new["confirm_sha256"], "password": PASSWORD})
        return decider, f"{path}/{new['proposal']}/{how}", {"note": "được"}, {"note": "khác"}

    return made


CALLS: Final[dict[str, Callable[[Running, httpx.Client], Call]]] = {
    "POST /api/v1/documents": lambda o, p: (p, "/api/v1/documents", body(2001), body(2002)),
    # its conflicts are its items': test_batch.py
    "POST /api/v1/documents/batch": lambda o, p: (
        p,
        "/api/v1/documents/batch",
        {"documents": [body(2003), body(2004)]},
        None,
    ),
    "POST /api/v1/documents/{document_id}/decline": act(
        "decline", "waiting", {"kind": "withdrawn", "reason": "Người dân rút."}, {"reason": "Khác"}
    ),
    "POST /api/v1/documents/{document_id}/return": act("return", "sealed", {"received_by": "B"}, {"received_by": "C"}),
    "POST /api/v1/documents/{document_id}/recall": act("recall", "sealed", DECISION, {"reason": "Khác"}),
    "POST /api/v1/documents/{document_id}/replace": act("replace", "sealed", DECISION, {"reason": "Khác"}),
    "POST /api/v1/documents/{document_id}/correct": act(
        "correct", "sealed", {"reason": "Sai số nhà"}, {"reason": "Khác"}
    ),
    "POST /api/v1/dossiers": receive,
    "POST /api/v1/dossiers/{dossier_code}/appraisal": dossier("appraisal"),
    "POST /api/v1/dossiers/{dossier_code}/supplement-request": dossier(
        "supplement-request", {"owed": "bản sao"}, {"owed": "bản chính"}
    ),
    "POST /api/v1/dossiers/{dossier_code}/supplement": dossier("supplement", first="supplement-request"),
    "POST /api/v1/dossiers/{dossier_code}/refusal": dossier("refusal", {"reason": "Sai"}, {"reason": "Khác"}),
    "POST /api/v1/dossiers/{dossier_code}/withdrawal": dossier("withdrawal", {"reason": "Sai"}, {"reason": "Khác"}),
    "POST /api/v1/dossiers/{dossier_code}/return-way": dossier(
        "return-way", {"return_way": "online"}, {"return_way": "counter"}
    ),
    "POST /api/v1/dossiers/{dossier_code}/apology": apology,
    "POST /api/v1/documents/{document_id}/approval": prepare_one,
    "PUT /api/v1/documents/{document_id}/approval": hand_one_back,
    "POST /api/v1/numbers": lambda o, p: (p, "/api/v1/numbers", {"procedure": PROCEDURE}, {"symbol": "QĐ-UBND"}),
    "POST /api/v1/numbers/{number_id}/void": lambda o, p: (
        p,
        f"/api/v1/numbers/{p.post('/api/v1/numbers', json={'procedure': PROCEDURE}).json()['id']}/void",
        {"reason": "Không dùng"},
        {"reason": "Khác"},
    ),
    "POST /api/v1/register/outgoing": lambda o, p: (p, "/api/v1/register/outgoing", PAPER, PAPER | {"copies": 2}),
    "POST /api/v1/register/outgoing/{document_id}/issue": lambda o, p: (
        p,
        f"/api/v1/register/outgoing/{entered(o, p)}/issue",
        {"issued_on": o.place.today().isoformat()},
        {"issued_on": "2026-01-02"},
    ),
    "POST /api/v1/register/outgoing/{document_id}/void": lambda o, p: (
        p,
        f"/api/v1/register/outgoing/{entered(o, p)}/void",
        {"reason": "Không gửi"},
        {"reason": "Khác"},
    ),
    "POST /api/v1/approvals": lambda o, p: (
        p,
        "/api/v1/approvals",
        {"documents": [o.place.paper().id]},
        {"documents": [o.place.paper().id]},
    ),
    "POST /api/v1/approvals/{approval_id}/certificate": offer,
    "PUT /api/v1/approvals/{approval_id}/documents": hand_many_back,
    "PUT /api/v1/approvals/{approval_id}/documents/{document_id}": hand_back,
    "POST /api/v1/seals": seal,
    "POST /api/v1/seals/wet": wet,
    "POST /api/v1/steps": step,
    "POST /api/v1/office/proposals": proposal,
    "POST /api/v1/office/proposals/{number}/rejection": decide("rejection", "second"),
    "POST /api/v1/office/proposals/{number}/withdrawal": decide("withdrawal", "administrator"),
    "POST /api/v1/office/proposals/{number}/confirmation": decide("confirmation", "second"),
}


def test_every_write_takes_a_key_and_is_in_this_table(office: Running) -> None:
    """A new route that writes is not served before it is done once under a key."""
    paths = office.client().get("/api/v1/openapi.json").json()["paths"]
    writes = {
        f"{verb.upper()} {path}": [one["name"] for one in operation.get("parameters", [])]
        for path, verbs in paths.items()
        for verb, operation in verbs.items()
        if verb != "get"
    }
    assert writes.keys() == CALLS.keys() | EXEMPT.keys()
    assert {route for route, names in writes.items() if "Idempotency-Key" not in names} == EXEMPT.keys()


@pytest.mark.parametrize("route", CALLS)
def test_it_is_done_once_and_answered_alike(office: Running, program: httpx.Client, route: str) -> None:
    """The workflow system that lost an answer asks again and gets it, and nothing is done twice."""
    client, path, asked, other = CALLS[route](office, program)
    method, headers = route.split(" ")[0], {"idempotency-key": route[-60:]}
    first = client.request(method, path, json=asked, headers=headers)
    assert first.status_code < 300, first.text
    assert "idempotent-replayed" not in first.headers
    after = rows(office)
    again = client.request(method, path, json=asked, headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    if other is not None:
        conflict = client.request(method, path, json=other, headers=headers)
        assert (conflict.status_code, conflict.json()["type"]) == (409, "urn:secondseal:problem:idempotency-conflict")
    assert rows(office) == after, "the second time nothing is written"


def test_two_callers_never_meet_in_a_key(office: Running) -> None:
    """Same name, same key, same words, and still two numbers."""
    asked, headers = {"procedure": PROCEDURE}, {"idempotency-key": "chung"}
    made = [office.program(*SCOPES).post("/api/v1/numbers", json=asked, headers=headers).json()["id"] for _ in range(2)]
    assert made[0] != made[1]


def test_a_ticket_is_not_told_to_another_session_of_the_same_person(office: Running) -> None:
    """The secret of a list is kept nowhere: only the session or token that opened it can make it again."""
    asked, headers = {"documents": [office.place.paper().id]}, {"idempotency-key": "dot-ky"}
    first = office.signed_in("officer").post("/api/v1/approvals", json=asked, headers=headers)
    assert first.status_code == 201, first.text
    other = office.signed_in("officer", fresh=True).post("/api/v1/approvals", json=asked, headers=headers)
    assert (other.status_code, "ticket" in other.json()) == (409, False)


def test_what_was_refused_may_be_sent_again(office: Running, program: httpx.Client) -> None:
    """A refusal is not kept: the key serves when the reason is gone."""
    headers = {"idempotency-key": "lai-1"}
    paper = office.place.paper().id
    early = program.post(f"/api/v1/documents/{paper}/return", json={"received_by": "B"}, headers=headers)
    assert early.status_code == 409
    office.place.approve(paper)
    office.place.confirm(paper)
    while passage.serve_one(office.place.worker, office.place.keys):
        pass  # others' papers may be queued before it
    late = program.post(f"/api/v1/documents/{paper}/return", json={"received_by": "B"}, headers=headers)
    assert late.json()["state"] == "returned"


def test_a_password_is_no_part_of_what_is_kept(office: Running) -> None:
    """Under the key of a step the password is proved each time; wrong, it is refused, whatever was answered before."""
    headers, asked = {"idempotency-key": "buoc"}, {"list_sha256": "ef" * 32, "password": PASSWORD}
    client = office.signed_in("custodian")
    assert client.post("/api/v1/steps", json=asked, headers=headers).status_code == 201
    assert client.post("/api/v1/steps", json=asked | {"password": "sai"}, headers=headers).status_code == 401
