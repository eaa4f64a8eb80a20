"""Who may call what: every route under /api/v1 and /desk against every kind of caller (AC-63).

A route that is not in the table fails the test; so does a line of the table that stands for no route.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import func, select

from api import sessions
from api.app import _ROUTERS
from api.clients import SCOPES
from stamping import approvals
from store import metadata, read
from tests.api.administrators import add_administrators, caller
from tests.api.serving import Running, serving
from tests.stamping.office_desk import OFFICER, OFFICER_NAME, PlaceMaker

PEOPLE: Final = ("clerk", "officer", "custodian", "auditor", "administrator")
PROGRAMS: Final = ("program:", *(f"program:{scope}" for scope in SCOPES), "program:every")
CALLERS: Final = ("nobody", "unknown-token", "ticket", *PROGRAMS, *PEOPLE)

_EVERYBODY: Final = " ".join(CALLERS)
_ANYONE_SIGNED_IN: Final = " ".join(PEOPLE)
_READ: Final = f"program:documents:read {_ANYONE_SIGNED_IN}"
_WRITE: Final = "program:documents:write"
_APPROVE: Final = "program:approvals officer"
_HEAR: Final = "program:documents:read administrator"

TABLE: Final = {
    "POST /api/v1/verifications": _EVERYBODY,
    "POST /api/v1/session": _EVERYBODY,
    "GET /api/v1/session": _ANYONE_SIGNED_IN,
    "DELETE /api/v1/session": _ANYONE_SIGNED_IN,
    "POST /api/v1/steps": _ANYONE_SIGNED_IN,
    "POST /api/v1/documents": f"{_WRITE} clerk",
    "POST /api/v1/documents/batch": f"{_WRITE} clerk",
    "GET /api/v1/documents": _READ,
    "GET /api/v1/documents/{document_id}": _READ,
    "GET /api/v1/documents/{document_id}/file": _READ,
    "GET /api/v1/documents/{document_id}/attachments/{n}/file": _READ,
    "GET /api/v1/documents/{document_id}/bundle": _READ,
    "GET /api/v1/documents/{document_id}/exchange": _READ,
    "GET /api/v1/documents/{document_id}/proof": _READ,
    "POST /api/v1/documents/{document_id}/decline": f"{_WRITE} officer clerk",
    "POST /api/v1/documents/{document_id}/return": f"{_WRITE} clerk",
    "POST /api/v1/documents/{document_id}/recall": f"{_WRITE} clerk",
    "POST /api/v1/documents/{document_id}/replace": f"{_WRITE} clerk",
    "POST /api/v1/documents/{document_id}/correct": f"{_WRITE} clerk",
    "POST /api/v1/documents/{document_id}/approval": _APPROVE,
    "PUT /api/v1/documents/{document_id}/approval": _APPROVE,
    "POST /api/v1/dossiers": f"{_WRITE} clerk",
    "GET /api/v1/dossiers": _READ,
    "GET /api/v1/dossiers/{dossier_code}": _READ,
    "POST /api/v1/dossiers/{dossier_code}/appraisal": f"{_WRITE} clerk",
    "POST /api/v1/dossiers/{dossier_code}/supplement-request": f"{_WRITE} clerk",
    "POST /api/v1/dossiers/{dossier_code}/supplement": f"{_WRITE} clerk",
    "POST /api/v1/dossiers/{dossier_code}/refusal": f"{_WRITE} clerk",
    "POST /api/v1/dossiers/{dossier_code}/withdrawal": f"{_WRITE} clerk",
    "POST /api/v1/dossiers/{dossier_code}/return-way": f"{_WRITE} clerk",
    "POST /api/v1/dossiers/{dossier_code}/apology": f"{_WRITE} clerk",
    "GET /api/v1/dossiers/{dossier_code}/apology": _READ,
    "GET /api/v1/dossiers/{dossier_code}/receipt-slip": _READ,
    "GET /api/v1/dossiers/{dossier_code}/control-sheet": _READ,
    "POST /api/v1/numbers": f"{_WRITE} clerk custodian",
    "GET /api/v1/numbers": _READ,
    "POST /api/v1/numbers/{number_id}/void": f"{_WRITE} clerk custodian",
    "GET /api/v1/register/outgoing": _READ,
    "GET /api/v1/register/seal": _READ,
    "GET /api/v1/register/exchange.{form}": _READ,
    "GET /api/v1/register/{book}.{form}": _READ,
    "POST /api/v1/register/outgoing": f"{_WRITE} clerk custodian",
    "POST /api/v1/register/outgoing/{document_id}/issue": f"{_WRITE} clerk custodian",
    "POST /api/v1/register/outgoing/{document_id}/void": f"{_WRITE} clerk custodian",
    "POST /api/v1/approvals": _APPROVE,
    "GET /api/v1/approvals/{approval_id}": f"{_APPROVE} ticket",
    "POST /api/v1/approvals/{approval_id}/certificate": f"{_APPROVE} ticket",
    "GET /api/v1/approvals/{approval_id}/documents/{document_id}/file": f"{_APPROVE} ticket",
    "PUT /api/v1/approvals/{approval_id}/documents": f"{_APPROVE} ticket",
    "PUT /api/v1/approvals/{approval_id}/documents/{document_id}": f"{_APPROVE} ticket",
    "GET /api/v1/seals": "custodian",
    "POST /api/v1/seals": "custodian",
    "POST /api/v1/seals/wet": "custodian",
    "GET /api/v1/seals/{confirmation_id}": "custodian",
    "GET /api/v1/statistics": "program:documents:read auditor clerk",
    "GET /api/v1/statistics.csv": "program:documents:read auditor clerk",
    "GET /api/v1/office": "administrator auditor",
    "GET /api/v1/office/versions": "administrator auditor",
    "GET /api/v1/office/versions/{number}": "administrator auditor",
    "GET /api/v1/office/proposals": "administrator auditor",
    "GET /api/v1/office/proposals/{number}": "administrator auditor",
    "POST /api/v1/office/proposals": "administrator",
    "POST /api/v1/office/proposals/{number}/confirmation": "administrator",
    "POST /api/v1/office/proposals/{number}/rejection": "administrator",
    "POST /api/v1/office/proposals/{number}/withdrawal": "administrator",
    "GET /api/v1/events": _READ,
    "POST /api/v1/webhooks": _HEAR,
    "GET /api/v1/webhooks": _HEAR,
    "GET /api/v1/webhooks/{webhook_id}": _HEAR,
    "DELETE /api/v1/webhooks/{webhook_id}": _HEAR,
    "POST /api/v1/webhooks/{webhook_id}/secret": _HEAR,
    "POST /api/v1/webhooks/{webhook_id}/repeat": _HEAR,
    "GET /desk": _ANYONE_SIGNED_IN,
    "GET /desk/documents": _ANYONE_SIGNED_IN,
    "GET /desk/register": _ANYONE_SIGNED_IN,
    "GET /desk/register/export": _ANYONE_SIGNED_IN,
    "GET /desk/register.csv": _ANYONE_SIGNED_IN,
    "GET /desk/outgoing.csv": _ANYONE_SIGNED_IN,
    "GET /desk/statistics": _ANYONE_SIGNED_IN,
    "GET /desk/second-factor": _ANYONE_SIGNED_IN,
    "POST /desk/second-factor/begin": _ANYONE_SIGNED_IN,
    "POST /desk/second-factor/confirm": _ANYONE_SIGNED_IN,
    "POST /desk/second-factor/remove": _ANYONE_SIGNED_IN,
    "GET /desk/documents/new": "clerk",
    "POST /desk/documents/new": "clerk",
    "GET /desk/documents/upload": "clerk",
    "POST /desk/documents/upload": "clerk",
    "GET /desk/documents/{document_id}": _ANYONE_SIGNED_IN,
    "GET /desk/documents/{document_id}/pages/seal.png": _ANYONE_SIGNED_IN,
    "GET /desk/documents/{document_id}/pages/{page_number}.png": _ANYONE_SIGNED_IN,
    "GET /desk/documents/{document_id}/file": _ANYONE_SIGNED_IN,
    "GET /desk/documents/{document_id}/attachments/{n}/file": _ANYONE_SIGNED_IN,
    "POST /desk/documents/{document_id}/decision": "officer",
    "POST /desk/documents/{document_id}/return": "clerk",
    "POST /desk/documents/{document_id}/withdraw": "clerk",
    "POST /desk/documents/{document_id}/recall": "clerk",
    "POST /desk/documents/{document_id}/correct": "clerk",
    "POST /desk/documents/{document_id}/replace": "clerk",
    "POST /desk/documents/{document_id}/wet": "custodian",
    "GET /desk/dossiers": _ANYONE_SIGNED_IN,
    "GET /desk/dossiers/new": "clerk",
    "POST /desk/dossiers/new": "clerk",
    "GET /desk/dossiers/{dossier_code}": _ANYONE_SIGNED_IN,
    "POST /desk/dossiers/{dossier_code}/appraisal": "clerk",
    "POST /desk/dossiers/{dossier_code}/supplement-request": "clerk",
    "POST /desk/dossiers/{dossier_code}/supplement": "clerk",
    "POST /desk/dossiers/{dossier_code}/refusal": "clerk",
    "POST /desk/dossiers/{dossier_code}/withdrawal": "clerk",
    "POST /desk/dossiers/{dossier_code}/return-way": "clerk",
    "GET /desk/dossiers/{dossier_code}/apology": _ANYONE_SIGNED_IN,
    "GET /desk/dossiers/{dossier_code}/receipt-slip": _ANYONE_SIGNED_IN,
    "GET /desk/dossiers/{dossier_code}/control-sheet": _ANYONE_SIGNED_IN,
    "POST /desk/dossiers/{dossier_code}/apology": "clerk",
    "GET /desk/inbox": "officer",
    "GET /desk/review": "officer",
    "POST /desk/approvals": "officer",
    "GET /desk/approvals": "officer",
    "GET /desk/approvals/{approval_id}": "officer",
    "GET /desk/approvals/{approval_id}/progress": "officer",
    "GET /desk/help/agent": "officer",
    "GET /desk/help/permission": "officer",
    "GET /desk/numbers": "clerk custodian",
    "POST /desk/numbers/reserve": "clerk custodian",
    "POST /desk/numbers/{number_id}/void": "clerk custodian",
    "POST /desk/numbers/paper": "clerk custodian",
    "GET /desk/seals": "custodian",
    "GET /desk/seals/confirm": "custodian",
    "POST /desk/seals": "custodian",
    "GET /desk/seals/latest": "custodian",
    "GET /desk/seals/{confirmation_id}": "custodian",
    "GET /desk/seals/{confirmation_id}/progress": "custodian",
    "GET /desk/office": "administrator auditor",
    "GET /desk/trust": "administrator auditor",
    "GET /desk/office/proposals/{number}": "administrator auditor",
    "GET /desk/office/versions/{number}": "administrator auditor",
    "POST /desk/office/proposals/{number}/confirm": "administrator",
    "POST /desk/office/proposals/{number}/reject": "administrator",
    "POST /desk/office/proposals/{number}/withdraw": "administrator",
}
"""Route -> who may; `program:every`, a program with every scope there is, may what any of its scopes may."""


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office with an open list of one paper, an approved paper and everybody at their desk."""
    with serving(desk_with()) as running:
        add_administrators(running)
        yield running


def may(who: str, route: str) -> bool:
    """Does the table let this caller in?"""
    allowed = TABLE[route].split()
    return who in allowed or (who == "program:every" and any(one.startswith("program:") for one in allowed))


def calling(office: Running, who: str, ticket: str) -> tuple[httpx.Client, str]:
    """A connection of this caller, and the token of a form of theirs ("" for who has no pages)."""
    if who == "ticket":
        return office.client(token=ticket), ""
    if who == "unknown-token":
        return office.client(token="ssk_" + "0" * 16 + "_" + "a" * 43), ""
    if who.startswith("program:"):
        scopes = SCOPES if who == "program:every" else tuple(filter(None, [who.removeprefix("program:")]))
        return office.program(*scopes), ""
    client = caller(office, who)
    if who == "nobody":
        return client, ""
    token = client.cookies[sessions.cookie_name(office.settings)]
    session = sessions.find(office.place.desk.engine, office.settings, token, datetime.now(UTC))
    assert session is not None
    return client, session.form_token


def call(client: httpx.Client, route: str, names: dict[str, str], form_token: str) -> httpx.Response:
    """The call as its owner would make it, so that only who is calling can be what is refused."""
    method, path = route.split(" ")
    address = path.format_map(names)
    if method in {"GET", "DELETE"}:
        return client.request(method, address)
    if path.startswith("/desk"):
        return client.post(address, data={"form_token": form_token})
    return client.request(method, address, json={})


def rows(office: Running) -> dict[str, int]:
    """How many rows each table has."""
    with read(office.place.desk.engine) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_the_table_has_every_route() -> None:
    """A new route is not served before somebody wrote down who may call it."""
    served = {
        f"{method} {route.path}"
        for router in _ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
        if route.path.startswith(("/api/v1", "/desk"))
    }
    assert served == set(TABLE)


def test_no_program_may_confirm_whatever_its_scopes() -> None:
    """AC-63: the table itself gives the seal and the fresh authentication to no program and no ticket."""
    for route in TABLE:
        if "/seals" in route or route.endswith(("/steps", "/wet")) or "/office" in route:
            assert [who for who in (*PROGRAMS, "ticket", "nobody") if may(who, route)] == [], route


@pytest.mark.parametrize("who", CALLERS)
def test_who_may_not_is_refused_and_nothing_changes(office: Running, who: str) -> None:
    """AC-63: 401 or 403 (a page leads to signing in), no key operation, not one row more or less in any table."""
    place = office.place
    approved = place.paper().id
    place.approve(approved)
    waiting = place.paper().id
    ticket = approvals.open_list(place.desk, [waiting], OFFICER, OFFICER_NAME)
    client, form_token = calling(office, who, ticket.ticket)
    names = {
        "document_id": approved,
        "approval_id": ticket.id,
        "confirmation_id": "0" * 32,
        "number_id": "1",
        "number": "1",
        "dossier_code": "000.00.16.H05-261118-9999",
        "page_number": "1",
        "n": "1",
        "book": "seal",
        "form": "csv",
        "webhook_id": "0" * 16,
    }
    operations = place.seal_key.operations
    before = rows(office)
    wrong = {}
    for route in TABLE:
        if may(who, route):
            continue
        answer = call(client, route, names, form_token)
        page = route.split(" ")[1].startswith("/desk")
        sent_away = page and answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?")
        if answer.status_code not in {401, 403} and not sent_away:
            wrong[route] = answer.status_code
    assert wrong == {}
    assert rows(office) == before
    assert place.seal_key.operations == operations


@pytest.mark.parametrize("who", CALLERS)
def test_who_may_read_is_let_in(office: Running, who: str) -> None:
    """The table is no stricter than the service: reading is not refused to whoever it is given to."""
    place = office.place
    document = place.paper().id
    ticket = approvals.open_list(place.desk, [document], OFFICER, OFFICER_NAME)
    client, form_token = calling(office, who, ticket.ticket)
    names = {"document_id": document, "approval_id": ticket.id, "confirmation_id": "0" * 32, "number": "1"}
    names |= {"dossier_code": "000.00.16.H05-261118-9999", "page_number": "1", "n": "1", "book": "seal", "form": "csv"}
    names |= {"webhook_id": "0" * 16}
    refused = {
        route: answer.status_code
        for route in TABLE
        if route.startswith("GET") and may(who, route)
        for answer in [call(client, route, names, form_token)]
        if answer.status_code in {401, 403} or answer.headers.get("location", "").startswith("/sign-in")
    }
    assert refused == {}
