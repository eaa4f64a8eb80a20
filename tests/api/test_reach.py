"""Programs limited to papers, seals and organisations: every route they may call, against documents outside.

A route for programs that is not in the table fails the test: nobody serves it before they wrote down what a document
outside answers there.
"""

from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from api import clients
from api.clients import SCOPES
from stamping import Applicant, NewNumber, NewReception, Reach, approvals, dossiers, numbering, on_paper
from stamping.on_paper import PaperDocument
from tests.api.serving import Running, serving
from tests.api.test_documents import body as document_body
from tests.api.test_roles import TABLE as ROLES
from tests.api.test_roles import rows
from tests.stamping.office_desk import OFFICER, ORGANISATION, PROCEDURE, SEAL, PlaceMaker

PAPER: Final = "dang-ky-ho-kinh-doanh"
WITHIN: Final = Reach(
    papers=frozenset({PAPER}), seals=frozenset({SEAL}), organisations=frozenset({ORGANISATION, "M01.H1"})
)
APPLICANT: Final = Applicant(name="Phạm Thị Mẫu", id_number="", phone="", address="")
OUTSIDE: Final = {
    "papers": Reach(papers=frozenset({"giay-khac"})),
    "seals": Reach(seals=frozenset({"h1-2"})),
    "organisations": Reach(organisations=frozenset({"M01", "M01.H1"})),
    "nothing": Reach(papers=frozenset()),
}
_REASON: Final = {"reason": "thử"}
_DECISION: Final = {"decision_number": "1/QĐ-UBND", "decided_on": "2026-11-01", **_REASON}
_DOSSIER: Final = "000.00.16.H05-261118-790"
_SIGNATURE: Final = {"signature": "AAAA"}

TABLE: Final[dict[str, tuple[int, dict[str, Any] | None]]] = {
    "POST /api/v1/documents": (403, {}),
    "POST /api/v1/documents/batch": (200, {"documents": [document_body(2001), document_body(2004)]}),
    "GET /api/v1/documents": (200, None),
    "GET /api/v1/documents/{document_id}": (404, None),
    "GET /api/v1/documents/{document_id}/file": (404, None),
    "GET /api/v1/documents/{document_id}/exchange": (404, None),
    "GET /api/v1/documents/{document_id}/proof": (404, None),
    "POST /api/v1/documents/{document_id}/decline": (404, {"kind": "withdrawn", **_REASON}),
    "POST /api/v1/documents/{document_id}/return": (404, {"received_by": "Phạm Thị Mẫu"}),
    "POST /api/v1/documents/{document_id}/recall": (404, _DECISION),
    "POST /api/v1/documents/{document_id}/replace": (404, {"by_document": "0" * 32, **_DECISION}),
    "POST /api/v1/documents/{document_id}/correct": (404, {"number": "1/UBND-VP", "year": 2026, **_REASON}),
    "POST /api/v1/documents/{document_id}/approval": (404, {"officer_id": OFFICER}),
    "PUT /api/v1/documents/{document_id}/approval": (404, {"approval_id": "{approval_id}", **_SIGNATURE}),
    "POST /api/v1/dossiers": (403, {"code": f"{_DOSSIER}2", "procedure": PROCEDURE, "applicant": {"name": "Mẫu"}}),
    "GET /api/v1/dossiers": (200, None),
    "GET /api/v1/dossiers/{dossier_code}": (404, None),
    "POST /api/v1/dossiers/{dossier_code}/appraisal": (404, None),
    "POST /api/v1/dossiers/{dossier_code}/supplement-request": (404, {"owed": "Đơn"}),
    "POST /api/v1/dossiers/{dossier_code}/supplement": (404, None),
    "POST /api/v1/dossiers/{dossier_code}/refusal": (404, _REASON),
    "POST /api/v1/dossiers/{dossier_code}/withdrawal": (404, _REASON),
    "POST /api/v1/dossiers/{dossier_code}/return-way": (404, {"return_way": "online"}),
    "POST /api/v1/dossiers/{dossier_code}/apology": (404, {"appointed_on": "2026-12-01", **_REASON}),
    "GET /api/v1/dossiers/{dossier_code}/apology": (404, None),
    "GET /api/v1/dossiers/{dossier_code}/receipt-slip": (404, None),
    "GET /api/v1/dossiers/{dossier_code}/control-sheet": (404, None),
    "POST /api/v1/numbers": (403, {"symbol": "QĐ-UBND", "organisation": ORGANISATION}),
    "GET /api/v1/numbers": (403, None),
    "POST /api/v1/numbers/{number_id}/void": (409, _REASON),
    "GET /api/v1/register/outgoing": (403, None),
    "GET /api/v1/register/seal": (403, None),
    "GET /api/v1/register/exchange.{form}": (403, None),
    "GET /api/v1/register/{book}.{form}": (403, None),
    "POST /api/v1/register/outgoing": (
        403,
        {
            "symbol": "QĐ-UBND",
            "type_name": "QUYẾT ĐỊNH",
            "subject": "thử",
            "signer": "Nguyễn Văn Mẫu",
            "recipients": "Như trên",
            "organisation": ORGANISATION,
        },
    ),
    "POST /api/v1/register/outgoing/{document_id}/issue": (404, {"issued_on": "2026-11-01"}),
    "POST /api/v1/register/outgoing/{document_id}/void": (404, _REASON),
    "POST /api/v1/approvals": (404, {"documents": ["{document_id}"], "officer_id": OFFICER}),
    "GET /api/v1/approvals/{approval_id}": (404, None),
    "POST /api/v1/approvals/{approval_id}/certificate": (404, {"certificate": "AAAA"}),
    "GET /api/v1/approvals/{approval_id}/documents/{document_id}/file": (404, None),
    "PUT /api/v1/approvals/{approval_id}/documents": (404, {"signatures": [_SIGNATURE | {"id": "a" * 32}]}),
    "PUT /api/v1/approvals/{approval_id}/documents/{document_id}": (404, _SIGNATURE),
    "GET /api/v1/documents/{document_id}/attachments/{n}/file": (404, None),
    "GET /api/v1/documents/{document_id}/bundle": (404, None),
    "GET /api/v1/events": (200, None),
    "GET /api/v1/statistics": (403, None),
    "GET /api/v1/statistics.csv": (403, None),
}
"""Route -> what a document (number, list, book) outside answers, and the body the call has."""


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office that serves."""
    with serving(desk_with()) as running:
        yield running


def test_the_table_has_every_route_for_programs() -> None:
    """Whoever serves programs at a new address says what a document outside answers there."""
    programs = {route for route, who in ROLES.items() if "program:" in who}
    # its own receivers: what they are told is tested in tests/secondseal/test_courier.py
    of_its_own = {route for route in programs if "/webhooks" in route}
    assert programs - of_its_own - {"POST /api/v1/verifications", "POST /api/v1/session"} == set(TABLE)


@pytest.mark.parametrize("limited", OUTSIDE)
def test_outside_its_limits_a_program_finds_and_makes_nothing(office: Running, limited: str) -> None:
    """AC-63: 404 as for what does not exist, 403 with the limit named where something would be made or asked as a
    whole; not one row more or less in any table."""
    place = office.place
    document = place.paper().id
    ticket = approvals.open_list(place.desk, [document], OFFICER, "một cửa")
    number = numbering.reserve(place.desk, NewNumber(organisation=ORGANISATION, symbol="QĐ-UBND"), "một cửa")
    client = office.program(*SCOPES, reach=OUTSIDE[limited])
    names = {"document_id": document, "approval_id": ticket.id, "number_id": str(number.id)}
    code = f"000.00.16.H05-261118-79{10 + list(OUTSIDE).index(limited)}"
    new = NewReception(code=code, procedure=PROCEDURE, organisation=ORGANISATION, applicant=APPLICANT)
    dossiers.receive(place.desk, new, "một cửa")
    names |= {"book": "outgoing", "form": "csv", "n": "1", "dossier_code": code}
    names_of_none = names | {
        "dossier_code": "000.00.16.H05-261118-9999",
        "document_id": "f" * 32,
        "approval_id": "f" * 32,
        "number_id": "999999",
    }
    before, wrong = rows(office), {}
    for route, (status, sent) in TABLE.items():
        body = document_body(2001) if route == "POST /api/v1/documents" else sent
        answer = _call(client, route, body, names)
        if answer.status_code != status:
            wrong[route] = (answer.status_code, answer.text)
        if status in {404, 409}:
            _answers_the_same(answer, _call(client, route, body, names_of_none), names, names_of_none)
        elif route.endswith("/batch"):
            refused = [one["problem"]["limited_to"] for one in answer.json()["documents"]]
            assert refused == ["papers" if limited == "nothing" else limited] * 2
        elif status == 403:
            assert answer.json()["type"] == "urn:secondseal:problem:forbidden", route
            assert answer.json()["limited_to"] == ("papers" if limited == "nothing" else limited), route
    assert wrong == {}
    assert client.get("/api/v1/documents").json()["documents"] == []
    assert client.get("/api/v1/dossiers").json()["dossiers"] == []
    assert client.get("/api/v1/events").json()["events"] == []
    assert rows(office) == before


def test_within_its_limits_a_program_works(office: Running) -> None:
    """The same program makes a paper, sees it alone, opens a list for it; a whole book it does not get."""
    client = office.program(*SCOPES, reach=WITHIN)
    code = f"{_DOSSIER}1"
    asked = {"code": code, "procedure": PROCEDURE, "applicant": {"name": "Mẫu"}}
    assert client.post("/api/v1/dossiers", json=asked).status_code == 201
    assert client.post(f"/api/v1/dossiers/{code}/appraisal").status_code == 200
    assert code in {one["code"] for one in client.get("/api/v1/dossiers").json()["dossiers"]}
    made = client.post("/api/v1/documents", json=document_body(2002))
    assert made.status_code == 201, made.text
    document = made.json()["id"]
    assert client.get(f"/api/v1/documents/{document}/file").status_code == 200
    assert document in {one["id"] for one in client.get("/api/v1/documents?limit=200").json()["documents"]}
    opened = client.post("/api/v1/approvals", json={"documents": [document], "officer_id": OFFICER})
    assert opened.status_code == 201, opened.text
    assert client.get(f"/api/v1/approvals/{opened.json()['id']}").status_code == 200
    assert client.get("/api/v1/register/outgoing").status_code == 403


def test_a_program_of_one_organisation_gets_its_books(office: Running) -> None:
    """Named or not, the books are its own organisation's; of two it says which."""
    office.place.paper()
    one = office.program(*SCOPES, reach=Reach(organisations=frozenset({ORGANISATION})))
    entries = one.get("/api/v1/register/outgoing").json()["entries"]
    assert entries
    assert {entry["organisation"] for entry in entries} == {ORGANISATION}
    assert one.get("/api/v1/statistics").json()["organisation"] == ORGANISATION
    assert one.get("/api/v1/register/outgoing?organisation=M01.H1").status_code == 403
    assert one.post("/api/v1/numbers", json={"symbol": "QĐ-UBND", "organisation": ORGANISATION}).status_code == 201
    two = office.program(*SCOPES, reach=Reach(organisations=frozenset({ORGANISATION, "M01.H1"})))
    assert two.get("/api/v1/register/outgoing").status_code == 403
    assert two.get(f"/api/v1/register/outgoing?organisation={ORGANISATION}").status_code == 200


def test_a_document_outside_named_in_a_body_is_not_found(office: Running) -> None:
    """The one that would take a paper's place, the letter that would correct it, one of a list."""
    place = office.place
    mine = place.paper().id
    letter = on_paper.enter(
        place.desk,
        PaperDocument(
            organisation=ORGANISATION,
            symbol="UBND-VP",
            dated=place.today(),
            type_name="CÔNG VĂN",
            subject="đính chính",
            signer="Nguyễn Văn Mẫu",
            recipients="Như trên",
        ),
        "văn thư",
    )
    client = office.program(*SCOPES, reach=WITHIN)
    replaced = client.post(f"/api/v1/documents/{mine}/replace", json={"by_document": letter.document_id, **_DECISION})
    corrected = client.post(f"/api/v1/documents/{mine}/correct", json={"by_document": letter.document_id, **_REASON})
    by_number = client.post(
        f"/api/v1/documents/{mine}/correct", json={"number": letter.notation, "year": letter.dated.year, **_REASON}
    )
    listed = client.post("/api/v1/approvals", json={"documents": [mine, letter.document_id], "officer_id": OFFICER})
    assert [one.status_code for one in (replaced, corrected, by_number, listed)] == [404, 404, 403, 404]


def test_an_earlier_answer_outside_is_not_repeated(office: Running) -> None:
    """A program limited afterwards does not learn by its old Idempotency-Key what it may no longer see."""
    engine = office.place.desk.engine
    made, token = clients.create(engine, name="một cửa cũ", scopes=SCOPES, now=office.place.clock())
    client, identity = office.client(token=token), made.id
    body, headers = document_body(2003), {"idempotency-key": "trước khi giới hạn".encode().hex()}
    assert client.post("/api/v1/documents", json=body, headers=headers).status_code == 201
    clients.limit(engine, identity, OUTSIDE["organisations"])
    assert client.post("/api/v1/documents", json=body, headers=headers).status_code == 403
    clients.limit(engine, identity, Reach())
    assert client.post("/api/v1/documents", json=body, headers=headers).headers["idempotent-replayed"] == "true"


def _call(client: httpx.Client, route: str, body: dict[str, Any] | None, names: dict[str, str]) -> httpx.Response:
    method, path = route.split(" ")
    return client.request(method, path.format_map(names), json=_named(body, names))


def _named(body: Any, names: dict[str, str]) -> Any:
    """The body with the names that stand in it put in."""
    if isinstance(body, str) and body.startswith("{"):
        return body.format_map(names)
    if isinstance(body, dict):
        return {key: _named(value, names) for key, value in body.items()}
    return [_named(value, names) for value in body] if isinstance(body, list) else body


def _answers_the_same(
    one: httpx.Response, none: httpx.Response, names: dict[str, str], names_of_none: dict[str, str]
) -> None:
    """What is outside and what does not exist cannot be told apart."""
    text = one.text
    for name, value in names.items():
        text = text.replace(value, names_of_none[name]) if len(value) > 3 else text
    if one.status_code == 409:  # a number is too short to be looked for in a text
        assert one.json()["type"] == none.json()["type"]
        return
    assert (one.status_code, text) == (none.status_code, none.text)
